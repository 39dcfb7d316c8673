// Package tree does file operations that stay inside one directory, whatever its owners plant in it.
//
// People have a shell on the directories that the doors serve, so between any two system calls a directory may become
// a link to somewhere else. Every operation here therefore opens its way down step by step (os.Root), holds what it
// opened, and acts on names of one part relative to that. Links are followed where they stay inside the tree; FIFOs,
// devices and sockets are never opened.
package tree

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// Tree is one directory and everything below it.
type Tree struct {
	root     *os.Root
	readOnly bool
}

// Open returns the tree of a directory; the path itself is trusted.
func Open(directory string) (*Tree, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	return &Tree{root: root}, nil
}

// Sub returns the tree of a directory directly below, which must be a real directory and not a link.
func (t *Tree) Sub(folder string) (*Tree, error) {
	if folder == "" || folder == "." || folder == ".." || strings.ContainsAny(folder, "/\x00") {
		return nil, explain("open", folder, ErrName)
	}
	told, err := t.root.Lstat(folder)
	if err != nil {
		return nil, explain("open", folder, err)
	}
	if !told.IsDir() {
		return nil, explain("open", folder, ErrNotDirectory)
	}
	root, err := t.root.OpenRoot(folder)
	if err != nil {
		return nil, explain("open", folder, err)
	}
	return &Tree{root: root, readOnly: t.readOnly}, nil
}

// ReadOnly returns the same tree without any way to change it; closing either closes both.
func (t *Tree) ReadOnly() *Tree { return &Tree{root: t.root, readOnly: true} }

// Close lets go of the directory.
func (t *Tree) Close() error { return t.root.Close() }

// Clean returns a name as the operations of a tree take it: parts separated by slashes, none at the ends, "." for
// the tree itself.
//
// Nothing is resolved: a name with ".." is an error, since what it would leave may be a link.
func Clean(name string) (string, error) {
	if strings.ContainsRune(name, 0) || len(name) > unix.PathMax {
		return "", explain("open", printable(name), ErrName)
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "" || part == ".":
			continue
		case part == "..":
			return "", explain("open", printable(name), ErrOutside)
		case len(part) > unix.NAME_MAX:
			return "", explain("open", printable(name), ErrName)
		case isUpload(part):
			return "", explain("open", name, fs.ErrNotExist)
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return ".", nil
	}
	return strings.Join(parts, "/"), nil
}

const shownLength = 200

// printable returns the name as errors show it.
func printable(name string) string {
	name = strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", `\0`), string(utf8.RuneError))
	if len(name) > shownLength {
		name = strings.ToValidUTF8(name[:shownLength], "") + "…"
	}
	return name
}

// Stat returns what a name is, following links inside the tree.
func (t *Tree) Stat(name string) (Info, error) {
	name, err := Clean(name)
	if err != nil {
		return Info{}, err
	}
	told, err := t.root.Lstat(name)
	if err != nil {
		return Info{}, explain("stat", name, err)
	}
	link := told.Mode()&fs.ModeSymlink != 0
	if link {
		if told, err = t.root.Stat(name); err != nil {
			return Info{}, explain("stat", name, err)
		}
	}
	info, err := fromOS(path.Base(name), told)
	info.link = link
	return info, err
}

// OpenFile opens a regular file for reading, following links inside the tree.
//
// Anything but a regular file is an error and is not waited for, even when it takes the file's place in the meantime.
func (t *Tree) OpenFile(name string) (*os.File, Info, error) {
	info, err := t.Stat(name)
	if err != nil {
		return nil, Info{}, err
	}
	if err := wantFile(info); err != nil {
		return nil, Info{}, explain("open", name, err)
	}
	return t.openRegular(name, info.link)
}

func (t *Tree) openRegular(name string, link bool) (*os.File, Info, error) {
	name, err := Clean(name)
	if err != nil {
		return nil, Info{}, err
	}
	// O_NONBLOCK: what has become a FIFO since does not hold us up, and is refused below.
	file, err := t.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, Info{}, explain("open", name, err)
	}
	info, err := fileInfo(path.Base(name), file)
	if err == nil {
		err = wantFile(info)
	}
	if err != nil {
		file.Close()
		return nil, Info{}, explain("open", name, err)
	}
	info.link = link
	return file, info, nil
}

func wantFile(info Info) error {
	switch {
	case info.IsDir():
		return ErrIsDirectory
	case !info.mode.IsRegular():
		return ErrNotRegular
	}
	return nil
}

// Usage returns the bytes that are used of the file system, or of the quota, that a directory is on, and those that
// are left.
func (t *Tree) Usage(name string) (used, left uint64, err error) {
	held, err := t.hold(name)
	if err != nil {
		return 0, 0, err
	}
	defer held.Close()
	var stat unix.Statfs_t
	if err := unix.Fstatfs(held.fd(), &stat); err != nil {
		return 0, 0, explain("stat", name, err)
	}
	block := uint64(stat.Bsize)
	return (stat.Blocks - stat.Bfree) * block, stat.Bavail * block, nil
}
