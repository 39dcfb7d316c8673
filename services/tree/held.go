package tree

import (
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// held is an open directory. What is done relative to it stays in it, wherever users move or link it meanwhile.
type held struct{ file *os.File }

func (d held) fd() int      { return int(d.file.Fd()) }
func (d held) Close() error { return d.file.Close() }

// hold opens a directory of the tree.
func (t *Tree) hold(name string) (held, error) {
	name, err := Clean(name)
	if err != nil {
		return held{}, err
	}
	file, err := t.root.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return held{}, explain("open", name, err)
	}
	return held{file}, nil
}

// holdParent opens the directory that a name is in, and returns the name's last part.
func (t *Tree) holdParent(op, name string) (held, string, error) {
	name, err := Clean(name)
	if err != nil {
		return held{}, "", err
	}
	if name == "." {
		// The room itself is not a caller's to change.
		return held{}, "", explain(op, "/", fs.ErrPermission)
	}
	parent, err := t.hold(path.Dir(name))
	return parent, path.Base(name), err
}

// holdParentToChange is holdParent for an operation that changes the directory.
func (t *Tree) holdParentToChange(op, name string) (held, string, error) {
	if t.readOnly {
		return held{}, "", explain(op, name, ErrReadOnly)
	}
	return t.holdParent(op, name)
}

// sub opens a directory directly below, which must not be a link.
func (d held) sub(base string) (held, error) {
	fd, err := retrying(func() (int, error) {
		return unix.Openat(d.fd(), base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return held{}, err
	}
	return held{os.NewFile(uintptr(fd), base)}, nil
}

// regular opens a file directly below for reading, which must not be a link.
func (d held) regular(base string) (*os.File, Info, error) {
	const flags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	fd, err := retrying(func() (int, error) { return unix.Openat(d.fd(), base, flags, 0) })
	if err != nil {
		return nil, Info{}, err
	}
	file := os.NewFile(uintptr(fd), base)
	info, err := fileInfo(base, file)
	if err == nil {
		err = wantFile(info)
	}
	if err != nil {
		file.Close()
		return nil, Info{}, err
	}
	return file, info, nil
}

// lstat returns what a name directly below is, links not followed.
func (d held) lstat(base string) (Info, error) {
	var stat unix.Stat_t
	_, err := retrying(func() (int, error) {
		return 0, unix.Fstatat(d.fd(), base, &stat, unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil {
		return Info{}, err
	}
	return infoOf(base, &stat), nil
}

func (d held) unlink(base string) error       { return unix.Unlinkat(d.fd(), base, 0) }
func (d held) removeFolder(base string) error { return unix.Unlinkat(d.fd(), base, unix.AT_REMOVEDIR) }

// names returns the next names of the directory, at most so many, in no order; none at the end.
func (d held) names(most int) ([]string, error) {
	names, err := d.file.Readdirnames(most)
	if len(names) > 0 || err == nil {
		return names, nil
	}
	return nil, ignoreEOF(err)
}

// rewind begins the directory's names anew.
func (d held) rewind() error {
	_, err := d.file.Seek(0, 0)
	return err
}

func retrying(call func() (int, error)) (int, error) {
	for {
		result, err := call()
		if err != unix.EINTR {
			return result, err
		}
	}
}
