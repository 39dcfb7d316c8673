package main

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sys/unix"
)

func TestTheBucketsOfACallerAreTheirRoomsAndNothingElse(t *testing.T) {
	d := newDoor(t)
	for user, want := range map[string][]string{
		"alice": {"data-gaia", "home", "stars"},
		"bob":   {"data-gaia", "home", "stars"},
		"carol": {"data-gaia", "home"},
	} {
		out, err := d.client(user).ListBuckets(background, nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, bucket := range out.Buckets {
			names = append(names, *bucket.Name)
		}
		if !reflect.DeepEqual(names, want) {
			t.Errorf("%s: %v, want %v", user, names, want)
		}
	}
}

func TestWhoMayReadAndWriteWhichBucket(t *testing.T) {
	d := newDoor(t)
	for file, content := range map[string]string{
		d.homes + "/alice/file": "alice's", d.homes + "/bob/file": "bob's", d.homes + "/carol/file": "carol's",
		d.projects + "/stars/file": "shared", d.data + "/file": "public",
	} {
		d.write(file, content)
	}
	for _, test := range []struct{ user, bucket, read, write string }{
		{"alice", "home", "alice's", ""},
		{"bob", "home", "bob's", ""},
		{"alice", "stars", "shared", ""},
		{"bob", "stars", "shared", "AccessDenied"},
		{"carol", "stars", "NoSuchBucket", "NoSuchBucket"},
		{"alice", "data-gaia", "public", "AccessDenied"},
		{"alice", "bob", "NoSuchBucket", "NoSuchBucket"},
		{"alice", "gaia", "NoSuchBucket", "NoSuchBucket"},
	} {
		client := d.client(test.user)
		content, err := read(client, test.bucket, "file")
		if content+code(err) != test.read {
			t.Errorf("%s reads %s: %q %v, want %q", test.user, test.bucket, content, err, test.read)
		}
		writes := map[string]error{}
		_, writes["put"] = client.PutObject(background, &s3.PutObjectInput{
			Bucket: &test.bucket, Key: aws.String("new"), Body: strings.NewReader("x")})
		_, writes["put folder"] = client.PutObject(background, &s3.PutObjectInput{
			Bucket: &test.bucket, Key: aws.String("folder/"), Body: strings.NewReader("")})
		_, writes["copy"] = client.CopyObject(background, &s3.CopyObjectInput{
			Bucket: &test.bucket, Key: aws.String("copy"), CopySource: aws.String("home/file")})
		_, writes["begin"] = client.CreateMultipartUpload(background, &s3.CreateMultipartUploadInput{
			Bucket: &test.bucket, Key: aws.String("parts")})
		_, writes["delete"] = client.DeleteObject(background, &s3.DeleteObjectInput{
			Bucket: &test.bucket, Key: aws.String("copy")})
		_, writes["delete many"] = client.DeleteObjects(background, &s3.DeleteObjectsInput{
			Bucket: &test.bucket,
			Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("new")}}}})
		for name, err := range writes {
			if code(err) != test.write {
				t.Errorf("%s: %s in %s: %v, want %q", test.user, name, test.bucket, err, test.write)
			}
		}
	}
	if d.file(d.projects+"/stars/file") != "shared" || d.file(d.data+"/file") != "public" {
		t.Error("a file was changed by who may not")
	}
}

func TestWhatOneDoorWritesTheOthersSeeAtOnce(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	home := filepath.Join(d.homes, "alice")
	for _, name := range []string{
		"plain", "with space", "ünïcödé/Звёзды/星", "percent%20", "plus+and&and=?", "quote'\"<>", "a/b/c/d/e", "~tilde", "…",
		"back\\slash", "#hash", "emoji-🔭.fits", "no\u0308rm",
	} {
		d.put(alice, "home", name, "by s3 "+name)
		if got := d.file(filepath.Join(home, name)); got != "by s3 "+name {
			t.Errorf("%q: file has %q", name, got)
		}
		d.write(filepath.Join(home, name), "by posix "+name)
		if got := d.get(alice, "home", name); got != "by posix "+name {
			t.Errorf("%q: object has %q", name, got)
		}
		if err := os.Rename(filepath.Join(home, name), filepath.Join(home, "renamed")); err != nil {
			t.Fatal(err)
		}
		if _, err := read(alice, "home", name); code(err) != "NoSuchKey" {
			t.Errorf("%q: still there: %v", name, err)
		}
		d.get(alice, "home", "renamed")
		if _, err := alice.DeleteObject(background, &s3.DeleteObjectInput{Bucket: aws.String("home"), Key: aws.String("renamed")}); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(home, "renamed")); !os.IsNotExist(err) {
			t.Errorf("%q: the file is still there", name)
		}
	}
	d.put(alice, "home", "empty", "")
	if got := d.get(alice, "home", "empty"); got != "" || d.file(home+"/empty") != "" {
		t.Error("the empty file is not empty")
	}
}

