package tree

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// What can go wrong, for errors.Is. Beside these: fs.ErrNotExist, fs.ErrExist, fs.ErrPermission.
var (
	// ErrOutside is a name, or a link on its way, that leads out of the tree.
	ErrOutside = errors.New("leads out of its room")
	// ErrName is a name that no file can have.
	ErrName = errors.New("not a possible name")
	// ErrNotRegular is a FIFO, a device or a socket: neither file nor directory.
	ErrNotRegular = errors.New("neither a file nor a directory")
	// ErrIsDirectory is a directory where a file is wanted.
	ErrIsDirectory = errors.New("is a directory")
	// ErrNotDirectory is a file where a directory is wanted.
	ErrNotDirectory = errors.New("is not a directory")
	// ErrNotEmpty is a directory that has to be empty and is not.
	ErrNotEmpty = errors.New("directory is not empty")
	// ErrReadOnly is a change in a tree that is for reading.
	ErrReadOnly = errors.New("is read-only")
	// ErrNoSpace is a full file system.
	ErrNoSpace = errors.New("no space left")
	// ErrQuota is a user or project with nothing left of its quota.
	ErrQuota = errors.New("quota exceeded")
	// ErrTooLarge is a file beyond what the file system takes.
	ErrTooLarge = errors.New("file too large")
	// ErrTooDeep is a directory tree beyond the levels that are walked.
	ErrTooDeep = errors.New("directories too deep")
	// ErrBusy is something that another holds at the moment.
	ErrBusy = errors.New("in use by another")
	// ErrChanged is a file that is not any more what the caller expected.
	ErrChanged = errors.New("changed in the meantime")
	// ErrIncomplete is an upload with fewer or more bytes than announced.
	ErrIncomplete = errors.New("not as many bytes as announced")
	// ErrInside is a directory that was to be put into itself.
	ErrInside = errors.New("cannot be put into itself")
)

var byErrno = map[syscall.Errno]error{
	syscall.ENOTDIR:      ErrNotDirectory,
	syscall.EISDIR:       ErrIsDirectory,
	syscall.ENOTEMPTY:    ErrNotEmpty,
	syscall.EROFS:        ErrReadOnly,
	syscall.ENOSPC:       ErrNoSpace,
	syscall.EDQUOT:       ErrQuota,
	syscall.EFBIG:        ErrTooLarge,
	syscall.ENAMETOOLONG: ErrName,
	syscall.EINVAL:       ErrName,
	syscall.EILSEQ:       ErrName,
	syscall.ENXIO:        ErrNotRegular,
	syscall.ENODEV:       ErrNotRegular,
	// A lease that another process holds on the file; a program that runs.
	syscall.EAGAIN:  ErrBusy,
	syscall.ETXTBSY: ErrBusy,
	syscall.EBUSY:   ErrBusy,
	syscall.ELOOP:   ErrOutside,
}

// explain returns err under the name that the caller used, with the kind of the error for errors.Is.
func explain(op, name string, err error) error {
	if err == nil {
		return nil
	}
	var errno syscall.Errno
	var path *fs.PathError
	switch {
	case errors.As(err, &errno):
		if kind, known := byErrno[errno]; known {
			err = kind
		} else {
			err = errno
		}
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist), errors.Is(err, os.ErrClosed):
	case errors.As(err, &path) && !known(err):
		// os.Root says this, and nothing else, without a number of the kernel's.
		err = ErrOutside
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// known tells whether err is one of this package's own.
func known(err error) bool {
	for _, kind := range []error{
		ErrOutside, ErrName, ErrNotRegular, ErrIsDirectory, ErrNotDirectory, ErrNotEmpty, ErrReadOnly, ErrNoSpace,
		ErrQuota, ErrTooLarge, ErrTooDeep, ErrBusy, ErrChanged, ErrIncomplete, ErrInside,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
