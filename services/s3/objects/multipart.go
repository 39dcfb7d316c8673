package objects

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"science-platform/services/tree"
)

// CreateMultipartUpload begins an upload in parts.
func (b *Backend) CreateMultipartUpload(
	ctx context.Context, in s3response.CreateMultipartUploadInput,
) (s3response.InitiateMultipartUploadResult, error) {
	out := s3response.InitiateMultipartUploadResult{Bucket: *in.Bucket, Key: *in.Key}
	k, err := parseKey(*in.Key)
	if err != nil {
		return out, err
	}
	if k.folder {
		return out, s3err.GetAPIError(s3err.ErrDirectoryObjectContainsData)
	}
	if deref(in.Tagging) != "" {
		return out, errNotImplemented
	}
	room, err := enter(ctx, in.Bucket, true)
	if err != nil {
		return out, err
	}
	defer room.Close()
	out.UploadId, err = begin(room, plan{
		Key: *in.Key, Algorithm: in.ChecksumAlgorithm, Type: in.ChecksumType,
		headers: headers{
			ContentType: declared(in.ContentType), ContentEncoding: deref(in.ContentEncoding),
			ContentDisposition: deref(in.ContentDisposition), ContentLanguage: deref(in.ContentLanguage),
			CacheControl: deref(in.CacheControl), Expires: deref(in.Expires), Metadata: in.Metadata,
		},
	})
	return out, translate(err)
}

// work enters a bucket and opens one of its uploads; both are to be closed.
func work(ctx context.Context, bucket, id, name *string) (*tree.Tree, *upload, error) {
	room, err := enter(ctx, bucket, true)
	if err != nil {
		return nil, nil, err
	}
	found, err := resume(room, deref(id), *name)
	if err != nil {
		_ = room.Close()
		return nil, nil, translate(err)
	}
	return room, found, nil
}

// UploadPart takes a part.
func (b *Backend) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	room, found, err := work(ctx, in.Bucket, in.UploadId, in.Key)
	if err != nil {
		return nil, err
	}
	defer room.Close()
	defer found.close()
	algorithm := in.ChecksumAlgorithm
	if algorithm == "" {
		algorithm = found.plan.Algorithm
	}
	source, err := checked(in.Body, algorithm, s3response.Checksum{
		CRC32: in.ChecksumCRC32, CRC32C: in.ChecksumCRC32C, CRC64NVME: in.ChecksumCRC64NVME,
		SHA1: in.ChecksumSHA1, SHA256: in.ChecksumSHA256,
	})
	if err != nil {
		return nil, err
	}
	done, err := found.store(*in.PartNumber, source, deref(in.ContentLength))
	if err != nil {
		return nil, translate(err)
	}
	sums := done.Checksum.spread()
	return &s3.UploadPartOutput{
		ETag: quoted(done.ETag), ChecksumCRC32: sums.CRC32, ChecksumCRC32C: sums.CRC32C,
		ChecksumCRC64NVME: sums.CRC64NVME, ChecksumSHA1: sums.SHA1, ChecksumSHA256: sums.SHA256,
	}, nil
}

// UploadPartCopy takes a part from an object.
func (b *Backend) UploadPartCopy(
	ctx context.Context, in *s3.UploadPartCopyInput,
) (s3response.CopyPartResult, error) {
	bucket, name, _, err := backend.ParseCopySource(*in.CopySource)
	if err != nil {
		return s3response.CopyPartResult{}, err
	}
	source, _, err := find(ctx, &bucket, &name)
	if err != nil {
		return s3response.CopyPartResult{}, err
	}
	defer source.close()
	err = source.meets(in.CopySourceIfMatch, in.CopySourceIfNoneMatch,
		in.CopySourceIfModifiedSince, in.CopySourceIfUnmodifiedSince)
	if err != nil {
		return s3response.CopyPartResult{}, copyCondition(err)
	}
	start, length, err := backend.ParseCopySourceRange(source.size(), deref(in.CopySourceRange))
	if err != nil {
		return s3response.CopyPartResult{}, err
	}
	length = min(length, source.size()-start)
	var bytes io.Reader = strings.NewReader("")
	if source.file != nil {
		bytes = io.NewSectionReader(source.file, start, length)
	}
	room, found, err := work(ctx, in.Bucket, in.UploadId, in.Key)
	if err != nil {
		return s3response.CopyPartResult{}, err
	}
	defer room.Close()
	defer found.close()
	checkedBytes, err := checked(bytes, found.plan.Algorithm, s3response.Checksum{})
	if err != nil {
		return s3response.CopyPartResult{}, err
	}
	done, err := found.store(*in.PartNumber, checkedBytes, length)
	if err != nil {
		return s3response.CopyPartResult{}, translate(err)
	}
	sums := done.Checksum.spread()
	return s3response.CopyPartResult{
		ETag: quoted(done.ETag), LastModified: done.Modified, ChecksumCRC32: sums.CRC32,
		ChecksumCRC32C: sums.CRC32C, ChecksumCRC64NVME: sums.CRC64NVME,
		ChecksumSHA1: sums.SHA1, ChecksumSHA256: sums.SHA256,
	}, nil
}

