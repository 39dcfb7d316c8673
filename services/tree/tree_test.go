package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sys/unix"
)

const secret = "bob's secret"

// homes returns the homes of alice and bob, as directories: bob's has a secret.
func homes(t *testing.T) (alice, bob string) {
	t.Helper()
	top := t.TempDir()
	alice, bob = filepath.Join(top, "alice"), filepath.Join(top, "bob")
	for _, home := range []string{alice, bob} {
		must(t, os.Mkdir(home, 0o700))
	}
	write(t, filepath.Join(bob, "secret.txt"), secret)
	return alice, bob
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(t, os.WriteFile(file, []byte(content), 0o644))
}

func content(t *testing.T, file string) string {
	t.Helper()
	read, err := os.ReadFile(file)
	must(t, err)
	return string(read)
}

func open(t *testing.T, directory string) *Tree {
	t.Helper()
	opened, err := Open(directory)
	must(t, err)
	t.Cleanup(func() { opened.Close() })
	return opened
}

func put(tree *Tree, name, text string, options CreateOptions) (Info, error) {
	upload, err := tree.Create(name, options)
	if err != nil {
		return Info{}, err
	}
	defer upload.Abort()
	if _, err := io.Copy(upload, strings.NewReader(text)); err != nil {
		return Info{}, err
	}
	return upload.Commit()
}

// everything returns what is in a directory, hidden files too: paths to contents, directories to "/".
func everything(t *testing.T, directory string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(directory, path)
		switch {
		case err != nil || name == ".":
			return err
		case entry.IsDir():
			found[name] = "/"
		case entry.Type()&fs.ModeSymlink != 0:
			target, _ := os.Readlink(path)
			found[name] = "-> " + target
		case entry.Type().IsRegular():
			found[name] = content(t, path)
		default:
			found[name] = "special"
		}
		return nil
	}))
	return found
}

func same(t *testing.T, directory string, want map[string]string) {
	t.Helper()
	if got := everything(t, directory); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("there is %q, want %q", got, want)
	}
}

