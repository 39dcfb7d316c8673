package objects

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"science-platform/services/tree"
)

// CopyObject copies a file within and between the caller's buckets; the file system may let both share the bytes.
func (b *Backend) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	out := s3response.CopyObjectOutput{}
	bucket, name, _, err := backend.ParseCopySource(*in.CopySource)
	if err != nil {
		return out, err
	}
	k, err := parseKey(*in.Key)
	if err != nil {
		return out, err
	}
	source, from, err := find(ctx, &bucket, &name)
	if err != nil {
		return out, err
	}
	defer source.close()
	err = source.meets(in.CopySourceIfMatch, in.CopySourceIfNoneMatch,
		in.CopySourceIfModifiedSince, in.CopySourceIfUnmodifiedSince)
	if err != nil {
		return out, copyCondition(err)
	}
	room, err := enter(ctx, in.Bucket, true)
	if err != nil {
		return out, err
	}
	defer room.Close()
	kept := source.record
	kept.Upload = ""
	if in.MetadataDirective == types.MetadataDirectiveReplace {
		kept.headers = headers{
			ContentType: declared(in.ContentType), ContentEncoding: deref(in.ContentEncoding),
			ContentDisposition: deref(in.ContentDisposition), ContentLanguage: deref(in.ContentLanguage),
			CacheControl: deref(in.CacheControl), Expires: deref(in.Expires), Metadata: in.Metadata,
		}
	} else if bucket == *in.Bucket && from == k {
		return out, s3err.GetAPIError(s3err.ErrInvalidCopyDest)
	}
	if k.folder || source.file == nil {
		return copyFolder(room, k, source)
	}
	info, err := copyFile(ctx, room, k, source, &kept)
	if err != nil {
		return out, translate(err)
	}
	sums := kept.Checksum.spread()
	out.CopyObjectResult = &s3response.CopyObjectResult{
		ETag: quoted(kept.etag(info)), LastModified: ptr(info.ModTime()), ChecksumType: sums.Type,
		ChecksumCRC32: sums.CRC32, ChecksumCRC32C: sums.CRC32C, ChecksumCRC64NVME: sums.CRC64NVME,
		ChecksumSHA1: sums.SHA1, ChecksumSHA256: sums.SHA256,
	}
	return out, nil
}

// copyCondition: a copy has no "not modified", which is an answer to those who read.
func copyCondition(err error) error {
	var known s3err.S3Error
	if errors.As(err, &known) && known.StatusCode() == http.StatusNotModified {
		return s3err.GetAPIError(s3err.ErrPreconditionFailed)
	}
	return err
}

// copyFile copies a file's bytes, holes as holes. It fails if the file changed meanwhile: what is kept of it would
// not be true of the copy.
func copyFile(ctx context.Context, room *tree.Tree, k key, source *object, kept *record) (tree.Info, error) {
	if err := free(room, k); err != nil {
		return tree.Info{}, err
	}
	file, drop, err := room.Stage(source.info.Size())
	if err != nil {
		return tree.Info{}, err
	}
	defer drop()
	defer file.Close()
	if err := tree.CopyContent(ctx, file, source.file); err != nil {
		return tree.Info{}, err
	}
	after, err := source.file.Stat()
	if err != nil {
		return tree.Info{}, err
	}
	if after.Size() != source.info.Size() || !after.ModTime().Equal(source.info.ModTime()) {
		return tree.Info{}, tree.ErrChanged
	}
	return finish(room, k, file, kept, conditions{})
}

// copyFolder makes the folder that a copy of a folder's key names.
func copyFolder(room *tree.Tree, k key, source *object) (s3response.CopyObjectOutput, error) {
	if !k.folder || source.file != nil {
		return s3response.CopyObjectOutput{}, s3err.GetAPIError(s3err.ErrDirectoryObjectContainsData)
	}
	if err := makeFolder(room, k.path); err != nil {
		return s3response.CopyObjectOutput{}, translate(err)
	}
	return s3response.CopyObjectOutput{CopyObjectResult: &s3response.CopyObjectResult{
		ETag: quoted(emptyETag), LastModified: ptr(source.info.ModTime()),
	}}, nil
}
