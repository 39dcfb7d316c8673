package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sys/unix"
)

// asDoor makes this test program the door itself.
const asDoor = "S3_TEST_AS_DOOR"

func TestMain(m *testing.M) {
	if os.Getenv(asDoor) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process starts the door of d as a process of its own; d.url is the process's from then on.
func (d *door) process(arguments ...string) *exec.Cmd {
	d.t.Helper()
	folder := d.t.TempDir()
	hub := httptest.NewServer(d.hub)
	d.t.Cleanup(hub.Close)
	document := *d.server.document
	document.Hub = hub.URL + "/hub/api"
	text, err := json.Marshal(map[string]any{
		"site": "here", "hub": document.Hub, "cacheSeconds": 1, "homes": document.Homes, "projects": document.Projects,
		"spaces": document.Spaces, "data": document.Data,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	rooms, token, master := filepath.Join(folder, "rooms"), filepath.Join(folder, "token"), filepath.Join(folder, "master")
	d.write(rooms, string(text))
	d.write(token, doorToken+"\n")
	d.write(master, strings.Repeat("k", 32)+"\n")
	command := exec.Command(os.Args[0], append([]string{
		"-listen", "127.0.0.1:0", "-watch", "127.0.0.1:0", "-rooms", rooms, "-hub-token", token, "-keys", master,
		"-endpoint", "https://s3.example.org",
	}, arguments...)...)
	command.Env = append(os.Environ(), asDoor+"=1")
	out, err := command.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Address != "" {
			d.url = "http://" + line.Address
			go func() {
				for lines.Scan() {
				}
			}()
			return command
		}
	}
	d.t.Fatal("the door did not open")
	return nil
}

// slow is a body whose bytes come as somebody lets them.
func slow(size int64) (*http.Request, *io.PipeWriter) {
	reader, writer := io.Pipe()
	request, _ := http.NewRequest(http.MethodPut, "", reader)
	request.ContentLength = size
	return request, writer
}

// sendHalf puts half of a file to a presigned URL, and returns what lets go of the rest, and what the answer is.
func (d *door) sendHalf(client *s3.Client, key string, whole []byte) (rest *io.PipeWriter, answer chan error) {
	d.t.Helper()
	signed, err := s3.NewPresignClient(client).PresignPutObject(background, &s3.PutObjectInput{
		Bucket: aws.String("home"), Key: &key})
	if err != nil {
		d.t.Fatal(err)
	}
	request, writer := slow(int64(len(whole)))
	if request.URL, err = request.URL.Parse(signed.URL); err != nil {
		d.t.Fatal(err)
	}
	answer = make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				err = errors.New(response.Status)
			}
		}
		answer <- err
	}()
	if _, err := writer.Write(whole[:len(whole)/2]); err != nil {
		d.t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	return writer, answer
}

func TestAKilledDoorLeavesTheOldObjectAndNothingElse(t *testing.T) {
	d := newDoor(t)
	command := d.process()
	alice := d.client("alice")
	d.put(alice, "home", "file", "old")
	d.put(alice, "home", "folder/", "")
	whole := content(3, 8*mib)
	var rests []*io.PipeWriter
	var ends []chan error
	for _, key := range []string{"file", "folder/new", "implied/new"} {
		rest, answer := d.sendHalf(alice, key, whole)
		rests, ends = append(rests, rest), append(ends, answer)
	}
	upload := d.begin("parts")
	if err := upload.send(1, whole); err != nil {
		t.Fatal(err)
	}
	if err := command.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	for i, end := range ends {
		_ = rests[i].Close()
		if err := <-end; err == nil {
			t.Error("a request that was cut off succeeded")
		}
	}
	var left []string
	_ = filepath.Walk(d.homes+"/alice", func(path string, info os.FileInfo, _ error) error {
		if !strings.Contains(path, ".science-upload-parts") {
			left = append(left, strings.TrimPrefix(path, d.homes+"/alice"))
		}
		return nil
	})
	if got := strings.Join(left, " "); got != " /file /folder" || d.file(d.homes+"/alice/file") != "old" {
		t.Errorf("left: %q", got)
	}
	d.process()
	again := d.client("alice")
	d.put(again, "home", "file", string(whole))
	if d.file(d.homes+"/alice/file") != string(whole) {
		t.Error("the next try did not write the file")
	}
	// An upload in parts goes on where it was.
	upload.client = again
	if _, err := upload.complete(); err != nil || d.file(upload.file()) != string(whole) {
		t.Error(err)
	}
}

