package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sys/unix"
)

const mib = 1 << 20

// parts is an upload in parts to alice's home.
type parts struct {
	d      *door
	client *s3.Client
	key    string
	id     *string
	done   []types.CompletedPart
}

func (d *door) begin(key string, change ...func(*s3.CreateMultipartUploadInput)) *parts {
	d.t.Helper()
	client := d.client("alice")
	in := &s3.CreateMultipartUploadInput{Bucket: aws.String("home"), Key: &key}
	for _, one := range change {
		one(in)
	}
	out, err := client.CreateMultipartUpload(background, in)
	if err != nil {
		d.t.Fatal(err)
	}
	return &parts{d: d, client: client, key: key, id: out.UploadId}
}

func (p *parts) send(number int32, content []byte) error {
	out, err := p.client.UploadPart(background, &s3.UploadPartInput{
		Bucket: aws.String("home"), Key: &p.key, UploadId: p.id, PartNumber: &number, Body: bytes.NewReader(content)})
	if err != nil {
		return err
	}
	p.done = slices.DeleteFunc(p.done, func(one types.CompletedPart) bool { return *one.PartNumber == number })
	p.done = append(p.done, types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32})
	slices.SortFunc(p.done, func(a, b types.CompletedPart) int { return int(*a.PartNumber - *b.PartNumber) })
	return nil
}

func (p *parts) complete() (*s3.CompleteMultipartUploadOutput, error) {
	return p.client.CompleteMultipartUpload(background, &s3.CompleteMultipartUploadInput{
		Bucket: aws.String("home"), Key: &p.key, UploadId: p.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: p.done}})
}

func (p *parts) file() string { return filepath.Join(p.d.homes, "alice", p.key) }

// workshops are the names of what is in the making in alice's home.
func (d *door) workshop() []string {
	var names []string
	_ = filepath.Walk(filepath.Join(d.homes, "alice"), func(path string, _ os.FileInfo, _ error) error {
		if strings.Contains(path, ".science-upload") {
			names = append(names, path)
		}
		return nil
	})
	return names
}

func content(seed byte, size int) []byte {
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(i>>8) ^ byte(i) ^ seed
	}
	return out
}

func TestPartsInEveryOrderMakeTheFile(t *testing.T) {
	const size = 5 * mib
	for name, test := range map[string]struct {
		order []int32
		sizes map[int32]int
	}{
		"in order":          {[]int32{1, 2, 3}, map[int32]int{1: size, 2: size, 3: 77}},
		"last first":        {[]int32{3, 2, 1}, map[int32]int{1: size, 2: size, 3: 77}},
		"one":               {[]int32{1}, map[int32]int{1: 10}},
		"empty":             {[]int32{1}, map[int32]int{1: 0}},
		"sizes differ":      {[]int32{1, 2, 3}, map[int32]int{1: size, 2: size + mib, 3: 5}},
		"first is largest":  {[]int32{1, 2, 3}, map[int32]int{1: size + mib, 2: size, 3: size}},
		"numbers left out":  {[]int32{2, 5, 10000}, map[int32]int{2: size, 5: size, 10000: 9}},
		"odd sizes":         {[]int32{1, 2}, map[int32]int{1: size + 1, 2: size + 1}},
		"a part sent again": {[]int32{1, 2, 1, 2}, map[int32]int{1: size, 2: size}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			upload := d.begin("folder/file")
			last := map[int32][]byte{}
			for i, number := range test.order {
				last[number] = content(byte(i+1), test.sizes[number])
				if err := upload.send(number, last[number]); err != nil {
					t.Fatal(err)
				}
			}
			if entries, _ := os.ReadDir(filepath.Join(d.homes, "alice")); len(entries) != 1 {
				t.Error("something is seen of the upload: ", entries)
			}
			out, err := upload.complete()
			if err != nil {
				t.Fatal(err)
			}
			var want, sums []byte
			for _, one := range upload.done {
				want = append(want, last[*one.PartNumber]...)
				sum := md5.Sum(last[*one.PartNumber])
				sums = append(sums, sum[:]...)
			}
			got, err := os.ReadFile(upload.file())
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%v: %d bytes, want %d", err, len(got), len(want))
			}
			sum := md5.Sum(sums)
			if etag := fmt.Sprintf(`"%s-%d"`, hex.EncodeToString(sum[:]), len(upload.done)); *out.ETag != etag {
				t.Errorf("ETag %s, want %s", *out.ETag, etag)
			}
			if left := d.workshop(); left != nil {
				t.Error(left)
			}
			again, err := upload.complete()
			if err != nil || *again.ETag != *out.ETag {
				t.Errorf("completed again: %v", err)
			}
		})
	}
}

