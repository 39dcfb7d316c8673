package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sys/unix"
)

// The attacks are those of a user with a shell on the tree: whatever alice plants, nothing of bob's and nothing of the
// machine's comes to her, and nothing of hers goes there.

const secret = "SECRET: not alice's"

// fingerprint is everything about the files that alice must not change.
func fingerprint(t *testing.T, folder string) string {
	t.Helper()
	hash := sha256.New()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(hash, path, info.Mode(), info.Size(), info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			hash.Write(content)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// victims fills what is not alice's.
func (d *door) victims() (outside string) {
	outside = filepath.Join(d.t.TempDir(), "machine")
	for _, folder := range []string{d.homes + "/bob", d.homes + "/bob/folder", d.homes + "/alice2", outside, d.homes + "/alice-2/folder"} {
		for _, name := range []string{"file", "folder/file"} {
			d.write(filepath.Join(folder, name), secret)
		}
	}
	return outside
}

// everything does each thing that S3 can do with a key, and returns all bytes that come back.
func everything(client *s3.Client, key string) []byte {
	var got bytes.Buffer
	home := aws.String("home")
	if content, err := read(client, "home", key); err == nil {
		got.WriteString(content)
	}
	if out, err := client.HeadObject(background, &s3.HeadObjectInput{Bucket: home, Key: &key}); err == nil {
		if *out.ContentLength == int64(len(secret)) {
			got.WriteString(secret)
		}
	}
	if out, err := client.ListObjectsV2(background, &s3.ListObjectsV2Input{Bucket: home, Prefix: aws.String(key + "/")}); err == nil {
		for _, object := range out.Contents {
			if *object.Size == int64(len(secret)) {
				got.WriteString(secret)
			}
		}
	}
	for _, copied := range []string{key, key + "/file"} {
		_, err := client.CopyObject(background, &s3.CopyObjectInput{
			Bucket: home, Key: aws.String("copied"), CopySource: aws.String("home/" + copied)})
		if err == nil {
			content, _ := read(client, "home", "copied")
			got.WriteString(content)
		}
	}
	for _, name := range []string{key, key + "/", key + "/new", key + "/file", key + "/folder/file"} {
		in := &s3.PutObjectInput{Bucket: home, Key: aws.String(name)}
		if !strings.HasSuffix(name, "/") {
			in.Body = strings.NewReader("alice was here")
		}
		_, _ = client.PutObject(background, in)
		if out, err := client.CreateMultipartUpload(background, &s3.CreateMultipartUploadInput{Bucket: home, Key: &name}); err == nil {
			part, err := client.UploadPart(background, &s3.UploadPartInput{Bucket: home, Key: &name, UploadId: out.UploadId,
				PartNumber: aws.Int32(1), Body: strings.NewReader("alice was here")})
			if err == nil {
				_, _ = client.CompleteMultipartUpload(background, &s3.CompleteMultipartUploadInput{Bucket: home, Key: &name,
					UploadId: out.UploadId, MultipartUpload: &types.CompletedMultipartUpload{
						Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}}}})
			}
			_, _ = client.AbortMultipartUpload(background, &s3.AbortMultipartUploadInput{Bucket: home, Key: &name, UploadId: out.UploadId})
		}
		_, _ = client.CopyObject(background, &s3.CopyObjectInput{Bucket: home, Key: aws.String(name), CopySource: aws.String("home/mine")})
		_, _ = client.DeleteObject(background, &s3.DeleteObjectInput{Bucket: home, Key: aws.String(name)})
	}
	return got.Bytes()
}

func TestPlantedLinksLeadNowhereElse(t *testing.T) {
	d := newDoor(t)
	outside := d.victims()
	before := fingerprint(t, d.homes+"/bob") + fingerprint(t, outside) + fingerprint(t, d.homes+"/alice-2")
	alice := d.client("alice")
	home := filepath.Join(d.homes, "alice")
	for name, target := range map[string]string{
		"to a file":          "../bob/file",
		"to a folder":        "../bob",
		"absolute":           filepath.Join(d.homes, "bob"),
		"to the machine":     outside,
		"to a prefix":        "../alice-2",
		"to the root":        "/",
		"to proc":            "/proc/self/environ",
		"to proc's root":     "/proc/self/root" + outside,
		"to the tree above":  "..",
		"through itself":     "folder/../../bob",
		"chained":            "first",
		"to a file absolute": filepath.Join(outside, "file"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, fresh := range []string{"link", "first", "folder", "mine"} {
				_ = os.RemoveAll(filepath.Join(home, fresh))
			}
			d.write(home+"/folder/x", "x")
			d.write(home+"/mine", "mine")
			if err := os.Symlink("../bob", home+"/first"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, home+"/link"); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"link", "link/file", "link/folder", "link/bob", "link" + d.homes + "/bob"} {
				if got := everything(alice, key); bytes.Contains(got, []byte("SECRET")) || bytes.Contains(got, []byte("PATH=")) {
					t.Errorf("%s leaked %.80q", key, got)
				}
				_ = os.Remove(home + "/link")
				_ = os.Symlink(target, home+"/link")
			}
		})
	}
	if after := fingerprint(t, d.homes+"/bob") + fingerprint(t, outside) + fingerprint(t, d.homes+"/alice-2"); after != before {
		t.Error("something that is not alice's was changed")
	}
}

