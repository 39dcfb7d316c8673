package tree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func openRoom(t *testing.T) (*Tree, string) {
	t.Helper()
	folder := t.TempDir()
	opened, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return opened, folder
}

func TestAWorkshopIsSeenByNobodyAndGoesWhenEmpty(t *testing.T) {
	room, folder := openRoom(t)
	shop, err := room.Workshop()
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	if err := shop.Mkdir("work"); err != nil {
		t.Fatal(err)
	}
	entries, _, err := room.ReadDir(".", 0)
	if err != nil || len(entries) != 0 || !room.HasWorkshop() {
		t.Error(entries, err)
	}
	if _, err := room.Stat(workshop + "/work"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := room.RemoveWorkshop(); !errors.Is(err, ErrNotEmpty) {
		t.Error(err)
	}
	if err := shop.Remove("work"); err != nil {
		t.Fatal(err)
	}
	if err := room.RemoveWorkshop(); err != nil || room.HasWorkshop() {
		t.Error(err)
	}
	if err := room.RemoveWorkshop(); err != nil {
		t.Error("removed again: ", err)
	}
	if err := os.Symlink("/tmp", filepath.Join(folder, workshop)); err != nil {
		t.Fatal(err)
	}
	if _, err := room.Workshop(); err == nil || room.HasWorkshop() {
		t.Error("a link was taken for a workshop")
	}
}

func TestAReadOnlyRoomHasNoSteps(t *testing.T) {
	room, _ := openRoom(t)
	room = room.ReadOnly()
	_, workshopErr := room.Workshop()
	_, _, stageErr := room.Stage(0)
	_, writeErr := room.OpenToWrite("file")
	for _, err := range []error{workshopErr, stageErr, writeErr, room.SetAttribute(".", "user.x", []byte("x"))} {
		if !errors.Is(err, ErrReadOnly) {
			t.Error(err)
		}
	}
}

func TestAStagedFileHasNoNameUntilItIsGivenOne(t *testing.T) {
	nameless := openNameless
	defer func() { openNameless = nameless }()
	for name, opener := range map[string]func(held) (*os.File, error){
		"nameless": nameless,
		"workshop": func(held) (*os.File, error) { return nil, unix.EOPNOTSUPP },
	} {
		t.Run(name, func(t *testing.T) {
			openNameless = opener
			room, folder := openRoom(t)
			file, drop, err := room.Stage(5)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := file.WriteString("hello"); err != nil {
				t.Fatal(err)
			}
			if entries, _, _ := room.ReadDir(".", 0); len(entries) != 0 {
				t.Error(entries)
			}
			for _, replaced := range []string{"", "old"} {
				path := filepath.Join(folder, "file"+replaced)
				if replaced != "" {
					if err := os.WriteFile(path, []byte(replaced), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				upload, err := room.CreateFrom(file, filepath.Base(path), CreateOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := upload.Commit(); err != nil {
					t.Fatal(err)
				}
				if got, _ := os.ReadFile(path); string(got) != "hello" {
					t.Errorf("%q", got)
				}
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
			drop()
			var stat unix.Stat_t
			if err := unix.Stat(filepath.Join(folder, "file"), &stat); err != nil || stat.Nlink != 2 || room.HasWorkshop() {
				t.Errorf("%d names, %v", stat.Nlink, err)
			}
		})
	}
}

func TestOnlyRegularFilesAreOpenedToWrite(t *testing.T) {
	room, folder := openRoom(t)
	if err := unix.Mkfifo(filepath.Join(folder, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../outside", filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pipe", "link", "..", "."} {
		if file, err := room.OpenToWrite(name); err == nil {
			_ = file.Close()
			t.Errorf("%s was opened", name)
		}
	}
	if _, err := os.Lstat(filepath.Join(folder, "../outside")); err == nil {
		t.Error("a file was made outside")
	}
}

func TestAttributesOfFolders(t *testing.T) {
	room, folder := openRoom(t)
	if err := room.Mkdir("folder"); err != nil {
		t.Fatal(err)
	}
	if err := room.SetAttribute("folder", "user.mark", []byte("1")); err != nil {
		t.Skip("no attributes on this file system: ", err)
	}
	if got, err := room.Attribute("folder", "user.mark"); string(got) != "1" || err != nil {
		t.Error(got, err)
	}
	if err := room.SetAttribute("folder", "user.mark", nil); err != nil {
		t.Fatal(err)
	}
	if got, err := room.Attribute("folder", "user.mark"); err == nil {
		t.Error(got)
	}
	if err := os.Symlink("..", filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	if err := room.SetAttribute("link", "user.mark", []byte("1")); !errors.Is(err, ErrOutside) {
		t.Error(err)
	}
}

func TestCopiedContentHasItsHoles(t *testing.T) {
	room, folder := openRoom(t)
	from, err := room.OpenToWrite("from")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if _, err := from.WriteAt([]byte("end"), 1<<30); err != nil {
		t.Fatal(err)
	}
	to, err := room.OpenToWrite("to")
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if err := CopyContent(context.Background(), to, from); err != nil {
		t.Fatal(err)
	}
	var stat unix.Stat_t
	if err := unix.Stat(filepath.Join(folder, "to"), &stat); err != nil || stat.Size != 1<<30+3 || stat.Blocks > 64 {
		t.Errorf("size %d, blocks %d, %v", stat.Size, stat.Blocks, err)
	}
}
