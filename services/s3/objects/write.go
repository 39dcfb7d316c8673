package objects

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"sync"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

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
	upload, err := create(room, k, length, wanted)
	if err != nil {
		return err
	}
	defer upload.Abort()
	if kept.ETag, err = receive(upload, source, length); err != nil {
		return err
	}
	kept.Checksum = source.sum()
	if err := kept.seal(upload.File()); err != nil {
		return err
	}
	return commit(upload)
}

// declared is the media type that a client gave, and nothing where it gave none: the protocol fills in a default.
func declared(contentType *string) string {
	if deref(contentType) == defaultType {
		return ""
	}
	return deref(contentType)
}

// create begins a file at a key; its conditions are asked again at the moment at which it takes its name.
func create(room *tree.Tree, k key, length int64, wanted conditions) (*tree.Upload, error) {
	if err := makeParents(room, k.parent()); err != nil {
		return nil, err
	}
	options := wanted.options(room, k)
	options.Size = length
	upload, err := room.Create(k.path, options)
	if errors.Is(err, fs.ErrExist) {
		err = s3err.GetPreconditionFailedErr(s3err.ConditionIfNoneMatch)
	}
	return upload, err
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

// commit gives a finished file its key.
func commit(upload *tree.Upload) error {
	_, err := upload.Commit()
	if errors.Is(err, fs.ErrExist) {
		return s3err.GetPreconditionFailedErr(s3err.ConditionIfNoneMatch)
	}
	return err
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
