package rooms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestWhetherATokenStillOpensTheDoor(t *testing.T) {
	answers := map[string]string{
		"/users/alice/tokens/a1": `{"scopes": ["access:services!service=s3"], "expires_at": null}`,
		"/users/alice/tokens/a2": `{"scopes": ["access:services"], "expires_at": "2999-01-01T00:00:00.000000Z"}`,
		"/users/alice/tokens/a3": `{"scopes": ["access:services"], "expires_at": "2001-01-01T00:00:00Z"}`,
		"/users/alice/tokens/a4": `{"scopes": ["access:services!service=webdav"]}`,
		"/users/alice/tokens/a5": `no JSON`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		answer, known := answers[in.URL.Path]
		switch {
		case in.Header.Get("Authorization") != "token door":
			out.WriteHeader(http.StatusForbidden)
		case !known:
			out.WriteHeader(http.StatusNotFound)
		default:
			fmt.Fprint(out, answer)
		}
	}))
	defer server.Close()
	for _, test := range []struct {
		door, user, token string
		want              error
	}{
		{"door", "alice", "a1", nil},
		{"door", "alice", "a2", nil},
		{"door", "alice", "a3", ErrRefused},
		{"door", "alice", "a4", ErrNotAllowed},
		{"door", "alice", "a5", ErrUnavailable},
		{"door", "alice", "a6", ErrRefused},
		{"door", "bob", "a1", ErrRefused},
		{"door", "../users/alice", "a1", ErrNotAllowed},
		// The door's own token is refused: that says nothing of the caller's.
		{"wrong", "alice", "a1", ErrUnavailable},
	} {
		err := NewHub(server.URL, "s3", test.door).Opens(context.Background(), test.user, test.token)
		if !errors.Is(err, test.want) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
