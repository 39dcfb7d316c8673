package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// CreateOptions say how a file comes to be.
type CreateOptions struct {
	// Size is the announced length, refused at once where there is no room; negative where it is not known.
	Size int64
	// Most is the largest length that is taken; zero for any.
	Most int64
	// Exclusive refuses, with fs.ErrExist, to replace anything.
	Exclusive bool
	// Check is asked just before a file takes its name, with what has the name then (nil for nothing). No other
	// upload through this process comes between; its error is returned by Commit.
	Check func(current *Info) error
	// ModTime is the file's time; zero for now.
	ModTime time.Time
}

// Upload is a file that is being written and has no name before it is complete.
type Upload struct {
	directory held
	name      string
	base      string
	hidden    string
	file      *os.File
	options   CreateOptions
	written   int64
	fileMade  bool
}

// Create begins to write a file. Nothing is seen of it before Commit, which puts it in place of whatever file or link
// has the name; Abort, or the end of the process, leaves what was there.
func (t *Tree) Create(name string, options CreateOptions) (*Upload, error) {
	directory, base, err := t.holdParentToChange("create", name)
	if err != nil {
		return nil, err
	}
	upload := &Upload{directory: directory, name: name, base: base, options: options}
	if err := upload.begin(); err != nil {
		upload.Abort()
		return nil, explain("create", name, err)
	}
	return upload, nil
}

const newFileMode, newFolderMode = 0o644, 0o755

func (u *Upload) begin() error {
	if u.options.Most > 0 && u.options.Size > u.options.Most {
		return ErrTooLarge
	}
	current, err := u.directory.lstat(u.base)
	switch {
	case err == nil && u.options.Exclusive:
		return fs.ErrExist
	case err == nil:
		if err := replaceable(current); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := u.directory.room(u.options.Size); err != nil {
		return err
	}
	return u.open()
}

// replaceable tells whether a file may take the place of this. A link is replaced, not what it leads to.
func replaceable(current Info) error {
	if current.mode&fs.ModeSymlink != 0 {
		return nil
	}
	return wantFile(current)
}

// room tells whether so many bytes fit, as far as the file system or its quota says.
func (d held) room(size int64) error {
	var stat unix.Statfs_t
	if size <= 0 || unix.Fstatfs(d.fd(), &stat) != nil || stat.Blocks == 0 {
		return nil
	}
	if uint64(size) > stat.Bavail*uint64(stat.Bsize) {
		return ErrNoSpace
	}
	return nil
}

// open opens a file without a name, or under a hidden one where the file system has no nameless files.
func (u *Upload) open() error {
	file, err := openNameless(u.directory)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EISDIR) || errors.Is(err, unix.EINVAL) {
		return u.openHidden()
	}
	u.file = file
	return err
}

// openNameless is a variable for the tests: they run on file systems that can.
var openNameless = func(directory held) (*os.File, error) {
	fd, err := retrying(func() (int, error) {
		return unix.Openat(directory.fd(), ".", unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, newFileMode)
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "upload"), nil
}

// File returns the file that is being written, for whoever fills it in another way than by Write.
func (u *Upload) File() *os.File { return u.file }

// Write adds bytes at the end.
func (u *Upload) Write(data []byte) (int, error) {
	if u.options.Most > 0 && u.written+int64(len(data)) > u.options.Most {
		return 0, explain("write", u.name, ErrTooLarge)
	}
	n, err := u.file.Write(data)
	u.written += int64(n)
	return n, explain("write", u.name, err)
}

// ReadFrom adds all that a reader has, and returns its error as it is.
func (u *Upload) ReadFrom(from io.Reader) (int64, error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	return io.CopyBuffer(writerOnly{u}, from, *buffer)
}

type writerOnly struct{ io.Writer }

var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 128<<10)
	return &buffer
}}

// commits are held while a file takes its name, so that of two uploads of one name the second sees the first.
var (
	commits [64]sync.Mutex
	seed    = maphash.MakeSeed()
)

// Commit gives the file its name, in one step, and returns what has it now. The upload is over, whatever it returns.
//
// A replaced file's permissions are kept. What is replaced is on disk before it is gone: a power failure leaves one
// of the two.
func (u *Upload) Commit() (Info, error) {
	defer u.Abort()
	if u.options.Size >= 0 && u.written != u.options.Size {
		return Info{}, explain("write", u.name, ErrIncomplete)
	}
	if !u.options.ModTime.IsZero() {
		if err := setTime(u.file, u.options.ModTime); err != nil {
			return Info{}, explain("write", u.name, err)
		}
	}
	parent, err := fileInfo(".", u.directory.file)
	if err != nil {
		return Info{}, explain("write", u.name, err)
	}
	place := &commits[maphash.Comparable(seed, struct {
		device, inode uint64
		base          string
	}{parent.device, parent.inode, u.base})%uint64(len(commits))]
	place.Lock()
	defer place.Unlock()
	if err := u.takeName(); err != nil {
		return Info{}, explain("write", u.name, err)
	}
	info, err := fileInfo(u.base, u.file)
	return info, explain("write", u.name, err)
}

