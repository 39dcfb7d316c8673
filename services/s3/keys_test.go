package main

import (
	"bytes"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// code is the S3 error code that an operation ended with; empty for none.
func code(err error) string {
	var known smithy.APIError
	if errors.As(err, &known) {
		return known.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestAKeyNamesItsTokenAndOwnerAndNobodyElseCanMakeIt(t *testing.T) {
	keys := NewKeys(bytes.Repeat([]byte("k"), 32), nil, time.Second)
	for _, user := range []string{"a", "alice", "first.last@example.org", strings.Repeat("x", 64)} {
		access, secret, err := keys.Make(user, "a123456789")
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9]{16,128}$`).MatchString(access) || len(secret) != 43 {
			t.Errorf("%s: access key %q (%d), secret of %d", user, access, len(access), len(secret))
		}
		owner, token, err := keys.read(access)
		if owner != user || token != "a123456789" || err != nil {
			t.Errorf("%s: read %q %q %v", user, owner, token, err)
		}
		other := NewKeys(bytes.Repeat([]byte("o"), 32), nil, time.Second)
		if _, _, err := other.read(access); err == nil {
			t.Errorf("%s: a key of another site was read", user)
		}
		for at := range access {
			changed := []byte(access)
			changed[at] = map[bool]byte{true: 'A', false: 'B'}[changed[at] == 'B']
			if owner, _, err := keys.read(string(changed)); err == nil {
				t.Fatalf("%s: read %q after byte %d was changed", user, owner, at)
			}
		}
	}
}

func TestATokenThatIsNoNumberOfTheHubsMakesNoKey(t *testing.T) {
	keys := NewKeys(bytes.Repeat([]byte("k"), 32), nil, time.Second)
	for _, token := range []string{"", "1", "b1", "a", "a-1", "a1x"} {
		if access, _, err := keys.Make("alice", token); err == nil {
			t.Errorf("%q made %s", token, access)
		}
	}
}

func TestTheSameTokenMakesTheSameKeyAndAnotherAnother(t *testing.T) {
	keys := NewKeys(bytes.Repeat([]byte("k"), 32), nil, time.Second)
	first, firstSecret, _ := keys.Make("alice", "a1")
	again, againSecret, _ := keys.Make("alice", "a1")
	second, secondSecret, _ := keys.Make("alice", "a2")
	if first != again || firstSecret != againSecret || first == second || firstSecret == secondSecret {
		t.Error(first, again, second)
	}
}

func TestWhoGetsAKeyForAToken(t *testing.T) {
	d := newDoor(t)
	for token, want := range map[string]int{
		"token-alice": http.StatusOK,
		"token-bob":   http.StatusOK,
		"token-weak":  http.StatusForbidden,
		"nobody's":    http.StatusUnauthorized,
		"":            http.StatusUnauthorized,
	} {
		if status, _ := d.exchange(token); status != want {
			t.Errorf("%q: %d, want %d", token, status, want)
		}
	}
	d.hub.change(func() { d.hub.down = true })
	if status, _ := d.exchange("token-alice"); status != http.StatusServiceUnavailable {
		t.Errorf("hub down: %d", status)
	}
}

func TestAKeyIsRefusedWithinTheCacheTimeOfItsTokensEnd(t *testing.T) {
	soon := time.Now().Add(200 * time.Millisecond)
	for name, end := range map[string]func(*hub){
		"revoked":      func(h *hub) { delete(h.tokens, "token-alice") },
		"expired":      func(h *hub) { token := h.tokens["token-alice"]; token.Expires = &soon; h.tokens["token-alice"] = token },
		"user removed": func(h *hub) { delete(h.users, "alice") },
		"scope lost":   func(h *hub) { token := h.tokens["token-alice"]; token.Scopes = nil; h.tokens["token-alice"] = token },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			alice := d.client("alice")
			d.put(alice, "home", "file", "x")
			d.hub.change(func() { end(d.hub) })
			time.Sleep(cacheTime + 200*time.Millisecond)
			_, err := read(alice, "home", "file")
			if code(err) != "InvalidAccessKeyId" {
				t.Error(err)
			}
		})
	}
}

func TestTheHubIsAskedOnceForManyRequestsAndNeverForForgedKeys(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	d.put(alice, "home", "file", "x")
	before := 0
	d.hub.change(func() { before = d.hub.asked })
	for range 20 {
		d.get(alice, "home", "file")
	}
	forged := d.with(Key{AccessKeyID: "S1MEYTAMBQGEYDCMBRGEYTCMJRGE", Secret: "x"})
	for range 20 {
		if _, err := read(forged, "home", "file"); code(err) != "InvalidAccessKeyId" {
			t.Fatal(err)
		}
	}
	d.hub.change(func() {
		// The time of the cache may have ended once in between: two questions.
		if d.hub.asked-before > 2 {
			t.Errorf("asked %d times", d.hub.asked-before)
		}
	})
}

func TestAHubThatDoesNotAnswerIsNoReasonToRefuseAKeyForGood(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	d.hub.change(func() { d.hub.down = true })
	if _, err := read(alice, "home", "file"); code(err) != "ServiceUnavailable" {
		t.Error(err)
	}
	d.hub.change(func() { d.hub.down = false })
	if _, err := read(alice, "home", "file"); code(err) != "NoSuchKey" {
		t.Error(err)
	}
}

func TestAWrongSecretAndAStolenAccessKeyAreRefused(t *testing.T) {
	d := newDoor(t)
	_, alices := d.exchange("token-alice")
	_, bobs := d.exchange("token-bob")
	mixed := d.with(Key{AccessKeyID: alices.AccessKeyID, Secret: bobs.Secret})
	if _, err := read(mixed, "home", "file"); code(err) != "SignatureDoesNotMatch" {
		t.Error(err)
	}
}

func TestNobodyIsTheLibrarysRootUserAndNobodyIsAnonymous(t *testing.T) {
	d := newDoor(t)
	for _, access := range []string{"root", "admin", "versitygw"} {
		client := d.with(Key{AccessKeyID: access, Secret: access})
		if _, err := client.ListBuckets(background, nil); code(err) != "InvalidAccessKeyId" {
			t.Errorf("%q: %v", access, err)
		}
	}
	for method, path := range map[string]string{
		"GET": "/", "PUT": "/home", "DELETE": "/home/file", "PATCH": "/create-user", "POST": "/home",
	} {
		request, _ := http.NewRequest(method, d.url+path, strings.NewReader(""))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s %s: %d", method, path, response.StatusCode)
		}
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	d := newDoor(t)
	_, key := d.exchange("token-alice")
	alice := d.with(key)
	d.put(alice, "home", "file", "x")
	signed, err := s3.NewPresignClient(alice).PresignGetObject(background,
		&s3.GetObjectInput{Bucket: aws.String("home"), Key: aws.String("file")})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(signed.URL)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	response.Body.Close()
	_, _ = d.exchange("wrong-token")
	logged := d.logged()
	for _, secret := range []string{"token-alice", "wrong-token", key.Secret, key.AccessKeyID, "Signature", "X-Amz"} {
		if strings.Contains(logged, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(logged, `"user":"alice","operation":"GetObject","method":"GET","path":"/home/file","status":200`) {
		t.Error(logged)
	}
}
