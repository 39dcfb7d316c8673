package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"science-platform/services/rooms"
	"science-platform/services/tree"
)

// door serves the rooms of whoever calls, by WebDAV (RFC 4918, class 1 and 2) and plain HTTP.
type door struct {
	document *rooms.Document
	tokens   tokens
	options  options
	locks    *locks
	limits   *limits
	failures *failures
	metrics  *metrics
	log      *accessLog
}

// tokens tell whose a token is; rooms.Cache does.
type tokens interface {
	rooms.Identifier
	Known(token string) bool
}

// options are what an operator sets.
type options struct {
	// largestUpload is the most bytes a file may have that is put here; zero for any.
	largestUpload int64
	// perUser and total are how many requests may be under way, of one user and of all.
	perUser, total int
	// locksPerUser and locksTotal are how many locks there may be.
	locksPerUser, locksTotal int
}

func newDoor(document *rooms.Document, tokens tokens, options options, metrics *metrics, log *accessLog) *door {
	return &door{
		document: document, tokens: tokens, options: options, metrics: metrics, log: log,
		locks:    newLocks(options.locksPerUser, options.locksTotal),
		limits:   newLimits(options.perUser, options.total),
		failures: newFailures(),
	}
}

// call is one request of a known caller.
type call struct {
	*http.Request
	door   *door
	answer *answer
	caller rooms.Caller
	rooms  []rooms.Room
	target target
}

// target is where a path leads: into a room, or to one of the folders above all rooms.
type target struct {
	room rooms.Room
	// name is the path inside the room, "." for the room itself.
	name string
	// above is the path of a folder above rooms, without slashes at its ends; only where no room is named.
	above string
	// folder tells whether the path ended in a slash.
	folder bool
}

func (t target) inRoom() bool { return t.room.Kind != "" }

// isTop tells whether the target is a room itself, or above all rooms: nothing that a caller can change.
func (t target) isTop() bool { return !t.inRoom() || t.name == "." }

// key returns the name of the target that no other file of the site has.
func (t target) key() string { return "/" + strings.TrimSuffix(t.room.Key()+"/"+t.name, "/.") }

// child returns the target directly below, of this name.
func (t target) child(name string) target {
	t.name = path.Join(t.name, name)
	return t
}

// methods are what the door does by HTTP's name for it.
var methods = map[string]func(*call) error{
	http.MethodOptions: (*call).options,
	http.MethodGet:     (*call).get,
	http.MethodHead:    (*call).get,
	http.MethodPut:     (*call).put,
	http.MethodDelete:  (*call).remove,
	"MKCOL":            (*call).makeFolder,
	"COPY":             (*call).copy,
	"MOVE":             (*call).move,
	"PROPFIND":         (*call).propfind,
	"PROPPATCH":        (*call).proppatch,
	"LOCK":             (*call).lock,
	"UNLOCK":           (*call).unlock,
}

// allow is the methods in one line.
const allow = "COPY, DELETE, GET, HEAD, LOCK, MKCOL, MOVE, OPTIONS, PROPFIND, PROPPATCH, PUT, UNLOCK"

// ServeHTTP answers one request, whatever happens, and writes it down.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := newAnswer(w, r)
	call := &call{Request: r, door: d, answer: answer}
	started := time.Now()
	d.metrics.inFlight.Inc()
	defer func() {
		failure := recover()
		if failure != nil && failure != http.ErrAbortHandler { //nolint:errorlint // as net/http compares it
			d.log.panicked(failure, debug.Stack())
			if answer.status == 0 {
				refuse(answer, r, errors.New("a fault of this server"))
			}
		}
		d.metrics.inFlight.Dec()
		d.metrics.request(r.Method, answer.status, answer.sent, answer.received, time.Since(started))
		d.log.request(call, time.Since(started))
		if failure != nil {
			// Let the connection go: what was sent may not be whole.
			panic(http.ErrAbortHandler)
		}
	}()
	if err := d.serve(call); err != nil {
		if answer.status != 0 {
			// Part of the answer is out; that it ends here must not look like its end.
			answer.err = err
			panic(http.ErrAbortHandler)
		}
		answer.err = err
		refuse(answer, r, err)
	}
}

