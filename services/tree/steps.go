package tree

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// workshop holds what is put together in several steps, such as an upload in parts. No door shows it or lets anybody
// in; it is in the room, so what is in it counts as its owner's, and becomes a file of the room without being copied.
const workshop = uploadPrefix + "parts"

// Workshop returns the tree of a room's workshop, and makes it first where it is missing.
func (t *Tree) Workshop() (*Tree, error) {
	if t.readOnly {
		return nil, explain("open", workshop, ErrReadOnly)
	}
	if err := t.root.Mkdir(workshop, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, explain("open", workshop, err)
	}
	return t.Sub(workshop)
}

// RemoveWorkshop removes the room's workshop if it is empty.
func (t *Tree) RemoveWorkshop() error {
	here, err := t.hold(".")
	if err != nil {
		return err
	}
	defer here.Close()
	return explain("remove", workshop, absentIsFine(here.removeFolder(workshop)))
}

// HasWorkshop tells whether something may be in the making in a room.
func (t *Tree) HasWorkshop() bool {
	info, err := t.root.Lstat(workshop)
	return err == nil && info.IsDir()
}

// OpenToWrite opens a regular file for reading and writing, and creates it where it is missing. Other processes see
// what is written: it is for files of a workshop.
func (t *Tree) OpenToWrite(name string) (*os.File, error) {
	name, err := Clean(name)
	if err != nil {
		return nil, err
	}
	if t.readOnly {
		return nil, explain("open", name, ErrReadOnly)
	}
	file, err := t.root.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NONBLOCK|unix.O_NOCTTY, newFileMode)
	if err != nil {
		return nil, explain("open", name, err)
	}
	info, err := fileInfo(name, file)
	if err == nil {
		err = wantFile(info)
	}
	if err != nil {
		file.Close()
		return nil, explain("open", name, err)
	}
	return file, nil
}

// Reserved tells whether a name is one that doors make for themselves: nobody sees or makes a file of that name.
func Reserved(base string) bool { return isUpload(base) }

// Stage returns a file that belongs to no name yet, of an announced size or a negative one: CreateFrom gives it one,
// to close it is to forget it. Where the file system has no nameless files it is one of the workshop, and drop removes
// that name.
func (t *Tree) Stage(size int64) (file *os.File, drop func(), err error) {
	if t.readOnly {
		return nil, nil, explain("create", ".", ErrReadOnly)
	}
	here, err := t.hold(".")
	if err != nil {
		return nil, nil, err
	}
	defer here.Close()
	if err := here.room(size); err != nil {
		return nil, nil, explain("create", ".", err)
	}
	switch file, err = openNameless(here); {
	case err == nil:
		return file, func() {}, nil
	case !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.EINVAL):
		return nil, nil, explain("create", ".", err)
	}
	return t.stageInWorkshop()
}

func (t *Tree) stageInWorkshop() (*os.File, func(), error) {
	name := "file-" + rand.Text()
	for range 10 {
		shop, err := t.Workshop()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another has removed the empty workshop in between
		}
		if err != nil {
			return nil, nil, err
		}
		file, err := shop.OpenToWrite(name)
		if err == nil {
			return file, func() { _ = shop.Remove(name); _ = shop.Close(); _ = t.RemoveWorkshop() }, nil
		}
		_ = shop.Close()
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
	}
	return nil, nil, explain("create", ".", ErrBusy)
}

// CreateFrom begins an upload with a finished file of the same file system, which Commit gives a further name. The
// file stays open.
func (t *Tree) CreateFrom(file *os.File, name string, options CreateOptions) (*Upload, error) {
	directory, base, err := t.holdParentToChange("create", name)
	if err != nil {
		return nil, err
	}
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		directory.Close()
		return nil, explain("create", name, err)
	}
	options.Size = -1
	return &Upload{
		directory: directory, name: name, base: base, file: os.NewFile(uintptr(fd), base), options: options,
	}, nil
}

// CopyContent adds what a file holds to the end of another; holes stay holes.
func CopyContent(ctx context.Context, to, from *os.File) error { return copyContent(ctx, to, from) }

// Attribute returns an extended attribute of a directory; an error where it has none, or its file system no such.
func (t *Tree) Attribute(name, attribute string) ([]byte, error) {
	directory, err := t.hold(name)
	if err != nil {
		return nil, err
	}
	defer directory.Close()
	value := make([]byte, 256)
	length, err := unix.Fgetxattr(directory.fd(), attribute, value)
	if err != nil {
		return nil, explain("read", name, err)
	}
	return value[:length], nil
}

// SetAttribute sets an extended attribute of a directory, and removes it where the value is nil.
func (t *Tree) SetAttribute(name, attribute string, value []byte) error {
	if t.readOnly {
		return explain("write", name, ErrReadOnly)
	}
	directory, err := t.hold(name)
	if err != nil {
		return err
	}
	defer directory.Close()
	if value == nil {
		return explain("write", name, unix.Fremovexattr(directory.fd(), attribute))
	}
	return explain("write", name, unix.Fsetxattr(directory.fd(), attribute, value, 0))
}

// Of tells whether an Info is of an open file.
func (i Info) Of(file *os.File) bool {
	open, err := fileInfo(i.name, file)
	return err == nil && open.Same(i)
}
