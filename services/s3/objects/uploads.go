package objects

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3err"
	"golang.org/x/sys/unix"

	"science-platform/services/tree"
)

// An upload in parts is a folder of the room's workshop:
//
//	about       what the upload is of, as JSON (plan)
//	stride      the size of the parts, in digits, once it is known
//	data        the parts, each at its place if all before it are as large as the stride: usually the finished file
//	part-<n>    what is known of a part, as JSON (part); the part is complete
//	<random>    a part that has no place in data: of another size, or sent again
//	completing  the upload is becoming an object
//
// The folder is in its owner's room, who can write to it by other means: nothing in it is believed beyond what its
// owner could do anyhow.

const (
	aboutFile      = "about"
	strideFile     = "stride"
	dataFile       = "data"
	completingFile = "completing"
	partPrefix     = "part-"
	maxDocument    = 64 << 10
)

// plan is what an upload is of.
type plan struct {
	Key       string                  `json:"key"`
	Algorithm types.ChecksumAlgorithm `json:"algorithm,omitempty"`
	Type      types.ChecksumType      `json:"type,omitempty"`
	headers
}

// part is a complete part.
type part struct {
	Number   int32     `json:"number"`
	Size     int64     `json:"size"`
	ETag     string    `json:"etag"`
	Checksum *checksum `json:"checksum,omitempty"`
	// File holds the part; empty where it is at its place in data.
	File     string    `json:"file,omitempty"`
	Modified time.Time `json:"modified"`
}

// upload is an upload in parts.
type upload struct {
	id     string
	folder *tree.Tree
	plan   plan
}

func (u *upload) close() { _ = u.folder.Close() }

var uploadID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// begin makes an upload.
func begin(room *tree.Tree, p plan) (string, error) {
	shop, err := workshop(room)
	if err != nil {
		return "", err
	}
	defer shop.Close()
	id := rand.Text()
	if err := shop.Mkdir(id); err != nil {
		return "", err
	}
	folder, err := shop.Sub(id)
	if err != nil {
		return "", err
	}
	defer folder.Close()
	return id, writeDocument(folder, aboutFile, p)
}

// workshop opens the room's workshop; a sweep may remove it, empty, at any time.
func workshop(room *tree.Tree) (*tree.Tree, error) {
	for range 10 {
		shop, err := room.Workshop()
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return shop, err
		}
	}
	return nil, tree.ErrBusy
}

// resume opens an upload of a key.
func resume(room *tree.Tree, id, name string) (*upload, error) {
	missing := s3err.GetNoSuchUploadErr(id)
	if !uploadID.MatchString(id) || !room.HasWorkshop() {
		return nil, missing
	}
	shop, err := workshop(room)
	if err != nil {
		return nil, err
	}
	defer shop.Close()
	found, err := openUpload(shop, id)
	if absent(err) {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	if found.plan.Key != name {
		found.close()
		return nil, missing
	}
	return found, nil
}

func openUpload(shop *tree.Tree, id string) (*upload, error) {
	folder, err := shop.Sub(id)
	if err != nil {
		return nil, err
	}
	found := &upload{id: id, folder: folder}
	if err := readDocument(folder, aboutFile, &found.plan); err != nil {
		found.close()
		return nil, err
	}
	return found, nil
}

func writeDocument(folder *tree.Tree, name string, document any) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	file, err := folder.Create(name, tree.CreateOptions{Size: int64(len(text))})
	if err != nil {
		return err
	}
	defer file.Abort()
	if _, err := file.Write(text); err != nil {
		return err
	}
	_, err = file.Commit()
	return err
}

