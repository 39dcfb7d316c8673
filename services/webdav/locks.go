package main

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/webdav"
)

// longestLock is how long a lock lives that nobody refreshes: clients that are gone block others no longer.
const longestLock = time.Hour

var errTooManyLocks = errors.New("too many locks")

// locks are the write locks of all users (RFC 4918, 6), in memory: they end with the process, and a token of one that
// is gone fails as a token of one that has timed out does.
type locks struct {
	perUser, total int
	system         webdav.LockSystem

	mutex sync.Mutex
	held  map[string]lock
}

type lock struct {
	user, root string
	exact      bool
	owner      string
	until      time.Time
}

func newLocks(perUser, total int) *locks {
	return &locks{perUser: perUser, total: total, system: webdav.NewMemLS(), held: map[string]lock{}}
}

// create makes a lock of a user.
func (l *locks) create(now time.Time, user string, details webdav.LockDetails) (string, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	mine := 0
	for token, lock := range l.held {
		if !now.Before(lock.until) {
			delete(l.held, token)
		} else if lock.user == user {
			mine++
		}
	}
	if mine >= l.perUser || len(l.held) >= l.total {
		return "", errTooManyLocks
	}
	details.Duration = bounded(details.Duration)
	token, err := l.system.Create(now, details)
	if err == nil {
		l.held[token] = lock{
			user: user, root: details.Root, exact: details.ZeroDepth, owner: details.OwnerXML,
			until: now.Add(details.Duration),
		}
	}
	return token, err
}

func bounded(duration time.Duration) time.Duration {
	if duration < 0 || duration > longestLock {
		return longestLock
	}
	return duration
}

// refresh makes a user's lock last on.
func (l *locks) refresh(now time.Time, user, token string, duration time.Duration) (webdav.LockDetails, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	lock, found := l.held[token]
	if !found || lock.user != user {
		return webdav.LockDetails{}, webdav.ErrNoSuchLock
	}
	details, err := l.system.Refresh(now, token, bounded(duration))
	if err == nil {
		lock.until = now.Add(bounded(duration))
		l.held[token] = lock
	}
	return details, err
}

// unlock ends a user's lock.
func (l *locks) unlock(now time.Time, user, token string) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if lock, found := l.held[token]; !found || lock.user != user {
		return webdav.ErrNoSuchLock
	}
	err := l.system.Unlock(now, token)
	if err == nil || errors.Is(err, webdav.ErrNoSuchLock) {
		delete(l.held, token)
	}
	return err
}

// covers tells whether a token is that of a living lock of the user that a name is under.
func (l *locks) covers(user, token, name string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	lock, found := l.held[token]
	return found && lock.user == user && time.Now().Before(lock.until) && lock.isOn(name)
}

func (l lock) isOn(name string) bool {
	return l.root == name || !l.exact && strings.HasPrefix(name, l.root+"/")
}

// on returns the living lock that a name is under, if there is one, and its token where it is the user's own.
func (l *locks) on(user, name string) (found lock, token string, locked bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := time.Now()
	for token, lock := range l.held {
		if lock.isOn(name) && now.Before(lock.until) {
			if lock.user != user {
				token = ""
			}
			return lock, token, true
		}
	}
	return lock{}, "", false
}

// count returns how many locks there are.
func (l *locks) count() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return len(l.held)
}

// forget ends the locks of what is not there any more: a name and all below it.
func (l *locks) forget(name string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for token, lock := range l.held {
		if lock.root == name || strings.HasPrefix(lock.root, name+"/") {
			_ = l.system.Unlock(time.Now(), token)
			delete(l.held, token)
		}
	}
}

// check refuses a change of a name that another's lock is on, or the user's own whose token is not submitted; of a
// change that is deep, also where a lock is on something below.
func (l *locks) check(user, name string, deep bool, submitted []string) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := time.Now()
	for token, lock := range l.held {
		on := lock.isOn(name) || deep && strings.HasPrefix(lock.root, name+"/")
		if !on || !now.Before(lock.until) || lock.user == user && slices.Contains(submitted, token) {
			continue
		}
		return refusal{status: http.StatusLocked, condition: "lock-token-submitted", text: "somebody has locked it"}
	}
	return nil
}

// change is a target that is about to change, with all below it where it is deep.
type change struct {
	target
	deep bool
}

// confirm evaluates the If header, and refuses what others' locks forbid.
func (c *call) confirm(changes ...change) error {
	tokens, err := c.submitted()
	if err != nil {
		return err
	}
	for _, at := range changes {
		if err := c.door.locks.check(c.caller.Name, at.key(), at.deep, tokens); err != nil {
			return err
		}
	}
	return nil
}

// usersLocks are the locks as one caller's request sees them, under the names that the caller uses.
type usersLocks struct{ *call }

var _ webdav.LockSystem = usersLocks{}

// inside returns the name that the target of the request has for all users; requests lock nothing else.
func (u usersLocks) inside(name string) (string, error) {
	at, err := u.find(name)
	if err != nil {
		return "", err
	}
	return at.key(), nil
}

// Confirm implements webdav.LockSystem; requests that change something are confirmed before.
func (u usersLocks) Confirm(time.Time, string, string, ...webdav.Condition) (func(), error) {
	return func() {}, nil
}

// Create implements webdav.LockSystem.
func (u usersLocks) Create(now time.Time, details webdav.LockDetails) (string, error) {
	inside, err := u.inside(details.Root)
	if err != nil {
		return "", err
	}
	details.Root = inside
	return u.door.locks.create(now, u.caller.Name, details)
}

// Refresh implements webdav.LockSystem.
func (u usersLocks) Refresh(now time.Time, token string, duration time.Duration) (webdav.LockDetails, error) {
	details, err := u.door.locks.refresh(now, u.caller.Name, token, duration)
	details.Root = strings.TrimSuffix(u.webPath(), "/")
	return details, err
}

// Unlock implements webdav.LockSystem.
func (u usersLocks) Unlock(now time.Time, token string) error {
	return u.door.locks.unlock(now, u.caller.Name, token)
}
