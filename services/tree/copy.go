package tree

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// CopyOptions say how something is copied.
type CopyOptions struct {
	// Replace removes first what has the new name; without it that is fs.ErrExist.
	Replace bool
	// Shallow makes of a directory only the directory itself.
	Shallow bool
	// KeepLinks copies a link as a link; without it, what it leads to inside the tree. Links in a directory that is
	// copied stay links in any case.
	KeepLinks bool
	// Check is as in CreateOptions, for files.
	Check func(current *Info) error
}

// Copy copies a file or a directory, within a tree or from one to another, and tells whether it replaced something.
// FIFOs, devices and sockets in a directory are left out. When it ends with an error, part of a directory may be
// copied; a file is there as a whole or not at all.
func Copy(ctx context.Context, from *Tree, name string, to *Tree, newName string, options CopyOptions) (replaced bool, err error) {
	if to.readOnly {
		return false, explain("copy", newName, ErrReadOnly)
	}
	info, err := from.Stat(name)
	if options.KeepLinks && (err != nil || info.link) {
		return from.copyLink(name, to, newName, options)
	}
	if err != nil {
		return false, err
	}
	if !info.served() {
		return false, explain("copy", name, ErrNotRegular)
	}
	if info.IsDir() {
		return from.copyFolder(ctx, name, info, to, newName, options)
	}
	return from.copyFile(ctx, name, to, newName, options)
}