func readDocument(folder *tree.Tree, name string, document any) error {
	file, _, err := folder.OpenFile(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return json.NewDecoder(io.LimitReader(file, maxDocument)).Decode(document)
}

func partFile(number int32) string { return fmt.Sprintf("%s%05d", partPrefix, number) }

// part reads what is known of a part.
func (u *upload) part(number int32) (part, error) {
	var found part
	err := readDocument(u.folder, partFile(number), &found)
	if err == nil && (found.Number != number || found.Size < 0 || found.File != "" && !uploadID.MatchString(found.File)) {
		err = fs.ErrNotExist
	}
	return found, err
}

// parts reads what is known of all parts, in order.
func (u *upload) parts() ([]part, error) {
	var found []part
	err := u.folder.List(".", func(info tree.Info) error {
		digits, ok := strings.CutPrefix(info.Name(), partPrefix)
		number, err := strconv.ParseInt(digits, 10, 32)
		if !ok || err != nil {
			return nil
		}
		if one, err := u.part(int32(number)); err == nil {
			found = append(found, one)
		}
		return nil
	})
	slices.SortFunc(found, func(a, b part) int { return int(a.Number - b.Number) })
	return found, err
}

// stride returns the size of parts, which the first part of a round size decides; zero while it is not known.
//
// A part that is not of whole MiB may be the last, whose size says nothing.
func (u *upload) stride(size int64) (int64, error) {
	var stride int64
	err := readDocument(u.folder, strideFile, &stride)
	if err == nil && stride > 0 {
		return stride, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if size == 0 || size%(1<<20) != 0 {
		return 0, nil
	}
	text := []byte(strconv.FormatInt(size, 10))
	file, err := u.folder.Create(strideFile, tree.CreateOptions{Size: int64(len(text)), Exclusive: true})
	if err == nil {
		defer file.Abort()
		if _, err = file.Write(text); err == nil {
			_, err = file.Commit()
		}
	}
	if errors.Is(err, fs.ErrExist) {
		err = readDocument(u.folder, strideFile, &stride)
		return stride, err
	}
	return size, err
}

// place is where a part is written.
type place struct {
	io.Writer
	file *os.File
	name string // empty for data
}

// reserve finds a place for a part: its own in data if nobody has it, else a file of its own. A part that is there
// already stays as it is until the new one is complete.
func (u *upload) reserve(number int32, size int64) (*place, error) {
	stride, err := u.stride(size)
	if err != nil {
		return nil, err
	}
	_, err = u.part(number)
	if stride > 0 && size <= stride && errors.Is(err, fs.ErrNotExist) {
		found, err := u.reserveData(int64(number-1)*stride, stride)
		if found != nil || err != nil {
			return found, err
		}
	}
	name := rand.Text()
	file, err := u.folder.OpenToWrite(name)
	if err != nil {
		return nil, err
	}
	return &place{Writer: file, file: file, name: name}, nil
}

// reserveData reserves a range of data, if nobody has it: here, or on another machine.
func (u *upload) reserveData(offset, length int64) (*place, error) {
	file, err := u.folder.OpenToWrite(dataFile)
	if err != nil {
		return nil, err
	}
	if lock(file, offset, length) != nil || !u.is(file) {
		_ = file.Close()
		return nil, nil
	}
	return &place{Writer: io.NewOffsetWriter(file, offset), file: file}, nil
}

// is says whether an open file is still the upload's data, and not an object by now.
func (u *upload) is(file *os.File) bool {
	named, err := u.folder.Lstat(dataFile)
	if err != nil {
		return false
	}
	_, err = u.folder.Lstat(completingFile)
	return errors.Is(err, fs.ErrNotExist) && named.Of(file)
}

// lock holds a range of a file until the file is closed, against everyone else on any machine. A length of zero is
// all of it.
func lock(file *os.File, offset, length int64) error {
	wanted := unix.Flock_t{Type: unix.F_WRLCK, Start: offset, Len: length}
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &wanted)
}

// store writes a part.
func (u *upload) store(number int32, source summed, size int64) (part, error) {
	if _, err := u.folder.Lstat(completingFile); err == nil {
		return part{}, errAborted
	}
	where, err := u.reserve(number, size)
	if err != nil {
		return part{}, err
	}
	defer func() { _ = where.file.Close() }()
	etag, err := receive(where, source, size)
	if err == nil {
		err = unix.Fdatasync(int(where.file.Fd()))
	}
	if err != nil {
		if where.name != "" {
			_ = u.folder.Remove(where.name)
		}
		return part{}, err
	}
	done := part{
		Number: number, Size: size, ETag: etag, Checksum: source.sum(), File: where.name,
		Modified: time.Now().UTC().Truncate(time.Second),
	}
	return done, writeDocument(u.folder, partFile(number), done)
}

// discard removes an upload and, if it was the last, the workshop.
func (u *upload) discard(ctx context.Context, room *tree.Tree) error {
	shop, err := workshop(room)
	if err != nil {
		return err
	}
	defer shop.Close()
	if err := shop.RemoveAll(ctx, u.id); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_ = room.RemoveWorkshop()
	return nil
}

// Sweep removes a room's uploads to which nothing was added for a time, and returns how many there were.
func Sweep(ctx context.Context, room *tree.Tree, idle time.Duration) (int, error) {
	if !room.HasWorkshop() {
		return 0, nil
	}
	shop, err := workshop(room)
	if err != nil {
		return 0, err
	}
	defer shop.Close()
	entries, _, err := shop.ReadDir(".", 0)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, entry := range entries {
		if time.Since(entry.ModTime()) < idle {
			continue
		}
		if err := shop.RemoveAll(ctx, entry.Name()); err != nil {
			return removed, err
		}
		removed++
	}
	_ = room.RemoveWorkshop()
	return removed, nil
}
