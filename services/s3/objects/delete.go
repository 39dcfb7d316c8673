package objects

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"science-platform/services/tree"
)

// DeleteObject removes a file, or a folder if it is empty. For what is not there that is no error: so S3 has it.
func (b *Backend) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	room, err := enter(ctx, in.Bucket, true)
	if err != nil {
		return nil, err
	}
	defer room.Close()
	err = remove(room, *in.Key, backend.ObjectDeletePreconditions{
		IfMatch: in.IfMatch, IfMatchSize: in.IfMatchSize, IfMatchLastModTime: in.IfMatchLastModifiedTime,
	})
	if err != nil {
		return nil, translate(err)
	}
	return &s3.DeleteObjectOutput{}, nil
}

func remove(room *tree.Tree, name string, wanted backend.ObjectDeletePreconditions) error {
	k, err := parseKey(name)
	if err != nil {
		return nil //nolint:nilerr // what no file can be called is not there
	}
	if wanted != (backend.ObjectDeletePreconditions{}) {
		found, err := open(room, k)
		if err != nil {
			return err
		}
		found.close()
		err = backend.EvaluateObjectDeletePreconditions(found.etag, found.info.ModTime(), found.size(), wanted)
		if err != nil {
			return err
		}
	}
	info, err := room.Lstat(k.path)
	if err == nil && info.IsDir() == k.folder {
		err = room.Remove(k.path)
	}
	if absent(err) || errors.Is(err, tree.ErrNotEmpty) {
		return nil
	}
	if err == nil {
		removeParents(room, k.parent())
	}
	return err
}

// DeleteObjects removes many keys, and says of each how it went.
func (b *Backend) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	room, err := enter(ctx, in.Bucket, true)
	if err != nil {
		return s3response.DeleteResult{}, err
	}
	defer room.Close()
	out := s3response.DeleteResult{}
	for _, wanted := range in.Delete.Objects {
		if wanted.Key == nil {
			return out, s3err.GetAPIError(s3err.ErrMalformedXML)
		}
		err := translate(remove(room, *wanted.Key, backend.ObjectDeletePreconditions{
			IfMatch: wanted.ETag, IfMatchSize: wanted.Size, IfMatchLastModTime: wanted.LastModifiedTime,
		}))
		var known s3err.S3Error
		if errors.As(err, &known) {
			base := known.BaseError()
			out.Error = append(out.Error,
				types.Error{Key: wanted.Key, Code: &base.Code, Message: &base.Description})
			continue
		}
		out.Deleted = append(out.Deleted, types.DeletedObject{Key: wanted.Key})
	}
	return out, nil
}
