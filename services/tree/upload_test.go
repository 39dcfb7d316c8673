package tree

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// everyFileSystem runs a test as on a file system with nameless files, and as on one without (NFS, CephFS).
func everyFileSystem(t *testing.T, test func(t *testing.T)) {
	t.Run("nameless", test)
	t.Run("hidden", func(t *testing.T) {
		withoutNamelessFiles(t)
		test(t)
	})
}

func withoutNamelessFiles(t *testing.T) {
	t.Helper()
	before := openNameless
	openNameless = func(held) (*os.File, error) { return nil, unix.EOPNOTSUPP }
	t.Cleanup(func() { openNameless = before })
}

func TestAnUploadIsSeenWhenItIsComplete(t *testing.T) {
	everyFileSystem(t, func(t *testing.T) {
		alice, _ := homes(t)
		write(t, filepath.Join(alice, "old"), "old")
		must(t, os.Chmod(filepath.Join(alice, "old"), 0o750))
		tree := open(t, alice)
		for _, name := range []string{"old", "new"} {
			upload, err := tree.Create(name, CreateOptions{Size: 7})
			must(t, err)
			second(io.Copy(upload, strings.NewReader("content")))
			if info, err := tree.Stat(name); err == nil && info.Size() != 3 {
				t.Errorf("%s is seen before it is complete", name)
			}
			if entries, _, _ := tree.ReadDir(".", 0); len(entries) == 2 && name == "old" {
				t.Errorf("the upload is listed: %v", entries)
			}
			info, err := upload.Commit()
			must(t, err)
			seen, err := tree.Stat(name)
			must(t, err)
			if info.ETag() != seen.ETag() || info.Size() != 7 {
				t.Errorf("told %v of %s, seen %v", info, name, seen)
			}
		}
		same(t, alice, map[string]string{"old": "content", "new": "content"})
		for name, mode := range map[string]fs.FileMode{"old": 0o750, "new": 0o644} {
			if info, _ := tree.Stat(name); info.Mode() != mode {
				t.Errorf("%s has mode %v, want %v", name, info.Mode(), mode)
			}
		}
	})
}

func TestAnUploadThatEndsEarlyLeavesEverythingAsItWas(t *testing.T) {
	everyFileSystem(t, func(t *testing.T) {
		alice, _ := homes(t)
		write(t, filepath.Join(alice, "old"), "old")
		tree := open(t, alice)
		for _, name := range []string{"old", "new"} {
			upload, err := tree.Create(name, CreateOptions{Size: 7})
			must(t, err)
			second(io.Copy(upload, strings.NewReader("con")))
			if _, err := upload.Commit(); !errors.Is(err, ErrIncomplete) {
				t.Errorf("half of %s: %v", name, err)
			}
			upload, err = tree.Create(name, CreateOptions{Size: -1})
			must(t, err)
			second(io.Copy(upload, strings.NewReader("con")))
			upload.Abort()
			_, err = put(tree, name, "longer", CreateOptions{Size: -1, Most: 3})
			if !errors.Is(err, ErrTooLarge) {
				t.Errorf("more than the most: %v", err)
			}
			if _, err = tree.Create(name, CreateOptions{Size: 4, Most: 3}); !errors.Is(err, ErrTooLarge) {
				t.Errorf("announced more than the most: %v", err)
			}
		}
		same(t, alice, map[string]string{"old": "old"})
	})
}

func TestWhatIsReplacedIsChecked(t *testing.T) {
	everyFileSystem(t, func(t *testing.T) {
		alice, _ := homes(t)
		write(t, filepath.Join(alice, "old"), "old")
		must(t, os.Mkdir(filepath.Join(alice, "folder"), 0o755))
		tree := open(t, alice)
		current, err := tree.Stat("old")
		must(t, err)
		unchanged := func(found *Info) error {
			if found == nil || found.ETag() != current.ETag() {
				return ErrChanged
			}
			return nil
		}
		for _, try := range []struct {
			name    string
			options CreateOptions
			want    error
		}{
			{"old", CreateOptions{Size: -1, Exclusive: true}, fs.ErrExist},
			{"folder", CreateOptions{Size: -1}, ErrIsDirectory},
			{"folder", CreateOptions{Size: -1, Exclusive: true}, fs.ErrExist},
			{"old/below", CreateOptions{Size: -1}, ErrNotDirectory},
			{"none/below", CreateOptions{Size: -1}, fs.ErrNotExist},
			{"new", CreateOptions{Size: -1, Check: unchanged}, ErrChanged},
			{"old", CreateOptions{Size: -1, Check: unchanged}, nil},
			{"old", CreateOptions{Size: -1, Check: unchanged}, ErrChanged},
			{"new", CreateOptions{Size: -1, Exclusive: true}, nil},
		} {
			if _, err := put(tree, try.name, "content", try.options); !errors.Is(err, try.want) {
				t.Errorf("%s: %v, want %v", try.name, err, try.want)
			}
		}
		same(t, alice, map[string]string{"folder": "/", "new": "content", "old": "content"})
	})
}

