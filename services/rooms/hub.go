package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// What the hub can answer of a token, for errors.Is.
var (
	// ErrRefused is a token that the hub does not know, or not any more.
	ErrRefused = errors.New("the hub does not know this token")
	// ErrNotAllowed is a token of somebody that does not open this door.
	ErrNotAllowed = errors.New("this token is not for this door")
	// ErrUnavailable is a hub that does not answer.
	ErrUnavailable = errors.New("the hub does not answer")
)

// Caller is a person, as the hub knows them.
type Caller struct {
	Name   string
	Groups []string
	// Token is the number that the hub gave the token; empty where nobody asked by one.
	Token string
}

// Hub asks the hub, at each call anew.
type Hub struct {
	// URL of its API, without a final slash, such as http://hub:8081/hub/api.
	URL string
	// Door is the name of the service that asks.
	Door string
	// Token is the door's own.
	Token string
	// Client is what it is asked with; one with a time limit.
	Client *http.Client
}

// NewHub returns a Hub that waits a few seconds for an answer.
func NewHub(url, door, token string) *Hub {
	return &Hub{URL: url, Door: door, Token: token, Client: &http.Client{
		Timeout: 5 * time.Second,
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 4, MaxConnsPerHost: 16, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: 5 * time.Second,
		},
		// The API does not redirect; whatever does is not the API, and is told no token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Identify returns whom a token belongs to, where it opens this door.
func (h *Hub) Identify(ctx context.Context, token string) (Caller, error) {
	var owner struct {
		Kind   string   `json:"kind"`
		Name   string   `json:"name"`
		Scopes []string `json:"scopes"`
		Token  string   `json:"token_id"`
	}
	if err := h.ask(ctx, "/user", token, &owner); err != nil {
		return Caller{}, err
	}
	if owner.Kind != "user" || !h.opens(owner.Scopes) || !IsUserName(owner.Name) {
		return Caller{}, ErrNotAllowed
	}
	caller, err := h.Person(ctx, owner.Name)
	caller.Token = owner.Token
	return caller, err
}

// Person returns what the hub knows of a user, by the door's own token.
func (h *Hub) Person(ctx context.Context, name string) (Caller, error) {
	if !IsUserName(name) {
		return Caller{}, ErrNotAllowed
	}
	var person struct {
		Name   string   `json:"name"`
		Groups []string `json:"groups"`
	}
	err := h.ask(ctx, "/users/"+url.PathEscape(name), h.Token, &person)
	if errors.Is(err, errTokenRefused) {
		// The door's own token: what is wrong is not the caller's.
		return Caller{}, fmt.Errorf("%w as it should: it refuses the token of service %s", ErrUnavailable, h.Door)
	}
	if err != nil {
		return Caller{}, err
	}
	if person.Name != name {
		return Caller{}, fmt.Errorf("%w as it should: asked for one user, told of another", ErrUnavailable)
	}
	return Caller{Name: name, Groups: person.Groups}, nil
}

var (
	errNoUser       = fmt.Errorf("%w: its user is gone", ErrRefused)
	errTokenRefused = fmt.Errorf("%w (401 or 403)", ErrRefused)
)

const longestAnswer = 1 << 20

func (h *Hub) ask(ctx context.Context, path, token string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+path, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	request.Header.Set("Authorization", "token "+token)
	response, err := h.Client.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return errTokenRefused
	case http.StatusNotFound:
		return errNoUser
	default:
		return fmt.Errorf("%w: status %d", ErrUnavailable, response.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, longestAnswer)).Decode(answer); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}