func TestEqualPartsBecomeTheFileWithoutBeingCopied(t *testing.T) {
	d := newDoor(t)
	upload := d.begin("file")
	for number := int32(1); number <= 3; number++ {
		if err := upload.send(number, content(1, 5*mib)); err != nil {
			t.Fatal(err)
		}
	}
	var data, file unix.Stat_t
	found, _ := filepath.Glob(d.homes + "/alice/.science-upload-parts/*/data")
	if len(found) != 1 || unix.Stat(found[0], &data) != nil {
		t.Fatal(found)
	}
	if _, err := upload.complete(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Stat(upload.file(), &file); err != nil || file.Ino != data.Ino || file.Nlink != 1 {
		t.Errorf("inode %d, was %d; %d names; %v", file.Ino, data.Ino, file.Nlink, err)
	}
}

func TestManyPartsAtOnce(t *testing.T) {
	d := newDoor(t)
	upload := d.begin("file")
	var group sync.WaitGroup
	var mutex sync.Mutex
	var failures []error
	done := make([]types.CompletedPart, 8)
	for i := range done {
		group.Go(func() {
			number := int32(i + 1)
			for range 2 { // each twice at once, of one content
				mine := &parts{d: d, client: upload.client, key: upload.key, id: upload.id}
				if err := mine.send(number, content(byte(i), 5*mib)); err != nil {
					mutex.Lock()
					failures = append(failures, err)
					mutex.Unlock()
					return
				}
				done[i] = mine.done[0]
			}
		})
	}
	group.Wait()
	upload.done = done
	if _, err := upload.complete(); err != nil || failures != nil {
		t.Fatal(err, failures)
	}
	got, _ := os.ReadFile(upload.file())
	for i := range done {
		if !bytes.Equal(got[i*5*mib:(i+1)*5*mib], content(byte(i), 5*mib)) {
			t.Errorf("part %d is not what was sent", i+1)
		}
	}
}

func TestOfTwoWhoCompleteAtOnceBothAreTold(t *testing.T) {
	d := newDoor(t)
	upload := d.begin("file")
	if err := upload.send(1, content(1, 5*mib+1)); err != nil {
		t.Fatal(err)
	}
	results := make(chan error)
	for range 4 {
		go func() {
			_, err := upload.complete()
			results <- err
		}()
	}
	for range 4 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

func TestACompletionThatIsWrongLeavesTheUploadAndTheOldObject(t *testing.T) {
	d := newDoor(t)
	d.put(d.client("alice"), "home", "file", "old")
	upload := d.begin("file")
	for number, size := range map[int32]int{1: 5 * mib, 2: 10, 3: 10} {
		if err := upload.send(number, content(1, size)); err != nil {
			t.Fatal(err)
		}
	}
	good := upload.done
	for name, test := range map[string]struct {
		parts []types.CompletedPart
		want  string
	}{
		"small in the middle": {good, "EntityTooSmall"},
		"wrong order":         {[]types.CompletedPart{good[1], good[0]}, "InvalidPartOrder"},
		"unknown":             {[]types.CompletedPart{good[0], {PartNumber: aws.Int32(9), ETag: good[1].ETag}}, "InvalidPart"},
		"another's ETag":      {[]types.CompletedPart{{PartNumber: aws.Int32(1), ETag: good[1].ETag}}, "InvalidPart"},
		"none":                {nil, "MalformedXML"},
	} {
		upload.done = test.parts
		if _, err := upload.complete(); code(err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d.file(upload.file()) != "old" {
		t.Error("the old object is gone")
	}
	upload.done = good[:2]
	if _, err := upload.complete(); err != nil {
		t.Error(err)
	}
}

func TestChecksumsOfPartsBecomeThatOfTheObject(t *testing.T) {
	for _, kind := range []types.ChecksumType{types.ChecksumTypeFullObject, types.ChecksumTypeComposite} {
		d := newDoor(t)
		upload := d.begin("file", func(in *s3.CreateMultipartUploadInput) {
			in.ChecksumAlgorithm, in.ChecksumType = types.ChecksumAlgorithmCrc32, kind
		})
		for number := int32(1); number <= 2; number++ {
			if err := upload.send(number, content(byte(number), 5*mib)); err != nil {
				t.Fatal(err)
			}
		}
		out, err := upload.complete()
		if err != nil || out.ChecksumCRC32 == nil || out.ChecksumType != kind {
			t.Fatalf("%s: %+v %v", kind, out, err)
		}
		if kind == types.ChecksumTypeFullObject {
			// The client checks the bytes against the checksum.
			d.get(upload.client, "home", "file")
			whole := append(content(1, 5*mib), content(2, 5*mib)...)
			put := d.put(upload.client, "home", "whole", string(whole))
			if *put.ChecksumCRC32 != *out.ChecksumCRC32 {
				t.Errorf("%s, want %s", *out.ChecksumCRC32, *put.ChecksumCRC32)
			}
		}
	}
}

func TestAnAbortedUploadLeavesNothing(t *testing.T) {
	d := newDoor(t)
	upload := d.begin("file")
	if err := upload.send(1, content(1, 5*mib)); err != nil {
		t.Fatal(err)
	}
	in := &s3.AbortMultipartUploadInput{Bucket: aws.String("home"), Key: &upload.key, UploadId: upload.id}
	if _, err := upload.client.AbortMultipartUpload(background, in); err != nil {
		t.Fatal(err)
	}
	if left := d.workshop(); left != nil {
		t.Error(left)
	}
	if _, err := upload.client.AbortMultipartUpload(background, in); code(err) != "NoSuchUpload" {
		t.Error(err)
	}
	if err := upload.send(1, nil); code(err) != "NoSuchUpload" {
		t.Error(err)
	}
}

func TestUploadsAndPartsAreListed(t *testing.T) {
	d := newDoor(t)
	first, second := d.begin("b"), d.begin("a")
	for number := int32(1); number <= 3; number++ {
		if err := first.send(number, content(1, 5*mib)); err != nil {
			t.Fatal(err)
		}
	}
	uploads, err := first.client.ListMultipartUploads(background, &s3.ListMultipartUploadsInput{Bucket: aws.String("home")})
	if err != nil || len(uploads.Uploads) != 2 || *uploads.Uploads[0].UploadId != *second.id {
		t.Errorf("%+v %v", uploads, err)
	}
	var numbers []int32
	pages := s3.NewListPartsPaginator(first.client, &s3.ListPartsInput{
		Bucket: aws.String("home"), Key: &first.key, UploadId: first.id, MaxParts: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(background)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range page.Parts {
			numbers = append(numbers, *part.PartNumber)
		}
	}
	if !slices.Equal(numbers, []int32{1, 2, 3}) {
		t.Error(numbers)
	}
	bob := d.client("bob")
	if _, err := bob.ListParts(background, &s3.ListPartsInput{
		Bucket: aws.String("home"), Key: &first.key, UploadId: first.id}); code(err) != "NoSuchUpload" {
		t.Error(err)
	}
}

func TestPartsAreCopiedFromObjects(t *testing.T) {
	d := newDoor(t)
	source := content(7, 6*mib)
	d.write(d.homes+"/alice/source", string(source))
	upload := d.begin("file")
	for number, ranged := range map[int32]string{1: "bytes=0-5242879", 2: fmt.Sprintf("bytes=5242880-%d", len(source)-1)} {
		out, err := upload.client.UploadPartCopy(background, &s3.UploadPartCopyInput{
			Bucket: aws.String("home"), Key: &upload.key, UploadId: upload.id, PartNumber: &number,
			CopySource: aws.String("home/source"), CopySourceRange: &ranged})
		if err != nil {
			t.Fatal(err)
		}
		upload.done = append(upload.done, types.CompletedPart{PartNumber: &number, ETag: out.CopyPartResult.ETag})
	}
	slices.SortFunc(upload.done, func(a, b types.CompletedPart) int { return int(*a.PartNumber - *b.PartNumber) })
	if _, err := upload.complete(); err != nil || d.file(upload.file()) != string(source) {
		t.Error(err)
	}
}

func TestAbandonedUploadsAreSweptAndOthersNot(t *testing.T) {
	d := newDoor(t)
	old, fresh := d.begin("old"), d.begin("fresh")
	folder := filepath.Join(d.homes, "alice", ".science-upload-parts", *old.id)
	long := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(folder, long, long); err != nil {
		t.Fatal(err)
	}
	if removed, err := sweep(context.Background(), d.server.document, 24*time.Hour); removed != 1 || err != nil {
		t.Error(removed, err)
	}
	if err := old.send(1, nil); code(err) != "NoSuchUpload" {
		t.Error(err)
	}
	if err := fresh.send(1, nil); err != nil {
		t.Error(err)
	}
}

func TestWhatUsersPutIntoTheWorkshopLeadsNowhere(t *testing.T) {
	d := newDoor(t)
	d.write(d.homes+"/bob/secret", "bob's secret")
	for _, name := range []string{"data", "stride", "about", "part-00001", "completing", "assembled", ""} {
		upload := d.begin("file")
		if err := upload.send(1, content(1, 5*mib)); err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(d.homes, "alice", ".science-upload-parts", *upload.id)
		planted, target := strings.TrimSuffix(filepath.Join(folder, name), "/"), "../../../bob/secret"
		if name == "" {
			target = "../../bob"
		}
		_ = os.RemoveAll(planted)
		if err := os.Symlink(target, planted); err != nil {
			t.Fatal(err)
		}
		_ = upload.send(2, content(2, 5*mib))
		_, _ = upload.complete()
		if got, err := os.ReadFile(upload.file()); err == nil && bytes.Contains(got, []byte("bob's")) {
			t.Errorf("%q leaked", name)
		}
		if got := d.file(d.homes + "/bob/secret"); got != "bob's secret" {
			t.Errorf("%q: bob's file was changed: %.40q", name, got)
		}
		if entries, _ := os.ReadDir(d.homes + "/bob"); len(entries) != 1 {
			t.Errorf("%q: bob has %v", name, entries)
		}
		_ = os.RemoveAll(filepath.Join(d.homes, "alice", ".science-upload-parts"))
		_ = os.Remove(upload.file())
	}
}
