package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"science-platform/services/rooms"
)

func TestTheAllowHeaderIsWhatIsThere(t *testing.T) {
	names := make([]string, 0, len(methods))
	for name := range methods {
		names = append(names, name)
	}
	slices.Sort(names)
	if got := strings.Join(names, ", "); got != allow {
		t.Errorf("%q is not %q", allow, got)
	}
}

func TestWhoIsLetIn(t *testing.T) {
	s := newSite(t)
	s.tokens.groups["narrow"] = nil
	for _, c := range []struct {
		header string
		want   int
	}{
		{"Bearer alice-token", 207}, {"bearer alice-token", 207}, {"token alice-token", 207},
		{basic("alice", "alice-token"), 207}, {basic("", "alice-token"), 207},
		{basic("bob", "alice-token"), 401}, {basic("alice", "wrong"), 401}, {basic("alice", ""), 401},
		{"", 401}, {"Bearer", 401}, {"Bearer wrong", 401}, {"Digest alice-token", 401}, {"Basic !!!", 401},
		{"Bearer " + strings.Repeat("x", 600), 401},
	} {
		got := s.do("", "PROPFIND", "/home", "", "Authorization: "+c.header, "Depth: 0")
		if got.status != c.want {
			t.Errorf("%q: %d, want %d", c.header, got.status, c.want)
		}
		if asks := got.header.Get("WWW-Authenticate") != ""; asks != (got.status == 401) {
			t.Errorf("%q: %d, and asks for a sign-in: %v", c.header, got.status, asks)
		}
	}
}

func basic(user, password string) string {
	request := http.Request{Header: http.Header{}}
	request.SetBasicAuth(user, password)
	return request.Header.Get("Authorization")
}

func TestAHubThatIsDownOrATokenForOtherThingsIsNotAWrongToken(t *testing.T) {
	s := newSite(t)
	for failure, want := range map[error]int{rooms.ErrUnavailable: 503, rooms.ErrNotAllowed: 403} {
		s.tokens.err = failure
		got := s.want(want, "alice", "GET", "/home/", "")
		if again := got.header.Get("Retry-After"); (again != "") != (want == 503) {
			t.Errorf("%v: Retry-After %q", failure, again)
		}
	}
}

func TestGuessingIsDampenedForTheAddressThatGuesses(t *testing.T) {
	s := newSite(t)
	now := time.Now()
	s.failures.now = func() time.Time { return now }
	guess := func(address string) int {
		return s.do("", "GET", "/home/", "", "Authorization: Bearer guess", "X-Forwarded-For: 9.9.9.9, "+address).status
	}
	for range failuresAtOnce {
		if got := guess("1.2.3.4"); got != 401 {
			t.Fatalf("a guess: %d", got)
		}
	}
	if got := guess("1.2.3.4"); got != 429 {
		t.Errorf("one too many: %d", got)
	}
	if got := guess("5.6.7.8"); got != 401 {
		t.Errorf("another address: %d", got)
	}
	s.tokens.known = true
	s.want(200, "alice", "GET", "/home/", "", "X-Forwarded-For: 1.2.3.4")
	s.tokens.known = false
	now = now.Add(failureEvery)
	if got := guess("1.2.3.4"); got != 401 {
		t.Errorf("later: %d", got)
	}
	for i := range mostAddresses + 10 {
		s.failures.count(fmt.Sprint(i))
	}
	if len(s.failures.empty) > mostAddresses {
		t.Errorf("%d addresses are kept", len(s.failures.empty))
	}
}

