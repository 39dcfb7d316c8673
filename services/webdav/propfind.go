package main

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"science-platform/services/tree"
)

// longestXML is how much of a request's XML is read.
const longestXML = 64 << 10

// wanted is what a PROPFIND asks for (RFC 4918, 14.20).
type wanted struct {
	XMLName xml.Name  `xml:"DAV: propfind"`
	All     *struct{} `xml:"DAV: allprop"`
	Names   *struct{} `xml:"DAV: propname"`
	Props   *propList `xml:"DAV: prop"`
	Include *propList `xml:"DAV: include"`
}

type propList struct {
	Each []struct {
		XMLName xml.Name
	} `xml:",any"`
}

func (p *propList) names() []xml.Name {
	var names []xml.Name
	if p != nil {
		for _, each := range p.Each {
			names = append(names, each.XMLName)
		}
	}
	return names
}

const mostProperties = 100

// wantedOf returns what a request asks for; a body that is empty asks for all.
func wantedOf(body io.Reader) (wanted, error) {
	var asked wanted
	text, err := io.ReadAll(io.LimitReader(body, longestXML))
	if err == nil && len(bytes.TrimSpace(text)) == 0 {
		return wanted{All: &struct{}{}}, nil
	}
	if err == nil {
		err = xml.Unmarshal(text, &asked)
	}
	if err == nil {
		err = wellNamed(text)
	}
	given := 0
	for _, each := range []bool{asked.All != nil, asked.Names != nil, asked.Props != nil} {
		if each {
			given++
		}
	}
	if err != nil || given != 1 || asked.Include != nil && asked.All == nil || len(asked.Props.names()) > mostProperties {
		return wanted{}, refusal{status: http.StatusBadRequest, text: "the body is not a propfind of WebDAV", cause: err}
	}
	for _, name := range append(asked.Props.names(), asked.Include.names()...) {
		// A prefix that stands for nothing is taken for the namespace itself; those are URIs.
		if name.Space != "" && !strings.Contains(name.Space, ":") {
			return wanted{}, refusal{status: http.StatusBadRequest, text: "the body has an undeclared namespace"}
		}
	}
	return asked, nil
}

// wellNamed refuses a prefix that is declared to stand for nothing (Namespaces in XML 1.0, 5), which encoding/xml takes.
func wellNamed(text []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		element, _ := token.(xml.StartElement)
		for _, attribute := range element.Attr {
			if attribute.Name.Space == "xmlns" && attribute.Value == "" {
				return errors.New("a prefix stands for no namespace")
			}
		}
	}
}

// propfind answers with the properties of a file or folder, and of what is directly in it.
func (c *call) propfind() error {
	deep := false
	switch depth := strings.ToLower(c.Header.Get("Depth")); depth {
	case "0":
	case "1":
		deep = true
	case "", "infinity":
		// RFC 4918, 9.1: a server may refuse to tell of a whole tree.
		return refusal{status: http.StatusForbidden, condition: "propfind-finite-depth", text: "ask with Depth: 0 or 1"}
	default:
		return refusal{status: http.StatusBadRequest, text: "Depth is 0 or 1"}
	}
	asked, err := wantedOf(c.Body)
	if err != nil {
		return err
	}
	if !c.target.inRoom() {
		return c.propfindAbove(asked, deep)
	}
	opened, err := c.target.open()
	if err != nil {
		return err
	}
	defer opened.Close()
	info, err := opened.Stat(c.target.name)
	if err != nil {
		return err
	}
	if !info.IsDir() && (!info.Mode().IsRegular() || c.target.folder) {
		return refusal{status: http.StatusNotFound, text: "no file of this name"}
	}
	told := c.multistatus(asked, opened)
	path := strings.TrimSuffix(c.webPath(), "/")
	err = told.resource(path, c.target, info)
	if err == nil && deep && info.IsDir() {
		err = opened.List(c.target.name, func(entry tree.Info) error {
			return told.resource(path+"/"+entry.Name(), c.target.child(entry.Name()), entry)
		})
	}
	return errors.Join(err, told.end())
}

// propfindAbove answers for the folders that rooms are in.
func (c *call) propfindAbove(asked wanted, deep bool) error {
	told := c.multistatus(asked, nil)
	path := strings.TrimSuffix(c.webPath(), "/")
	told.folder(path, c.target.above)
	if deep {
		for _, name := range c.below() {
			told.folder(path+"/"+name, name)
		}
	}
	return told.end()
}

// multistatus is an answer that grows with each resource and is sent meanwhile.
type multistatus struct {
	*call
	asked wanted
	in    *tree.Tree
	to    *bufio.Writer
}

func (c *call) multistatus(asked wanted, in *tree.Tree) *multistatus {
	header := c.answer.Header()
	header.Set("Content-Type", "application/xml; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	c.answer.WriteHeader(http.StatusMultiStatus)
	told := &multistatus{call: c, asked: asked, in: in, to: bufio.NewWriterSize(c.answer, 32<<10)}
	told.write(xmlHeader, `<D:multistatus xmlns:D="DAV:">`, "\n")
	return told
}

func (m *multistatus) write(parts ...string) {
	for _, part := range parts {
		// The writer keeps its first error, which `end` returns.
		_, _ = m.to.WriteString(part)
	}
}

func (m *multistatus) end() error {
	m.write("</D:multistatus>\n")
	return m.to.Flush()
}

// address returns the path of a URL, encoded; that of a folder ends in a slash.
func address(path string, folder bool) string {
	if folder {
		path = strings.TrimSuffix(path, "/") + "/"
	}
	return (&url.URL{Path: path}).EscapedPath()
}

// escaped returns text as it is in XML; what XML cannot have becomes a replacement character.
func escaped(text string) string {
	var builder strings.Builder
	_ = xml.EscapeText(&builder, []byte(text))
	return builder.String()
}

// resource tells of a file or folder in a room; an error only when the client has left.
func (m *multistatus) resource(path string, at target, info tree.Info) error {
	m.response(path, info.IsDir(), func(name string) (string, bool) {
		if value, known := m.ofAny(name, path, at); known {
			return value, true
		}
		if info.IsDir() {
			return m.ofFolder(name, at)
		}
		return ofFile(name, info)
	}, func(name string) (string, bool) {
		switch name {
		case "getlastmodified":
			return dated(info.ModTime()), true
		case "getetag":
			return escaped(info.ETag()), true
		}
		return "", false
	})
	return m.Context().Err()
}

// folder tells of a folder above rooms, or of a room as seen from there.
func (m *multistatus) folder(path, name string) {
	m.response(path, true, func(property string) (string, bool) {
		switch property {
		case "resourcetype":
			return "<D:collection/>", true
		case "displayname":
			return escaped(name), name != ""
		}
		return "", false
	})
}