func (t *Tree) copyFile(ctx context.Context, name string, to *Tree, newName string, options CopyOptions) (bool, error) {
	file, info, err := t.OpenFile(name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	replaced := false
	current, err := to.Lstat(newName)
	switch {
	case err == nil && current.Same(info):
		return false, explain("copy", newName, ErrInside)
	case err == nil && !options.Replace:
		return false, explain("copy", newName, fs.ErrExist)
	case err == nil && current.IsDir():
		replaced = true
		if err := to.RemoveAll(ctx, newName); err != nil {
			return false, err
		}
	case err == nil:
		replaced = true
	}
	upload, err := to.Create(newName, CreateOptions{Size: -1, Exclusive: !options.Replace, Check: options.Check})
	if err != nil {
		return false, err
	}
	defer upload.Abort()
	if err := upload.directory.room(info.size); err != nil {
		return false, explain("copy", newName, err)
	}
	if err := copyContent(ctx, upload.file, file); err != nil {
		return false, explain("copy", newName, err)
	}
	if !replaced {
		if err := upload.file.Chmod(info.mode.Perm()); err != nil {
			return false, explain("copy", newName, err)
		}
	}
	_, err = upload.Commit()
	return replaced, err
}

// Lstat returns what a name is, itself and not what it leads to where it is a link.
func (t *Tree) Lstat(name string) (Info, error) {
	parent, base, err := t.holdParent("stat", name)
	if err != nil {
		return Info{}, err
	}
	defer parent.Close()
	info, err := parent.lstat(base)
	info.link = info.mode&fs.ModeSymlink != 0
	return info, explain("stat", name, err)
}

const copyStep = 64 << 20

// copyContent copies what a file holds to the end of another; holes stay holes.
func copyContent(ctx context.Context, to, from *os.File) error {
	size, err := from.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if at, err = from.Seek(at, unix.SEEK_DATA); errors.Is(err, unix.ENXIO) {
			break
		} else if err != nil {
			return err
		}
		stop, err := from.Seek(at, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		stop = min(stop, at+copyStep)
		for _, file := range []*os.File{from, to} {
			if _, err := file.Seek(at, io.SeekStart); err != nil {
				return err
			}
		}
		copied, err := io.CopyN(to, from, stop-at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if copied == 0 {
			// It has become shorter.
			return nil
		}
		at += copied
	}
	return to.Truncate(size)
}

func (t *Tree) copyLink(name string, to *Tree, newName string, options CopyOptions) (bool, error) {
	source, target, err := holdBoth("copy", t, name, to, newName)
	if err != nil {
		return false, err
	}
	defer source.Close()
	defer target.Close()
	if _, err := target.lstat(target.base); err == nil {
		if !options.Replace {
			return false, explain("copy", newName, fs.ErrExist)
		}
		if err := target.removeAll(context.Background(), target.base, 0); err != nil {
			return false, explain("copy", newName, err)
		}
		return true, explain("copy", newName, copyLink(source.held, source.base, target.held, target.base))
	}
	return false, explain("copy", newName, copyLink(source.held, source.base, target.held, target.base))
}

func copyLink(from held, base string, to held, newBase string) error {
	text := make([]byte, unix.PathMax)
	length, err := unix.Readlinkat(from.fd(), base, text)
	if err != nil {
		return err
	}
	return unix.Symlinkat(string(text[:length]), to.fd(), newBase)
}

func (t *Tree) copyFolder(ctx context.Context, name string, info Info, to *Tree, newName string, options CopyOptions) (bool, error) {
	source, err := t.hold(name)
	if err != nil {
		return false, err
	}
	defer source.Close()
	target, base, err := to.holdParentToChange("copy", newName)
	if err != nil {
		return false, err
	}
	defer target.Close()
	if target.isIn(info) {
		return false, explain("copy", newName, ErrInside)
	}
	replaced := false
	current, err := target.lstat(base)
	if err == nil {
		switch {
		case !options.Replace:
			return false, explain("copy", newName, fs.ErrExist)
		case current.IsDir() && source.isIn(current):
			return false, explain("copy", newName, ErrInside)
		}
		replaced = true
		if err := target.removeAll(ctx, base, 0); err != nil {
			return false, explain("copy", newName, err)
		}
	}
	made, err := target.makeFolder(base, info)
	if err != nil {
		return replaced, explain("copy", newName, err)
	}
	defer made.Close()
	if options.Shallow {
		return replaced, nil
	}
	top, err := fileInfo(base, made.file)
	if err != nil {
		return replaced, explain("copy", newName, err)
	}
	return replaced, explain("copy", newName, copyFolder(ctx, source, made, top, 0))
}

// highest is how far up a directory is looked for above another.
const highest = 4096

// isIn tells whether a directory is another or somewhere below it, on whichever way it was reached; true in doubt.
func (d held) isIn(above Info) bool {
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC
	at, err := unix.Openat(d.fd(), ".", flags, 0)
	var below Info
	for level := 0; err == nil && level < highest; level++ {
		var stat unix.Stat_t
		err = unix.Fstat(at, &stat)
		here := infoOf(".", &stat)
		if err != nil || here.Same(above) || level > 0 && here.Same(below) {
			unix.Close(at)
			return err != nil || here.Same(above)
		}
		below = here
		up, openErr := unix.Openat(at, "..", flags, 0)
		unix.Close(at)
		at, err = up, openErr
	}
	if err == nil {
		unix.Close(at)
	}
	return true
}

// makeFolder makes a directory with another's permissions and opens it.
func (d held) makeFolder(base string, like Info) (held, error) {
	// Its owner may always enter it, or its content could not be copied.
	mode := uint32(like.mode.Perm()) | 0o700
	if err := unix.Mkdirat(d.fd(), base, mode); err != nil {
		return held{}, err
	}
	return d.sub(base)
}

// copyFolder copies what a directory holds, without what the copy itself adds to it.
func copyFolder(ctx context.Context, from, to held, top Info, depth int) error {
	if depth >= deepest {
		return ErrTooDeep
	}
	for {
		names, err := from.names(batch)
		if err != nil || len(names) == 0 {
			return err
		}
		for _, base := range names {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := copyEntry(ctx, from, to, base, top, depth); absentIsFine(err) != nil {
				return err
			}
		}
	}
}

func copyEntry(ctx context.Context, from, to held, base string, top Info, depth int) error {
	info, err := from.lstat(base)
	switch {
	case err != nil:
		return err
	case isUpload(base), info.Same(top), info.mode&fs.ModeIrregular != 0:
		return nil
	case info.mode&fs.ModeSymlink != 0:
		return copyLink(from, base, to, base)
	case info.mode.IsRegular():
		return copyRegular(ctx, from, to, base)
	}
	below, err := from.sub(base)
	if err != nil {
		return err
	}
	defer below.Close()
	made, err := to.makeFolder(base, info)
	if err != nil {
		return err
	}
	defer made.Close()
	return copyFolder(ctx, below, made, top, depth+1)
}

func copyRegular(ctx context.Context, from, to held, base string) error {
	source, info, err := from.regular(base)
	if err != nil {
		return err
	}
	defer source.Close()
	const flags = unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := retrying(func() (int, error) {
		return unix.Openat(to.fd(), base, flags, uint32(info.mode.Perm())|0o200)
	})
	if err != nil {
		return err
	}
	target := os.NewFile(uintptr(fd), base)
	err = copyContent(ctx, target, source)
	if closed := target.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = to.unlink(base)
	}
	return err
}
