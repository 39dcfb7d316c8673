package tree

import (
	"errors"
	"io"
	"io/fs"
)

// FS returns the tree as an fs.FS for programs that take one: for reading, with all that the tree refuses.
func (t *Tree) FS() fs.FS { return fileSystem{t} }

type fileSystem struct{ tree *Tree }

var (
	_ fs.StatFS    = fileSystem{}
	_ fs.ReadDirFS = fileSystem{}
)

func (f fileSystem) Stat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, explain("stat", name, ErrName)
	}
	info, err := f.tree.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.served() {
		return nil, explain("stat", name, ErrNotRegular)
	}
	return info, nil
}

// ReadDir returns what a directory holds, sorted by name.
func (f fileSystem) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, explain("list", name, ErrName)
	}
	infos, _, err := f.tree.ReadDir(name, 0)
	entries := make([]fs.DirEntry, len(infos))
	for i, info := range infos {
		entries[i] = fs.FileInfoToDirEntry(info)
	}
	return entries, err
}

func (f fileSystem) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, explain("open", name, ErrName)
	}
	file, _, err := f.tree.OpenFile(name)
	if errors.Is(err, ErrIsDirectory) {
		return f.openFolder(name)
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (f fileSystem) openFolder(name string) (fs.File, error) {
	info, err := f.Stat(name)
	if err != nil {
		return nil, err
	}
	entries, err := f.ReadDir(name)
	if err != nil {
		return nil, err
	}
	return &folder{info: info, entries: entries}, nil
}

// folder is an open directory of a fileSystem.
type folder struct {
	info    fs.FileInfo
	entries []fs.DirEntry
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *folder) Read([]byte) (int, error)   { return 0, explain("read", f.info.Name(), ErrIsDirectory) }
func (f *folder) Close() error               { return nil }

func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n >= len(f.entries) {
		rest := f.entries
		f.entries = nil
		if n > 0 && len(rest) == 0 {
			return nil, io.EOF
		}
		return rest, nil
	}
	next := f.entries[:n]
	f.entries = f.entries[n:]
	return next, nil
}
