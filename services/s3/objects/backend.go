// Package objects serves rooms as S3 buckets: a file is an object, and its path in the room is the object's key.
//
// It is the storage behind the protocol of github.com/versity/versitygw. Every operation goes through the tree of one
// room, so that no symbolic link, whenever it appears, leads to what another room holds.
package objects

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"science-platform/services/tree"
)

// Bucket is a room under the name that S3 clients know it by.
type Bucket struct {
	Name     string
	Writable bool
	// Open opens the room; whoever calls it closes it.
	Open func() (*tree.Tree, error)
}

// Caller is who a request is from.
type Caller struct {
	// Name is the user's.
	Name string
	// Owner is what S3 calls the owner of each of the caller's buckets: the access key in use.
	Owner string
	// Buckets are all that there is for the caller.
	Buckets []Bucket
	// Hold keeps the request open until what it returns is called, with the bytes sent: a body is read after the
	// handler has returned.
	Hold func() (release func(sent int64))
}

// CallerKey is where a request's context holds its Caller.
const CallerKey = "objects-caller"

// Backend is a versitygw backend over the rooms of each request's caller. What it does not do answers NotImplemented.
type Backend struct {
	backend.BackendUnsupported
}

var _ backend.Backend = (*Backend)(nil)

// New returns a backend.
func New() *Backend { return &Backend{} }

func (*Backend) String() string { return "rooms" }

func callerOf(ctx context.Context) (*Caller, error) {
	caller, ok := ctx.Value(CallerKey).(*Caller)
	if !ok {
		return nil, errAccessDenied
	}
	return caller, nil
}

// bucketOf finds one of the caller's buckets. One that is somebody else's does not exist for the caller.
func bucketOf(ctx context.Context, name string) (*Caller, Bucket, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, Bucket{}, err
	}
	index := slices.IndexFunc(caller.Buckets, func(b Bucket) bool { return b.Name == name })
	if index < 0 {
		return nil, Bucket{}, s3err.GetBucketErr(s3err.ErrNoSuchBucket, name)
	}
	return caller, caller.Buckets[index], nil
}

// enter opens one of the caller's buckets.
func enter(ctx context.Context, name *string, write bool) (*tree.Tree, error) {
	_, bucket, err := bucketOf(ctx, *name)
	if err != nil {
		return nil, err
	}
	if write && !bucket.Writable {
		return nil, errAccessDenied
	}
	room, err := bucket.Open()
	return room, translate(err)
}

// ListBuckets returns the caller's rooms.
func (*Backend) ListBuckets(
	ctx context.Context, in s3response.ListBucketsInput,
) (s3response.ListAllMyBucketsResult, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return s3response.ListAllMyBucketsResult{}, err
	}
	out := s3response.ListAllMyBucketsResult{
		Owner:  s3response.CanonicalUser{ID: caller.Owner, DisplayName: caller.Name},
		Prefix: in.Prefix,
	}
	buckets := slices.Clone(caller.Buckets)
	slices.SortFunc(buckets, func(a, b Bucket) int { return strings.Compare(a.Name, b.Name) })
	for _, bucket := range buckets {
		if !strings.HasPrefix(bucket.Name, in.Prefix) || bucket.Name <= in.ContinuationToken {
			continue
		}
		if in.MaxBuckets > 0 && len(out.Buckets.Bucket) == int(in.MaxBuckets) {
			out.ContinuationToken = out.Buckets.Bucket[in.MaxBuckets-1].Name
			break
		}
		out.Buckets.Bucket = append(out.Buckets.Bucket, s3response.ListAllMyBucketsEntry{
			Name: bucket.Name, CreationDate: created(bucket),
		})
	}
	return out, nil
}

// created is when a bucket came to be, as far as a file system tells: S3 clients insist on a date.
func created(bucket Bucket) time.Time {
	room, err := bucket.Open()
	if err != nil {
		return time.Unix(0, 0)
	}
	defer room.Close()
	info, err := room.Stat(".")
	if err != nil {
		return time.Unix(0, 0)
	}
	return info.ModTime()
}

// HeadBucket says whether the caller may enter a bucket.
func (*Backend) HeadBucket(ctx context.Context, in *s3.HeadBucketInput) (*s3.HeadBucketOutput, error) {
	if _, _, err := bucketOf(ctx, *in.Bucket); err != nil {
		return nil, err
	}
	return &s3.HeadBucketOutput{}, nil
}

// GetBucketAcl says that the caller owns each of the caller's own buckets; whether it can be written is seen to
// where it is.
func (*Backend) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	caller, _, err := bucketOf(ctx, *in.Bucket)
	if err != nil {
		return nil, err
	}
	return json.Marshal(auth.ACL{Owner: caller.Owner})
}

// GetBucketPolicy says that there is none: who may enter a room is decided by the site.
func (*Backend) GetBucketPolicy(context.Context, string) ([]byte, error) {
	return nil, s3err.GetAPIError(s3err.ErrNoSuchBucketPolicy)
}

// GetBucketCors says that there is none.
func (*Backend) GetBucketCors(context.Context, string) ([]byte, error) {
	return nil, s3err.GetAPIError(s3err.ErrNoSuchCORSConfiguration)
}

// GetBucketTagging says that there are none.
func (*Backend) GetBucketTagging(context.Context, string) (map[string]string, error) {
	return nil, s3err.GetAPIError(s3err.ErrBucketTaggingNotFound)
}

// GetBucketVersioning says that objects have one version, the present.
func (*Backend) GetBucketVersioning(context.Context, string) (s3response.GetBucketVersioningOutput, error) {
	return s3response.GetBucketVersioningOutput{}, nil
}

// GetObjectLockConfiguration says that there is none.
func (*Backend) GetObjectLockConfiguration(context.Context, string) ([]byte, error) {
	return nil, s3err.GetAPIError(s3err.ErrObjectLockConfigurationNotFound)
}

func ptr[T any](value T) *T { return &value }

func deref[T any](value *T) T {
	if value == nil {
		var zero T
		return zero
	}
	return *value
}

// opt is nil for what is empty, as S3's optional fields are.
func opt(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