func TestNamesAreTakenApartAndNeverResolved(t *testing.T) {
	for name, want := range map[string]string{
		"": ".", "/": ".", "./": ".", "a": "a", "/a//b/": "a/b", "a/./b": "a/b", "Ünïcode/星": "Ünïcode/星",
		"a\\b": "a\\b", "a\nb": "a\nb", "...": "...", "..a": "..a",
	} {
		if got, err := Clean(name); err != nil || got != want {
			t.Errorf("Clean(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]error{
		"..": ErrOutside, "a/../b": ErrOutside, "a/..": ErrOutside, "../bob": ErrOutside,
		"a\x00b": ErrName, strings.Repeat("a", 256): ErrName, strings.Repeat("a/", 3000): ErrName,
		".science-upload-0123456789abcdef-0": fs.ErrNotExist,
	} {
		if _, err := Clean(name); !errors.Is(err, want) {
			t.Errorf("Clean(%q): %v; want %v", name, err, want)
		}
	}
}

// planted are links in alice's home, none of which may be followed.
func planted(t *testing.T, alice, bob string) []string {
	t.Helper()
	links := map[string]string{
		"relative": "../bob", "absolute": bob, "proc": "/proc/self/root" + bob, "cwd": "/proc/self/cwd",
		"root": "/", "up": "..", "chain1": "chain2", "chain2": "chain3", "chain3": "../bob", "loop": "loop",
	}
	names := make([]string, 0, len(links))
	for name, target := range links {
		must(t, os.Symlink(target, filepath.Join(alice, name)))
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestPlantedLinksLeadNowhere(t *testing.T) {
	alice, bob := homes(t)
	names := planted(t, alice, bob)
	tree, ctx := open(t, alice), context.Background()
	write(t, filepath.Join(alice, "mine"), "alice's")
	for _, link := range names {
		inside := link + "/secret.txt"
		tries := map[string]func() error{
			"stat":  func() error { _, err := tree.Stat(inside); return err },
			"self":  func() error { _, err := tree.Stat(link); return err },
			"open":  func() error { _, _, err := tree.OpenFile(inside); return err },
			"list":  func() error { _, _, err := tree.ReadDir(link, 0); return err },
			"put":   func() error { _, err := put(tree, inside, "x", CreateOptions{Size: -1}); return err },
			"new":   func() error { _, err := put(tree, link+"/new", "x", CreateOptions{Size: -1}); return err },
			"mkdir": func() error { return tree.Mkdir(link + "/made") },
			"all":   func() error { return tree.MkdirAll(link + "/made/more") },
			"rm":    func() error { return tree.Remove(inside) },
			"rmall": func() error { return tree.RemoveAll(ctx, inside) },
			"time":  func() error { return tree.SetTime(inside, time.Unix(0, 0)) },
			"out":   func() error { _, err := Move(ctx, tree, "mine", tree, link+"/mine", true); return err },
			"in":    func() error { _, err := Move(ctx, tree, inside, tree, "stolen", true); return err },
			"copy": func() error {
				_, err := Copy(ctx, tree, inside, tree, "stolen", CopyOptions{Replace: true})
				return err
			},
			"copyto": func() error {
				_, err := Copy(ctx, tree, "mine", tree, link+"/mine", CopyOptions{Replace: true})
				return err
			},
			"copylink": func() error { _, err := Copy(ctx, tree, link, tree, "stolen", CopyOptions{}); return err },
		}
		for op, try := range tries {
			if err := try(); err == nil {
				t.Errorf("%s through %s was not refused", op, link)
			}
		}
	}
	same(t, bob, map[string]string{"secret.txt": secret})
	entries, _, err := tree.ReadDir(".", 0)
	must(t, err)
	if len(entries) != 1 || entries[0].Name() != "mine" {
		t.Errorf("the listing shows %v, want only mine", entries)
	}
}

func TestLinksInsideAreFollowedAndReplaced(t *testing.T) {
	alice, _ := homes(t)
	write(t, filepath.Join(alice, "runs/42/image.fits"), "run 42")
	must(t, os.Symlink("runs/42/image.fits", filepath.Join(alice, "latest")))
	must(t, os.Symlink("runs", filepath.Join(alice, "r")))
	tree := open(t, alice)
	for _, name := range []string{"latest", "r/42/image.fits"} {
		file, info, err := tree.OpenFile(name)
		must(t, err)
		read, err := io.ReadAll(file)
		file.Close()
		if err != nil || string(read) != "run 42" || info.Size() != 6 {
			t.Errorf("%s: %q, %v, %v", name, read, info, err)
		}
	}
	_, err := put(tree, "latest", "new", CreateOptions{Size: 3})
	must(t, err)
	same(t, alice, map[string]string{
		"latest": "new", "r": "-> runs", "runs": "/", "runs/42": "/", "runs/42/image.fits": "run 42",
	})
}

func TestSpecialFilesAreRefusedAndNotWaitedFor(t *testing.T) {
	alice, _ := homes(t)
	must(t, unix.Mkfifo(filepath.Join(alice, "fifo"), 0o666))
	must(t, os.Symlink("fifo", filepath.Join(alice, "to-fifo")))
	specials := []string{"fifo", "to-fifo"}
	if os.Getuid() == 0 {
		must(t, unix.Mknod(filepath.Join(alice, "zero"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 5))))
		must(t, unix.Mknod(filepath.Join(alice, "sock"), unix.S_IFSOCK|0o666, 0))
		specials = append(specials, "zero", "sock")
	}
	tree, ctx := open(t, alice), context.Background()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, name := range specials {
			if _, _, err := tree.OpenFile(name); !errors.Is(err, ErrNotRegular) {
				t.Errorf("open %s: %v", name, err)
			}
			if _, _, err := tree.openRegular(name, false); !errors.Is(err, ErrNotRegular) {
				t.Errorf("open %s that was a file when it was looked at: %v", name, err)
			}
			if _, err := Copy(ctx, tree, name, tree, "copy", CopyOptions{}); !errors.Is(err, ErrNotRegular) {
				t.Errorf("copy %s: %v", name, err)
			}
			if name == "to-fifo" {
				continue
			}
			if _, err := put(tree, name, "x", CreateOptions{Size: 1}); !errors.Is(err, ErrNotRegular) {
				t.Errorf("put %s: %v", name, err)
			}
			if _, err := Move(ctx, tree, name, tree, "moved", true); !errors.Is(err, ErrNotRegular) {
				t.Errorf("move %s: %v", name, err)
			}
		}
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("somebody waits for a FIFO")
	}
	if entries, _, err := tree.ReadDir(".", 0); err != nil || len(entries) != 0 {
		t.Errorf("listed: %v, %v", entries, err)
	}
}

func TestRoomsAreRealFolders(t *testing.T) {
	alice, bob := homes(t)
	must(t, os.Symlink("bob", filepath.Join(filepath.Dir(bob), "carol")))
	write(t, filepath.Join(filepath.Dir(bob), "file"), "")
	volume := open(t, filepath.Dir(alice))
	for folder, want := range map[string]error{
		"carol": ErrNotDirectory, "file": ErrNotDirectory, "nobody": fs.ErrNotExist,
		"": ErrName, ".": ErrName, "..": ErrName, "alice/x": ErrName, "ali": fs.ErrNotExist,
	} {
		if _, err := volume.Sub(folder); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", folder, err, want)
		}
	}
}

func TestAReadOnlyTreeCannotBeChanged(t *testing.T) {
	alice, bob := homes(t)
	from, to, ctx := open(t, bob).ReadOnly(), open(t, alice), context.Background()
	write(t, filepath.Join(alice, "mine"), "mine")
	for op, err := range map[string]error{
		"put":    second(put(from, "x", "x", CreateOptions{Size: 1})),
		"mkdir":  from.Mkdir("x"),
		"all":    from.MkdirAll("x/y"),
		"remove": from.Remove("secret.txt"),
		"rmall":  from.RemoveAll(ctx, "secret.txt"),
		"time":   from.SetTime("secret.txt", time.Unix(0, 0)),
		"move":   second(Move(ctx, from, "secret.txt", to, "x", true)),
		"moveto": second(Move(ctx, to, "mine", from, "mine", true)),
		"copyto": second(Copy(ctx, to, "mine", from, "mine", CopyOptions{})),
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v", op, err)
		}
	}
	_, err := Copy(ctx, from, "secret.txt", to, "copy", CopyOptions{})
	must(t, err)
	same(t, bob, map[string]string{"secret.txt": secret})
	same(t, alice, map[string]string{"mine": "mine", "copy": secret})
}

