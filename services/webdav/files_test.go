package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestFilesAreWrittenReadReplacedAndRemoved(t *testing.T) {
	s := newSite(t)
	created := s.want(201, "alice", "PUT", "/home/a.txt", "one")
	read := s.want(200, "alice", "GET", "/home/a.txt", "")
	if read.body != "one" || read.header.Get("ETag") != created.header.Get("ETag") || read.header.Get("ETag") == "" {
		t.Errorf("%q, ETag %q then %q", read.body, created.header.Get("ETag"), read.header.Get("ETag"))
	}
	if got := s.want(204, "alice", "PUT", "/home/a.txt", "two").header.Get("ETag"); got == created.header.Get("ETag") {
		t.Error("the ETag has not changed with the content")
	}
	if head := s.want(200, "alice", "HEAD", "/home/a.txt", ""); head.body != "" || head.header.Get("Content-Length") != "3" {
		t.Errorf("HEAD: %v", head)
	}
	s.want(204, "alice", "DELETE", "/home/a.txt", "")
	s.want(404, "alice", "GET", "/home/a.txt", "")
	s.want(404, "alice", "DELETE", "/home/a.txt", "")
}

func TestNamesAndContentsOfEveryKind(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"Zürich", "星系", "e\u0301", "a b", "100%", "#1", "?x", "a;b", "a+b", "\"'<&>", "..x", "~", "back\\slash"} {
		path := address("/home/"+name, false)
		s.want(201, "alice", "PUT", path, name)
		if got := s.want(200, "alice", "GET", path, "").body; got != name {
			t.Errorf("%q: %q", name, got)
		}
		if got := s.content("homes/alice/" + name); got != name {
			t.Errorf("%q on disk: %q", name, got)
		}
		if got := s.want(207, "alice", "PROPFIND", "/home/", "", "Depth: 1").body; !strings.Contains(got, "<D:href>"+escaped(path)+"</D:href>") {
			t.Errorf("%q is not listed: %s", name, got)
		}
		s.want(204, "alice", "DELETE", path, "")
	}
	s.want(201, "alice", "PUT", "/home/empty", "")
	if got := s.want(200, "alice", "GET", "/home/empty", ""); got.body != "" || got.header.Get("Content-Length") != "0" {
		t.Errorf("empty: %v", got)
	}
	s.write("homes/alice/sparse", "")
	must(t, os.Truncate(s.file("homes/alice/sparse"), 5<<30))
	got := s.want(206, "alice", "GET", "/home/sparse", "", fmt.Sprintf("Range: bytes=%d-", 5<<30-3))
	if got.body != "\x00\x00\x00" || got.header.Get("Content-Range") != "bytes 5368709117-5368709119/5368709120" {
		t.Errorf("sparse: %+v", got)
	}
	if got := s.want(200, "alice", "HEAD", "/home/sparse", "").header.Get("Content-Length"); got != "5368709120" {
		t.Errorf("sparse: %s bytes", got)
	}
}

func TestRangesAndConditionsOfReading(t *testing.T) {
	s := newSite(t)
	tag := s.want(201, "alice", "PUT", "/home/a", "0123456789").header.Get("ETag")
	for _, c := range []struct {
		header string
		want   int
		body   string
	}{
		{"Range: bytes=2-4", 206, "234"}, {"Range: bytes=-2", 206, "89"}, {"Range: bytes=20-", 416, ""},
		{"If-None-Match: " + tag, 304, ""}, {"If-None-Match: W/" + tag, 304, ""}, {`If-None-Match: "other"`, 200, "0123456789"},
		{"If-Match: " + tag, 200, "0123456789"}, {`If-Match: "other"`, 412, ""},
		{"If-Modified-Since: " + dated(time.Now().Add(time.Hour)), 304, ""},
		{"If-Unmodified-Since: " + dated(time.Now().Add(-time.Hour)), 412, ""},
	} {
		if got := s.want(c.want, "alice", "GET", "/home/a", "", c.header); c.body != "" && got.body != c.body {
			t.Errorf("%s: %q", c.header, got.body)
		}
	}
	stale := s.want(200, "alice", "GET", "/home/a", "", "Range: bytes=2-4", `If-Range: "other"`)
	if stale.body != "0123456789" {
		t.Errorf("If-Range of another file: %q", stale.body)
	}
}

