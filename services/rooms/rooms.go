package rooms

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"science-platform/services/tree"
)

// Kind is what a room is for.
type Kind string

// The kinds of room, each the first part of its rooms' paths.
const (
	Home    Kind = "home"
	Project Kind = "projects"
	Data    Kind = "data"
)

// Room is a directory that a caller may enter.
type Room struct {
	Kind Kind
	// Name is the project space's or collection's; the user's for a home.
	Name string
	// Title says what it is for; it may be empty.
	Title    string
	ReadOnly bool
	// volume is the directory that the folder is in; a collection has no folder.
	volume, folder string
}

// Path returns where callers see the room: /home, /projects/<name> or /data/<name>.
func (r Room) Path() string {
	if r.Kind == Home {
		return "/home"
	}
	return "/" + string(r.Kind) + "/" + r.Name
}

// Key returns a name that no other room of the site has, whoever calls: for locks and buckets.
func (r Room) Key() string { return string(r.Kind) + "/" + r.Name }

// userName is USERNAME_PATTERN of components/hub/files/user_names.py: what can be a user of the hub is safe as the
// name of a folder.
var userName = regexp.MustCompile(`\A[a-z0-9]([-a-z0-9._@]{0,62}[a-z0-9])?\z`)

// IsUserName tells whether the hub may have a user of this name.
func IsUserName(name string) bool { return userName.MatchString(name) }

// Of returns the rooms of a user who is in these groups, sorted by path; none for a name that no user can have.
func (d *Document) Of(user string, groups []string) []Room {
	if !IsUserName(user) {
		return nil
	}
	found := []Room{{Kind: Home, Name: user, volume: d.Homes, folder: user}}
	for name, space := range d.Spaces {
		room := Room{Kind: Project, Name: name, Title: space.Title, volume: d.Projects, folder: name}
		switch {
		// Who may write anyhow may write.
		case anyOf(space.ReadWrite, groups):
		case anyOf(space.ReadOnly, groups):
			room.ReadOnly = true
		default:
			continue
		}
		found = append(found, room)
	}
	for name, collection := range d.Data {
		if len(collection.Groups) > 0 && !anyOf(collection.Groups, groups) && !anyOf(collection.ReadWrite, groups) {
			continue
		}
		found = append(found, Room{
			Kind: Data, Name: name, Title: collection.Title, ReadOnly: true, volume: collection.Path,
		})
	}
	slices.SortFunc(found, func(a, b Room) int { return cmp.Compare(a.Path(), b.Path()) })
	return found
}

func anyOf(allowed, groups []string) bool {
	return slices.ContainsFunc(allowed, func(group string) bool { return slices.Contains(groups, group) })
}

// Modes of folders that are made here, as the hub makes them (server_folders.MAKE_FOLDERS).
const (
	homeMode  = 0o700
	spaceMode = 0o770 | os.ModeSetgid
)

// Open returns the room's tree, which the caller closes. A folder that nobody has used yet is made.
func (r Room) Open() (*tree.Tree, error) {
	volume, err := tree.Open(r.volume)
	if err != nil {
		return nil, fmt.Errorf("volume of %s: %w", r.Key(), err)
	}
	if r.folder == "" {
		return volume.ReadOnly(), nil
	}
	defer volume.Close()
	opened, err := volume.Sub(r.folder)
	if errors.Is(err, fs.ErrNotExist) {
		if err = r.make(); err == nil {
			opened, err = volume.Sub(r.folder)
		}
	}
	if err != nil {
		return nil, err
	}
	if r.ReadOnly {
		return opened.ReadOnly(), nil
	}
	return opened, nil
}

func (r Room) make() error {
	mode := os.FileMode(homeMode)
	if r.Kind == Project {
		mode = spaceMode
	}
	volume, err := os.OpenRoot(r.volume)
	if err != nil {
		return err
	}
	defer volume.Close()
	if err := volume.Mkdir(r.folder, mode.Perm()); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// Once more: the process's umask took its part.
	return volume.Chmod(r.folder, mode)
}

// Find returns the room that a path leads into and the rest of the path, relative to it; false where the path is
// above all rooms or of none of these. Both are a matter of names: nothing is opened.
func Find(among []Room, path string) (room Room, rest string, found bool) {
	path = strings.TrimPrefix(path, "/")
	for _, room := range among {
		below, ok := strings.CutPrefix(path+"/", room.Path()[1:]+"/")
		if ok {
			return room, strings.Trim(below, "/"), true
		}
	}
	return Room{}, "", false
}