// CompleteMultipartUpload makes an object of an upload's parts. To ask for it again is no error: the first answer may
// have been lost.
func (b *Backend) CompleteMultipartUpload(
	ctx context.Context, in *s3.CompleteMultipartUploadInput,
) (s3response.CompleteMultipartUploadResult, string, error) {
	room, err := enter(ctx, in.Bucket, true)
	if err != nil {
		return s3response.CompleteMultipartUploadResult{}, "", err
	}
	defer room.Close()
	k, err := parseKey(*in.Key)
	if err != nil {
		return s3response.CompleteMultipartUploadResult{}, "", err
	}
	kept, err := complete(ctx, room, k, in)
	if err != nil {
		return s3response.CompleteMultipartUploadResult{}, "", translate(err)
	}
	sums := kept.Checksum.spread()
	return s3response.CompleteMultipartUploadResult{
		Bucket: in.Bucket, Key: in.Key, ETag: quoted(kept.ETag), ChecksumType: kind(sums.Type),
		ChecksumCRC32: sums.CRC32, ChecksumCRC32C: sums.CRC32C, ChecksumCRC64NVME: sums.CRC64NVME,
		ChecksumSHA1: sums.SHA1, ChecksumSHA256: sums.SHA256,
	}, "", nil
}

func kind(name types.ChecksumType) *types.ChecksumType {
	if name == "" {
		return nil
	}
	return &name
}

func complete(
	ctx context.Context, room *tree.Tree, k key, in *s3.CompleteMultipartUploadInput,
) (record, error) {
	id := deref(in.UploadId)
	found, err := resume(room, id, *in.Key)
	if err != nil {
		return completed(room, k, id, err)
	}
	kept, err := assembled(ctx, room, k, found, in)
	if errors.Is(err, errOver) {
		return completed(room, k, id, s3err.GetNoSuchUploadErr(id))
	}
	return kept, err
}

// completed returns what is known of the object that an upload has become, or the error that there is no upload.
func completed(room *tree.Tree, k key, id string, missing error) (record, error) {
	made, err := open(room, k)
	if err != nil {
		return record{}, missing
	}
	made.close()
	if made.Upload == "" || made.Upload != id {
		return record{}, missing
	}
	return made.record, nil
}

func assembled(
	ctx context.Context, room *tree.Tree, k key, found *upload, in *s3.CompleteMultipartUploadInput,
) (record, error) {
	defer found.close()
	parts, err := found.chosen(in.MultipartUpload.Parts)
	if err != nil {
		return record{}, err
	}
	if size := total(parts); in.MpuObjectSize != nil && *in.MpuObjectSize != size {
		return record{}, s3err.GetIncorrectMpObjectSizeErr(size, *in.MpuObjectSize)
	}
	etag, err := backend.ComputeMultipartETagFromPartETags(in.MultipartUpload.Parts)
	if err != nil {
		return record{}, err
	}
	sum, err := combine(found.plan.Algorithm, found.plan.Type, parts)
	if err != nil {
		return record{}, err
	}
	if err := sum.promised(in); err != nil {
		return record{}, err
	}
	kept := record{ETag: strings.Trim(etag, `"`), Checksum: sum, Upload: found.id, headers: found.plan.headers}
	return kept, found.become(ctx, room, k, parts, &kept, conditions{in.IfMatch, in.IfNoneMatch})
}

// AbortMultipartUpload ends an upload and frees what it used.
func (b *Backend) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	room, found, err := work(ctx, in.Bucket, in.UploadId, in.Key)
	if err != nil {
		return err
	}
	defer room.Close()
	defer found.close()
	if in.IfMatchInitiatedTime != nil {
		info, err := found.folder.Stat(aboutFile)
		if err != nil {
			return translate(err)
		}
		if !info.ModTime().Truncate(time.Second).Equal(*in.IfMatchInitiatedTime) {
			return s3err.GetAPIError(s3err.ErrPreconditionFailed)
		}
	}
	return translate(found.discard(ctx, room))
}

