package tree

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

const batch = 512

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// List calls found for each file and directory of a directory, in no order and with little memory, until it returns
// an error.
//
// What cannot be served is left out: links that lead nowhere or outside, FIFOs, devices, sockets, and uploads under
// way. What a killed door left of an upload is removed on the way.
func (t *Tree) List(name string, found func(Info) error) error {
	name, err := Clean(name)
	if err != nil {
		return err
	}
	directory, err := t.hold(name)
	if err != nil {
		return err
	}
	defer directory.Close()
	for {
		names, err := directory.names(batch)
		if err != nil {
			return explain("list", name, err)
		}
		if len(names) == 0 {
			return nil
		}
		for _, base := range names {
			info, ok := t.entry(directory, name, base)
			if !ok {
				continue
			}
			if err := found(info); err != nil {
				return err
			}
		}
	}
}

// entry returns what one name of a held directory is, and whether it is served.
func (t *Tree) entry(directory held, name, base string) (Info, bool) {
	if isUpload(base) {
		if !t.readOnly {
			directory.sweep(base)
		}
		return Info{}, false
	}
	info, err := directory.lstat(base)
	if err != nil {
		// Gone since its name was read.
		return Info{}, false
	}
	if info.mode&fs.ModeSymlink != 0 {
		if info, err = t.Stat(path.Join(name, base)); err != nil {
			return Info{}, false
		}
		info.name, info.link = base, true
	}
	return info, info.served()
}

var errEnough = errors.New("enough")

// ReadDir returns the files and directories of a directory sorted by name, and whether there are more than the limit,
// of which then any are returned. A limit of zero is none.
func (t *Tree) ReadDir(name string, limit int) (entries []Info, more bool, err error) {
	err = t.List(name, func(info Info) error {
		if limit > 0 && len(entries) == limit {
			more = true
			return errEnough
		}
		entries = append(entries, info)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	slices.SortFunc(entries, func(a, b Info) int { return strings.Compare(a.name, b.name) })
	return entries, more, err
}

// SkipFolder is what a function given to Walk returns for a directory that is not to be entered.
var SkipFolder = fs.SkipDir

// Walk calls found for everything below a directory whose key comes after a given one, sorted by key, until found
// returns an error; a directory's key ends in a slash, and comes before those in it. Keys are relative to the
// directory and sorted by their bytes, as object stores list them.
//
// Links to files are followed inside the tree; directories are entered only where they are real ones.
func (t *Tree) Walk(name, after string, found func(key string, info Info) error) error {
	name, err := Clean(name)
	if err != nil {
		return err
	}
	return t.walk(name, "", after, 0, found)
}

func keyOf(info Info) string {
	if info.IsDir() {
		return info.name + "/"
	}
	return info.name
}

func (t *Tree) walk(name, prefix, after string, depth int, found func(string, Info) error) error {
	if depth > deepest {
		return explain("list", prefix, ErrTooDeep)
	}
	entries, _, err := t.ReadDir(name, 0)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b Info) int { return strings.Compare(keyOf(a), keyOf(b)) })
	for _, info := range entries {
		if info.IsDir() && info.link {
			continue
		}
		key := prefix + keyOf(info)
		if key > after {
			err := found(key, info)
			if info.IsDir() && errors.Is(err, SkipFolder) {
				continue
			}
			if err != nil {
				return err
			}
		} else if !info.IsDir() || !strings.HasPrefix(after, key) {
			continue
		}
		if !info.IsDir() {
			continue
		}
		err := t.walk(path.Join(name, info.name), key, after, depth+1, found)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