func TestAClientThatGoesAwayLeavesTheOldObject(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	d.put(alice, "home", "file", "old")
	rest, answer := d.sendHalf(alice, "file", content(3, 8*mib))
	_ = rest.CloseWithError(errors.New("gone"))
	if err := <-answer; err == nil {
		t.Error("succeeded")
	}
	d.logged()
	if d.file(d.homes+"/alice/file") != "old" || d.workshop() != nil {
		t.Error(d.workshop())
	}
}

func TestAnEndingDoorFinishesWhatIsUnderWay(t *testing.T) {
	d := newDoor(t)
	command := d.process()
	alice := d.client("alice")
	whole := content(3, 8*mib)
	rest, answer := d.sendHalf(alice, "file", whole)
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if _, err := alice.ListBuckets(background, nil); err == nil {
		t.Error("a new request was taken")
	}
	_, _ = rest.Write(whole[len(whole)/2:])
	_ = rest.Close()
	if err := <-answer; err != nil || d.file(d.homes+"/alice/file") != string(whole) {
		t.Error(err)
	}
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAConnectionThatFallsSilentIsClosed(t *testing.T) {
	d := newDoor(t, func(limits *Limits) { limits.Idle = 500 * time.Millisecond })
	alice := d.client("alice")
	_, answer := d.sendHalf(alice, "file", content(3, 8*mib))
	select {
	case err := <-answer:
		if err == nil {
			t.Error("succeeded")
		}
	case <-time.After(5 * time.Second):
		t.Error("still open")
	}
}

func TestAFullFileSystemIsSaidSoAndKeepsTheOldObject(t *testing.T) {
	d := newDoor(t)
	home := d.homes + "/alice"
	if err := unix.Mount("none", home, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("no file system of a size can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(home, unix.MNT_DETACH) })
	alice := d.client("alice")
	d.put(alice, "home", "file", "old")
	_, err := alice.PutObject(background, &s3.PutObjectInput{
		Bucket: aws.String("home"), Key: aws.String("file"), Body: bytes.NewReader(content(1, 20*mib))})
	if code(err) != "InsufficientStorage" {
		t.Error(err)
	}
	upload := d.begin("parts")
	failed := error(nil)
	for number := int32(1); failed == nil && number < 8; number++ {
		failed = upload.send(number, content(1, 5*mib))
	}
	if code(failed) != "InsufficientStorage" {
		t.Error(failed)
	}
	if d.file(home+"/file") != "old" {
		t.Error("the old object is gone")
	}
	d.put(d.client("bob"), "home", "file", "others go on")
	_, err = upload.client.AbortMultipartUpload(background, &s3.AbortMultipartUploadInput{
		Bucket: aws.String("home"), Key: &upload.key, UploadId: upload.id})
	if err != nil {
		t.Error(err)
	}
	d.put(alice, "home", "file", string(content(1, 5*mib)))
}

func TestLimits(t *testing.T) {
	d := newDoor(t, func(limits *Limits) { limits.Requests, limits.PerUser = 3, 2 })
	alice, bob := d.client("alice"), d.client("bob")
	whole := content(3, 8*mib)
	var rests []*io.PipeWriter
	var ends []chan error
	for _, key := range []string{"one", "two"} {
		rest, end := d.sendHalf(alice, key, whole)
		rests, ends = append(rests, rest), append(ends, end)
	}
	if _, err := read(alice, "home", "file"); code(err) != "SlowDown" {
		t.Errorf("a third request of alice's: %v", err)
	}
	rest, end := d.sendHalf(bob, "three", whole)
	rests, ends = append(rests, rest), append(ends, end)
	if _, err := read(bob, "home", "file"); code(err) != "SlowDown" {
		t.Errorf("a fourth request: %v", err)
	}
	for i, rest := range rests {
		_, _ = rest.Write(whole[len(whole)/2:])
		_ = rest.Close()
		if err := <-ends[i]; err != nil {
			t.Error(err)
		}
	}
	d.logged()
	if _, err := read(alice, "home", "file"); code(err) != "NoSuchKey" {
		t.Error(err)
	}
	recorder := httptest.NewRecorder()
	d.traffic.ServeHTTP(recorder, nil)
	for _, line := range []string{
		"s3_requests_open 0\n", "s3_requests_refused_total 2\n",
		`s3_requests_total{operation="PutObject",status="200"} 3` + "\n",
	} {
		if !strings.Contains(recorder.Body.String(), line) {
			t.Errorf("%q is not in\n%s", line, recorder.Body)
		}
	}
}

func TestLargeBodiesOfSmallRequestsAreRefused(t *testing.T) {
	d := newDoor(t)
	_, key := d.exchange("token-alice")
	response := d.raw(key, http.MethodPost, "/home?delete", strings.Repeat("x", maxSmall+1))
	response.Body.Close()
	if response.StatusCode != http.StatusBadRequest && response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(response.Status)
	}
}