func (d *door) serve(c *call) error {
	if !d.limits.enter() {
		d.metrics.refused("total")
		return refusal{status: http.StatusServiceUnavailable, text: "too many requests at the moment", retry: 5}
	}
	defer d.limits.leave()
	caller, err := d.identify(c.Request)
	if err != nil {
		return err
	}
	c.caller = caller
	if !d.limits.enterUser(caller.Name) {
		d.metrics.refused("user")
		return refusal{
			status: http.StatusTooManyRequests, retry: 1,
			text: fmt.Sprintf("more than %d requests of yours at a time", d.options.perUser),
		}
	}
	defer d.limits.leaveUser(caller.Name)
	c.rooms = d.document.Of(caller.Name, caller.Groups)
	method, known := methods[c.Method]
	if !known {
		c.answer.Header().Set("Allow", allow)
		return refusal{status: http.StatusMethodNotAllowed, text: "this server does not know " + c.Method}
	}
	if c.target, err = c.find(c.URL.Path); err != nil {
		return err
	}
	return method(c)
}

// find returns where a path leads, decoded once.
func (c *call) find(address string) (target, error) {
	if slices.Contains(strings.Split(address, "/"), "..") {
		return target{}, refusal{status: http.StatusBadRequest, text: "a path cannot have .. in it"}
	}
	clean, err := tree.Clean(address)
	if err != nil {
		return target{}, err
	}
	folder := strings.HasSuffix(address, "/")
	if room, rest, found := rooms.Find(c.rooms, clean); found {
		name, err := tree.Clean(rest)
		return target{room: room, name: name, folder: folder}, err
	}
	clean = strings.TrimPrefix(clean, ".")
	if clean == "" || c.folderAbove(clean) {
		return target{above: clean, folder: folder}, nil
	}
	return target{}, refusal{status: http.StatusNotFound, text: "nothing of yours has this name"}
}

// folderAbove tells whether some of the caller's rooms are in a folder of this path.
func (c *call) folderAbove(name string) bool {
	return slices.ContainsFunc(c.rooms, func(room rooms.Room) bool {
		return strings.HasPrefix(room.Path(), "/"+name+"/")
	})
}

// open returns the tree that the target is in, which the caller closes.
func (t target) open() (*tree.Tree, error) {
	if !t.inRoom() {
		return nil, refusal{status: http.StatusForbidden, text: "only what is in a room can be changed"}
	}
	return t.room.Open()
}

// destination returns where the Destination header leads (RFC 4918, 10.3).
func (c *call) destination() (target, error) {
	header := c.Header.Get("Destination")
	if header == "" {
		return target{}, refusal{status: http.StatusBadRequest, text: "the header Destination is missing"}
	}
	address, err := url.Parse(header)
	if err != nil || !strings.HasPrefix(address.Path, "/") {
		return target{}, refusal{status: http.StatusBadRequest, text: "the header Destination is not a URL"}
	}
	if address.Host != "" && address.Host != c.Host {
		return target{}, refusal{status: http.StatusBadGateway, text: "Destination is another server"}
	}
	found, err := c.find(address.Path)
	var refused refusal
	if errors.As(err, &refused) && refused.status == http.StatusNotFound {
		return target{}, refusal{status: http.StatusForbidden, text: "Destination is none of your rooms"}
	}
	return found, err
}

func (c *call) options() error {
	header := c.answer.Header()
	header.Set("Allow", allow)
	header.Set("DAV", "1, 2")
	// What Windows looks for.
	header.Set("MS-Author-Via", "DAV")
	c.answer.WriteHeader(http.StatusOK)
	return nil
}
