package objects

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
	"golang.org/x/sys/unix"

	"science-platform/services/tree"
)

// conditions are what a request asks of the object that it replaces.
type conditions struct{ match, noneMatch *string }

func (c conditions) any() bool { return c.match != nil || c.noneMatch != nil }

// PutObject writes a file. The bytes are complete and checked before anybody sees them at the key.
func (b *Backend) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	k, err := parseKey(*in.Key)
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	if deref(in.Tagging) != "" {
		return s3response.PutObjectOutput{}, errNotImplemented
	}
	room, err := enter(ctx, in.Bucket, true)
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	defer room.Close()
	if k.folder {
		return putFolder(room, k, in)
	}
	kept := record{headers: headers{
		ContentType:        declared(in.ContentType),
		ContentEncoding:    deref(in.ContentEncoding),
		ContentDisposition: deref(in.ContentDisposition),
		ContentLanguage:    deref(in.ContentLanguage),
		CacheControl:       deref(in.CacheControl),
		Expires:            deref(in.Expires),
		Metadata:           in.Metadata,
	}}
	source, err := checked(in.Body, in.ChecksumAlgorithm, s3response.Checksum{
		CRC32: in.ChecksumCRC32, CRC32C: in.ChecksumCRC32C, CRC64NVME: in.ChecksumCRC64NVME,
		SHA1: in.ChecksumSHA1, SHA256: in.ChecksumSHA256,
	})
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	err = put(room, k, &kept, source, deref(in.ContentLength), conditions{in.IfMatch, in.IfNoneMatch})
	if err != nil {
		return s3response.PutObjectOutput{}, translate(err)
	}
	sums := kept.Checksum.spread()
	return s3response.PutObjectOutput{
		ETag: *quoted(kept.ETag), Size: &kept.Size, ChecksumType: sums.Type,
		ChecksumCRC32: sums.CRC32, ChecksumCRC32C: sums.CRC32C, ChecksumCRC64NVME: sums.CRC64NVME,
		ChecksumSHA1: sums.SHA1, ChecksumSHA256: sums.SHA256,
	}, nil
}

func put(room *tree.Tree, k key, kept *record, source summed, length int64, wanted conditions) error {
	if err := free(room, k); err != nil {
		return err
	}
	file, drop, err := room.Stage(length)
	if err != nil {
		return err
	}
	defer drop()
	defer file.Close()
	if kept.ETag, err = receive(file, source, length); err != nil {
		return err
	}
	kept.Checksum = source.sum()
	_, err = finish(room, k, file, kept, wanted)
	return err
}

// free says early, before any byte comes, what stands in the way of a file at a key.
func free(room *tree.Tree, k key) error {
	info, err := room.Lstat(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.IsDir() {
		return errDirectory
	}
	return err
}

// finish gives a complete file its key, if the conditions hold at that moment, and what is kept of it.
func finish(room *tree.Tree, k key, file *os.File, kept *record, wanted conditions) (tree.Info, error) {
	if err := kept.seal(file); err != nil {
		return tree.Info{}, err
	}
	// What the file system has no place for shows here at the latest, before what was there is gone.
	if err := unix.Fdatasync(int(file.Fd())); err != nil {
		return tree.Info{}, err
	}
	for tries := 0; ; tries++ {
		info, err := publish(room, k, file, wanted)
		if errors.Is(err, fs.ErrExist) {
			return info, s3err.GetPreconditionFailedErr(s3err.ConditionIfNoneMatch)
		}
		// A folder that a key implied goes with its last object, maybe just now.
		if !errors.Is(err, fs.ErrNotExist) || tries == 10 {
			return info, err
		}
	}
}

func publish(room *tree.Tree, k key, file *os.File, wanted conditions) (tree.Info, error) {
	if err := makeParents(room, k.parent()); err != nil {
		return tree.Info{}, err
	}
	upload, err := room.CreateFrom(file, k.path, wanted.options(room, k))
	if err != nil {
		return tree.Info{}, err
	}
	info, err := upload.Commit()
	if err != nil {
		removeParents(room, k.parent())
	}
	return info, err
}

// declared is the media type that a client gave, and nothing where it gave none: the protocol fills in a default.
func declared(contentType *string) string {
	if deref(contentType) == defaultType {
		return ""
	}
	return deref(contentType)
}

// options are the conditions as the tree checks them.
func (c conditions) options(room *tree.Tree, k key) tree.CreateOptions {
	if !c.any() {
		return tree.CreateOptions{Size: -1}
	}
	return tree.CreateOptions{
		Size:      -1,
		Exclusive: deref(c.noneMatch) == "*",
		Check: func(*tree.Info) error {
			found, err := open(room, k)
			if absent(err) {
				return backend.EvaluateObjectPutPreconditions("", c.match, c.noneMatch, false)
			}
			if err != nil {
				return err
			}
			found.close()
			return backend.EvaluateObjectPutPreconditions(found.etag, c.match, c.noneMatch, true)
		},
	}
}

// buffers are what bodies are copied through.
var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 256<<10)
	return &buffer
}}

// receive writes a body of a promised length, and returns its MD5 sum in hex.
func receive(to io.Writer, source io.Reader, length int64) (string, error) {
	hash := md5.New() //nolint:gosec // S3's ETag
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	written, err := io.CopyBuffer(onlyWriter{io.MultiWriter(to, hash)}, onlyReader{source}, *buffer)
	if err != nil {
		return "", err
	}
	// The protocol's readers may take a broken connection for the end of the body.
	if written != length {
		return "", errTorn
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// onlyWriter and onlyReader keep io.CopyBuffer from ways around its buffer.
type onlyWriter struct{ io.Writer }

type onlyReader struct{ io.Reader }

// putFolder makes a folder, which stays when it is empty.
func putFolder(room *tree.Tree, k key, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if deref(in.ContentLength) != 0 {
		return s3response.PutObjectOutput{}, s3err.GetAPIError(s3err.ErrDirectoryObjectContainsData)
	}
	if _, err := receive(io.Discard, in.Body, 0); err != nil {
		return s3response.PutObjectOutput{}, translate(err)
	}
	if err := makeFolder(room, k.path); err != nil {
		return s3response.PutObjectOutput{}, translate(err)
	}
	return s3response.PutObjectOutput{ETag: *quoted(emptyETag), Size: ptr(int64(0))}, nil
}