func TestPipesDevicesAndSocketsAreNoObjectsAndHoldNobodyUp(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	home := filepath.Join(d.homes, "alice")
	if err := unix.Mkfifo(home+"/pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	if unix.Mknod(home+"/zero", unix.S_IFCHR|0o644, int(unix.Mkdev(1, 5))) == nil {
		t.Log("with a device")
	}
	started := time.Now()
	for _, key := range []string{"pipe", "zero"} {
		if content, err := read(alice, "home", key); err == nil {
			t.Errorf("%s: %.20q", key, content)
		}
		_, err := alice.CopyObject(background, &s3.CopyObjectInput{
			Bucket: aws.String("home"), Key: aws.String("copy"), CopySource: aws.String("home/" + key)})
		if err == nil {
			t.Errorf("%s was copied", key)
		}
		if _, err := alice.PutObject(background, &s3.PutObjectInput{
			Bucket: aws.String("home"), Key: &key, Body: strings.NewReader("x")}); err == nil {
			t.Errorf("%s was replaced", key)
		}
	}
	if got := d.listed(alice, "", "", "", 1000, 2); len(got) != 0 {
		t.Error(got)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// swap exchanges a folder of alice's for a link into bob's, over and over, until stopped.
func swap(t *testing.T, home, target string) (stop func()) {
	t.Helper()
	for _, folder := range []string{"swapped", "swapped/folder"} {
		if err := os.MkdirAll(filepath.Join(home, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, folder, "file"), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(target, filepath.Join(home, "link")); err != nil {
		t.Fatal(err)
	}
	var ended atomic.Bool
	var group sync.WaitGroup
	group.Go(func() {
		for i := 0; !ended.Load(); i++ {
			_ = unix.Renameat2(unix.AT_FDCWD, home+"/swapped", unix.AT_FDCWD, home+"/link", unix.RENAME_EXCHANGE)
			if i%64 == 0 {
				time.Sleep(time.Microsecond)
			}
		}
	})
	return func() { ended.Store(true); group.Wait() }
}

// attackTime is how long swaps go on: S3_ATTACK_TIME, else a few seconds.
func attackTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("S3_ATTACK_TIME")
	if text == "" {
		return 3 * time.Second
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return long
}

func TestAFolderSwappedForALinkLeadsNowhereElse(t *testing.T) {
	d := newDoor(t)
	d.victims()
	home := filepath.Join(d.homes, "alice")
	before := fingerprint(t, d.homes+"/bob")
	d.write(home+"/mine", "mine")
	stop := swap(t, home, "../bob")
	defer stop()
	var tries, leaks, mine atomic.Int64
	end := time.Now().Add(attackTime(t))
	var group sync.WaitGroup
	for range 4 {
		alice := d.client("alice")
		group.Go(func() {
			for time.Now().Before(end) {
				got := everything(alice, "swapped")
				for _, key := range []string{"swapped/file", "swapped/folder/file", "link/file"} {
					content, _ := read(alice, "home", key)
					got = append(got, content...)
				}
				tries.Add(1)
				if bytes.Contains(got, []byte("SECRET")) {
					leaks.Add(1)
				}
				if bytes.Contains(got, []byte("alice was here")) || bytes.Contains(got, []byte("mine")) {
					mine.Add(1)
				}
			}
		})
	}
	group.Wait()
	stop()
	t.Logf("%d rounds of everything, %d of them met alice's own folder, %d leaks", tries.Load(), mine.Load(), leaks.Load())
	if leaks.Load() > 0 || mine.Load() == 0 {
		t.Errorf("%d leaks", leaks.Load())
	}
	if fingerprint(t, d.homes+"/bob") != before {
		t.Error("bob's home was changed")
	}
}

// TestTheSwapFindsADoorThatChecksFirstAndOpensThen shows that the attack works where a door is not confined.
func TestTheSwapFindsADoorThatChecksFirstAndOpensThen(t *testing.T) {
	d := newDoor(t)
	d.victims()
	home := filepath.Join(d.homes, "alice")
	naive := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		path := filepath.Join(home, filepath.FromSlash(in.URL.Path))
		real, err := filepath.EvalSymlinks(path)
		if err != nil || !strings.HasPrefix(real, home+"/") {
			http.NotFound(out, in)
			return
		}
		http.ServeFile(out, in, path)
	}))
	defer naive.Close()
	stop := swap(t, home, "../bob")
	defer stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		response, err := http.Get(naive.URL + "/swapped/file")
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		_, _ = got.ReadFrom(response.Body)
		response.Body.Close()
		if strings.Contains(got.String(), "SECRET") {
			return
		}
	}
	t.Error("the attack does not find a door that it should")
}
