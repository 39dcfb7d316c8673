package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"science-platform/services/tree"
)

// folderType is the media type of a key that names a folder.
const folderType = "application/x-directory"

// object is an open file and what is known of it: all of one moment, whatever happens to its name.
type object struct {
	file *os.File // nil for a folder
	info tree.Info
	record
	etag string
}

// open opens what a key names: a regular file, or a folder where the key ends in a slash.
func open(room *tree.Tree, k key) (*object, error) {
	if k.folder {
		info, err := room.Stat(k.path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, fs.ErrNotExist
		}
		return &object{info: info, record: record{headers: headers{ContentType: folderType}}, etag: emptyETag}, nil
	}
	file, info, err := room.OpenFile(k.path)
	if errors.Is(err, tree.ErrIsDirectory) {
		err = fs.ErrNotExist // the folder is the key with a slash
	}
	if err != nil {
		return nil, err
	}
	kept := readRecord(file, info)
	return &object{file: file, info: info, record: kept, etag: kept.etag(info)}, nil
}

func (o *object) close() {
	if o.file != nil {
		_ = o.file.Close()
	}
}

func (o *object) size() int64 {
	if o.file == nil {
		return 0
	}
	return o.info.Size()
}

// find opens what a request names, for reading.
func find(ctx context.Context, bucket, name *string) (*object, key, error) {
	room, err := enter(ctx, bucket, false)
	if err != nil {
		return nil, key{}, err
	}
	defer room.Close()
	k, err := parseKey(*name)
	if err != nil {
		return nil, k, errNoSuchKey
	}
	found, err := open(room, k)
	if absent(err) {
		err = errNoSuchKey
	}
	return found, k, translate(err)
}

func quoted(etag string) *string { return ptr(`"` + etag + `"`) }

// span returns which bytes a request wants: those of a range, or all. The part of an object that a number names is
// the whole, which has one part.
func span(size int64, ranged *string, part *int32) (start, length int64, header *string, err error) {
	if part != nil && *part != 1 {
		return 0, 0, nil, s3err.GetInvalidPartNumberRangeErr(1, *part)
	}
	start, length, partial, err := backend.ParseObjectRange(size, deref(ranged))
	if err != nil {
		return 0, 0, nil, err
	}
	if partial {
		header = ptr(fmt.Sprintf("bytes %d-%d/%d", start, start+length-1, size))
	}
	return start, length, header, nil
}

func (o *object) meets(ifMatch, ifNoneMatch *string, since, unmodified *time.Time) error {
	return backend.EvaluatePreconditions(o.etag, o.info.ModTime(), backend.PreConditions{
		IfMatch: ifMatch, IfNoneMatch: ifNoneMatch, IfModSince: since, IfUnmodeSince: unmodified,
	})
}

// body is the bytes of a range of an object, which are read after the handler has returned.
type body struct {
	io.Reader
	file    *os.File
	sent    int64
	release func(sent int64)
}

// Read reads on, and counts.
func (b *body) Read(data []byte) (int, error) {
	n, err := b.Reader.Read(data)
	b.sent += int64(n)
	return n, err
}

// Close ends the request.
func (b *body) Close() error {
	defer b.release(b.sent)
	if b.file == nil {
		return nil
	}
	return b.file.Close()
}

