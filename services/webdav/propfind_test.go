package main

import (
	"encoding/xml"
	"os"
	"strings"
	"testing"
)

func TestPropfindTellsWhatIsAskedAndWhatIsNotThere(t *testing.T) {
	s := newSite(t)
	s.write("homes/alice/a.fits", "0123")
	for name, c := range map[string]struct {
		body string
		has  []string
		not  []string
	}{
		"all": {"", []string{"<D:getcontentlength>4</D:getcontentlength>", "<D:getcontenttype>application/fits</D:getcontenttype>",
			"<D:displayname>a.fits</D:displayname>", "<D:resourcetype/>", "<D:getetag>", "<D:getlastmodified>", "<D:lockdiscovery/>"},
			[]string{"404", "quota"}},
		"names": {`<propfind xmlns="DAV:"><propname/></propfind>`, []string{"<D:getcontentlength/>"}, []string{"404"}},
		"some": {`<a:propfind xmlns:a="DAV:"><a:prop><a:getcontentlength/><x xmlns="urn:x"/><a:executable/></a:prop></a:propfind>`,
			[]string{"<D:getcontentlength>4<", `<x xmlns="urn:x"/>`, `<executable xmlns="DAV:"/>`, "404 Not Found"}, []string{"getetag"}},
		"include": {`<propfind xmlns="DAV:"><allprop/><include><quota-used-bytes/></include></propfind>`, []string{"<D:getetag>"}, nil},
	} {
		got := s.want(207, "alice", "PROPFIND", "/home/a.fits", c.body, "Depth: 0")
		must(t, xml.Unmarshal([]byte(got.body), new(struct{ XMLName xml.Name })))
		for _, part := range c.has {
			if !strings.Contains(got.body, part) {
				t.Errorf("%s: no %s in %s", name, part, got.body)
			}
		}
		for _, part := range c.not {
			if strings.Contains(got.body, part) {
				t.Errorf("%s: %s in %s", name, part, got.body)
			}
		}
	}
	quota := `<propfind xmlns="DAV:"><prop><quota-used-bytes/><quota-available-bytes/></prop></propfind>`
	if got := s.want(207, "alice", "PROPFIND", "/home", quota, "Depth: 0").body; strings.Contains(got, "404") {
		t.Errorf("a folder says nothing of its quota: %s", got)
	}
}

func TestPropfindRefusesWhatItCannotBound(t *testing.T) {
	s := newSite(t)
	for _, headers := range [][]string{nil, {"Depth: infinity"}} {
		got := s.want(403, "alice", "PROPFIND", "/home", "", headers...)
		if !strings.Contains(got.body, "<D:propfind-finite-depth/>") {
			t.Error(got.body)
		}
	}
	for _, body := range []string{
		"<", "<propfind/>", `<propfind xmlns="DAV:"/>`, `<propfind xmlns="DAV:"><allprop/><propname/></propfind>`,
		`<propfind xmlns="DAV:"><prop>` + strings.Repeat("<x/>", mostProperties+1) + `</prop></propfind>`,
		`<propfind xmlns="DAV:"><prop><y:x/></prop></propfind>`,
		`<propfind xmlns="DAV:"><prop><y:x xmlns:y=""/></prop></propfind>`, `<propfind xmlns="DAV:"><prop>` + strings.Repeat(" ", longestXML),
	} {
		s.want(400, "alice", "PROPFIND", "/home", body, "Depth: 0")
	}
	s.want(400, "alice", "PROPFIND", "/home", "", "Depth: 2")
	s.want(404, "alice", "PROPFIND", "/home/none", "", "Depth: 0")
}

func TestPropfindOfTheFoldersAboveRooms(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string][]string{
		"/":          {"/", "/data/", "/home/", "/projects/"},
		"/projects":  {"/projects/", "/projects/galaxies/"},
		"/data/":     {"/data/", "/data/gaia/"},
		"/data/gaia": {"/data/gaia/", "/data/gaia/dr4.csv"},
	} {
		got := s.want(207, "alice", "PROPFIND", path, "", "Depth: 1")
		var found struct {
			Hrefs []string `xml:"response>href"`
		}
		must(t, xml.Unmarshal([]byte(got.body), &found))
		if strings.Join(found.Hrefs, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %q, want %q", path, found.Hrefs, want)
		}
	}
}

func TestPropfindOfNamesThatXMLCannotHave(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"bell\a", "bad\xff", "new\nline"} {
		must(t, os.WriteFile(s.file("homes/alice/"+name), nil, 0o644))
	}
	got := s.want(207, "alice", "PROPFIND", "/home", "", "Depth: 1").body
	must(t, xml.Unmarshal([]byte(got), new(struct{ XMLName xml.Name })))
	for _, href := range []string{"/home/bell%07", "/home/bad%FF", "/home/new%0Aline"} {
		if !strings.Contains(got, href) {
			t.Errorf("no %s in %s", href, got)
		}
		s.want(200, "alice", "GET", href, "")
	}
}
