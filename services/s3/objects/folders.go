package objects

import (
	"errors"
	"io/fs"
	"path"

	"science-platform/services/tree"
)

// implied marks a folder that was only made because a key has a slash: it goes when the last object in it does, as
// what is no object does in S3. Folders that people made, by whatever door, stay.
const implied = "user.s3.implied"

// makeParents makes the folders that a key implies.
func makeParents(room *tree.Tree, folder string) error {
	if folder == "." {
		return nil
	}
	err := room.Mkdir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeParents(room, path.Dir(folder)); err == nil {
			err = room.Mkdir(folder)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		info, statErr := room.Stat(folder)
		if statErr == nil && info.IsDir() {
			return nil
		}
		return tree.ErrNotDirectory
	}
	if err == nil {
		// A file system that cannot keep the mark keeps the folder.
		_ = room.SetAttribute(folder, implied, []byte("1"))
	}
	return err
}

// makeFolder makes a folder that is wanted for itself.
func makeFolder(room *tree.Tree, folder string) error {
	if err := makeParents(room, path.Dir(folder)); err != nil {
		return err
	}
	err := room.Mkdir(folder)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := room.Stat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return tree.ErrNotDirectory
	}
	if marked(room, folder) {
		return room.SetAttribute(folder, implied, nil)
	}
	return nil
}

func marked(room *tree.Tree, folder string) bool {
	_, err := room.Attribute(folder, implied)
	return err == nil
}

// removeParents removes the folders above a removed key that are empty and were only implied.
func removeParents(room *tree.Tree, folder string) {
	for ; folder != "." && marked(room, folder); folder = path.Dir(folder) {
		if room.Remove(folder) != nil {
			return
		}
	}
}
