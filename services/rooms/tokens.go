package rooms

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// Opens tells whether a user's token, known by the number that the hub gave it, still opens this door: nil if so.
// The door's own token needs the scope read:tokens.
func (h *Hub) Opens(ctx context.Context, user, token string) error {
	if !IsUserName(user) {
		return ErrNotAllowed
	}
	var found struct {
		Scopes  []string   `json:"scopes"`
		Expires *time.Time `json:"expires_at"`
	}
	err := h.ask(ctx, "/users/"+url.PathEscape(user)+"/tokens/"+url.PathEscape(token), h.Token, &found)
	switch {
	case errors.Is(err, errNoUser):
		return ErrRefused
	case errors.Is(err, ErrRefused):
		return fmt.Errorf("%w as it should: it refuses the token of service %s", ErrUnavailable, h.Door)
	case err != nil:
		return err
	case found.Expires != nil && time.Now().After(*found.Expires):
		return ErrRefused
	case !h.opens(found.Scopes):
		return ErrNotAllowed
	}
	return nil
}

// opens tells whether scopes are enough for this door.
func (h *Hub) opens(scopes []string) bool {
	return slices.Contains(scopes, "access:services") ||
		slices.Contains(scopes, "access:services!service="+h.Door)
}
