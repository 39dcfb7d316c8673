package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/webdav"
)

const lockBody = `<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>` +
	`<D:locktype><D:write/></D:locktype><D:owner>me &amp; mine</D:owner></D:lockinfo>`

func (s *site) lockOf(user, path string, headers ...string) string {
	s.t.Helper()
	got := s.do(user, "LOCK", path, lockBody, headers...)
	if got.status != 200 && got.status != 201 {
		s.t.Fatalf("LOCK %s as %s: %d %s", path, user, got.status, got.body)
	}
	return got.header.Get("Lock-Token")
}

func TestALockedFileIsChangedOnlyByWhoHoldsTheLock(t *testing.T) {
	s := newSite(t)
	s.tokens.groups["carol"] = []string{"g"}
	s.write("projects/galaxies/d/a", "old")
	token := s.lockOf("alice", "/projects/galaxies/d/a")
	for _, user := range []string{"carol", "alice"} {
		s.want(423, user, "PUT", "/projects/galaxies/d/a", "new")
		s.want(423, user, "DELETE", "/projects/galaxies/d/a", "")
		s.want(423, user, "DELETE", "/projects/galaxies/d", "")
		s.want(423, user, "MOVE", "/projects/galaxies/d", "", "Destination: /projects/galaxies/e")
		s.want(423, user, "COPY", "/data/gaia/dr4.csv", "", "Destination: /projects/galaxies/d/a")
		s.want(423, user, "LOCK", "/projects/galaxies/d/a", lockBody)
	}
	s.want(200, "carol", "GET", "/projects/galaxies/d/a", "")
	s.want(412, "carol", "PUT", "/projects/galaxies/d/a", "new", "If: ("+token+")")
	s.want(409, "carol", "UNLOCK", "/projects/galaxies/d/a", "", "Lock-Token: "+token)
	if got := s.want(207, "carol", "PROPFIND", "/projects/galaxies/d/a", "", "Depth: 0").body; strings.Contains(got, strings.Trim(token, "<>")) ||
		!strings.Contains(got, "<D:owner>me &amp; mine</D:owner>") {
		t.Errorf("another's lock is shown as %s", got)
	}
	if got := s.want(207, "alice", "PROPFIND", "/projects/galaxies/d", "", "Depth: 1").body; !strings.Contains(got, strings.Trim(token, "<>")) {
		t.Errorf("one's own lock is not shown: %s", got)
	}
	s.want(204, "alice", "PUT", "/projects/galaxies/d/a", "new", "If: ("+token+")")
	s.want(204, "alice", "UNLOCK", "/projects/galaxies/d/a", "", "Lock-Token: "+token)
	s.want(204, "carol", "PUT", "/projects/galaxies/d/a", "newer")
}

func TestLocksOfOneHomeAreNotOfAnother(t *testing.T) {
	s := newSite(t)
	s.lockOf("alice", "/home/a")
	s.lockOf("bob", "/home/a")
	if got := s.content("homes/alice/a"); got != "" {
		t.Errorf("a lock on nothing makes %q", got)
	}
}

func TestALockOnAFolderIsOnWhatIsInIt(t *testing.T) {
	s := newSite(t)
	s.write("homes/alice/d/a", "old")
	token := s.lockOf("alice", "/home/d", "Depth: infinity")
	s.want(423, "alice", "PUT", "/home/d/new", "x")
	s.want(423, "alice", "LOCK", "/home/d/a", lockBody)
	s.want(201, "alice", "PUT", "/home/d/new", "x", "If: <"+s.server.URL+"/home/d> ("+token+")")
	s.want(204, "alice", "DELETE", "/home/d", "", "If: ("+token+")")
	s.want(201, "alice", "MKCOL", "/home/d", "")
	s.want(201, "alice", "PUT", "/home/d/free", "the lock is gone with the folder")
}

func TestLocksEndRefreshedOrNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		locks := newLocks(10, 10)
		token, err := locks.create(time.Now(), "alice", webdav.LockDetails{Root: "/home/alice/a", Duration: -1})
		must(t, err)
		time.Sleep(longestLock - time.Minute)
		_, err = locks.refresh(time.Now(), "alice", token, 24*time.Hour)
		must(t, err)
		time.Sleep(longestLock - time.Minute)
		if locks.check("bob", "/home/alice/a/b", false, nil) == nil {
			t.Error("a refreshed lock has ended")
		}
		if _, err := locks.refresh(time.Now(), "bob", token, time.Hour); err == nil {
			t.Error("another user refreshed it")
		}
		time.Sleep(2 * time.Minute)
		if err := locks.check("bob", "/home/alice/a", false, nil); err != nil {
			t.Errorf("it never ends: %v", err)
		}
		_, err = locks.create(time.Now(), "bob", webdav.LockDetails{Root: "/home/alice/a", Duration: time.Minute})
		must(t, err)
		if locks.count() != 1 {
			t.Errorf("%d locks", locks.count())
		}
	})
}