func TestWhatEachCallerSees(t *testing.T) {
	s := newSite(t)
	s.want(201, "alice", "PUT", "/home/mine", "alice's")
	s.want(201, "alice", "PUT", "/projects/galaxies/m31", "shared")
	for _, c := range []struct {
		user, method, path string
		want               int
	}{
		{"alice", "GET", "/home/mine", 200}, {"bob", "GET", "/home/mine", 404}, {"bob", "GET", "/home/secret.txt", 200},
		{"alice", "GET", "/projects/galaxies/m31", 200}, {"bob", "GET", "/projects/galaxies/m31", 200},
		{"ali", "GET", "/projects/galaxies/m31", 404}, {"ali", "GET", "/projects/galaxies/", 404},
		{"ali", "GET", "/projects/", 404}, {"alice", "GET", "/projects/", 200}, {"alice", "GET", "/projects/gal", 404},
		{"bob", "PUT", "/projects/galaxies/m31", 403}, {"bob", "PUT", "/projects/galaxies/new", 403},
		{"bob", "DELETE", "/projects/galaxies/m31", 403}, {"bob", "MKCOL", "/projects/galaxies/new", 403},
		{"bob", "LOCK", "/projects/galaxies/m31", 403}, {"ali", "PUT", "/projects/galaxies/new", 404},
		{"ali", "GET", "/home/", 200}, {"ali", "GET", "/home/ce/mine", 404}, {"ali", "GET", "/homes/alice/mine", 404},
		{"ali", "GET", "/home/../alice/mine", 400}, {"ali", "GET", "/data/gaia/dr4.csv", 200},
		{"alice", "PUT", "/data/gaia/dr4.csv", 403}, {"alice", "DELETE", "/data/gaia/dr4.csv", 403},
		{"alice", "DELETE", "/home", 403}, {"alice", "DELETE", "/home/", 403}, {"alice", "DELETE", "/projects/galaxies", 403},
		{"alice", "PUT", "/home", 405}, {"alice", "PUT", "/new", 404}, {"alice", "MKCOL", "/home", 405},
		{"alice", "MKCOL", "/projects/mine", 404}, {"alice", "DELETE", "/", 403}, {"alice", "DELETE", "/projects", 403},
		{"alice", "LOCK", "/home", 403}, {"alice", "PROPPATCH", "/", 403}, {"alice", "POST", "/home/mine", 405},
		{"alice", "PATCH", "/home/mine", 405}, {"alice", "GET", "/", 200}, {"alice", "OPTIONS", "/", 200},
		{"alice", "CONNECT", "/home", 405},
	} {
		s.want(c.want, c.user, c.method, c.path, "")
	}
	if got := s.content("projects/galaxies/m31"); got != "shared" {
		t.Errorf("m31 is now %q", got)
	}
}

func TestDotsAreRefusedInEveryEncoding(t *testing.T) {
	s := newSite(t)
	s.write("homes/alice/mine", "alice's")
	for _, path := range []string{
		"/home/../bob/secret.txt", "/home/%2e%2e/bob/secret.txt", "/home/%2E./bob/secret.txt", "/home/..%2fbob/secret.txt",
		"/home/..%2Fbob%2fsecret.txt", "/home/x/../../bob/secret.txt", "/home//../bob/secret.txt", "/../homes/bob/secret.txt",
		"/home/%2e%2e%2f%2e%2e%2fetc/passwd", "/home/..", "/home/%252e%252e/bob/secret.txt", "/home/..%00/bob/secret.txt",
		"/home/..%5cbob/secret.txt", "/home/%c0%ae%c0%ae/bob/secret.txt", "/home/%ef%bc%8e%ef%bc%8e/bob/secret.txt",
		"/home/..;/bob/secret.txt", "/home/.%00./bob/secret.txt", "/home/bob/secret.txt", "/home/mine%00/x",
	} {
		for _, method := range []string{"GET", "PROPFIND", "PUT", "DELETE", "MKCOL"} {
			if got := s.raw("alice", method, path); got < 400 && !(method == "MKCOL") && !(method == "PUT" && got == 201) {
				t.Errorf("%s %s: %d", method, path, got)
			}
		}
		for _, method := range []string{"COPY", "MOVE"} {
			got := s.do("alice", method, "/home/mine", "", "Destination: "+path)
			if got.status < 400 {
				t.Errorf("%s to %s: %d", method, path, got.status)
			}
		}
	}
	if s.content("homes/bob/secret.txt") != secret || len(names(t, s.file("homes/bob"))) != 1 || len(names(t, s.file("homes"))) != 2 {
		t.Error("something of bob's has changed")
	}
}

