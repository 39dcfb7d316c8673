package rooms

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// table is what the hub is held to as well (tests/components/hub/files/test_rooms.py).
type table struct {
	Document Document
	Rooms    []struct {
		User   string
		Groups []string
		Rooms  map[string]string
	}
	Names map[string]bool
}

func readTable(t *testing.T) table {
	t.Helper()
	content, err := os.ReadFile("testdata/rooms.json")
	if err != nil {
		t.Fatal(err)
	}
	var read table
	if err := json.Unmarshal(content, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestRoomsAreThoseThatTheHubMounts(t *testing.T) {
	table := readTable(t)
	for _, c := range table.Rooms {
		got := map[string]string{}
		for _, room := range table.Document.Of(c.User, c.Groups) {
			access := "rw "
			if room.ReadOnly {
				access = "ro "
			}
			got[room.Path()] = strings.TrimSpace(access + room.folder)
		}
		if !maps.Equal(got, c.Rooms) {
			t.Errorf("%s in %q: %v, want %v", c.User, c.Groups, got, c.Rooms)
		}
	}
}

func TestNamesThatTheHubRefusesHaveNoRooms(t *testing.T) {
	table := readTable(t)
	for name, want := range table.Names {
		rooms := table.Document.Of(name, []string{"galaxies"})
		if IsUserName(name) != want || (len(rooms) > 0) != want {
			t.Errorf("%q: %v, %v; want %v", name, IsUserName(name), rooms, want)
		}
	}
}

func site(t *testing.T) *Document {
	t.Helper()
	top := t.TempDir()
	for _, folder := range []string{"homes", "projects", "gaia"} {
		if err := os.Mkdir(filepath.Join(top, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &Document{
		Homes: filepath.Join(top, "homes"), Projects: filepath.Join(top, "projects"),
		Spaces: map[string]Space{"galaxies": {ReadWrite: []string{"g"}, ReadOnly: []string{"s"}}},
		Data:   map[string]Collection{"gaia": {Title: "Gaia", Path: filepath.Join(top, "gaia")}},
	}
}

func TestFoldersAreMadeAsTheHubMakesThem(t *testing.T) {
	document := site(t)
	for _, room := range document.Of("alice", []string{"g"}) {
		tree, err := room.Open()
		if err != nil {
			t.Fatal(err)
		}
		tree.Close()
	}
	for folder, want := range map[string]os.FileMode{
		filepath.Join(document.Homes, "alice"):       0o700,
		filepath.Join(document.Projects, "galaxies"): 0o770 | os.ModeSetgid,
	} {
		info, err := os.Stat(folder)
		if err != nil || info.Mode()&^os.ModeDir != want {
			t.Errorf("%s: %v, %v; want %v", folder, info.Mode(), err, want)
		}
	}
}

func TestWhatIsForReadingCannotBeWritten(t *testing.T) {
	for _, room := range site(t).Of("bob", []string{"s"}) {
		tree, err := room.Open()
		if err != nil {
			t.Fatal(err)
		}
		err = tree.Mkdir("new")
		if want := room.Kind != Home; (err != nil) != want {
			t.Errorf("%s: %v", room.Path(), err)
		}
		tree.Close()
	}
}

func TestAHomeThatIsALinkIsNoRoom(t *testing.T) {
	document := site(t)
	if err := os.Symlink(document.Projects, filepath.Join(document.Homes, "alice")); err != nil {
		t.Fatal(err)
	}
	home, _, _ := Find(document.Of("alice", nil), "/home")
	if _, err := home.Open(); err == nil {
		t.Error("the link was followed")
	}
}

func TestPathsLeadToRoomsByWholeParts(t *testing.T) {
	rooms := site(t).Of("alice", []string{"g"})
	for path, want := range map[string]string{
		"/home": "home/alice: ", "/home/": "home/alice: ", "/home/a/b/": "home/alice: a/b",
		"/projects/galaxies/x": "projects/galaxies: x", "/data/gaia/x": "data/gaia: x",
		"/homes": "", "/projects": "", "/projects/galaxies-2": "", "/projects/gal": "", "/": "", "": "", "/home2/x": "",
		"/HOME": "", "/data": "",
	} {
		room, rest, found := Find(rooms, path)
		got := ""
		if found {
			got = room.Key() + ": " + rest
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestDocumentsThatCannotBeUsedAreRefused(t *testing.T) {
	for content, want := range map[string]string{
		`{`: "unexpected end",
		`{"hub": "http://hub", "cacheSeconds": 30}`:                                           "homes",
		`{"hub": "http://hub", "homes": "/h"}`:                                                "cacheSeconds",
		`{"homes": "/h", "hub": "http://hub", "cacheSeconds": 30, "spaces": {"galaxies":{}}}`: "projects is not set",
		`{"homes": "/h", "hub": "http://hub", "cacheSeconds": 30}`:                            "",
	} {
		file := filepath.Join(t.TempDir(), "rooms.json")
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Load(file)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", content, err, want)
		}
	}
	if _, err := Load("testdata/none.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
