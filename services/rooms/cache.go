package rooms

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// Identifier tells whose a token is; Hub and Cache are.
type Identifier interface {
	Identify(ctx context.Context, token string) (Caller, error)
}

const (
	// refusedTime is how long a refusal is remembered: less than a person takes to make a new token.
	refusedTime = 5 * time.Second
	// mostTokens bounds the memory of what tokens are; what goes first is asked for anew.
	mostTokens = 10_000
)

// Cache remembers what an Identifier said, for a time; of several who ask for one token at once, one asks.
//
// A token that is revoked is refused when its time is over. While the hub does not answer, those whom it knew go on
// until then, and everyone else gets ErrUnavailable.
type Cache struct {
	from Identifier
	time time.Duration
	now  func() time.Time

	mutex   sync.Mutex
	entries map[[sha256.Size]byte]*entry
}

type entry struct {
	done   chan struct{}
	caller Caller
	err    error
	until  time.Time
}

// NewCache returns an empty Cache whose answers hold for the given time.
func NewCache(from Identifier, hold time.Duration) *Cache {
	return &Cache{from: from, time: hold, now: time.Now, entries: map[[sha256.Size]byte]*entry{}}
}

// Known tells whether a token is known to be somebody's, without asking anyone.
func (c *Cache) Known(token string) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	found := c.entries[sha256.Sum256([]byte(token))]
	return found != nil && found.finished() && found.err == nil && c.now().Before(found.until)
}

func (e *entry) finished() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// Identify returns whom a token belongs to.
func (c *Cache) Identify(ctx context.Context, token string) (Caller, error) {
	// The token itself is not kept.
	key := sha256.Sum256([]byte(token))
	c.mutex.Lock()
	found := c.entries[key]
	if found == nil || found.finished() && !c.now().Before(found.until) {
		found = &entry{done: make(chan struct{})}
		c.makeRoom()
		c.entries[key] = found
		// Not with this caller's context: others wait for the same answer.
		go c.ask(context.WithoutCancel(ctx), token, key, found)
	}
	c.mutex.Unlock()
	select {
	case <-found.done:
		return found.caller, found.err
	case <-ctx.Done():
		return Caller{}, errors.Join(ErrUnavailable, ctx.Err())
	}
}

func (c *Cache) ask(ctx context.Context, token string, key [sha256.Size]byte, asked *entry) {
	// Its time begins when the question does: a token revoked while the answer is on its way is not believed longer.
	started := c.now()
	asked.caller, asked.err = c.from.Identify(ctx, token)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	switch {
	case asked.err == nil:
		asked.until = started.Add(c.time)
	case errors.Is(asked.err, ErrRefused), errors.Is(asked.err, ErrNotAllowed):
		asked.until = started.Add(min(c.time, refusedTime))
	default:
		delete(c.entries, key)
	}
	close(asked.done)
}

// makeRoom forgets what is out of date, and if that is not enough, anything that is not being asked.
func (c *Cache) makeRoom() {
	if len(c.entries) < mostTokens {
		return
	}
	now := c.now()
	for key, found := range c.entries {
		if found.finished() && !now.Before(found.until) {
			delete(c.entries, key)
		}
	}
	for key, found := range c.entries {
		if len(c.entries) < mostTokens {
			return
		}
		if found.finished() {
			delete(c.entries, key)
		}
	}
}