func TestConditionsOfWriting(t *testing.T) {
	s := newSite(t)
	tag := s.want(201, "alice", "PUT", "/home/a", "old").header.Get("ETag")
	for _, c := range []struct {
		method, path, header string
		want                 int
	}{
		{"PUT", "/home/a", "If-None-Match: *", 412}, {"PUT", "/home/a", `If-Match: "other"`, 412},
		{"PUT", "/home/a", "If-Match: W/" + tag, 412}, {"PUT", "/home/new", "If-Match: *", 412},
		{"PUT", "/home/a", "If-None-Match: " + tag, 412},
		{"PUT", "/home/a", "If-Unmodified-Since: " + dated(time.Now().Add(-time.Hour)), 412},
		{"DELETE", "/home/a", `If-Match: "other"`, 412},
		{"PUT", "/home/a", "Content-Range: bytes 0-2/10", 400},
		{"PUT", "/home/none/a", "X: y", 409}, {"PUT", "/home/a/b", "X: y", 409}, {"PUT", "/home/a/", "X: y", 405},
		{"PUT", "/home/.science-upload-0000000000000000-0", "X: y", 404},
		{"DELETE", "/home/a", "Depth: 0", 400}, {"MKCOL", "/home/a", "X: y", 405}, {"MKCOL", "/home/none/a", "X: y", 409},
	} {
		body := "new"
		if c.method != "PUT" {
			body = ""
		}
		s.want(c.want, "alice", c.method, c.path, body, c.header)
		if got := s.content("homes/alice/a"); got != "old" {
			t.Fatalf("%v changed the file to %q", c, got)
		}
	}
	s.want(201, "alice", "PUT", "/home/new", "new", "If-None-Match: *")
	s.want(204, "alice", "PUT", "/home/a", "new", `If-Match: "other", `+tag)
	s.want(412, "alice", "PUT", "/home/a", "newer", "If-Match: "+tag)
	s.want(415, "alice", "MKCOL", "/home/folder", "body")
	s.want(201, "alice", "MKCOL", "/home/folder", "")
	s.want(405, "alice", "PUT", "/home/folder", "x")
}

func TestACutUploadLeavesTheOldFile(t *testing.T) {
	s := newSite(t)
	s.write("homes/alice/a", "old")
	for _, framing := range []string{"Content-Length: 1000\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"} {
		connection, err := net.Dial("tcp", s.server.Listener.Addr().String())
		must(t, err)
		fmt.Fprintf(connection, "PUT /home/a HTTP/1.1\r\nHost: files\r\nAuthorization: Bearer alice-token\r\n%s", framing)
		eventually(t, "the upload", func() bool { s.limits.mutex.Lock(); defer s.limits.mutex.Unlock(); return s.limits.all == 1 })
		must(t, connection.Close())
		eventually(t, "its end", func() bool { s.limits.mutex.Lock(); defer s.limits.mutex.Unlock(); return s.limits.all == 0 })
		if got := names(t, s.file("homes/alice")); s.content("homes/alice/a") != "old" || len(got) != 1 {
			t.Errorf("%q, and there is %q", s.content("homes/alice/a"), got)
		}
	}
	// What the Finder announces beside its chunks.
	s.want(400, "alice", "PUT", "/home/a", "half", "Transfer-Encoding: chunked", "X-Expected-Entity-Length: 10")
}

func TestTheTimeThatAClientWantsIsTheFiles(t *testing.T) {
	s := newSite(t)
	got := s.want(201, "alice", "PUT", "/home/a", "x", "X-OC-Mtime: 1000000000")
	if got.header.Get("X-OC-MTime") != "accepted" {
		t.Error("not said to be accepted")
	}
	if got := s.want(200, "alice", "GET", "/home/a", "").header.Get("Last-Modified"); got != "Sun, 09 Sep 2001 01:46:40 GMT" {
		t.Error(got)
	}
}

func TestAFullDiskIsSaidToBeFullAndOthersGoOn(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounts a small file system: needs root")
	}
	s := newSite(t)
	small := s.file("homes/alice")
	if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(small, unix.MNT_DETACH)) })
	s.write("homes/alice/a", "old")
	big := strings.Repeat("x", 2<<20)
	s.want(507, "alice", "PUT", "/home/a", big, "Expect: 100-continue")
	s.want(507, "alice", "PUT", "/home/a", big, "Transfer-Encoding: chunked", "Expect: 100-continue")
	s.write("projects/galaxies/big", big)
	s.want(507, "alice", "COPY", "/projects/galaxies/big", "", "Destination: /home/big")
	if got := names(t, small); s.content("homes/alice/a") != "old" || len(got) != 1 {
		t.Errorf("%q, and there is %q", s.content("homes/alice/a"), got)
	}
	s.want(201, "bob", "PUT", "/home/big", big)
	s.want(204, "alice", "PUT", "/home/a", "small")
}

func TestUploadsCanBeLimited(t *testing.T) {
	limited := testOptions
	limited.largestUpload = 3
	s := newSiteWith(t, limited)
	s.want(413, "alice", "PUT", "/home/a", "four", "Expect: 100-continue")
	s.want(413, "alice", "PUT", "/home/a", "four", "Transfer-Encoding: chunked")
	s.want(201, "alice", "PUT", "/home/a", "two")
}

