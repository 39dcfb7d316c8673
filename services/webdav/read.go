package main

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"science-platform/services/tree"
)

// contentTypes are by the end of a name, so that they do not depend on what is installed. What is not here is
// application/octet-stream. Browsers show these themselves; none of them can run anything.
var contentTypes = map[string]string{
	".txt": "text/plain; charset=utf-8", ".log": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8",
	".py": "text/plain; charset=utf-8", ".r": "text/plain; charset=utf-8", ".jl": "text/plain; charset=utf-8",
	".c": "text/plain; charset=utf-8", ".h": "text/plain; charset=utf-8", ".yaml": "text/plain; charset=utf-8",
	".yml": "text/plain; charset=utf-8", ".toml": "text/plain; charset=utf-8", ".ini": "text/plain; charset=utf-8",
	".csv": "text/csv; charset=utf-8", ".tsv": "text/tab-separated-values; charset=utf-8",
	".json": "application/json", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
	".gif": "image/gif", ".webp": "image/webp", ".mp4": "video/mp4", ".webm": "video/webm",
}

// attachments are what browsers could run or render with plug-ins, and what they cannot show: saved, not shown.
var attachments = map[string]string{
	".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8", ".xhtml": "application/xhtml+xml",
	".svg": "image/svg+xml", ".xml": "application/xml", ".vot": "application/x-votable+xml", ".pdf": "application/pdf",
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".fits": "application/fits", ".fit": "application/fits", ".fts": "application/fits",
	".ipynb": "application/x-ipynb+json", ".parquet": "application/vnd.apache.parquet", ".h5": "application/x-hdf5",
	".hdf5": "application/x-hdf5", ".zip": "application/zip", ".gz": "application/gzip", ".tar": "application/x-tar",
}

const unknownType = "application/octet-stream"

// contentType returns a file's media type by its name, and whether browsers may show it.
func contentType(name string) (kind string, shown bool) {
	suffix := strings.ToLower(path.Ext(name))
	if kind, shown = contentTypes[suffix]; shown {
		return kind, true
	}
	if kind, known := attachments[suffix]; known {
		return kind, false
	}
	return unknownType, false
}

func (c *call) get() error {
	if !c.target.inRoom() {
		return c.listing(nil)
	}
	opened, err := c.target.open()
	if err != nil {
		return err
	}
	defer opened.Close()
	file, info, err := opened.OpenFile(c.target.name)
	if errors.Is(err, tree.ErrIsDirectory) {
		return c.listing(opened)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if c.target.folder {
		return refusal{status: http.StatusNotFound, text: "is a file, not a folder"}
	}
	c.fileHeaders(info)
	http.ServeContent(c.answer, c.Request, "", info.ModTime(), file)
	return nil
}

// fileHeaders sets what is said of a file beside its content: whatever a user put into it, it has no power over those
// who open it in a browser.
func (c *call) fileHeaders(info tree.Info) {
	kind, shown := contentType(info.Name())
	header := c.answer.Header()
	header.Set("Content-Type", kind)
	if !shown {
		header.Set("Content-Disposition", "attachment")
	}
	header.Set("ETag", info.ETag())
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'")
	privately(header)
}

// privately sets what keeps an answer to whom it was given.
func privately(header http.Header) {
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Frame-Options", "DENY")
	// Files change under their names: look again each time, which an ETag makes short.
	header.Set("Cache-Control", "private, no-cache")
	header.Set("Vary", "Authorization")
}

//go:embed listing.html
var listingText string

var listingPage = template.Must(template.New("listing").Parse(listingText))

// mostListed is how many entries of a folder people are shown; programs are told of all.
const mostListed = 10_000

type line struct {
	Name, Address, Size, Changed string
}

type crumb struct{ Name, Address string }

// listing answers with a folder for people, sorted, folders first.
func (c *call) listing(in *tree.Tree) error {
	page := struct {
		Title, Path string
		Crumbs      []crumb
		Lines       []line
		Most        int
		ReadOnly    bool
		User        string
	}{Title: c.door.document.Title, Path: c.webPath(), Crumbs: c.crumbs(), User: c.caller.Name}
	if in == nil {
		for _, name := range c.below() {
			page.Lines = append(page.Lines, line{Name: name + "/", Address: address(c.webPath()+name, true)})
		}
	} else {
		entries, more, err := in.ReadDir(c.target.name, mostListed)
		if err != nil {
			return err
		}
		if more {
			page.Most = mostListed
		}
		page.ReadOnly = c.target.room.ReadOnly
		slices.SortStableFunc(entries, func(a, b tree.Info) int { return foldersFirst(a) - foldersFirst(b) })
		for _, entry := range entries {
			page.Lines = append(page.Lines, lineOf(c.webPath(), entry))
		}
	}
	header := c.answer.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	privately(header)
	c.answer.WriteHeader(http.StatusOK)
	if c.Method == http.MethodHead {
		return nil
	}
	return listingPage.Execute(c.answer, page)
}

func foldersFirst(info tree.Info) int {
	if info.IsDir() {
		return 0
	}
	return 1
}

func lineOf(folder string, entry tree.Info) line {
	made := line{
		Name: entry.Name(), Address: address(folder+entry.Name(), entry.IsDir()),
		Changed: entry.ModTime().UTC().Format("2006-01-02 15:04"),
	}
	if entry.IsDir() {
		made.Name += "/"
	} else {
		made.Size = inUnits(entry.Size())
	}
	return made
}

// inUnits returns bytes as people read them.
func inUnits(size int64) string {
	if size < 1024 {
		return fmt.Sprintf("%d B", size)
	}
	value, units := float64(size), "KMGTPE"
	unit := -1
	for value >= 1024 && unit < len(units)-1 {
		value /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f %ciB", value, units[unit])
}

// webPath returns where the target is for the client, with a slash at its end.
func (c *call) webPath() string {
	if !c.target.inRoom() {
		return strings.TrimSuffix("/"+c.target.above, "/") + "/"
	}
	return strings.TrimSuffix(c.target.room.Path()+"/"+c.target.name, "/.") + "/"
}

func (c *call) crumbs() []crumb {
	crumbs := []crumb{{Name: "files", Address: "/"}}
	at := "/"
	for part := range strings.SplitSeq(strings.Trim(c.webPath(), "/"), "/") {
		if part != "" {
			at += part + "/"
			crumbs = append(crumbs, crumb{Name: part, Address: address(at, true)})
		}
	}
	return crumbs
}

// below returns the names of what is directly in a folder above rooms.
func (c *call) below() []string {
	var names []string
	for _, room := range c.rooms {
		rest, ok := strings.CutPrefix(room.Path(), c.webPath())
		if name, _, _ := strings.Cut(rest, "/"); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// dated returns a time as HTTP has it.
func dated(when time.Time) string { return when.UTC().Format(http.TimeFormat) }
