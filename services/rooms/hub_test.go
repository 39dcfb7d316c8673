package rooms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeHub answers as JupyterHub does: /user for the tokens of people, /users/<name> for the door's own.
func fakeHub(t *testing.T, tokens map[string]string) *Hub {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hub/api/user", func(w http.ResponseWriter, r *http.Request) {
		model, known := tokens[r.Header.Get("Authorization")]
		if !known {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprint(w, model)
	})
	mux.HandleFunc("GET /hub/api/users/{name}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "token door":
			w.WriteHeader(http.StatusForbidden)
		case r.PathValue("name") == "alice":
			fmt.Fprint(w, `{"kind": "user", "name": "alice", "groups": ["galaxies"]}`)
		case r.PathValue("name") == "broken":
			w.WriteHeader(http.StatusInternalServerError)
		case r.PathValue("name") == "other":
			fmt.Fprint(w, `{"name": "alice"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return NewHub(server.URL+"/hub/api", "webdav", "door")
}

func model(kind, name, scopes string) string {
	return fmt.Sprintf(`{"kind": %q, "name": %q, "scopes": [%s]}`, kind, name, scopes)
}

func TestWhomATokenBelongsTo(t *testing.T) {
	const opens = `"access:services!service=webdav"`
	hub := fakeHub(t, map[string]string{
		"token own":      model("user", "alice", opens),
		"token all":      model("user", "alice", `"access:services", "self"`),
		"token narrow":   model("user", "alice", `"read:users!user=alice"`),
		"token other":    model("user", "alice", `"access:services!service=s3"`),
		"token service":  model("service", "culler", opens),
		"token badname":  model("user", "../bob", opens),
		"token gone":     model("user", "gone", opens),
		"token broken":   model("user", "broken", opens),
		"token confused": model("user", "other", opens),
		"token garbage":  "<html>",
	})
	alice := Caller{Name: "alice", Groups: []string{"galaxies"}}
	for token, want := range map[string]any{
		"own": alice, "all": alice, "narrow": ErrNotAllowed, "other": ErrNotAllowed, "service": ErrNotAllowed,
		"badname": ErrNotAllowed, "gone": ErrRefused, "unknown": ErrRefused, "": ErrRefused,
		"broken": ErrUnavailable, "garbage": ErrUnavailable, "confused": ErrUnavailable, "a\nb": ErrUnavailable,
	} {
		caller, err := hub.Identify(context.Background(), token)
		if failure, fails := want.(error); fails {
			if !errors.Is(err, failure) {
				t.Errorf("%q: %v, %v; want %v", token, caller, err, failure)
			}
		} else if err != nil || !reflect.DeepEqual(caller, want) {
			t.Errorf("%q: %v, %v; want %v", token, caller, err, want)
		}
	}
}

func TestADoorWhoseOwnTokenIsRefusedIsNotTheCallersFault(t *testing.T) {
	hub := fakeHub(t, map[string]string{"token own": model("user", "alice", `"access:services"`)})
	hub.Token = "old"
	if _, err := hub.Identify(context.Background(), "own"); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
}

func TestAHubThatIsGoneIsUnavailable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if _, err := NewHub(server.URL, "webdav", "door").Identify(context.Background(), "x"); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
}

func TestTheHubsRedirectsAreNotFollowed(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	hub := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer hub.Close()
	if _, err := NewHub(hub.URL, "webdav", "door").Identify(context.Background(), "x"); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	if asked.Load() != 0 {
		t.Error("the token went elsewhere")
	}
}

// answers is an Identifier whose answers tests set.
type answers struct {
	mutex sync.Mutex
	err   error
	asked int
	delay time.Duration
}

func (a *answers) Identify(context.Context, string) (Caller, error) {
	time.Sleep(a.delay)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.asked++
	return Caller{Name: "alice"}, a.err
}

func (a *answers) say(err error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.err = err
}

func TestARevokedTokenIsRefusedWithinTheCacheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := &answers{}
		cache := NewCache(hub, 30*time.Second)
		try := func() error { _, err := cache.Identify(context.Background(), "token"); return err }
		if cache.Known("token") || try() != nil || !cache.Known("token") {
			t.Fatal("not taken, or not remembered")
		}
		hub.say(ErrRefused)
		time.Sleep(29 * time.Second)
		if err := try(); err != nil || hub.asked != 1 {
			t.Errorf("not remembered: %v, asked %d times", err, hub.asked)
		}
		time.Sleep(time.Second)
		if err := try(); !errors.Is(err, ErrRefused) || cache.Known("token") {
			t.Errorf("after the cache time: %v", err)
		}
		hub.say(nil)
		time.Sleep(refusedTime)
		if err := try(); err != nil {
			t.Errorf("a refusal is remembered for too long: %v", err)
		}
	})
}

func TestWhileTheHubIsDownThoseWhoAreKnownGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := &answers{}
		cache := NewCache(hub, 30*time.Second)
		try := func(token string) error { _, err := cache.Identify(context.Background(), token); return err }
		if err := try("known"); err != nil {
			t.Fatal(err)
		}
		hub.say(ErrUnavailable)
		for token, want := range map[string]error{"known": nil, "new": ErrUnavailable} {
			if err := try(token); !errors.Is(err, want) {
				t.Errorf("%s: %v", token, err)
			}
		}
		hub.say(nil)
		if err := try("new"); err != nil {
			t.Errorf("the hub is back, but: %v", err)
		}
	})
}

func TestOfManyWithOneTokenOneAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := &answers{delay: time.Second}
		cache := NewCache(hub, 30*time.Second)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := cache.Identify(context.Background(), "token"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if hub.asked != 1 {
			t.Errorf("asked %d times", hub.asked)
		}
	})
}

func TestACallerWhoLeavesDoesNotSpoilTheAnswerForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := NewCache(&answers{delay: time.Second}, 30*time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if _, err := cache.Identify(ctx, "token"); !errors.Is(err, ErrUnavailable) {
			t.Error(err)
		}
		if _, err := cache.Identify(context.Background(), "token"); err != nil {
			t.Error(err)
		}
	})
}

func TestTheCacheIsBounded(t *testing.T) {
	hub := &answers{err: ErrRefused}
	cache := NewCache(hub, 30*time.Second)
	for i := range mostTokens + 100 {
		_, _ = cache.Identify(context.Background(), fmt.Sprint(i))
	}
	if len(cache.entries) > mostTokens {
		t.Errorf("%d entries", len(cache.entries))
	}
}
