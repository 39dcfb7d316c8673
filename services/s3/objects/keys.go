package objects

import (
	"path"
	"strings"
	"unicode/utf8"

	"github.com/versity/versitygw/s3err"

	"science-platform/services/tree"
)

// maxKey is S3's limit on the length of a key in bytes.
const maxKey = 1024

// maxName is what Linux file systems allow one component of a path.
const maxName = 255

// key is an object's name as a path of a room, relative and clean.
type key struct {
	// path is the file or folder, never with a final slash; "" is the room itself.
	path string
	// folder says that the key ended in a slash, which names the folder and no file.
	folder bool
}

func (k key) String() string {
	if k.folder {
		return k.path + "/"
	}
	return k.path
}

// parent is the folder that holds the object, "." for the room itself.
func (k key) parent() string { return path.Dir(k.path) }

// parseKey checks that a key can be the path of a file. Keys that another key could name as well ("a//b", "a/./b"),
// that leave the room ("a/../b"), that no listing could show (control characters, bytes that are no UTF-8), and those
// that are the doors' own are refused.
func parseKey(text string) (key, error) {
	if len(text) > maxKey {
		return key{}, s3err.GetKeyTooLongErr(int64(len(text)), maxKey)
	}
	trimmed := strings.TrimSuffix(text, "/")
	for _, name := range strings.Split(trimmed, "/") {
		if len(name) > maxName {
			return key{}, s3err.GetKeyTooLongErr(int64(len(name)), maxName)
		}
		if !visible(name) {
			return key{}, errBadKey
		}
	}
	return key{path: trimmed, folder: trimmed != text}, nil
}

// visible says whether a name can be part of a key: what is not is hidden in listings and refused elsewhere.
func visible(name string) bool {
	if name == "" || name == "." || name == ".." || tree.Reserved(name) || !utf8.ValidString(name) {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		// What XML 1.0 cannot carry, and DEL.
		return r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff
	})
}
