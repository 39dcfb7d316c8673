package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"time"

	"golang.org/x/net/webdav"

	"science-platform/services/tree"
)

// longestLockBody bounds what a lock keeps in memory: its owner, as the client describes it.
const longestLockBody = 4 << 10

// lock locks a file or folder, or refreshes a lock (RFC 4918, 9.10); a name that nothing has becomes an empty file.
func (c *call) lock() error {
	if err := c.notATop(c.target, http.StatusForbidden); err != nil {
		return err
	}
	if c.target.room.ReadOnly {
		return tree.ErrReadOnly
	}
	// The answer says what is true: no lock here lasts for ever.
	if timeout := c.Header.Get("Timeout"); timeout == "" || timeout[0] == 'I' {
		c.Header.Set("Timeout", "Second-3600")
	}
	return c.delegate(usersLocks{c}, longestLockBody)
}

// unlock ends a lock (RFC 4918, 9.11).
func (c *call) unlock() error {
	if err := c.notATop(c.target, http.StatusForbidden); err != nil {
		return err
	}
	return c.delegate(usersLocks{c}, longestLockBody)
}

// proppatch answers that a client's own properties are not kept; times that Windows sets are taken.
func (c *call) proppatch() error {
	if err := c.notATop(c.target, http.StatusForbidden); err != nil {
		return err
	}
	if err := c.confirm(change{c.target, false}); err != nil {
		return err
	}
	return c.delegate(anyLocks{}, longestXML)
}

// delegate lets the WebDAV handler of x/net do what is a matter of XML and locks.
func (c *call) delegate(system webdav.LockSystem, longest int64) error {
	opened, err := c.target.open()
	if err != nil {
		return err
	}
	defer opened.Close()
	files := &lockFiles{call: c, in: opened}
	said := &buffered{header: http.Header{}}
	request := c.Request.Clone(c.Context())
	request.Body = http.MaxBytesReader(nil, c.Body, longest)
	if c.Method == "PROPPATCH" {
		request.Header.Del("If")
	}
	handler := webdav.Handler{FileSystem: files, LockSystem: files.watched(system)}
	handler.ServeHTTP(said, request)
	if files.err != nil && said.status >= http.StatusBadRequest {
		return files.err
	}
	for name, values := range said.header {
		c.answer.Header()[name] = values
	}
	c.answer.WriteHeader(said.status)
	_, err = c.answer.Write(said.body.Bytes())
	return err
}

// buffered is an answer that is not sent yet; those of locks and properties are short.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffered) Header() http.Header { return b.header }

func (b *buffered) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

func (b *buffered) Write(data []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	return b.body.Write(data)
}

// lockFiles is as much of the target's tree as locks and properties need, for x/net; it remembers what went wrong.
type lockFiles struct {
	*call
	in  *tree.Tree
	err error
}

func (l *lockFiles) failed(err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.err = err
	}
	return err
}

// Stat implements webdav.FileSystem.
func (l *lockFiles) Stat(context.Context, string) (os.FileInfo, error) {
	info, err := l.in.Stat(l.target.name)
	return info, l.failed(err)
}

// OpenFile implements webdav.FileSystem: makes the empty file of a lock on a new name.
func (l *lockFiles) OpenFile(_ context.Context, _ string, flags int, _ os.FileMode) (webdav.File, error) {
	if flags&os.O_CREATE != 0 {
		upload, err := l.in.Create(l.target.name, tree.CreateOptions{Size: 0, Exclusive: true})
		if err == nil {
			_, err = upload.Commit()
		}
		if err != nil {
			l.err = missingParent(err)
			return nil, err
		}
	}
	return &lockFile{l}, nil
}

var errNotHere = errors.New("is done elsewhere")

// Mkdir implements webdav.FileSystem.
func (l *lockFiles) Mkdir(context.Context, string, os.FileMode) error { return errNotHere }

// RemoveAll implements webdav.FileSystem.
func (l *lockFiles) RemoveAll(context.Context, string) error { return errNotHere }

// Rename implements webdav.FileSystem.
func (l *lockFiles) Rename(context.Context, string, string) error { return errNotHere }

// lockFile is the target, for x/net, which reads and writes nothing of it.
type lockFile struct{ files *lockFiles }

var _ webdav.DeadPropsHolder = (*lockFile)(nil)

func (f *lockFile) Close() error                                     { return nil }
func (f *lockFile) Read([]byte) (int, error)                         { return 0, io.EOF }
func (f *lockFile) Write([]byte) (int, error)                        { return 0, errNotHere }
func (f *lockFile) Seek(int64, int) (int64, error)                   { return 0, nil }
func (f *lockFile) Readdir(int) ([]os.FileInfo, error)               { return nil, nil }
func (f *lockFile) Stat() (os.FileInfo, error)                       { return f.files.Stat(context.Background(), "") }
func (f *lockFile) DeadProps() (map[xml.Name]webdav.Property, error) { return nil, nil }

const windowsSpace = "urn:schemas-microsoft-com:"

// Patch implements webdav.DeadPropsHolder. Windows sets three times and attributes after each upload, and takes a
// refusal for a failed upload: the time of change is set, the others are accepted and mean nothing here.
func (f *lockFile) Patch(patches []webdav.Proppatch) ([]webdav.Propstat, error) {
	taken, refused := webdav.Propstat{Status: http.StatusOK}, webdav.Propstat{Status: http.StatusForbidden}
	for _, patch := range patches {
		for _, property := range patch.Props {
			name := webdav.Property{XMLName: property.XMLName}
			if property.XMLName.Space != windowsSpace || patch.Remove {
				refused.Props = append(refused.Props, name)
				continue
			}
			if when, err := http.ParseTime(string(property.InnerXML)); err == nil && property.XMLName.Local == "Win32LastModifiedTime" {
				if err := f.files.in.SetTime(f.files.target.name, when); err != nil && !errors.Is(err, tree.ErrIsDirectory) {
					return nil, f.files.failed(err)
				}
			}
			taken.Props = append(taken.Props, name)
		}
	}
	var stats []webdav.Propstat
	for _, stat := range []webdav.Propstat{taken, refused} {
		if len(stat.Props) > 0 {
			stats = append(stats, stat)
		}
	}
	return stats, nil
}

// watched returns the lock system with its errors remembered.
func (l *lockFiles) watched(system webdav.LockSystem) webdav.LockSystem {
	return watchedLocks{system, l}
}

type watchedLocks struct {
	webdav.LockSystem
	files *lockFiles
}

func (w watchedLocks) Create(now time.Time, details webdav.LockDetails) (string, error) {
	token, err := w.LockSystem.Create(now, details)
	if errors.Is(err, errTooManyLocks) {
		w.files.door.metrics.refused("locks")
		w.files.err = refusal{status: http.StatusServiceUnavailable, retry: 60, text: "too many locks", cause: err}
	}
	return token, err
}

// anyLocks is a lock system for requests that are confirmed already.
type anyLocks struct{}

func (anyLocks) Confirm(time.Time, string, string, ...webdav.Condition) (func(), error) {
	return func() {}, nil
}
func (anyLocks) Create(time.Time, webdav.LockDetails) (string, error) { return "", nil }
func (anyLocks) Refresh(time.Time, string, time.Duration) (webdav.LockDetails, error) {
	return webdav.LockDetails{}, webdav.ErrNoSuchLock
}
func (anyLocks) Unlock(time.Time, string) error { return nil }