func names(t *testing.T, directory string) []string {
	t.Helper()
	entries, err := os.ReadDir(directory)
	must(t, err)
	found := []string{}
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

// raw sends a request line as it is and returns the status.
func (s *site) raw(user, method, path string) int {
	s.t.Helper()
	connection, err := net.Dial("tcp", s.server.Listener.Addr().String())
	must(s.t, err)
	defer connection.Close()
	fmt.Fprintf(connection, "%s %s HTTP/1.1\r\nHost: files\r\nConnection: close\r\nDepth: 1\r\nAuthorization: %s\r\nContent-Length: 0\r\n\r\n",
		method, path, basic(user, user+"-token"))
	answer, err := io.ReadAll(connection)
	must(s.t, err)
	var status int
	if _, err := fmt.Sscanf(string(answer), "HTTP/1.1 %d", &status); err != nil {
		s.t.Fatalf("%s %s: %q", method, path, answer)
	}
	if strings.Contains(string(answer), secret) {
		s.t.Errorf("%s %s: the secret is out", method, path)
	}
	return status
}

func TestPlantedLinksAndSpecialFilesAreRefusedByEveryMethod(t *testing.T) {
	s := newSite(t)
	s.write("homes/alice/mine", "alice's")
	for name, target := range map[string]string{
		"rel": "../bob", "abs": s.file("homes/bob"), "proc": "/proc/self/root" + s.file("homes/bob"), "chain": "chain2", "chain2": "rel",
		"file": "../bob/secret.txt", "passwd": "/etc/passwd",
	} {
		must(t, os.Symlink(target, s.file("homes/alice/"+name)))
	}
	must(t, unix.Mkfifo(s.file("homes/alice/fifo"), 0o666))
	for _, path := range []string{
		"/home/rel/secret.txt", "/home/abs/secret.txt", "/home/proc/secret.txt", "/home/chain/secret.txt", "/home/file", "/home/passwd",
		"/home/rel", "/home/fifo",
	} {
		for _, try := range [][]string{
			{"GET"}, {"HEAD"}, {"PROPFIND", "Depth: 1"}, {"COPY", "Destination: /home/stolen"}, {"PROPPATCH"},
		} {
			got := s.do("alice", try[0], path, "", try[1:]...)
			if got.status < 400 || strings.Contains(got.body, secret) || strings.Contains(got.body, "root:") {
				t.Errorf("%s %s: %d %q", try[0], path, got.status, got.body)
			}
		}
	}
	for _, inside := range []string{"/home/rel/", "/home/abs/", "/home/proc/", "/home/chain/"} {
		for _, try := range [][]string{
			{"PUT", "new"}, {"PUT", "secret.txt"}, {"DELETE", "secret.txt"}, {"MKCOL", "new"}, {"LOCK", "new"},
			{"MOVE", "secret.txt", "Destination: /home/stolen"},
		} {
			if got := s.do("alice", try[0], inside+try[1], lockBody, try[2:]...); got.status < 400 {
				t.Errorf("%s %s%s: %d", try[0], inside, try[1], got.status)
			}
		}
		for _, method := range []string{"MOVE", "COPY"} {
			if got := s.do("alice", method, "/home/mine", "", "Destination: "+inside+"new"); got.status < 400 {
				t.Errorf("%s to %s: %d", method, inside, got.status)
			}
		}
	}
	if listing := s.want(200, "alice", "GET", "/home/", "").body; strings.Count(listing, "<tr><td>") != 1 {
		t.Errorf("the listing shows links or FIFOs: %s", listing)
	}
	if s.content("homes/bob/secret.txt") != secret || len(names(t, s.file("homes/bob"))) != 1 {
		t.Error("something of bob's has changed")
	}
}

func TestDestinationsAreTheCallersOnThisServer(t *testing.T) {
	s := newSite(t)
	s.write("homes/alice/mine", "alice's")
	s.write("homes/bob/own", "bob's")
	host := strings.TrimPrefix(s.server.URL, "http://")
	for _, c := range []struct {
		user, from, to string
		want           int
	}{
		{"alice", "/home/mine", "http://other.example.org/home/x", 502}, {"alice", "/home/mine", "//other.example.org/home/x", 502},
		{"alice", "/home/mine", "/homes/bob/x", 403}, {"alice", "/home/mine", "/projects/other/x", 403},
		{"alice", "/home/mine", "/data/gaia/x", 403}, {"bob", "/home/own", "/projects/galaxies/x", 403},
		{"alice", "/home/mine", "/home", 403}, {"alice", "/home/mine", "/", 403}, {"alice", "/home/mine", "", 400},
		{"alice", "/home/mine", "%zz", 400}, {"alice", "/home/mine", "relative", 400}, {"alice", "/home/none", "/home/x", 404},
		{"alice", "/home/mine", "/home/none/x", 409}, {"alice", "/home/mine", "/home/mine", 403},
		{"alice", "/home", "/home/x", 403}, {"alice", "/projects/galaxies", "/home/x", 403},
		{"alice", "/home/mine", "http://" + host + "/projects/galaxies/x", 201},
		{"alice", "/home/mine", "/home/Z%C3%BCrich%20%23%25", 201},
	} {
		s.want(c.want, c.user, "COPY", c.from, "", "Destination: "+c.to)
	}
	if got := s.content("homes/alice/Zürich #%"); got != "alice's" {
		t.Errorf("%q", got)
	}
	s.want(403, "bob", "MOVE", "/projects/galaxies/x", "", "Destination: /home/x")
	s.want(201, "alice", "MOVE", "/projects/galaxies/x", "", "Destination: /home/x")
}

func TestLimitsAreToldWithATimeToComeBack(t *testing.T) {
	s := newSiteWith(t, options{perUser: 1, total: 2, locksPerUser: 3, locksTotal: 5})
	hold := func(user string) (release func()) {
		reader, writer := io.Pipe()
		request, err := http.NewRequest("PUT", s.server.URL+"/home/slow-"+user, reader)
		must(t, err)
		request.SetBasicAuth(user, user+"-token")
		done := make(chan struct{})
		go func() {
			defer close(done)
			if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
				response.Body.Close()
			}
		}()
		_, err = writer.Write([]byte("x"))
		must(t, err)
		eventually(t, "an upload under way", func() bool {
			s.limits.mutex.Lock()
			defer s.limits.mutex.Unlock()
			return s.limits.users[user] == 1
		})
		return func() { writer.Close(); <-done }
	}
	alice := hold("alice")
	got := s.want(429, "alice", "GET", "/home/", "")
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.want(200, "bob", "GET", "/home/", "")
	bob := hold("bob")
	if got := s.want(503, "ali", "GET", "/home/", ""); got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	alice()
	bob()
	s.want(200, "alice", "GET", "/home/slow-alice", "")
	if s.limits.all != 0 || len(s.limits.users) != 0 {
		t.Errorf("places are lost: %d, %v", s.limits.all, s.limits.users)
	}
}