func TestKeysThatCannotBeFilesAreRefused(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	for _, name := range []string{
		"a//b", "/a", "a/./b", "./a", "a/../b", "../bob/file", "..", "a/..", "tab\there", "line\nbreak", "nul\x00",
		strings.Repeat("x", 256), strings.Repeat("x/", 513), ".science-upload-parts/x", "a/.science-upload-1-0",
		"bad\xffutf8",
	} {
		_, err := alice.PutObject(background, &s3.PutObjectInput{
			Bucket: aws.String("home"), Key: &name, Body: strings.NewReader("x")})
		if !slices.Contains([]string{"InvalidArgument", "KeyTooLongError", "BadRequest", "InvalidURI"}, code(err)) {
			t.Errorf("put %.20q: %v", name, err)
		}
		if _, err := read(alice, "home", name); code(err) != "NoSuchKey" {
			t.Errorf("get %.20q: %v", name, err)
		}
	}
	for _, folder := range []string{d.homes + "/alice", d.homes + "/bob"} {
		if entries, _ := os.ReadDir(folder); len(entries) != 0 {
			t.Errorf("%s has %v", folder, entries)
		}
	}
}

func TestPathsInEveryEncodingStayInTheBucket(t *testing.T) {
	d := newDoor(t)
	_, key := d.exchange("token-alice")
	d.write(d.homes+"/bob/secret", "bob's secret")
	d.write(d.homes+"/alice/folder/file", "x")
	for _, path := range []string{
		"/home/../bob/secret", "/home/..%2fbob/secret", "/home/%2e%2e/bob/secret", "/home/%2e%2e%2fbob%2fsecret",
		"/home/folder/../../bob/secret", "/home/..\\bob\\secret", "/home/%c0%ae%c0%ae/bob/secret",
		"/../bob/secret", "/home%2f..%2fbob/secret", "/home/./../bob/secret", "//home/../bob/secret",
	} {
		for _, method := range []string{"GET", "PUT", "DELETE", "HEAD"} {
			response := d.raw(key, method, path, "evil")
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode < 400 && method != "DELETE" || bytes.Contains(body, []byte("bob's secret")) {
				t.Errorf("%s %s: %d %s", method, path, response.StatusCode, body)
			}
		}
	}
	if d.file(d.homes+"/bob/secret") != "bob's secret" {
		t.Error("bob's file was changed")
	}
	entries, _ := os.ReadDir(d.homes + "/bob")
	if len(entries) != 1 {
		t.Error(entries)
	}
}