// GetObject returns a file's bytes.
func (b *Backend) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	found, k, err := find(ctx, in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	given := false
	defer func() {
		if !given {
			found.close()
		}
	}()
	if err := found.meets(in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince); err != nil {
		return nil, err
	}
	start, length, header, err := span(found.size(), in.Range, in.PartNumber)
	if err != nil {
		return nil, err
	}
	out := &s3.GetObjectOutput{
		AcceptRanges:       ptr("bytes"),
		CacheControl:       opt(found.CacheControl),
		ContentDisposition: opt(found.ContentDisposition),
		ContentEncoding:    opt(found.ContentEncoding),
		ContentLanguage:    opt(found.ContentLanguage),
		ContentLength:      &length,
		ContentRange:       header,
		ContentType:        ptr(found.contentType(k.path)),
		ETag:               quoted(found.etag),
		ExpiresString:      opt(found.Expires),
		LastModified:       ptr(found.info.ModTime()),
		Metadata:           found.Metadata,
		StorageClass:       types.StorageClassStandard,
	}
	if in.ChecksumMode == types.ChecksumModeEnabled && header == nil {
		sums := found.Checksum.spread()
		out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME = sums.CRC32, sums.CRC32C, sums.CRC64NVME
		out.ChecksumSHA1, out.ChecksumSHA256, out.ChecksumType = sums.SHA1, sums.SHA256, sums.Type
	}
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	stream := &body{Reader: strings.NewReader(""), file: found.file, release: caller.Hold()}
	if found.file != nil {
		stream.Reader = io.NewSectionReader(found.file, start, length)
	}
	given = true
	out.Body = stream
	return out, nil
}

// HeadObject returns what is known of a file.
func (b *Backend) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	found, k, err := find(ctx, in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	defer found.close()
	if err := found.meets(in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince); err != nil {
		return nil, err
	}
	_, length, header, err := span(found.size(), in.Range, in.PartNumber)
	if err != nil {
		return nil, err
	}
	out := &s3.HeadObjectOutput{
		AcceptRanges:       ptr("bytes"),
		CacheControl:       opt(found.CacheControl),
		ContentDisposition: opt(found.ContentDisposition),
		ContentEncoding:    opt(found.ContentEncoding),
		ContentLanguage:    opt(found.ContentLanguage),
		ContentLength:      &length,
		ContentRange:       header,
		ContentType:        ptr(found.contentType(k.path)),
		ETag:               quoted(found.etag),
		ExpiresString:      opt(found.Expires),
		LastModified:       ptr(found.info.ModTime()),
		Metadata:           found.Metadata,
		StorageClass:       types.StorageClassStandard,
	}
	if in.ChecksumMode == types.ChecksumModeEnabled && header == nil {
		sums := found.Checksum.spread()
		out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME = sums.CRC32, sums.CRC32C, sums.CRC64NVME
		out.ChecksumSHA1, out.ChecksumSHA256, out.ChecksumType = sums.SHA1, sums.SHA256, sums.Type
	}
	return out, nil
}

// GetObjectAttributes returns what is known of a file as a document.
func (b *Backend) GetObjectAttributes(
	ctx context.Context, in *s3.GetObjectAttributesInput,
) (s3response.GetObjectAttributesResponse, error) {
	found, _, err := find(ctx, in.Bucket, in.Key)
	if err != nil {
		return s3response.GetObjectAttributesResponse{}, err
	}
	defer found.close()
	out := s3response.GetObjectAttributesResponse{
		ETag:         &found.etag,
		ObjectSize:   ptr(found.size()),
		StorageClass: types.StorageClassStandard,
		LastModified: ptr(found.info.ModTime()),
	}
	if found.Checksum != nil {
		sums := found.Checksum.spread()
		out.Checksum = &types.Checksum{
			ChecksumCRC32: sums.CRC32, ChecksumCRC32C: sums.CRC32C, ChecksumCRC64NVME: sums.CRC64NVME,
			ChecksumSHA1: sums.SHA1, ChecksumSHA256: sums.SHA256, ChecksumType: sums.Type,
		}
	}
	return out, nil
}

// GetObjectTagging says that objects have no tags.
func (b *Backend) GetObjectTagging(ctx context.Context, bucket, name, _ string) (map[string]string, error) {
	found, _, err := find(ctx, &bucket, &name)
	if err != nil {
		return nil, err
	}
	found.close()
	return map[string]string{}, nil
}

// GetObjectAcl says that an object is its bucket's owner's.
func (b *Backend) GetObjectAcl(ctx context.Context, in *s3.GetObjectAclInput) (*s3.GetObjectAclOutput, error) {
	found, _, err := find(ctx, in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	found.close()
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	return &s3.GetObjectAclOutput{Owner: &types.Owner{ID: &caller.Owner, DisplayName: &caller.Name}}, nil
}
