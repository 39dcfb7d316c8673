package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// model lists keys as S3 is said to: sorted by bytes, grouped at the delimiter, a page at a time.
func model(keys []string, prefix, delimiter, after string) []string {
	var out []string
	slices.Sort(keys)
	for _, key := range keys {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		shown := key
		if index := strings.Index(rest, delimiter); delimiter != "" && index >= 0 {
			shown = prefix + rest[:index+len(delimiter)]
		}
		// A common prefix is passed as a whole, or pages could not go on after it.
		if key <= after || shown == after || len(out) > 0 && out[len(out)-1] == shown {
			continue
		}
		out = append(out, shown)
	}
	return out
}

// listed lists all pages of alice's home, keys and common prefixes in one sorted list.
func (d *door) listed(client *s3.Client, prefix, delimiter, after string, page int32, version int) []string {
	d.t.Helper()
	var out []string
	in2 := &s3.ListObjectsV2Input{Bucket: aws.String("home"), Prefix: &prefix, Delimiter: &delimiter, StartAfter: &after, MaxKeys: &page}
	in1 := &s3.ListObjectsInput{Bucket: aws.String("home"), Prefix: &prefix, Delimiter: &delimiter, Marker: &after, MaxKeys: &page}
	for {
		var names []string
		var more bool
		if version == 2 {
			got, err := client.ListObjectsV2(background, in2)
			if err != nil {
				d.t.Fatal(err)
			}
			for _, object := range got.Contents {
				names = append(names, *object.Key)
			}
			for _, common := range got.CommonPrefixes {
				names = append(names, *common.Prefix)
			}
			more, in2.ContinuationToken = *got.IsTruncated, got.NextContinuationToken
		} else {
			got, err := client.ListObjects(background, in1)
			if err != nil {
				d.t.Fatal(err)
			}
			for _, object := range got.Contents {
				names = append(names, *object.Key)
			}
			for _, common := range got.CommonPrefixes {
				names = append(names, *common.Prefix)
			}
			more, in1.Marker = *got.IsTruncated, got.NextMarker
		}
		if len(names) > int(page) || more && len(names) != int(page) {
			d.t.Fatalf("a page of %d has %d, more: %v", page, len(names), more)
		}
		slices.Sort(names)
		out = append(out, names...)
		if !more {
			return out
		}
	}
}

func TestListingsAreInS3sOrderWhateverPageAndPrefix(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	random := rand.New(rand.NewPCG(1, 2))
	keys := map[string]bool{}
	names := []string{"a", "a-b", "a.b", "a0", "ab", "b", "ü", "z", "A", "a b"}
	home := filepath.Join(d.homes, "alice")
	for range 150 {
		var path []string
		for range 1 + random.IntN(3) {
			path = append(path, names[random.IntN(len(names))])
		}
		file := strings.Join(path, "/")
		if os.MkdirAll(filepath.Dir(filepath.Join(home, file)), 0o755) != nil {
			continue
		}
		if random.IntN(8) == 0 {
			_ = os.MkdirAll(filepath.Join(home, file), 0o755)
			continue
		}
		if info, err := os.Stat(filepath.Join(home, file)); err == nil && info.IsDir() {
			continue
		}
		d.write(filepath.Join(home, file), "x")
	}
	_ = filepath.WalkDir(home, func(path string, entry os.DirEntry, err error) error {
		key, _ := filepath.Rel(home, path)
		if key == "." {
			return err
		}
		if !entry.IsDir() {
			keys[key] = true
		} else if inside, _ := os.ReadDir(path); len(inside) == 0 {
			keys[key+"/"] = true
		}
		return err
	})
	var all []string
	for key := range keys {
		all = append(all, key)
	}
	for _, prefix := range []string{"", "a", "a/", "a/a", "a/a/", "a-", "b/ü", "nothing", "nothing/", "z/z/z/z", "a//"} {
		for _, delimiter := range []string{"", "/", "b", "a/"} {
			for _, after := range []string{"", "a", "a/", "a/a-b/a", "a0", "b/", "ü", "zz"} {
				want := model(all, prefix, delimiter, after)
				page := []int32{1, 2, 3, 7, 1000}[random.IntN(5)]
				for version := 1; version <= 2; version++ {
					got := d.listed(alice, prefix, delimiter, after, page, version)
					if !slices.Equal(got, want) {
						t.Fatalf("prefix %q, delimiter %q, after %q, page %d, version %d:\n%q\nwant\n%q",
							prefix, delimiter, after, page, version, got, want)
					}
				}
			}
		}
	}
}

func TestWhatNoKeyCanNameIsNotListed(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	home := filepath.Join(d.homes, "alice")
	for _, name := range []string{"good", "tab\there", "bad\xff", "folder\n/file", ".science-upload-x", "control\x01"} {
		d.write(filepath.Join(home, name), "x")
	}
	if err := os.Symlink("../bob", home+"/link"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("good", home+"/inside"); err != nil {
		t.Fatal(err)
	}
	if got := d.listed(alice, "", "", "", 1000, 2); !slices.Equal(got, []string{"good", "inside"}) {
		t.Errorf("%q", got)
	}
}

func TestTenThousandObjectsAreListedSwiftly(t *testing.T) {
	d := newDoor(t)
	alice := d.client("alice")
	folder := filepath.Join(d.homes, "alice", "many")
	var want []string
	for i := range 10_000 {
		name := fmt.Sprintf("file-%05d", i)
		want = append(want, "many/"+name)
		d.write(filepath.Join(folder, name), "")
	}
	started := time.Now()
	got := d.listed(alice, "", "", "", 1000, 2)
	took := time.Since(started)
	t.Logf("10,000 objects in %v", took)
	if !slices.Equal(got, want) || took > 20*time.Second {
		t.Errorf("%d objects in %v", len(got), took)
	}
}
