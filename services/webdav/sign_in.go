package main

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"science-platform/services/rooms"
)

const (
	// failuresAtOnce and failureEvery dampen guessing: so many wrong tokens from one address at once, then one in
	// this time.
	failuresAtOnce = 20
	failureEvery   = 3 * time.Second
	mostAddresses  = 10_000
)

// credentials returns the token of a request and the user name beside it, which is empty where the client gives none:
// Authorization: Bearer or token, or Basic with the token as the password.
func credentials(r *http.Request) (user, token string) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer", "token":
		return "", strings.TrimSpace(value)
	case "basic":
		user, token, _ = r.BasicAuth()
		return user, token
	}
	return "", ""
}

// longestToken keeps what is asked of the hub to what a token can be.
const longestToken = 512

// identify returns who calls.
func (d *door) identify(r *http.Request) (rooms.Caller, error) {
	user, token := credentials(r)
	if token == "" {
		return rooms.Caller{}, d.unauthorized("sign in with a token of the hub as the password")
	}
	address := clientAddress(r)
	known := d.tokens.Known(token)
	if !known && !d.failures.allow(address) {
		d.metrics.refused("guessing")
		return rooms.Caller{}, refusal{
			status: http.StatusTooManyRequests, retry: 10, text: "too many wrong tokens from this address",
		}
	}
	if len(token) > longestToken {
		d.failures.count(address)
		return rooms.Caller{}, d.unauthorized("this is no token of the hub")
	}
	caller, err := d.tokens.Identify(r.Context(), token)
	switch {
	case err == nil:
	case errors.Is(err, rooms.ErrRefused):
		d.failures.count(address)
		return rooms.Caller{}, d.unauthorized("this token is not, or not any more, one of the hub's")
	case errors.Is(err, rooms.ErrNotAllowed):
		d.failures.count(address)
		return rooms.Caller{}, refusal{
			status: http.StatusForbidden, text: "this token does not open this door: make one without fewer permissions",
		}
	default:
		d.metrics.refused("hub")
		return rooms.Caller{}, refusal{
			status: http.StatusServiceUnavailable, retry: 10, text: "the hub does not answer; try again", cause: err,
		}
	}
	if user != "" && user != caller.Name {
		d.failures.count(address)
		return rooms.Caller{}, d.unauthorized("this token belongs to another user")
	}
	return caller, nil
}

// unauthorized asks for a sign-in; nothing else does, so that clients never forget a token that is right.
func (d *door) unauthorized(text string) error {
	d.metrics.refused("token")
	return refusal{status: http.StatusUnauthorized, text: text}
}

// clientAddress returns the address that the edge saw: it adds what it saw at the end.
func clientAddress(r *http.Request) string {
	if forwarded := r.Header.Get("X-Forwarded-For"); forwarded != "" {
		return strings.TrimSpace(forwarded[strings.LastIndex(forwarded, ",")+1:])
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// failures counts wrong tokens by address: a bucket that fills with each and drains with time.
type failures struct {
	mutex sync.Mutex
	// full is when an address's bucket is empty again.
	empty map[string]time.Time
	now   func() time.Time
}

func newFailures() *failures { return &failures{empty: map[string]time.Time{}, now: time.Now} }

// allow tells whether one more wrong token from an address would be borne.
func (f *failures) allow(address string) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.empty[address].Sub(f.now()) <= (failuresAtOnce-1)*failureEvery
}

// count adds a wrong token.
func (f *failures) count(address string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	now := f.now()
	if len(f.empty) >= mostAddresses {
		for known, empty := range f.empty {
			if empty.Before(now) || len(f.empty) >= mostAddresses {
				delete(f.empty, known)
			}
		}
	}
	empty := f.empty[address]
	if empty.Before(now) {
		empty = now
	}
	f.empty[address] = empty.Add(failureEvery)
}