func TestTheLogTellsWhoDidWhatAndNoToken(t *testing.T) {
	s := newSite(t)
	s.want(201, "alice", "PUT", "/home/mine?token=alice-token", "four")
	s.want(404, "alice", "GET", "/home/none", "", "Authorization: Bearer alice-token")
	s.want(401, "", "GET", "/home/none", "", "Authorization: Bearer wrong-secret")
	eventually(t, "three lines", func() bool { return strings.Count(s.logged.String(), "\n") == 3 })
	lines := strings.Split(s.logged.String(), "\n")
	for i, want := range []string{
		`"user":"alice","client":"127.0.0.1","method":"PUT","path":"/home/mine","status":201,"received":4,"sent":0,`,
		`"user":"alice","client":"127.0.0.1","method":"GET","path":"/home/none","status":404,"received":0,`,
		`"user":"","client":"127.0.0.1","method":"GET","path":"/home/none","status":401,`,
	} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("%s\nlacks %s", lines[i], want)
		}
	}
	for _, token := range []string{"alice-token", "wrong-secret"} {
		if strings.Contains(s.logged.String(), token) {
			t.Errorf("the log has the token %s", token)
		}
	}
}

func TestAFaultIsAnAnswerAndALine(t *testing.T) {
	s := newSite(t)
	s.door.tokens = nil
	response, err := http.Get(s.server.URL + "/home/")
	must(t, err)
	response.Body.Close()
	request, err := http.NewRequest("GET", s.server.URL+"/home/", nil)
	must(t, err)
	request.Header.Set("Authorization", "Bearer alice-token")
	if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
		response.Body.Close()
		if response.StatusCode != 500 {
			t.Errorf("%d", response.StatusCode)
		}
	} else if !errors.Is(err, io.EOF) {
		t.Log(err)
	}
	eventually(t, "a line", func() bool { return strings.Contains(s.logged.String(), "panic:") })
	if s.limits.all != 0 {
		t.Error("a place is lost")
	}
}