func TestTheETagIsTheMD5SumUntilAnotherDoorChangesTheFile(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	file := filepath.Join(d.homes, "alice", "file")
	sum := md5.Sum([]byte("hello"))
	written := hex.EncodeToString(sum[:])
	if put := d.put(alice, "home", "file", "hello"); *put.ETag != `"`+written+`"` {
		t.Error(*put.ETag)
	}
	head := func() *s3.HeadObjectOutput {
		out, err := alice.HeadObject(background, &s3.HeadObjectInput{
			Bucket: aws.String("home"), Key: aws.String("file"), ChecksumMode: types.ChecksumModeEnabled})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := head(); *got.ETag != `"`+written+`"` || got.ChecksumCRC32 == nil {
		t.Errorf("%s %v", *got.ETag, got.ChecksumCRC32)
	}
	seen := map[string]bool{written: true}
	for name, change := range map[string]func() error{
		"same length, in place": func() error {
			handle, err := os.OpenFile(file, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer handle.Close()
			_, err = handle.WriteString("HELLO")
			return err
		},
		"longer":   func() error { return os.WriteFile(file, []byte("hello!"), 0o644) },
		"replaced": func() error { return os.Rename(d.write(file+".new", "HELLO"), file) },
	} {
		d.put(alice, "home", "file", "hello")
		if err := change(); err != nil {
			t.Fatal(err)
		}
		got := head()
		etag := strings.Trim(*got.ETag, `"`)
		if seen[etag] || !strings.Contains(etag, "-") || got.ChecksumCRC32 != nil {
			t.Errorf("%s: ETag %s, checksum %v", name, etag, got.ChecksumCRC32)
		}
		seen[etag] = true
		listed, err := alice.ListObjectsV2(background, &s3.ListObjectsV2Input{Bucket: aws.String("home")})
		if err != nil || *listed.Contents[0].ETag != *got.ETag {
			t.Errorf("%s: listed with %v", name, listed.Contents)
		}
	}
}

func TestWhatAClientSaysOfAnObjectIsKept(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	_, err := alice.PutObject(background, &s3.PutObjectInput{
		Bucket: aws.String("home"), Key: aws.String("file"), Body: strings.NewReader("x"),
		ContentType: aws.String("text/x-notes"), CacheControl: aws.String("no-cache"),
		ContentDisposition: aws.String("attachment"), ContentEncoding: aws.String("gzip"),
		ContentLanguage: aws.String("de"), Metadata: map[string]string{"telescope": "VLT", "night": "3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{"file": "", "copy": "home/file"} {
		if source != "" {
			if _, err := alice.CopyObject(background, &s3.CopyObjectInput{
				Bucket: aws.String("home"), Key: &name, CopySource: &source}); err != nil {
				t.Fatal(err)
			}
		}
		out, err := alice.HeadObject(background, &s3.HeadObjectInput{Bucket: aws.String("home"), Key: &name})
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(*out.ContentType, *out.CacheControl, *out.ContentDisposition, *out.ContentEncoding,
			*out.ContentLanguage, out.Metadata)
		if got != "text/x-notesno-cacheattachmentgzipdemap[night:3 telescope:VLT]" {
			t.Errorf("%s: %s", name, got)
		}
	}
	_, err = alice.PutObject(background, &s3.PutObjectInput{
		Bucket: aws.String("home"), Key: aws.String("file"), Body: strings.NewReader("y"),
		Metadata: map[string]string{"big": strings.Repeat("x", 3000)},
	})
	if code(err) != "MetadataTooLarge" || d.get(alice, "home", "file") != "x" {
		t.Error(err)
	}
}

func TestTheMediaTypeOfWhatNobodySaidAnythingOfFollowsFromItsName(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	for name, want := range map[string]string{
		"image.fits": "application/fits", "page.html": "text/html; charset=utf-8", "unknown": "binary/octet-stream",
	} {
		d.write(filepath.Join(d.homes, "alice", name), "x")
		out, err := alice.HeadObject(background, &s3.HeadObjectInput{Bucket: aws.String("home"), Key: &name})
		if err != nil || *out.ContentType != want {
			t.Errorf("%s: %v %v", name, out.ContentType, err)
		}
	}
}

func TestPartsOfAnObjectAndConditionsOnReading(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	d.put(alice, "home", "file", "0123456789")
	hour := time.Hour
	before := time.Now().Add(-2 * hour)
	if err := os.Chtimes(d.homes+"/alice/file", before, before); err != nil {
		t.Fatal(err)
	}
	head, err := alice.HeadObject(background, &s3.HeadObjectInput{Bucket: aws.String("home"), Key: aws.String("file")})
	if err != nil {
		t.Fatal(err)
	}
	etag := head.ETag
	get := func(change func(*s3.GetObjectInput)) string {
		in := &s3.GetObjectInput{Bucket: aws.String("home"), Key: aws.String("file")}
		change(in)
		out, err := alice.GetObject(background, in)
		if err != nil {
			return code(err)
		}
		defer out.Body.Close()
		content, _ := io.ReadAll(out.Body)
		return string(content) + " " + aws.ToString(out.ContentRange)
	}
	for name, test := range map[string]struct {
		change func(*s3.GetObjectInput)
		want   string
	}{
		"first":          {func(in *s3.GetObjectInput) { in.Range = aws.String("bytes=0-3") }, "0123 bytes 0-3/10"},
		"last":           {func(in *s3.GetObjectInput) { in.Range = aws.String("bytes=-3") }, "789 bytes 7-9/10"},
		"from":           {func(in *s3.GetObjectInput) { in.Range = aws.String("bytes=8-") }, "89 bytes 8-9/10"},
		"too far":        {func(in *s3.GetObjectInput) { in.Range = aws.String("bytes=10-") }, "InvalidRange"},
		"part 1":         {func(in *s3.GetObjectInput) { in.PartNumber = aws.Int32(1) }, "0123456789 "},
		"part 2":         {func(in *s3.GetObjectInput) { in.PartNumber = aws.Int32(2) }, "InvalidPartNumber"},
		"match":          {func(in *s3.GetObjectInput) { in.IfMatch = etag }, "0123456789 "},
		"no match":       {func(in *s3.GetObjectInput) { in.IfMatch = aws.String(`"x"`) }, "PreconditionFailed"},
		"none match":     {func(in *s3.GetObjectInput) { in.IfNoneMatch = etag }, "NotModified"},
		"not modified":   {func(in *s3.GetObjectInput) { in.IfModifiedSince = aws.Time(before.Add(hour)) }, "NotModified"},
		"modified since": {func(in *s3.GetObjectInput) { in.IfUnmodifiedSince = aws.Time(before.Add(-hour)) }, "PreconditionFailed"},
	} {
		if got := get(test.change); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestConditionsOnWriting(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	put := func(key string, match, noneMatch *string) string {
		_, err := alice.PutObject(background, &s3.PutObjectInput{
			Bucket: aws.String("home"), Key: &key, Body: strings.NewReader("new"), IfMatch: match, IfNoneMatch: noneMatch})
		return code(err)
	}
	etag := d.put(alice, "home", "file", "old").ETag
	posix := filepath.Join(d.homes, "alice", "posix")
	d.write(posix, "old")
	for _, test := range []struct {
		key              string
		match, noneMatch *string
		want             string
	}{
		{"file", nil, aws.String("*"), "PreconditionFailed"},
		{"posix", nil, aws.String("*"), "PreconditionFailed"},
		{"fresh", nil, aws.String("*"), ""},
		{"file", aws.String(`"other"`), nil, "PreconditionFailed"},
		{"file", etag, nil, ""},
		{"missing", etag, nil, "NoSuchKey"},
	} {
		if got := put(test.key, test.match, test.noneMatch); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
	if d.file(posix) != "old" {
		t.Error("a file was replaced against the condition")
	}
}

func TestOfManyWhoCreateAnObjectOneDoes(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	results := make(chan string)
	for i := range 16 {
		go func() {
			_, err := alice.PutObject(background, &s3.PutObjectInput{Bucket: aws.String("home"), Key: aws.String("lock"),
				Body: strings.NewReader(fmt.Sprint(i)), IfNoneMatch: aws.String("*")})
			results <- code(err)
		}()
	}
	count := map[string]int{}
	for range 16 {
		count[<-results]++
	}
	if count[""] != 1 || count["PreconditionFailed"] != 15 {
		t.Error(count)
	}
}

func TestFoldersAreKeysWithASlash(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	home := filepath.Join(d.homes, "alice")
	remove := func(key string) {
		t.Helper()
		if _, err := alice.DeleteObject(background, &s3.DeleteObjectInput{Bucket: aws.String("home"), Key: &key}); err != nil {
			t.Fatalf("delete %s: %v", key, err)
		}
	}
	there := func(name string, want bool) {
		t.Helper()
		if _, err := os.Lstat(filepath.Join(home, name)); (err == nil) != want {
			t.Errorf("%s there: %v", name, err == nil)
		}
	}
	d.put(alice, "home", "made/", "")
	there("made", true)
	d.put(alice, "home", "made/implied/deeper/file", "x")
	remove("made/implied/deeper/file")
	there("made/implied", false)
	there("made", true)
	if err := os.MkdirAll(home+"/people/made", 0o755); err != nil {
		t.Fatal(err)
	}
	d.put(alice, "home", "people/made/file", "x")
	remove("people/made/") // not empty: nothing happens
	there("people/made/file", true)
	remove("people/made/file")
	there("people/made", true)
	remove("people/made") // the folder is another key
	there("people/made", true)
	remove("people/made/")
	there("people/made", false)
	there("people", true)
	if _, err := read(alice, "home", "people"); code(err) != "NoSuchKey" {
		t.Error(err)
	}
	for key, want := range map[string]string{"people": "ExistingObjectIsDirectory", "file/below": "ObjectParentIsFile"} {
		d.write(home+"/file", "x")
		_, err := alice.PutObject(background, &s3.PutObjectInput{Bucket: aws.String("home"), Key: &key, Body: strings.NewReader("x")})
		if code(err) != want {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestCopiesBetweenBucketsKeepHolesAndETags(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	sparse := filepath.Join(d.homes, "alice", "sparse")
	d.write(sparse, "start")
	if err := os.Truncate(sparse, 1<<30); err != nil {
		t.Fatal(err)
	}
	etag := *d.put(alice, "home", "file", "hello").ETag
	for _, test := range []struct{ source, bucket, key string }{
		{"home/sparse", "stars", "copies/sparse"}, {"home/file", "stars", "copies/file"},
	} {
		if _, err := alice.CopyObject(background, &s3.CopyObjectInput{
			Bucket: &test.bucket, Key: &test.key, CopySource: &test.source}); err != nil {
			t.Fatal(err)
		}
	}
	var stat unix.Stat_t
	if err := unix.Stat(d.projects+"/stars/copies/sparse", &stat); err != nil || stat.Size != 1<<30 || stat.Blocks > 64 {
		t.Errorf("size %d, blocks %d, %v", stat.Size, stat.Blocks, err)
	}
	out, err := alice.HeadObject(background, &s3.HeadObjectInput{Bucket: aws.String("stars"), Key: aws.String("copies/file")})
	if err != nil || *out.ETag != etag {
		t.Error(out, err)
	}
	for source, want := range map[string]string{
		"bob/file": "NoSuchBucket", "home/missing": "NoSuchKey", "home/../bob/file": "InvalidArgument",
	} {
		_, err := alice.CopyObject(background, &s3.CopyObjectInput{
			Bucket: aws.String("home"), Key: aws.String("stolen"), CopySource: &source})
		if code(err) != want && code(err) != "NoSuchKey" {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestPresignedURLsWorkForWhatTheyWereSignedAndUntilTheyEnd(t *testing.T) {
	d := newDoor(t)
	signer := s3.NewPresignClient(d.client("alice"))
	put, err := signer.PresignPutObject(background, &s3.PutObjectInput{Bucket: aws.String("home"), Key: aws.String("file")})
	if err != nil {
		t.Fatal(err)
	}
	do := func(method, url, body string) int {
		request, _ := http.NewRequest(method, url, strings.NewReader(body))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	if status := do("PUT", put.URL, "signed"); status != 200 || d.file(d.homes+"/alice/file") != "signed" {
		t.Error(status)
	}
	if status := do("PUT", strings.Replace(put.URL, "/file?", "/other?", 1), "signed"); status != 403 {
		t.Error(status)
	}
	if status := do("GET", put.URL, ""); status != 403 {
		t.Error(status)
	}
	get, err := signer.PresignGetObject(background, &s3.GetObjectInput{Bucket: aws.String("home"), Key: aws.String("file")},
		s3.WithPresignExpires(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if status := do("GET", get.URL, ""); status != 200 {
		t.Error(status)
	}
	time.Sleep(2100 * time.Millisecond)
	if status := do("GET", get.URL, ""); status != 403 {
		t.Errorf("after its end: %d", status)
	}
}

func TestWhatThisDoorDoesNotDoIsSaidSo(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	d.put(alice, "home", "file", "x")
	bucket, key := aws.String("home"), aws.String("file")
	results := map[string]error{}
	_, results["create bucket"] = alice.CreateBucket(background, &s3.CreateBucketInput{Bucket: aws.String("mine")})
	_, results["delete bucket"] = alice.DeleteBucket(background, &s3.DeleteBucketInput{Bucket: bucket})
	_, results["policy"] = alice.PutBucketPolicy(background, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String("{}")})
	_, results["versioning"] = alice.PutBucketVersioning(background, &s3.PutBucketVersioningInput{
		Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	_, results["object acl"] = alice.PutObjectAcl(background, &s3.PutObjectAclInput{Bucket: bucket, Key: key, ACL: types.ObjectCannedACLPublicRead})
	_, results["tags"] = alice.PutObjectTagging(background, &s3.PutObjectTaggingInput{
		Bucket: bucket, Key: key, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}})
	_, results["versions"] = alice.ListObjectVersions(background, &s3.ListObjectVersionsInput{Bucket: bucket})
	_, results["old version"] = alice.GetObject(background, &s3.GetObjectInput{Bucket: bucket, Key: key, VersionId: aws.String("1")})
	_, results["lifecycle"] = alice.GetBucketLifecycleConfiguration(background, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	for name, err := range results {
		if code(err) != "NotImplemented" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d.get(alice, "home", "file") != "x" {
		t.Error("the file was changed")
	}
}
