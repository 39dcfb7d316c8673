package tree

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// deepest is how many levels of directories are copied, removed or walked: each costs an open directory.
const deepest = 256

// Mkdir makes one directory; its parent must be there.
func (t *Tree) Mkdir(name string) error {
	parent, base, err := t.holdParentToChange("mkdir", name)
	if err != nil {
		return err
	}
	defer parent.Close()
	return explain("mkdir", name, unix.Mkdirat(parent.fd(), base, newFolderMode))
}

// MkdirAll makes a directory and what is missing above it.
func (t *Tree) MkdirAll(name string) error {
	name, err := Clean(name)
	if err != nil || name == "." {
		return err
	}
	if t.readOnly {
		return explain("mkdir", name, ErrReadOnly)
	}
	// Upwards to what is there first: a directory that may not be written in can still be on the way.
	if err = t.Mkdir(name); errors.Is(err, fs.ErrNotExist) {
		if err = t.MkdirAll(path.Dir(name)); err == nil {
			err = t.Mkdir(name)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		info, statErr := t.Stat(name)
		if statErr == nil && info.IsDir() {
			return nil
		}
		return explain("mkdir", name, ErrNotDirectory)
	}
	return err
}

// SetTime sets when a file's content is said to have changed.
func (t *Tree) SetTime(name string, when time.Time) error {
	if t.readOnly {
		return explain("settime", name, ErrReadOnly)
	}
	file, _, err := t.OpenFile(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return explain("settime", name, setTime(file, when))
}

// Remove removes a file, a link or an empty directory.
func (t *Tree) Remove(name string) error {
	parent, base, err := t.holdParentToChange("remove", name)
	if err != nil {
		return err
	}
	defer parent.Close()
	info, err := parent.lstat(base)
	if err != nil {
		return explain("remove", name, err)
	}
	if info.IsDir() {
		return explain("remove", name, parent.removeFolder(base))
	}
	return explain("remove", name, parent.unlink(base))
}

// RemoveAll removes a file, a link, or a directory with all that is in it; links in it are removed and not followed.
// When the context ends first, part of it is gone.
func (t *Tree) RemoveAll(ctx context.Context, name string) error {
	parent, base, err := t.holdParentToChange("remove", name)
	if err != nil {
		return err
	}
	defer parent.Close()
	if _, err := parent.lstat(base); err != nil {
		return explain("remove", name, err)
	}
	return explain("remove", name, parent.removeAll(ctx, base, 0))
}

func (d held) removeAll(ctx context.Context, base string, depth int) error {
	err := d.unlink(base)
	if !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.EPERM) {
		return absentIsFine(err)
	}
	if depth >= deepest {
		return ErrTooDeep
	}
	below, err := d.sub(base)
	if err != nil {
		// Whatever took the directory's place is removed as what it is.
		return absentIsFine(d.unlink(base))
	}
	defer below.Close()
	if err := below.removeContent(ctx, depth); err != nil {
		return err
	}
	return absentIsFine(d.removeFolder(base))
}

func (d held) removeContent(ctx context.Context, depth int) error {
	for {
		// Anew each time: what is removed meanwhile may shift the names.
		if err := d.rewind(); err != nil {
			return err
		}
		names, err := d.names(batch)
		if err != nil || len(names) == 0 {
			return err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := d.removeAll(ctx, name, depth+1); err != nil {
				return err
			}
		}
	}
}

func absentIsFine(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Move renames a file, link or directory, within a tree or from one to another, and tells whether it replaced
// something. A file takes the place of a file in one step. Between file systems, and between quotas, it is copied.
func Move(ctx context.Context, from *Tree, name string, to *Tree, newName string, replace bool) (replaced bool, err error) {
	if from.readOnly {
		return false, explain("move", name, ErrReadOnly)
	}
	source, target, err := holdBoth("move", from, name, to, newName)
	if err != nil {
		return false, err
	}
	defer source.Close()
	defer target.Close()
	replaced, err = move(source, target, ctx, replace)
	if errors.Is(err, unix.EXDEV) {
		replaced, err = Copy(ctx, from, name, to, newName, CopyOptions{Replace: replace, KeepLinks: true})
		if err != nil {
			return replaced, err
		}
		return replaced, explain("move", name, source.removeAll(ctx, source.base, 0))
	}
	return replaced, explain("move", name, err)
}

// end is one end of a move or copy: a name in an open directory.
type end struct {
	held
	base string
}

func holdBoth(op string, from *Tree, name string, to *Tree, newName string) (source, target end, err error) {
	if source.held, source.base, err = from.holdParent(op, name); err != nil {
		return source, target, err
	}
	if target.held, target.base, err = to.holdParentToChange(op, newName); err != nil {
		source.Close()
	}
	return source, target, err
}

func move(source, target end, ctx context.Context, replace bool) (replaced bool, err error) {
	moved, err := source.lstat(source.base)
	if err != nil {
		return false, err
	}
	if moved.mode&fs.ModeIrregular != 0 {
		return false, ErrNotRegular
	}
	current, err := target.lstat(target.base)
	if errors.Is(err, fs.ErrNotExist) {
		return false, source.takeFree(target)
	}
	if err != nil {
		return false, err
	}
	switch {
	case current.Same(moved) && (moved.IsDir() || source.base == target.base):
		return false, ErrInside
	case current.IsDir() && source.isIn(current):
		return false, ErrInside
	case !replace:
		return false, fs.ErrExist
	case current.mode&fs.ModeIrregular != 0:
		return false, ErrNotRegular
	case current.Same(moved):
		// Two names of one file, which rename leaves alone.
		return true, source.unlink(source.base)
	case !current.IsDir() && !moved.IsDir():
		return true, unix.Renameat(source.fd(), source.base, target.fd(), target.base)
	}
	return true, source.exchange(ctx, target)
}

// takeFree renames to a name that nobody has.
func (e end) takeFree(target end) error {
	err := unix.Renameat2(e.fd(), e.base, target.fd(), target.base, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) {
		err = unix.Renameat(e.fd(), e.base, target.fd(), target.base)
		if errors.Is(err, unix.EINVAL) {
			err = ErrInside
		}
	}
	return err
}

// exchange puts a thing in another's place and then removes the other.
func (e end) exchange(ctx context.Context, target end) error {
	err := unix.Renameat2(e.fd(), e.base, target.fd(), target.base, unix.RENAME_EXCHANGE)
	if err == nil {
		return e.removeAll(ctx, e.base, 0)
	}
	if !errors.Is(err, unix.EINVAL) {
		return err
	}
	if moved, err := e.lstat(e.base); err != nil || target.isIn(moved) {
		return ErrInside
	}
	// A file system that cannot exchange.
	aside := hiddenName(target.base, uploadSlots)
	if err := unix.Renameat2(target.fd(), target.base, target.fd(), aside, unix.RENAME_NOREPLACE); err != nil {
		return err
	}
	if err := unix.Renameat(e.fd(), e.base, target.fd(), target.base); err != nil {
		back := unix.Renameat(target.fd(), aside, target.fd(), target.base)
		return errors.Join(err, back)
	}
	return target.removeAll(ctx, aside, 0)
}
