package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3err"

	"science-platform/services/rooms"
)

// Keys makes and knows S3 keys. None is stored: an access key is the name of a hub token and its owner, sealed so
// that nobody else can make one, and the secret follows from it. A key works for as long as its token is at the hub.
type Keys struct {
	master []byte
	hub    *rooms.Hub
	known  *rooms.Cache
}

// NewKeys returns the keys of a master secret; what the hub says of one holds for the given time.
func NewKeys(master []byte, hub *rooms.Hub, hold time.Duration) *Keys {
	keys := &Keys{master: master, hub: hub}
	keys.known = rooms.NewCache(keys, hold)
	return keys
}

const (
	// keyPrefix starts every access key; the digit is raised when what follows changes.
	keyPrefix  = "S1"
	sealLength = 8
)

var (
	keyText   = base32.StdEncoding.WithPadding(base32.NoPadding)
	errNoKey  = errors.New("not an access key of this site")
	errNoName = errors.New("the hub gave the token a name that is not one of its own")
)

// Make returns the access key of a user's hub token, at most 128 letters and digits, and its secret.
func (k *Keys) Make(user, token string) (access, secret string, err error) {
	digits, ok := strings.CutPrefix(token, "a")
	number, parseErr := strconv.ParseUint(digits, 10, 63)
	if !ok || parseErr != nil {
		return "", "", errNoName
	}
	content := append(binary.AppendUvarint(nil, number), user...)
	access = keyPrefix + keyText.EncodeToString(append(k.seal(content), content...))
	return access, k.secret(access), nil
}

// read returns whose key it is, and the hub token that it stands for.
func (k *Keys) read(access string) (user, token string, err error) {
	text, ok := strings.CutPrefix(access, keyPrefix)
	sealed, decodeErr := keyText.DecodeString(text)
	// The last letter has bits to spare: one spelling of a key is enough.
	if !ok || decodeErr != nil || len(sealed) <= sealLength || keyText.EncodeToString(sealed) != text {
		return "", "", errNoKey
	}
	seal, content := sealed[:sealLength], sealed[sealLength:]
	if !hmac.Equal(seal, k.seal(content)) {
		return "", "", errNoKey
	}
	number, length := binary.Uvarint(content)
	if length <= 0 {
		return "", "", errNoKey
	}
	return string(content[length:]), "a" + strconv.FormatUint(number, 10), nil
}

func (k *Keys) seal(content []byte) []byte { return k.derive("access", content)[:sealLength] }

func (k *Keys) secret(access string) string {
	return base64.RawURLEncoding.EncodeToString(k.derive("secret", []byte(access)))
}

func (k *Keys) derive(purpose string, content []byte) []byte {
	mac := hmac.New(sha256.New, k.master)
	mac.Write([]byte(purpose + "\x00"))
	mac.Write(content)
	return mac.Sum(nil)
}

// Identify returns whom an access key belongs to, if its hub token still opens this door.
func (k *Keys) Identify(ctx context.Context, access string) (rooms.Caller, error) {
	user, token, err := k.read(access)
	if err != nil {
		return rooms.Caller{}, rooms.ErrRefused
	}
	if err := k.hub.Opens(ctx, user, token); err != nil {
		return rooms.Caller{}, err
	}
	return k.hub.Person(ctx, user)
}

// Known is Identify, by what the hub said a short while ago.
func (k *Keys) Known(ctx context.Context, access string) (rooms.Caller, error) {
	// What nobody of this site can have made is refused without a place in the memory.
	if _, _, err := k.read(access); err != nil {
		return rooms.Caller{}, rooms.ErrRefused
	}
	return k.known.Identify(ctx, access)
}

const identifyTime = 10 * time.Second

// GetUserAccount returns the account of an access key, for the protocol to check a signature with.
func (k *Keys) GetUserAccount(access string) (auth.Account, error) {
	ctx, cancel := context.WithTimeout(context.Background(), identifyTime)
	defer cancel()
	_, err := k.Known(ctx, access)
	switch {
	case errors.Is(err, rooms.ErrRefused), errors.Is(err, rooms.ErrNotAllowed):
		return auth.Account{}, auth.ErrNoSuchUser
	case err != nil:
		return auth.Account{}, errUnavailable
	}
	return auth.Account{Access: access, Secret: k.secret(access), Role: auth.RoleUser}, nil
}

// errUnavailable tells clients to try again, as they do by themselves.
var errUnavailable = s3err.APIError{
	Code:           "ServiceUnavailable",
	Description:    "The hub, which knows whose keys are valid, does not answer. Try again.",
	HTTPStatusCode: 503,
}

var errNoAdministration = s3err.GetAPIError(s3err.ErrAdminMethodNotSupported)

// CreateAccount is not possible: the hub has the users.
func (*Keys) CreateAccount(auth.Account) error { return errNoAdministration }

// ResolveAccounts is not possible: nobody grants anything to an account.
func (*Keys) ResolveAccounts([]string) ([]string, error) { return nil, errNoAdministration }

// UpdateUserAccount is not possible: the hub has the users.
func (*Keys) UpdateUserAccount(string, auth.MutableProps) error { return errNoAdministration }

// DeleteUserAccount is not possible: the hub has the users.
func (*Keys) DeleteUserAccount(string) error { return errNoAdministration }

// ListUserAccounts is not possible: the hub has the users.
func (*Keys) ListUserAccounts() ([]auth.Account, error) { return nil, errNoAdministration }

// Shutdown does nothing.
func (*Keys) Shutdown() error { return nil }
