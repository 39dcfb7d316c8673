package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"science-platform/services/rooms"
)

// fakeTokens are tokens by user: the hub of the tests. Its error is what the hub says instead.
type fakeTokens struct {
	mutex  sync.Mutex
	err    error
	known  bool
	groups map[string][]string
}

func (f *fakeTokens) Identify(_ context.Context, token string) (rooms.Caller, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.err != nil {
		return rooms.Caller{}, f.err
	}
	name, ok := strings.CutSuffix(token, "-token")
	groups, exists := f.groups[name]
	if !ok || !exists {
		return rooms.Caller{}, rooms.ErrRefused
	}
	return rooms.Caller{Name: name, Groups: groups}, nil
}

func (f *fakeTokens) Known(string) bool { return f.known }

// site is a door with the rooms of a small site, and the folders behind it.
type site struct {
	*door
	t      *testing.T
	top    string
	tokens *fakeTokens
	logged *lines
	server *httptest.Server
}

// lines are what a door has logged so far.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *lines) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(text)
}

func (l *lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

var testOptions = options{perUser: 8, total: 64, locksPerUser: 3, locksTotal: 5}

func newSite(t *testing.T) *site { return newSiteWith(t, testOptions) }

func newSiteWith(t *testing.T, options options) *site {
	t.Helper()
	top := t.TempDir()
	for _, folder := range []string{"homes/alice", "homes/bob", "projects/galaxies", "data/gaia"} {
		must(t, os.MkdirAll(filepath.Join(top, folder), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(top, "homes/bob/secret.txt"), []byte(secret), 0o644))
	must(t, os.WriteFile(filepath.Join(top, "data/gaia/dr4.csv"), []byte("ra,dec\n"), 0o644))
	document := &rooms.Document{
		Site: "example", Title: "Example & Co", Homes: filepath.Join(top, "homes"), Projects: filepath.Join(top, "projects"),
		Spaces: map[string]rooms.Space{"galaxies": {ReadWrite: []string{"g"}, ReadOnly: []string{"s"}}},
		Data:   map[string]rooms.Collection{"gaia": {Path: filepath.Join(top, "data/gaia")}},
	}
	tokens := &fakeTokens{groups: map[string][]string{"alice": {"g"}, "bob": {"s"}, "ali": nil}}
	logged := &lines{}
	made := &site{
		door: newDoor(document, tokens, options, newMetrics(), newAccessLog(logged)), t: t, top: top, tokens: tokens, logged: logged,
	}
	made.server = httptest.NewServer(made.door)
	t.Cleanup(made.server.Close)
	return made
}

const secret = "bob's secret"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reply is what a test looks at of an answer.
type reply struct {
	status int
	header http.Header
	body   string
}

// do sends a request with headers "Name: value" as a user; "Path: …" is sent as it is.
func (s *site) do(user, method, path, body string, headers ...string) reply {
	s.t.Helper()
	request, err := http.NewRequest(method, s.server.URL+path, strings.NewReader(body))
	must(s.t, err)
	if user != "" {
		request.SetBasicAuth(user, user+"-token")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Transfer-Encoding" {
			request.ContentLength = -1
			continue
		}
		request.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	must(s.t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	must(s.t, err)
	return reply{response.StatusCode, response.Header, string(read)}
}

// want sends a request and tells where its status is another.
func (s *site) want(status int, user, method, path, body string, headers ...string) reply {
	s.t.Helper()
	got := s.do(user, method, path, body, headers...)
	if got.status != status {
		s.t.Errorf("%s %s as %s %q: %d, want %d: %s", method, path, user, headers, got.status, status, got.body)
	}
	return got
}

func (s *site) file(name string) string { return filepath.Join(s.top, name) }

func (s *site) content(name string) string {
	s.t.Helper()
	read, err := os.ReadFile(s.file(name))
	must(s.t, err)
	return string(read)
}

func (s *site) write(name, text string) {
	s.t.Helper()
	must(s.t, os.MkdirAll(filepath.Dir(s.file(name)), 0o755))
	must(s.t, os.WriteFile(s.file(name), []byte(text), 0o644))
}

// eventually waits for something that another goroutine brings about.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not in time: %s", what)
}
