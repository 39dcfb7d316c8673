package tree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMoveTakesThePlaceOfWhatIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		before   map[string]string
		from, to string
		replace  bool
		want     error
		after    map[string]string
	}{
		"new name":         {map[string]string{"a": "1"}, "a", "b", false, nil, map[string]string{"b": "1"}},
		"file over file":   {map[string]string{"a": "1", "b": "2"}, "a", "b", true, nil, map[string]string{"b": "1"}},
		"refused":          {map[string]string{"a": "1", "b": "2"}, "a", "b", false, fs.ErrExist, map[string]string{"a": "1", "b": "2"}},
		"file over folder": {map[string]string{"a": "1", "b/x": "2"}, "a", "b", true, nil, map[string]string{"b": "1"}},
		"folder over file": {map[string]string{"a/x": "1", "b": "2"}, "a", "b", true, nil, map[string]string{"b": "/", "b/x": "1"}},
		"folder over folder": {
			map[string]string{"a/x": "1", "b/y": "2"}, "a", "b", true, nil, map[string]string{"b": "/", "b/x": "1"},
		},
		"itself":         {map[string]string{"a": "1"}, "a", "a", true, ErrInside, map[string]string{"a": "1"}},
		"into itself":    {map[string]string{"a/x": "1"}, "a", "a/b", true, ErrInside, map[string]string{"a": "/", "a/x": "1"}},
		"over its above": {map[string]string{"a/b/x": "1"}, "a/b", "a", true, ErrInside, map[string]string{"a": "/", "a/b": "/", "a/b/x": "1"}},
		"nothing":        {map[string]string{"b": "1"}, "a", "b", true, fs.ErrNotExist, map[string]string{"b": "1"}},
		"no parent":      {map[string]string{"a": "1"}, "a", "c/b", true, fs.ErrNotExist, map[string]string{"a": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			alice, _ := homes(t)
			for file, text := range c.before {
				write(t, filepath.Join(alice, file), text)
			}
			tree := open(t, alice)
			_, there := c.before[c.to]
			replaced, err := Move(context.Background(), tree, c.from, tree, c.to, c.replace)
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if err == nil && there && !replaced {
				t.Error("does not say that it replaced something")
			}
			same(t, alice, c.after)
		})
	}
}

func TestCopyTakesThePlaceOfWhatIsThere(t *testing.T) {
	replace := CopyOptions{Replace: true}
	for name, c := range map[string]struct {
		before   map[string]string
		from, to string
		options  CopyOptions
		want     error
		after    map[string]string
	}{
		"file":             {map[string]string{"a": "1"}, "a", "b", CopyOptions{}, nil, map[string]string{"a": "1", "b": "1"}},
		"file over file":   {map[string]string{"a": "1", "b": "2"}, "a", "b", replace, nil, map[string]string{"a": "1", "b": "1"}},
		"refused":          {map[string]string{"a": "1", "b": "2"}, "a", "b", CopyOptions{}, fs.ErrExist, map[string]string{"a": "1", "b": "2"}},
		"file over folder": {map[string]string{"a": "1", "b/x": "2"}, "a", "b", replace, nil, map[string]string{"a": "1", "b": "1"}},
		"folder": {
			map[string]string{"a/x": "1", "a/y/z": "2"}, "a", "b", CopyOptions{}, nil,
			map[string]string{"a": "/", "a/x": "1", "a/y": "/", "a/y/z": "2", "b": "/", "b/x": "1", "b/y": "/", "b/y/z": "2"},
		},
		"only the folder": {
			map[string]string{"a/x": "1"}, "a", "b", CopyOptions{Shallow: true}, nil,
			map[string]string{"a": "/", "a/x": "1", "b": "/"},
		},
		"folder over folder": {
			map[string]string{"a/x": "1", "b/y": "2"}, "a", "b", replace, nil,
			map[string]string{"a": "/", "a/x": "1", "b": "/", "b/x": "1"},
		},
		"itself":         {map[string]string{"a": "1"}, "a", "a", replace, ErrInside, map[string]string{"a": "1"}},
		"into itself":    {map[string]string{"a/x": "1"}, "a", "a/b", replace, ErrInside, map[string]string{"a": "/", "a/x": "1"}},
		"over its above": {map[string]string{"a/b/x": "1"}, "a/b", "a", replace, ErrInside, map[string]string{"a": "/", "a/b": "/", "a/b/x": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			alice, _ := homes(t)
			for file, text := range c.before {
				write(t, filepath.Join(alice, file), text)
			}
			tree := open(t, alice)
			if _, err := Copy(context.Background(), tree, c.from, tree, c.to, c.options); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			same(t, alice, c.after)
		})
	}
}

func TestACopyIsNotMadeOverItsSourceByWayOfALink(t *testing.T) {
	alice, _ := homes(t)
	write(t, filepath.Join(alice, "a/b/x"), "1")
	must(t, os.Symlink("a/b", filepath.Join(alice, "link")))
	tree := open(t, alice)
	for from, to := range map[string]string{"link": "a", "a": "link/c"} {
		_, err := Copy(context.Background(), tree, from, tree, to, CopyOptions{Replace: true})
		if !errors.Is(err, ErrInside) {
			t.Errorf("%s to %s: %v", from, to, err)
		}
	}
	same(t, alice, map[string]string{"a": "/", "a/b": "/", "a/b/x": "1", "link": "-> a/b"})
}

