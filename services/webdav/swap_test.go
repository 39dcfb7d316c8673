package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// swapped is how long directories are swapped for links while they are served; WEBDAV_SWAP=5m for longer.
func swapped(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("WEBDAV_SWAP")
	if text == "" {
		text = "2s"
	}
	length, err := time.ParseDuration(text)
	must(t, err)
	return length
}

// attacked is what is done to alice's folder d while d and a link to bob's home change places: by a door, or by what
// a careless one would do.
type attacked struct {
	get, list  func() string
	put        func(name string)
	move, copy func(from, to string)
}

// byDoor does it by requests.
func byDoor(s *site) attacked {
	do := func(method, path, body, destination string) string {
		request := httptest.NewRequest(method, path, strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer alice-token")
		request.Header.Set("Depth", "1")
		if method != "PROPFIND" {
			request.Header.Set("Depth", "infinity")
		}
		request.Header.Set("Destination", destination)
		recorder := httptest.NewRecorder()
		func() {
			// An answer that cannot be finished is cut; what went out before still counts.
			defer func() {
				if failure := recover(); failure != nil && failure != http.ErrAbortHandler { //nolint:errorlint // as net/http
					panic(failure)
				}
			}()
			s.door.ServeHTTP(recorder, request)
		}()
		if recorder.Code == http.StatusInternalServerError {
			s.t.Errorf("%s %s: %s", method, path, recorder.Body)
		}
		return recorder.Body.String()
	}
	return attacked{
		get:  func() string { return do("GET", "/home/d/secret.txt", "", "") },
		list: func() string { return do("PROPFIND", "/home/d", "", "") },
		put:  func(name string) { do("PUT", "/home/d/"+name, "alice was here", "") },
		move: func(from, to string) { do("MOVE", "/home/"+from, "", "/home/"+to) },
		copy: func(from, to string) { do("COPY", "/home/"+from, "", "/home/"+to) },
	}
}

// byPaths does it as servers do that check a path first and use it then.
func byPaths(home string) attacked {
	inside := func(name string) string {
		path := filepath.Join(home, name)
		folder, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil || folder != home && !strings.HasPrefix(folder, home+"/") {
			return "/nonexistent/nothing"
		}
		return path
	}
	return attacked{
		get: func() string { read, _ := os.ReadFile(inside("d/secret.txt")); return string(read) },
		list: func() string {
			entries, _ := os.ReadDir(filepath.Dir(inside("d/x")))
			return fmt.Sprint(entries)
		},
		put:  func(name string) { _ = os.WriteFile(inside("d/"+name), []byte("alice was here"), 0o644) },
		move: func(from, to string) { _ = os.Rename(inside(from), inside(to)) },
		copy: func(from, to string) {
			if read, err := os.ReadFile(inside(from)); err == nil {
				_ = os.WriteFile(inside(to), read, 0o644)
			}
		},
	}
}

// attack returns how often alice reached bob's home within a time, by what she did; it ends early once she has by each
// of these.
func attack(t *testing.T, s *site, by attacked, length time.Duration, each ...string) (leaks map[string]int, rounds, swaps int) {
	t.Helper()
	home, bob := s.file("homes/alice"), s.file("homes/bob")
	s.write("homes/alice/d/secret.txt", "alice's own")
	must(t, os.Symlink("../bob", filepath.Join(home, "l")))
	must(t, os.WriteFile(filepath.Join(bob, "only-bob"), nil, 0o644))
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stop.Load() {
			d, l := filepath.Join(home, "d"), filepath.Join(home, "l")
			if unix.Renameat2(unix.AT_FDCWD, d, unix.AT_FDCWD, l, unix.RENAME_EXCHANGE) == nil {
				swaps++
			}
		}
	}()
	leaks = map[string]int{}
	count := func(what string, leaked bool) {
		if leaked {
			leaks[what]++
		}
	}
	for end := time.Now().Add(length); time.Now().Before(end); rounds++ {
		if len(each) > 0 && !slices.ContainsFunc(each, func(what string) bool { return leaks[what] == 0 }) {
			break
		}
		count("GET", strings.Contains(by.get(), secret))
		count("PROPFIND", strings.Contains(by.list(), "only-bob"))
		by.put("planted")
		count("PUT", tidy(bob, "planted"))
		by.copy("d/secret.txt", "copied")
		read, _ := os.ReadFile(filepath.Join(home, "copied"))
		count("COPY from", string(read) == secret)
		s.write("homes/alice/mine", "alice's own")
		by.copy("mine", "d/copied")
		count("COPY to", tidy(bob, "copied"))
		by.move("mine", "d/moved")
		count("MOVE to", tidy(bob, "moved"))
		by.move("d/only-bob", "moved")
		if _, err := os.Lstat(filepath.Join(bob, "only-bob")); err != nil {
			count("MOVE from", true)
			must(t, os.WriteFile(filepath.Join(bob, "only-bob"), nil, 0o644))
		}
	}
	stop.Store(true)
	<-done
	return leaks, rounds, swaps
}

// tidy removes a file of bob's that is not his, and tells whether there was one.
func tidy(bob, name string) bool { return os.Remove(filepath.Join(bob, name)) == nil }

func TestFoldersSwappedForLinksLeadNobodyOut(t *testing.T) {
	s := newSite(t)
	leaks, rounds, swaps := attack(t, s, byDoor(s), swapped(t))
	t.Logf("%d rounds of 7 requests, %d swaps: %v", rounds, swaps, leaks)
	if len(leaks) > 0 {
		t.Errorf("leaks: %v", leaks)
	}
	if swaps < 100 || rounds < 10 {
		t.Errorf("nothing was tried: %d rounds, %d swaps", rounds, swaps)
	}
	if got := names(t, s.file("homes/bob")); strings.Join(got, " ") != "only-bob secret.txt" || s.content("homes/bob/secret.txt") != secret {
		t.Errorf("bob has %q", got)
	}
}

func TestTheSameAttackReachesWhoChecksPathsFirst(t *testing.T) {
	s := newSite(t)
	every := []string{"GET", "PROPFIND", "PUT", "COPY from", "COPY to", "MOVE from", "MOVE to"}
	leaks, rounds, swaps := attack(t, s, byPaths(s.file("homes/alice")), time.Minute, every...)
	t.Logf("%d rounds of 7 operations, %d swaps: %v", rounds, swaps, leaks)
	for _, what := range every {
		if leaks[what] == 0 {
			t.Errorf("the attack does not find %s where it is open", what)
		}
	}
}
