package tree

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Info is what a tree tells of one file or directory; it is an fs.FileInfo.
type Info struct {
	name    string
	size    int64
	mode    fs.FileMode
	modTime time.Time
	changed time.Time
	inode   uint64
	device  uint64
	links   uint64
	link    bool
}

// Name returns the last part of the name.
func (i Info) Name() string { return i.name }

// Size returns the length in bytes; zero for a directory.
func (i Info) Size() int64 { return i.size }

// Mode returns type and permissions.
func (i Info) Mode() fs.FileMode { return i.mode }

// ModTime returns when the content last changed, as users can set it.
func (i Info) ModTime() time.Time { return i.modTime }

// IsDir tells whether it is a directory.
func (i Info) IsDir() bool { return i.mode.IsDir() }

// Sys returns nil: what lies below is not for callers.
func (i Info) Sys() any { return nil }

// IsLink tells whether the name is a symbolic link, to what the rest of the Info is of.
func (i Info) IsLink() bool { return i.link }

// Links returns how many names the file has.
func (i Info) Links() uint64 { return i.links }

// Inode returns the file's number on its file system.
func (i Info) Inode() uint64 { return i.inode }

// Changed returns when content or metadata last changed, which users cannot set.
func (i Info) Changed() time.Time { return i.changed }

// ETag returns a strong entity tag (RFC 9110, 8.8.3), quoted: it differs whenever the content may differ.
//
// The time is the one of the last change that nobody can set back, to the resolution of the file system.
func (i Info) ETag() string {
	return fmt.Sprintf(`"%x-%x-%x"`, i.inode, i.size, i.changed.UnixNano())
}

// Same tells whether both are of one file, whatever its content.
func (i Info) Same(other Info) bool { return i.inode == other.inode && i.device == other.device }

func infoOf(name string, stat *unix.Stat_t) Info {
	info := Info{
		name:    name,
		size:    stat.Size,
		mode:    fs.FileMode(stat.Mode & 0o777),
		modTime: time.Unix(stat.Mtim.Unix()),
		changed: time.Unix(stat.Ctim.Unix()),
		inode:   stat.Ino,
		device:  stat.Dev,
		links:   stat.Nlink,
	}
	switch stat.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		info.mode |= fs.ModeDir
		info.size = 0
	case unix.S_IFLNK:
		info.mode |= fs.ModeSymlink
	default:
		info.mode |= fs.ModeIrregular
	}
	return info
}

// fromOS returns the Info of what package os told.
func fromOS(name string, told os.FileInfo) (Info, error) {
	stat, ok := told.Sys().(*syscall.Stat_t)
	if !ok {
		return Info{}, fmt.Errorf("no details of %s", name)
	}
	return infoOf(name, &unix.Stat_t{
		Dev: stat.Dev, Ino: stat.Ino, Nlink: stat.Nlink, Mode: stat.Mode, Size: stat.Size,
		Mtim: unix.Timespec(stat.Mtim), Ctim: unix.Timespec(stat.Ctim),
	}), nil
}

func fileInfo(name string, file *os.File) (Info, error) {
	told, err := file.Stat()
	if err != nil {
		return Info{}, err
	}
	return fromOS(name, told)
}

// served tells whether doors show such a thing at all: files and directories.
func (i Info) served() bool { return i.mode.IsRegular() || i.mode.IsDir() }