func TestLinksInACopiedFolderStayLinks(t *testing.T) {
	alice, bob := homes(t)
	write(t, filepath.Join(alice, "a/x"), "1")
	must(t, os.Symlink(bob, filepath.Join(alice, "a/out")))
	must(t, os.Symlink(".", filepath.Join(alice, "a/loop")))
	must(t, unix.Mkfifo(filepath.Join(alice, "a/fifo"), 0o644))
	tree := open(t, alice)
	_, err := Copy(context.Background(), tree, "a", tree, "b", CopyOptions{})
	must(t, err)
	must(t, tree.RemoveAll(context.Background(), "a"))
	same(t, alice, map[string]string{"b": "/", "b/x": "1", "b/out": "-> " + bob, "b/loop": "-> ."})
	same(t, bob, map[string]string{"secret.txt": secret})
}

func TestBetweenFileSystemsAMoveIsACopy(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounts a file system: needs root")
	}
	alice, _ := homes(t)
	other := filepath.Join(alice, "other")
	must(t, os.Mkdir(other, 0o755))
	if err := unix.Mount("tmpfs", other, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(other, unix.MNT_DETACH)) })
	write(t, filepath.Join(alice, "d/f"), "f")
	must(t, os.Symlink("f", filepath.Join(alice, "d/l")))
	must(t, os.Symlink("d", filepath.Join(alice, "l")))
	tree := open(t, alice)
	for _, name := range []string{"d", "l"} {
		_, err := Move(context.Background(), tree, name, tree, "other/"+name, false)
		must(t, err)
	}
	same(t, alice, map[string]string{"other": "/", "other/d": "/", "other/d/f": "f", "other/d/l": "-> f", "other/l": "-> d"})
}

func TestHolesAreCopiedAsHoles(t *testing.T) {
	alice, _ := homes(t)
	const size = 5 << 30
	file, err := os.Create(filepath.Join(alice, "sparse"))
	must(t, err)
	must(t, file.Truncate(size))
	second(file.WriteAt([]byte("middle"), size/2))
	must(t, file.Close())
	tree := open(t, alice)
	_, err = Copy(context.Background(), tree, "sparse", tree, "copy", CopyOptions{})
	must(t, err)
	var stat unix.Stat_t
	must(t, unix.Stat(filepath.Join(alice, "copy"), &stat))
	if stat.Size != size || stat.Blocks*512 > 1<<20 {
		t.Errorf("%d bytes in %d blocks", stat.Size, stat.Blocks)
	}
	copied, err := os.Open(filepath.Join(alice, "copy"))
	must(t, err)
	defer copied.Close()
	text := make([]byte, 8)
	second(copied.ReadAt(text, size/2-1))
	if string(text) != "\x00middle\x00" {
		t.Errorf("%q", text)
	}
}

func TestTreesTooDeepToHoldOpenAreRefused(t *testing.T) {
	alice, _ := homes(t)
	at := alice
	for range deepest + 10 {
		at = filepath.Join(at, "d")
		must(t, os.Mkdir(at, 0o755))
	}
	tree, ctx := open(t, alice), context.Background()
	for op, err := range map[string]error{
		"remove": tree.RemoveAll(ctx, "d"),
		"copy":   second(Copy(ctx, tree, "d", tree, "e", CopyOptions{})),
		"walk":   tree.Walk(".", "", func(string, Info) error { return nil }),
	} {
		if !errors.Is(err, ErrTooDeep) {
			t.Errorf("%s: %v", op, err)
		}
	}
	must(t, tree.RemoveAll(ctx, strings.Repeat("d/", 20)))
	must(t, tree.RemoveAll(ctx, "d"))
}

func TestWhatIsCancelledEnds(t *testing.T) {
	alice, _ := homes(t)
	write(t, filepath.Join(alice, "d/f"), "f")
	tree := open(t, alice)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for op, err := range map[string]error{
		"remove": tree.RemoveAll(ctx, "d"),
		"copy":   second(Copy(ctx, tree, "d", tree, "e", CopyOptions{})),
		"file":   second(Copy(ctx, tree, "d/f", tree, "g", CopyOptions{})),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", op, err)
		}
	}
}

func TestMkdirAllMakesWhatIsMissing(t *testing.T) {
	alice, _ := homes(t)
	write(t, filepath.Join(alice, "file"), "")
	must(t, os.Symlink("a", filepath.Join(alice, "link")))
	tree := open(t, alice)
	for _, name := range []string{"a/b/c", "a/b/c", "", "link/d"} {
		must(t, tree.MkdirAll(name))
	}
	for name, want := range map[string]error{"file": ErrNotDirectory, "file/x": ErrNotDirectory} {
		if err := tree.MkdirAll(name); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := tree.Mkdir("x/y"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	same(t, alice, map[string]string{"a": "/", "a/b": "/", "a/b/c": "/", "a/d": "/", "file": "", "link": "-> a"})
}
