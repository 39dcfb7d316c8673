package main

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"science-platform/services/tree"
)

const davSpace = "DAV:"

// davProperties are those of RFC 4918, 15, that are told unasked.
var davProperties = []string{
	"displayname", "resourcetype", "getcontentlength", "getcontenttype", "getetag", "getlastmodified",
	"supportedlock", "lockdiscovery",
}

// property returns a property's value as XML, and whether the resource has it.
type property func(name string) (value string, has bool)

// either returns the first of what several know.
func either(each []property) property {
	return func(name string) (string, bool) {
		for _, one := range each {
			if value, has := one(name); has {
				return value, true
			}
		}
		return "", false
	}
}

// response writes what is asked of one resource.
func (m *multistatus) response(path string, folder bool, properties ...property) {
	of := either(properties)
	var found []string
	var missing []xml.Name
	tell := func(name xml.Name, unasked bool) {
		value, has := "", false
		if name.Space == davSpace {
			value, has = of(name.Local)
		}
		switch {
		case has && m.asked.Names != nil:
			found = append(found, element(name.Local, ""))
		case has:
			found = append(found, element(name.Local, value))
		case !unasked:
			missing = append(missing, name)
		}
	}
	if m.asked.Props == nil {
		for _, name := range davProperties {
			tell(xml.Name{Space: davSpace, Local: name}, true)
		}
	}
	for _, name := range append(m.asked.Props.names(), m.asked.Include.names()...) {
		tell(name, false)
	}
	m.write("<D:response><D:href>", escaped(address(path, folder)), "</D:href>")
	if len(found) > 0 || len(missing) == 0 {
		m.write("<D:propstat><D:prop>")
		m.write(found...)
		m.write("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>")
	}
	if len(missing) > 0 {
		m.write("<D:propstat><D:prop>")
		for _, name := range missing {
			m.write("<", name.Local, ` xmlns="`, escaped(name.Space), `"/>`)
		}
		m.write("</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>")
	}
	m.write("</D:response>\n")
}

func element(name, value string) string {
	if value == "" {
		return "<D:" + name + "/>"
	}
	return "<D:" + name + ">" + value + "</D:" + name + ">"
}

const supportedLock = "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope>" +
	"<D:locktype><D:write/></D:locktype></D:lockentry>"

// ofAny returns the properties that files and folders have.
func (m *multistatus) ofAny(name, path string, at target) (string, bool) {
	switch name {
	case "displayname":
		return escaped(path[strings.LastIndex(path, "/")+1:]), true
	case "supportedlock":
		return supportedLock, true
	case "lockdiscovery":
		return m.lockDiscovery(at), true
	}
	return "", false
}

// lockDiscovery tells of the lock that a target is under; its token only to whose it is.
func (m *multistatus) lockDiscovery(at target) string {
	lock, token, locked := m.door.locks.on(m.caller.Name, at.key())
	if !locked {
		return ""
	}
	depth := "infinity"
	if lock.exact {
		depth = "0"
	}
	shown := ""
	if token != "" {
		shown = "<D:locktoken><D:href>" + escaped(token) + "</D:href></D:locktoken>"
	}
	left := max(0, int(time.Until(lock.until).Seconds()))
	return "<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:exclusive/></D:lockscope>" +
		fmt.Sprintf("<D:depth>%s</D:depth><D:owner>%s</D:owner><D:timeout>Second-%d</D:timeout>", depth, lock.owner, left) +
		shown + "</D:activelock>"
}

// ofFolder returns the properties of folders; what is used and left (RFC 4331) only when it is asked for.
func (m *multistatus) ofFolder(name string, at target) (string, bool) {
	switch name {
	case "resourcetype":
		return "<D:collection/>", true
	case "quota-used-bytes", "quota-available-bytes":
		used, left, err := m.in.Usage(at.name)
		if name == "quota-used-bytes" {
			left = used
		}
		return strconv.FormatUint(left, 10), err == nil
	}
	return "", false
}

func ofFile(name string, info tree.Info) (string, bool) {
	switch name {
	case "resourcetype":
		return "", true
	case "getcontentlength":
		return strconv.FormatInt(info.Size(), 10), true
	case "getcontenttype":
		kind, _ := contentType(info.Name())
		return kind, true
	}
	return "", false
}