func TestLocksAreBoundedPerUserAndInAll(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		user, path string
		want       int
	}{
		{"alice", "/home/1", 201}, {"alice", "/home/2", 201}, {"alice", "/home/3", 201}, {"alice", "/home/4", 503},
		{"bob", "/home/1", 201}, {"bob", "/home/2", 201}, {"bob", "/home/3", 503}, {"ali", "/home/1", 503},
	} {
		if got := s.want(c.want, c.user, "LOCK", c.path, lockBody); (got.header.Get("Retry-After") != "") != (c.want == 503) {
			t.Errorf("%v: Retry-After %q", c, got.header.Get("Retry-After"))
		}
	}
	if got := names(t, s.file("homes/alice")); len(got) != 3 {
		t.Errorf("a refused lock made a file: %v", got)
	}
	s.want(400, "alice", "LOCK", "/home/1", strings.Repeat(" ", longestLockBody+1)+lockBody)
}

func TestALockThatIsSaidToBeInfiniteIsNot(t *testing.T) {
	s := newSite(t)
	got := s.want(201, "alice", "LOCK", "/home/a", lockBody, "Timeout: Infinite, Second-4100000000")
	if !strings.Contains(got.body, "Second-3600") {
		t.Error(got.body)
	}
	token := got.header.Get("Lock-Token")
	again := s.want(200, "alice", "LOCK", "/home/a", "", "If: ("+token+")", "Timeout: Second-60")
	if !strings.Contains(again.body, "Second-60<") {
		t.Error(again.body)
	}
	s.want(409, "alice", "LOCK", "/home/none/a", lockBody)
}

func TestIfHeaders(t *testing.T) {
	s := newSite(t)
	for header, want := range map[string]int{
		"([TAG])": 204, `(["other"])`: 412, `(Not ["other"])`: 204, `(<urn:none>)`: 412, `(Not <DAV:no-lock>)`: 204,
		`(<urn:none>) (Not <DAV:no-lock>)`: 204, `(<urn:none> Not <DAV:no-lock>)`: 412, "nonsense": 400, "()": 400, "(<x>": 400,
		"<http://other/home/a> (Not <DAV:no-lock>)": 412, "</home/none> ([TAG])": 412, "</home/a> ([TAG])": 204,
		strings.Repeat("(<x>)", mostConditions+1): 400, "(Not [TAG])": 412,
	} {
		tag := s.do("alice", "PUT", "/home/a", "old").header.Get("ETag")
		s.want(want, "alice", "PUT", "/home/a", "new", "If: "+strings.ReplaceAll(header, "TAG", tag))
	}
}

func TestTimesThatWindowsSetsAreTaken(t *testing.T) {
	s := newSite(t)
	s.write("homes/alice/a", "x")
	body := `<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:set><D:prop>` +
		`<Z:Win32LastModifiedTime>Sun, 09 Sep 2001 01:46:40 GMT</Z:Win32LastModifiedTime><Z:Win32FileAttributes>00000020</Z:Win32FileAttributes>` +
		`</D:prop></D:set></D:propertyupdate>`
	got := s.want(207, "alice", "PROPPATCH", "/home/a", body)
	if !strings.Contains(got.body, "200 OK") || strings.Contains(got.body, "403") {
		t.Error(got.body)
	}
	if got := s.want(200, "alice", "HEAD", "/home/a", "").header.Get("Last-Modified"); got != "Sun, 09 Sep 2001 01:46:40 GMT" {
		t.Error(got)
	}
	own := strings.ReplaceAll(body, "urn:schemas-microsoft-com:", "urn:mine")
	if got := s.want(207, "alice", "PROPPATCH", "/home/a", own).body; !strings.Contains(got, "403 Forbidden") {
		t.Error(got)
	}
	s.want(404, "alice", "PROPPATCH", "/home/none", body)
	s.want(403, "bob", "PROPPATCH", "/data/gaia/dr4.csv", body)
}