func TestOfManyExclusiveUploadsOneSucceeds(t *testing.T) {
	everyFileSystem(t, func(t *testing.T) {
		alice, _ := homes(t)
		tree := open(t, alice)
		var created atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := put(tree, "new", "content", CreateOptions{Size: -1, Exclusive: true})
				switch {
				case err == nil:
					created.Add(1)
				case !errors.Is(err, fs.ErrExist):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if created.Load() != 1 {
			t.Errorf("%d created it", created.Load())
		}
		same(t, alice, map[string]string{"new": "content"})
	})
}

func TestOtherNamesOfAReplacedFileKeepTheirContent(t *testing.T) {
	alice, bob := homes(t)
	must(t, os.Link(filepath.Join(bob, "secret.txt"), filepath.Join(alice, "hard")))
	_, err := put(open(t, alice), "hard", "alice's", CreateOptions{Size: -1})
	must(t, err)
	same(t, bob, map[string]string{"secret.txt": secret})
	same(t, alice, map[string]string{"hard": "alice's"})
}

func TestAFullFileSystemIsToldAtOnceAndWhileWriting(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounts a small file system: needs root")
	}
	small := filepath.Join(t.TempDir(), "small")
	must(t, os.Mkdir(small, 0o755))
	if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(small, unix.MNT_DETACH)) })
	tree := open(t, small)
	write(t, filepath.Join(small, "old"), "old")
	if _, err := tree.Create("old", CreateOptions{Size: 2 << 20}); !errors.Is(err, ErrNoSpace) {
		t.Errorf("announced: %v", err)
	}
	if _, err := put(tree, "old", strings.Repeat("x", 2<<20), CreateOptions{Size: -1}); !errors.Is(err, ErrNoSpace) {
		t.Errorf("written: %v", err)
	}
	same(t, small, map[string]string{"old": "old"})
	_, err := put(tree, "old", "fits", CreateOptions{Size: -1})
	must(t, err)
	same(t, small, map[string]string{"old": "fits"})
}

// TestKilledUpload is not a test: it is the process that TestAKilledProcessLeavesNothingForLong kills.
func TestKilledUpload(t *testing.T) {
	directory := os.Getenv("TREE_TEST_KILLED")
	if directory == "" {
		t.Skip("only as a process of another test")
	}
	withoutNamelessFiles(t)
	upload, err := open(t, directory).Create("old", CreateOptions{Size: -1})
	must(t, err)
	second(upload.Write([]byte("half")))
	os.Stdout.WriteString("ready\n")
	time.Sleep(time.Minute)
}

func TestAKilledProcessLeavesNothingForLong(t *testing.T) {
	for how, cleaned := range map[string]func(tree *Tree) error{
		"next try": func(tree *Tree) error {
			withoutNamelessFiles(t)
			return second(put(tree, "old", "new", CreateOptions{Size: -1}))
		},
		"listing": func(tree *Tree) error { return tree.List(".", func(Info) error { return nil }) },
	} {
		alice, _ := homes(t)
		write(t, filepath.Join(alice, "old"), "old")
		process := exec.Command(os.Args[0], "-test.run=^TestKilledUpload$", "-test.v")
		process.Env = append(os.Environ(), "TREE_TEST_KILLED="+alice)
		output, err := process.StdoutPipe()
		must(t, err)
		must(t, process.Start())
		waitFor(t, output, "ready")
		tree := open(t, alice)
		// While the process lives, its upload is left alone.
		must(t, tree.List(".", func(Info) error { return nil }))
		if len(everything(t, alice)) != 2 {
			t.Errorf("%s: an upload under way was removed: %v", how, everything(t, alice))
		}
		must(t, process.Process.Kill())
		_ = process.Wait()
		if text := content(t, filepath.Join(alice, "old")); text != "old" {
			t.Errorf("%s: the old file became %q", how, text)
		}
		must(t, cleaned(tree))
		if left := everything(t, alice); len(left) != 1 {
			t.Errorf("%s: left over: %v", how, left)
		}
	}
}

func waitFor(t *testing.T, from io.Reader, word string) {
	t.Helper()
	var seen strings.Builder
	buffer := make([]byte, 1024)
	for !strings.Contains(seen.String(), word) {
		n, err := from.Read(buffer)
		seen.Write(buffer[:n])
		if err != nil {
			t.Fatalf("the process said %q: %v", seen.String(), err)
		}
	}
}

func TestUsersCannotMakeUploadsFailForOthersNames(t *testing.T) {
	alice, _ := homes(t)
	write(t, filepath.Join(alice, "file"), "old")
	for slot := range uploadSlots {
		must(t, os.Mkdir(filepath.Join(alice, hiddenName("file", slot)), 0o755))
	}
	tree := open(t, alice)
	if _, err := put(tree, "file", "new", CreateOptions{Size: -1}); !errors.Is(err, ErrBusy) {
		t.Errorf("all hidden names taken: %v", err)
	}
	_, err := put(tree, "other", "new", CreateOptions{Size: -1})
	must(t, err)
}