// ListParts lists an upload's parts.
func (b *Backend) ListParts(ctx context.Context, in *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	room, found, err := work(ctx, in.Bucket, in.UploadId, in.Key)
	if err != nil {
		return s3response.ListPartsResult{}, err
	}
	defer room.Close()
	defer found.close()
	caller, err := callerOf(ctx)
	if err != nil {
		return s3response.ListPartsResult{}, err
	}
	parts, err := found.parts()
	if err != nil {
		return s3response.ListPartsResult{}, translate(err)
	}
	marker, _ := strconv.Atoi(deref(in.PartNumberMarker))
	out := s3response.ListPartsResult{
		Bucket: *in.Bucket, Key: *in.Key, UploadID: found.id, PartNumberMarker: marker,
		MaxParts: limit(in.MaxParts), StorageClass: types.StorageClassStandard,
		ChecksumAlgorithm: found.plan.Algorithm, ChecksumType: found.plan.Type,
		Owner:     s3response.Owner{ID: caller.Owner, DisplayName: caller.Name},
		Initiator: s3response.Initiator{ID: caller.Owner, DisplayName: caller.Name},
	}
	for _, p := range parts {
		if int(p.Number) <= marker {
			continue
		}
		if len(out.Parts) == out.MaxParts {
			out.IsTruncated = true
			break
		}
		sums := p.Checksum.spread()
		out.Parts = append(out.Parts, s3response.Part{
			PartNumber: int(p.Number), Size: p.Size, ETag: *quoted(p.ETag), LastModified: p.Modified,
			ChecksumCRC32: sums.CRC32, ChecksumCRC32C: sums.CRC32C, ChecksumCRC64NVME: sums.CRC64NVME,
			ChecksumSHA1: sums.SHA1, ChecksumSHA256: sums.SHA256,
		})
		out.NextPartNumberMarker = int(p.Number)
	}
	return out, nil
}

// ListMultipartUploads lists the uploads under way in a bucket.
func (b *Backend) ListMultipartUploads(
	ctx context.Context, in *s3.ListMultipartUploadsInput,
) (s3response.ListMultipartUploadsResult, error) {
	out := s3response.ListMultipartUploadsResult{
		Bucket: *in.Bucket, Prefix: deref(in.Prefix), KeyMarker: deref(in.KeyMarker),
		UploadIDMarker: deref(in.UploadIdMarker), MaxUploads: limit(in.MaxUploads),
	}
	if deref(in.Delimiter) != "" {
		return out, errNotImplemented
	}
	room, err := enter(ctx, in.Bucket, true)
	if err != nil {
		return out, err
	}
	defer room.Close()
	caller, err := callerOf(ctx)
	if err != nil {
		return out, err
	}
	uploads, err := allUploads(room)
	if err != nil {
		return out, translate(err)
	}
	for _, one := range uploads {
		before := one.Key < out.KeyMarker || one.Key == out.KeyMarker && one.UploadID <= out.UploadIDMarker
		if !strings.HasPrefix(one.Key, out.Prefix) || before {
			continue
		}
		if len(out.Uploads) == out.MaxUploads {
			out.IsTruncated = true
			break
		}
		one.Owner = s3response.Owner{ID: caller.Owner, DisplayName: caller.Name}
		one.Initiator = s3response.Initiator(one.Owner)
		out.Uploads = append(out.Uploads, one)
		out.NextKeyMarker, out.NextUploadIDMarker = one.Key, one.UploadID
	}
	return out, nil
}

func allUploads(room *tree.Tree) ([]s3response.Upload, error) {
	if !room.HasWorkshop() {
		return nil, nil
	}
	shop, err := workshop(room)
	if err != nil {
		return nil, err
	}
	defer shop.Close()
	var uploads []s3response.Upload
	err = shop.List(".", func(info tree.Info) error {
		if !uploadID.MatchString(info.Name()) {
			return nil
		}
		found, err := openUpload(shop, info.Name())
		if err != nil {
			return nil //nolint:nilerr // it ended meanwhile
		}
		defer found.close()
		about, err := found.folder.Stat(aboutFile)
		if err != nil {
			return nil //nolint:nilerr // it ended meanwhile
		}
		uploads = append(uploads, s3response.Upload{
			Key: found.plan.Key, UploadID: found.id, Initiated: about.ModTime(),
			StorageClass:      types.StorageClassStandard,
			ChecksumAlgorithm: found.plan.Algorithm, ChecksumType: found.plan.Type,
		})
		return nil
	})
	slices.SortFunc(uploads, func(a, b s3response.Upload) int {
		return strings.Compare(a.Key+"\x00"+a.UploadID, b.Key+"\x00"+b.UploadID)
	})
	return uploads, err
}
