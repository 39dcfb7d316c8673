package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"science-platform/services/rooms"
)

// TestMain runs the program itself where a test has started it as a process.
func TestMain(m *testing.M) {
	if os.Getenv("WEBDAV_TEST_RUN") == "" {
		os.Exit(m.Run())
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process is the program as it is deployed, with a hub of the test's own.
type process struct {
	*exec.Cmd
	t            *testing.T
	url, metrics string
	alice        string
	start        func() *exec.Cmd
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func startProcess(t *testing.T) *process {
	t.Helper()
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") + r.URL.Path {
		case "token alice-token/user":
			fmt.Fprint(w, `{"kind": "user", "name": "alice", "scopes": ["access:services!service=webdav"]}`)
		case "token door/users/alice":
			fmt.Fprint(w, `{"name": "alice", "groups": []}`)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(hub.Close)
	top := t.TempDir()
	alice := filepath.Join(top, "homes/alice")
	must(t, os.MkdirAll(alice, 0o755))
	document, err := json.Marshal(rooms.Document{Hub: hub.URL, CacheSeconds: 30, Homes: filepath.Join(top, "homes")})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(top, "rooms.json"), document, 0o644))
	must(t, os.WriteFile(filepath.Join(top, "token"), []byte("door\n"), 0o600))
	files, metrics := freeAddress(t), freeAddress(t)
	started := &process{t: t, url: "http://" + files, metrics: "http://" + metrics, alice: alice}
	started.start = func() *exec.Cmd {
		command := exec.Command(os.Args[0], "-rooms="+filepath.Join(top, "rooms.json"), "-token="+filepath.Join(top, "token"),
			"-listen="+files, "-metrics="+metrics, "-linger=200ms", "-drain=30s")
		command.Env = append(os.Environ(), "WEBDAV_TEST_RUN=yes")
		must(t, command.Start())
		eventually(t, "the door answers", func() bool { _, err := started.get(started.url + "/home/"); return err == nil })
		return command
	}
	started.Cmd = started.start()
	t.Cleanup(func() { _ = started.Process.Kill() })
	return started
}

func (p *process) get(url string) (string, error) {
	request, err := http.NewRequest("GET", url, nil)
	must(p.t, err)
	request.Header.Set("Authorization", "Bearer alice-token")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// upload begins to put a file; what is written to it goes there.
func (p *process) upload(name string) (body *io.PipeWriter, status chan int) {
	p.t.Helper()
	reader, writer := io.Pipe()
	request, err := http.NewRequest("PUT", p.url+"/home/"+name, reader)
	must(p.t, err)
	request.Header.Set("Authorization", "Bearer alice-token")
	status = make(chan int, 1)
	go func() {
		response, err := (&http.Transport{}).RoundTrip(request)
		if err != nil {
			reader.CloseWithError(err)
			status <- 0
			return
		}
		response.Body.Close()
		status <- response.StatusCode
	}()
	_, err = writer.Write([]byte(strings.Repeat("x", 100_000)))
	must(p.t, err)
	return writer, status
}

func TestKilledInTheMiddleOfAnUpload(t *testing.T) {
	process := startProcess(t)
	old := filepath.Join(process.alice, "a")
	must(t, os.WriteFile(old, []byte("old"), 0o644))
	cut, status := process.upload("a")
	must(t, process.Process.Kill())
	_ = process.Wait()
	must(t, cut.CloseWithError(io.ErrUnexpectedEOF))
	if got := <-status; got != 0 {
		t.Errorf("the upload ended with %d", got)
	}
	read, err := os.ReadFile(old)
	if got := names(t, process.alice); err != nil || string(read) != "old" || len(got) != 1 {
		t.Errorf("%q, and there is %q", read, got)
	}
	again := process.start()
	defer again.Process.Kill()
	body, status := process.upload("a")
	must(t, body.Close())
	if got := <-status; got != http.StatusNoContent {
		t.Errorf("the next try ended with %d", got)
	}
	if got := names(t, process.alice); len(got) != 1 {
		t.Errorf("there is %q", got)
	}
}

func TestToldToEndItLetsUploadsComeToTheirEnd(t *testing.T) {
	process := startProcess(t)
	if text, err := process.get(process.metrics + "/readyz"); err != nil || text != "" {
		t.Errorf("not ready: %q, %v", text, err)
	}
	body, status := process.upload("a")
	must(t, process.Process.Signal(syscall.SIGTERM))
	eventually(t, "no new requests", func() bool { _, err := net.Dial("tcp", strings.TrimPrefix(process.url, "http://")); return err != nil })
	if text, err := process.get(process.metrics + "/healthz"); err != nil || text != "ok\n" {
		t.Errorf("while it drains it is well: %q, %v", text, err)
	}
	_, err := body.Write([]byte("end"))
	must(t, err)
	must(t, body.Close())
	if got := <-status; got != http.StatusCreated {
		t.Errorf("the upload ended with %d", got)
	}
	done := make(chan error, 1)
	go func() { done <- process.Wait() }()
	select {
	case err := <-done:
		must(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
	info, err := os.Stat(filepath.Join(process.alice, "a"))
	if err != nil || info.Size() != 100_003 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestWhatPrometheusReads(t *testing.T) {
	process := startProcess(t)
	if _, err := process.get(process.url + "/home/none"); err != nil {
		t.Fatal(err)
	}
	text, err := process.get(process.metrics + "/metrics")
	must(t, err)
	for _, part := range []string{
		`science_webdav_requests_total{method="GET",status="404"} 1`, "science_webdav_locks 0", "science_webdav_requests_in_flight 0",
		`science_webdav_bytes_total{direction="sent"}`, `science_webdav_request_seconds_count{method="GET"}`, "process_resident_memory_bytes",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s", part)
		}
	}
	if text, _ := process.get(process.url + "/metrics"); strings.Contains(text, "science_webdav") {
		t.Error("people can read the metrics")
	}
}

func TestSettingsThatCannotBeUsedEndIt(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "token")
	must(t, os.WriteFile(empty, []byte("\n"), 0o600))
	document := filepath.Join(t.TempDir(), "rooms.json")
	must(t, os.WriteFile(document, []byte(`{"hub": "http://hub", "homes": "/h", "cacheSeconds": 1}`), 0o600))
	for want, arguments := range map[string][]string{
		"no such file": {"-rooms=/nonexistent"}, "is empty": {"-rooms=" + document, "-token=" + empty}, "unknown argument": {"more"},
		"not defined": {"-nonsense"},
	} {
		if err := run(arguments); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", arguments, err)
		}
	}
}