func TestWhatUsersPutHasNoPowerInBrowsers(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		kind  string
		saved bool
	}{
		"page.html": {"text/html; charset=utf-8", true}, "PAGE.HTM": {"text/html; charset=utf-8", true},
		"i.svg": {"image/svg+xml", true}, "x.xml": {"application/xml", true}, "s.js": {"text/javascript; charset=utf-8", true},
		"i.png": {"image/png", false}, "t.txt": {"text/plain; charset=utf-8", false}, "none": {unknownType, true},
		"i.fits": {"application/fits", true}, "a.swf": {unknownType, true},
	} {
		s.want(201, "alice", "PUT", "/home/"+name, "<script>alert(1)</script>")
		got := s.want(200, "alice", "GET", "/home/"+name, "").header
		if got.Get("Content-Type") != c.kind || (got.Get("Content-Disposition") == "attachment") != c.saved {
			t.Errorf("%s: %v", name, got)
		}
		for header, part := range map[string]string{
			"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
			"Cache-Control": "private", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		} {
			if !strings.Contains(got.Get(header), part) {
				t.Errorf("%s: %s is %q", name, header, got.Get(header))
			}
		}
		if got.Get("Access-Control-Allow-Origin") != "" {
			t.Error("other sites may read")
		}
	}
}

func TestListingsForPeopleAreSortedAndEscaped(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"b.txt", "a.txt", "<script>", "zz/inside", "Aa/inside", "javascript:alert(1)"} {
		s.write("homes/alice/"+name, strings.Repeat("x", 2000))
	}
	must(t, os.Chtimes(s.file("homes/alice/a.txt"), time.Unix(0, 0), time.Unix(1e9, 0)))
	got := s.want(200, "alice", "GET", "/home", "").body
	at := 0
	for _, part := range []string{
		"Example &amp; Co", `<a href="/home/Aa/">Aa/</a>`, `<a href="/home/zz/">zz/</a>`,
		`<a href="/home/%3Cscript%3E">&lt;script&gt;</a></td><td class="size">2.0 KiB</td>`,
		`<a href="/home/a.txt">a.txt</a></td><td class="size">2.0 KiB</td><td class="date">2001-09-09 01:46</td>`,
		`<a href="/home/b.txt">`, `<a href="/home/javascript:alert%281%29">`, "files of alice",
	} {
		found := strings.Index(got[at:], part)
		if found < 0 {
			t.Errorf("no %s after %d in %s", part, at, got)
			continue
		}
		at += found
	}
	if strings.Contains(got, "<script") {
		t.Error("a name is a script")
	}
	top := s.want(200, "alice", "GET", "/", "").body
	for _, part := range []string{`href="/data/"`, `href="/home/"`, `href="/projects/"`} {
		if !strings.Contains(top, part) {
			t.Errorf("no %s in %s", part, top)
		}
	}
	if got := s.want(200, "bob", "GET", "/projects/galaxies/", "").body; !strings.Contains(got, "For reading.") || !strings.Contains(got, "Nothing here.") {
		t.Error(got)
	}
	if got := s.want(200, "alice", "HEAD", "/home/", "").body; got != "" {
		t.Errorf("HEAD: %q", got)
	}
}

func TestAFolderOfTenThousandIsListedWhole(t *testing.T) {
	s := newSite(t)
	must(t, os.Mkdir(s.file("homes/alice/many"), 0o755))
	for i := range mostListed + 1 {
		must(t, os.WriteFile(filepath.Join(s.file("homes/alice/many"), fmt.Sprint(i)), nil, 0o644))
	}
	got := s.want(207, "alice", "PROPFIND", "/home/many", "", "Depth: 1").body
	if n := strings.Count(got, "<D:response>"); n != mostListed+2 {
		t.Errorf("%d entries", n)
	}
	page := s.want(200, "alice", "GET", "/home/many/", "").body
	if n := strings.Count(page, "<tr><td>"); n != mostListed || !strings.Contains(page, "There is more here") {
		t.Errorf("%d lines", n)
	}
}

func TestAReaderWhoStopsTakingIsNotServedForEver(t *testing.T) {
	s := newSite(t)
	must(t, os.WriteFile(s.file("homes/alice/big"), nil, 0o644))
	must(t, os.Truncate(s.file("homes/alice/big"), 1<<30))
	connection, err := net.Dial("tcp", s.server.Listener.Addr().String())
	must(t, err)
	fmt.Fprint(connection, "GET /home/big HTTP/1.1\r\nHost: files\r\nAuthorization: Bearer alice-token\r\n\r\n")
	_, err = io.ReadFull(connection, make([]byte, 1000))
	must(t, err)
	must(t, connection.Close())
	eventually(t, "the end of the answer", func() bool { return strings.Contains(s.logged.String(), `"path":"/home/big"`) })
	if strings.Contains(s.logged.String(), fmt.Sprintf(`"sent":%d`, 1<<30)) {
		t.Error("the whole file is said to be sent")
	}
}