func (u *Upload) takeName() error {
	current, err := u.directory.lstat(u.base)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if u.options.Check != nil {
		var told *Info
		if there {
			told = &current
		}
		if err := u.options.Check(told); err != nil {
			return err
		}
	}
	if !there {
		err := u.takeFree()
		if !errors.Is(err, fs.ErrExist) || u.options.Exclusive {
			return err
		}
		if current, err = u.directory.lstat(u.base); err != nil {
			return err
		}
	}
	if u.options.Exclusive {
		return fs.ErrExist
	}
	return u.replace(current)
}

// takeFree takes a name that nobody has.
func (u *Upload) takeFree() error {
	if u.hidden == "" {
		return u.link(u.base)
	}
	err := unix.Renameat2(u.directory.fd(), u.hidden, u.directory.fd(), u.base, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) {
		// A file system that cannot refuse to replace; links can.
		err = unix.Linkat(u.directory.fd(), u.hidden, u.directory.fd(), u.base, 0)
	} else if err == nil {
		u.hidden = ""
	}
	return err
}

// link gives the nameless file a name that nobody has.
func (u *Upload) link(base string) error {
	self := fmt.Sprintf("/proc/self/fd/%d", u.file.Fd())
	return unix.Linkat(unix.AT_FDCWD, self, u.directory.fd(), base, unix.AT_SYMLINK_FOLLOW)
}

// replace takes a name from what has it.
func (u *Upload) replace(current Info) error {
	if err := replaceable(current); err != nil {
		return err
	}
	if current.mode.IsRegular() {
		if err := u.file.Chmod(current.mode.Perm()); err != nil {
			return err
		}
	}
	if err := unix.Fdatasync(int(u.file.Fd())); err != nil {
		return err
	}
	if u.hidden == "" {
		if err := u.linkHidden(); err != nil {
			return err
		}
	}
	err := unix.Renameat(u.directory.fd(), u.hidden, u.directory.fd(), u.base)
	if err == nil {
		u.hidden = ""
	}
	return err
}

// Abort ends an upload; what had the name before still has it. After Commit it does nothing.
func (u *Upload) Abort() {
	if u.hidden != "" {
		_ = u.directory.unlink(u.hidden)
		u.hidden = ""
	}
	if u.file != nil {
		u.file.Close()
		u.file = nil
	}
	u.directory.Close()
}

func setTime(file *os.File, when time.Time) error {
	stamp := unix.NsecToTimespec(when.UnixNano())
	return unix.UtimesNanoAt(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", file.Fd()), []unix.Timespec{stamp, stamp}, 0)
}

const (
	uploadPrefix = ".science-upload-"
	uploadSlots  = 8
)

// isUpload tells whether a name is one that uploads have before they are complete.
func isUpload(base string) bool { return strings.HasPrefix(base, uploadPrefix) }

// hiddenName returns the name of an upload of base: the same each time, so that the next try finds what a killed
// process left.
func hiddenName(base string, slot int) string {
	digest := sha256.Sum256([]byte(base))
	return fmt.Sprintf("%s%s-%d", uploadPrefix, hex.EncodeToString(digest[:8]), slot)
}

// openHidden creates the file under a hidden name, and holds it so that nobody takes it for left over.
func (u *Upload) openHidden() error {
	const flags = unix.O_RDWR | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	for slot := range uploadSlots {
		hidden := hiddenName(u.base, slot)
		u.directory.sweep(hidden)
		fd, err := retrying(func() (int, error) { return unix.Openat(u.directory.fd(), hidden, flags, newFileMode) })
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		file := os.NewFile(uintptr(fd), u.base)
		if err := claim(file); err != nil || !u.directory.has(hidden, file) {
			// Swept between its creation and our hold on it, or a file system without locks.
			file.Close()
			_ = u.directory.unlink(hidden)
			continue
		}
		u.file, u.hidden = file, hidden
		return nil
	}
	return ErrBusy
}

// linkHidden gives the nameless file a hidden name, from which it can be renamed over another.
func (u *Upload) linkHidden() error {
	if err := claim(u.file); err != nil {
		return err
	}
	for slot := range uploadSlots {
		hidden := hiddenName(u.base, slot)
		u.directory.sweep(hidden)
		err := u.link(hidden)
		if err == nil {
			u.hidden = hidden
			return nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return ErrBusy
}

// claim locks an upload for as long as its file is open, on every node that has the file system.
func claim(file *os.File) error {
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &lock)
}

// has tells whether a name is still that of an open file.
func (d held) has(base string, file *os.File) bool {
	named, err := d.lstat(base)
	if err != nil {
		return false
	}
	open, err := fileInfo(base, file)
	return err == nil && open.Same(named)
}

// sweep removes what a killed process left of an upload: a hidden file that nobody holds.
func (d held) sweep(hidden string) {
	const flags = unix.O_RDWR | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	info, err := d.lstat(hidden)
	if err != nil || !info.mode.IsRegular() {
		return
	}
	fd, err := unix.Openat(d.fd(), hidden, flags, 0)
	if err != nil {
		return
	}
	file := os.NewFile(uintptr(fd), path.Base(hidden))
	defer file.Close()
	if claim(file) == nil && d.has(hidden, file) {
		_ = d.unlink(hidden)
	}
}
