package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"science-platform/services/rooms"
)

// hub is a hub with the part of its API that doors use: each user has one token, whose number is a1, a2, ….
type hub struct {
	mutex  sync.Mutex
	users  map[string][]string // groups by user
	tokens map[string]hubToken // by the token itself
	asked  int
	down   bool
}

type hubToken struct {
	User    string
	ID      string
	Scopes  []string
	Expires *time.Time
}

const doorToken = "the-door"

func (h *hub) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.asked++
	if h.down {
		http.Error(out, "no", http.StatusBadGateway)
		return
	}
	token := strings.TrimPrefix(in.Header.Get("Authorization"), "token ")
	parts := strings.Split(strings.TrimPrefix(in.URL.Path, "/hub/api/"), "/")
	if parts[0] == "user" {
		found, ok := h.tokens[token]
		if !ok {
			http.Error(out, "no", http.StatusForbidden)
			return
		}
		write(out, map[string]any{"kind": "user", "name": found.User, "scopes": found.Scopes, "token_id": found.ID})
		return
	}
	if token != doorToken {
		http.Error(out, "no", http.StatusForbidden)
		return
	}
	groups, ok := h.users[parts[1]]
	if !ok {
		http.NotFound(out, in)
		return
	}
	if len(parts) == 2 {
		write(out, map[string]any{"name": parts[1], "groups": groups})
		return
	}
	for _, found := range h.tokens {
		if found.User == parts[1] && found.ID == parts[3] {
			write(out, map[string]any{"id": found.ID, "scopes": found.Scopes, "expires_at": found.Expires})
			return
		}
	}
	http.NotFound(out, in)
}

func write(out http.ResponseWriter, document any) {
	_ = json.NewEncoder(out).Encode(document)
}

func (h *hub) change(what func()) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	what()
}

// door is an S3 door over folders of its own, with alice (group stars), bob (group stars, reading only) and carol.
type door struct {
	t        *testing.T
	hub      *hub
	server   *Server
	traffic  *Traffic
	log      *lockedWriter
	url      string
	homes    string
	projects string
	data     string
}

const cacheTime = time.Second

func newDoor(t *testing.T, change ...func(*Limits)) *door {
	t.Helper()
	base := t.TempDir()
	d := &door{
		t: t, log: &lockedWriter{to: &bytes.Buffer{}}, homes: filepath.Join(base, "homes"),
		projects: filepath.Join(base, "projects"), data: filepath.Join(base, "data"),
		hub: &hub{
			users: map[string][]string{"alice": {"astronomers"}, "bob": {"guests"}, "carol": {}},
			tokens: map[string]hubToken{
				"token-alice": {User: "alice", ID: "a1", Scopes: []string{"access:services!service=s3"}},
				"token-bob":   {User: "bob", ID: "a2", Scopes: []string{"access:services"}},
				"token-carol": {User: "carol", ID: "a3", Scopes: []string{"access:services!service=s3"}},
				"token-weak":  {User: "carol", ID: "a4", Scopes: []string{"read:users"}},
			},
		},
	}
	for _, folder := range []string{"homes/alice", "homes/bob", "homes/carol", "projects/stars", "data"} {
		if err := os.MkdirAll(filepath.Join(base, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	hubServer := httptest.NewServer(d.hub)
	t.Cleanup(hubServer.Close)
	document := &rooms.Document{
		Site: "here", Hub: hubServer.URL + "/hub/api", CacheSeconds: 1, Homes: d.homes, Projects: d.projects,
		Spaces: map[string]rooms.Space{"stars": {ReadWrite: []string{"astronomers"}, ReadOnly: []string{"guests"}}},
		Data:   map[string]rooms.Collection{"gaia": {Path: d.data}},
	}
	limits := Limits{Requests: 64, PerUser: 32, Connections: 256, Idle: 10 * time.Second}
	for _, one := range change {
		one(&limits)
	}
	d.traffic = NewTraffic(limits, slog.New(slog.NewJSONHandler(d.log, nil)))
	keys := NewKeys(bytes.Repeat([]byte("k"), 32), rooms.NewHub(document.Hub, "s3", doorToken), cacheTime)
	d.server = NewServer(document, keys, d.traffic, limits, "https://s3.example.org")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.url = "http://" + listener.Addr().String()
	ended := make(chan error, 1)
	go func() { ended <- d.server.Serve(listener) }()
	t.Cleanup(func() {
		_ = d.server.Shutdown(time.Second)
		<-ended
	})
	return d
}

type lockedWriter struct {
	mutex sync.Mutex
	to    *bytes.Buffer
}

func (w *lockedWriter) Write(data []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.to.Write(data)
}

// exchange asks for a key.
func (d *door) exchange(token string) (int, Key) {
	d.t.Helper()
	request, err := http.NewRequest(http.MethodPost, d.url+keysPath, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	var key Key
	if err := json.NewDecoder(response.Body).Decode(&key); err != nil {
		d.t.Fatal(err)
	}
	return response.StatusCode, key
}

// client is a client with a user's key.
func (d *door) client(user string, change ...func(*s3.Options)) *s3.Client {
	d.t.Helper()
	status, key := d.exchange("token-" + user)
	if status != http.StatusOK {
		d.t.Fatalf("no key for %s: %d", user, status)
	}
	return d.with(key, change...)
}

func (d *door) with(key Key, change ...func(*s3.Options)) *s3.Client {
	options := s3.Options{
		Region: region, BaseEndpoint: &d.url, UsePathStyle: true, RetryMaxAttempts: 1,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		Credentials:                credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.Secret, ""),
	}
	return s3.New(options, change...)
}

var background = context.Background()

func (d *door) put(client *s3.Client, bucket, key, content string) *s3.PutObjectOutput {
	d.t.Helper()
	out, err := client.PutObject(background, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: strings.NewReader(content),
	})
	if err != nil {
		d.t.Fatalf("put %s/%s: %v", bucket, key, err)
	}
	return out
}

func (d *door) get(client *s3.Client, bucket, key string) string {
	d.t.Helper()
	content, err := read(client, bucket, key)
	if err != nil {
		d.t.Fatalf("get %s/%s: %v", bucket, key, err)
	}
	return content
}

func read(client *s3.Client, bucket, key string) (string, error) {
	out, err := client.GetObject(background, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	content, err := io.ReadAll(out.Body)
	return string(content), err
}

func (d *door) file(path string) string {
	d.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(content)
}

// logged is what the door has logged once all requests have ended.
func (d *door) logged() string {
	d.t.Helper()
	for range 100 {
		d.traffic.mutex.Lock()
		open := d.traffic.open
		d.traffic.mutex.Unlock()
		if open == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	d.log.mutex.Lock()
	defer d.log.mutex.Unlock()
	return d.log.to.String()
}

// write writes a file as people with a shell do, in place, and returns its path.
func (d *door) write(path, content string) string {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// raw sends a request whose path is sent as it is, signed with a key.
func (d *door) raw(key Key, method, path, body string) *http.Response {
	d.t.Helper()
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	request, err := http.NewRequest(method, d.url, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.URL.Opaque = "//" + request.URL.Host + path
	request.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	secret := aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.Secret}
	if err := signer.SignHTTP(background, secret, request, hash, "s3", region, time.Now()); err != nil {
		d.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	return response
}
