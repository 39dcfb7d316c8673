// Package rooms knows who may enter what: the rooms of a caller, and who a caller is, which the hub tells.
//
// A room is a directory that a caller sees at every door: the home, the project spaces of the caller's groups, and the
// site's data collections. The rules are those by which the hub mounts the same directories into people's servers
// (components/hub/files/server_folders.py and user_names.py); both are held to one table of examples.
package rooms

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// Document is what the site tells its doors of its rooms, as JSON; the writer is components/gateways/settings.py.
type Document struct {
	// Site is the site's name, and Title the name that people read.
	Site  string `json:"site"`
	Title string `json:"title"`
	// Hub is the URL of the hub's API, without a final slash.
	Hub string `json:"hub"`
	// CacheSeconds is how long an answer of the hub is taken for true.
	CacheSeconds int `json:"cacheSeconds"`
	// Homes is where the volume with one folder per user is mounted.
	Homes string `json:"homes"`
	// Projects is where the volume of project spaces is mounted; empty where the site has none.
	Projects string `json:"projects"`
	// Spaces are the project spaces by name, which is also their folder's.
	Spaces map[string]Space `json:"spaces"`
	// Data are the data collections by name, for reading.
	Data map[string]Collection `json:"data"`
}

// Space is a folder that the members of some groups share.
type Space struct {
	Title     string   `json:"title"`
	ReadWrite []string `json:"readWrite"`
	ReadOnly  []string `json:"readOnly"`
}

// Collection is a directory of data.
type Collection struct {
	Title string `json:"title"`
	// Groups are those whose members may read it; none for everyone.
	Groups []string `json:"groups"`
	// ReadWrite are groups whose members may change it in their servers: here they read it as others do.
	ReadWrite []string `json:"readWrite"`
	// Path is where it is mounted.
	Path string `json:"path"`
}

// Load reads a document.
func Load(file string) (*Document, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	document := &Document{}
	if err := json.Unmarshal(content, document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if document.Homes == "" || document.Hub == "" || document.CacheSeconds <= 0 {
		return nil, fmt.Errorf("%s: homes, hub and cacheSeconds must be set", file)
	}
	if len(document.Spaces) > 0 && document.Projects == "" {
		return nil, fmt.Errorf("%s: there are spaces but projects is not set", file)
	}
	return document, nil
}

// CacheTime returns how long an answer of the hub is taken for true.
func (d *Document) CacheTime() time.Duration { return time.Duration(d.CacheSeconds) * time.Second }

// ReadToken returns the token in a file.
func ReadToken(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(content))
	if token == "" {
		return "", fmt.Errorf("%s: is empty", file)
	}
	return token, nil
}