func second[T any](_ T, err error) error { return err }

func TestTheRoomItselfIsNotChanged(t *testing.T) {
	alice, _ := homes(t)
	write(t, filepath.Join(alice, "d/f"), "f")
	tree, ctx := open(t, alice), context.Background()
	for op, err := range map[string]error{
		"rm": tree.RemoveAll(ctx, ""), "rmdir": tree.Remove("/"), "mv": second(Move(ctx, tree, ".", tree, "d/x", true)),
		"mvto": second(Move(ctx, tree, "d", tree, "/", true)), "put": second(put(tree, "/", "", CreateOptions{})),
	} {
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", op, err)
		}
	}
	same(t, alice, map[string]string{"d": "/", "d/f": "f"})
}

func TestWalkIsInTheOrderOfKeysAndGoesOnAnywhere(t *testing.T) {
	alice, bob := homes(t)
	for _, name := range []string{"a/1", "a/2", "a-b", "a.b/x", "b/c/d", "é"} {
		write(t, filepath.Join(alice, name), name)
	}
	must(t, os.Symlink("a", filepath.Join(alice, "linked")))
	must(t, os.Symlink("a/1", filepath.Join(alice, "link")))
	must(t, os.Symlink(bob, filepath.Join(alice, "out")))
	tree := open(t, alice)
	want := []string{"a-b", "a.b/", "a.b/x", "a/", "a/1", "a/2", "b/", "b/c/", "b/c/d", "link", "é"}
	if !slices.IsSorted(want) {
		t.Fatal("the expectation is not in order")
	}
	walk := func(after string) (keys []string) {
		must(t, tree.Walk(".", after, func(key string, _ Info) error { keys = append(keys, key); return nil }))
		return keys
	}
	for i, after := range append([]string{""}, want...) {
		if got := walk(after); !slices.Equal(got, want[i:]) {
			t.Errorf("after %q: %q, want %q", after, got, want[i:])
		}
	}
	var keys []string
	must(t, tree.Walk(".", "", func(key string, info Info) error {
		keys = append(keys, key)
		if info.IsDir() {
			return SkipFolder
		}
		return nil
	}))
	if want := []string{"a-b", "a.b/", "a/", "b/", "link", "é"}; !slices.Equal(keys, want) {
		t.Errorf("without folders: %q, want %q", keys, want)
	}
}

func TestAsAFileSystem(t *testing.T) {
	alice, bob := homes(t)
	write(t, filepath.Join(alice, "d/f"), "f")
	write(t, filepath.Join(alice, "g"), "")
	must(t, os.Symlink(bob, filepath.Join(alice, "out")))
	must(t, unix.Mkfifo(filepath.Join(alice, "fifo"), 0o666))
	must(t, fstest.TestFS(open(t, alice).FS(), "d", "d/f", "g"))
}

func TestListingsStopAtTheirLimit(t *testing.T) {
	alice, _ := homes(t)
	for i := range 10 {
		write(t, filepath.Join(alice, fmt.Sprint(i)), "")
	}
	tree := open(t, alice)
	for limit, want := range map[int]bool{0: false, 9: true, 10: false, 11: false} {
		entries, more, err := tree.ReadDir("", limit)
		if err != nil || more != want || limit > 0 && len(entries) > limit {
			t.Errorf("limit %d: %d, more %v, %v", limit, len(entries), more, err)
		}
	}
}
