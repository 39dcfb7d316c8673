package objects

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3response"

	"science-platform/services/tree"
)

// maxPage is how many keys and common prefixes S3 lists at once.
const maxPage = 1000

// query is what a listing is asked for.
type query struct {
	prefix, delimiter string
	// after is the key or common prefix that the listing goes on after.
	after string
	limit int
}

// page is a part of a listing, in the order of its keys' bytes.
type page struct {
	objects  []s3response.Object
	prefixes []types.CommonPrefix
	more     bool
	last     string
}

func (p *page) size() int { return len(p.objects) + len(p.prefixes) }

// errEnough ends a walk.
var errEnough = errors.New("enough")

// list reads a page. Folders are keys only where they are empty, or nothing would tell of them: their names end in a
// slash. With the delimiter "/" only one folder is read.
func list(room *tree.Tree, q query) (page, error) {
	out := page{}
	if q.limit <= 0 {
		return out, nil
	}
	base, _ := path.Split(q.prefix)
	folder, err := listed(base)
	if err != nil {
		return out, nil //nolint:nilerr // nothing can begin with such a prefix
	}
	after, any := within(q.after, base)
	if !any {
		return out, nil
	}
	walk := walk{room: room, query: q, page: &out}
	if base != "" && q.after < base {
		walk.pending = base // the folder itself, should it be empty
	}
	err = room.Walk(folder, after, func(name string, info tree.Info) error { return walk.meet(base+name, info) })
	if err == nil {
		err = walk.settle("")
	}
	if errors.Is(err, errEnough) || absent(err) {
		err = nil
	}
	return out, err
}

// listed is the folder that holds all keys which begin with a prefix.
func listed(base string) (string, error) {
	if base == "" {
		return ".", nil
	}
	k, err := parseKey(base)
	return k.path, err
}

// within returns the part below a folder of the key that a listing goes on after, and whether any key of the folder
// comes after it.
func within(after, base string) (string, bool) {
	if rest, inside := strings.CutPrefix(after, base); inside {
		return rest, true
	}
	return "", after < base
}

// walk is a listing under way.
type walk struct {
	room *tree.Tree
	query
	page *page
	// pending is a folder of which nothing has been met yet.
	pending     string
	pendingInfo tree.Info
}

// meet takes the next file or folder.
func (w *walk) meet(name string, info tree.Info) error {
	if !visible(info.Name()) || len(name) > maxKey {
		return skip(info)
	}
	if err := w.settle(name); err != nil {
		return err
	}
	if !strings.HasPrefix(name, w.prefix) {
		if name > w.prefix {
			return errEnough
		}
		if info.IsDir() && strings.HasPrefix(w.prefix, name) {
			return nil
		}
		return skip(info)
	}
	if common, grouped := w.common(name); grouped {
		if err := w.addPrefix(common); err != nil {
			return err
		}
		if name == common {
			return skip(info) // all below is in it
		}
		return nil
	}
	if info.IsDir() {
		w.pending, w.pendingInfo = name, info
		return nil
	}
	return w.addObject(name, info)
}

// skip leaves a folder out with all that it holds.
func skip(info tree.Info) error {
	if info.IsDir() {
		return tree.SkipFolder
	}
	return nil
}

// settle lists the pending folder as a key if the next name is not in it, and so nothing is.
func (w *walk) settle(next string) error {
	folder := w.pending
	if folder == "" {
		return nil
	}
	w.pending = ""
	if strings.HasPrefix(next, folder) || !strings.HasPrefix(folder, w.prefix) {
		return nil
	}
	if w.pendingInfo.Name() == "" {
		info, err := w.room.Stat(folder)
		if err != nil {
			return err
		}
		w.pendingInfo = info
	}
	return w.add(s3response.Object{
		Key: &folder, ETag: quoted(emptyETag), Size: ptr(int64(0)),
		LastModified: ptr(w.pendingInfo.ModTime()), StorageClass: types.ObjectStorageClassStandard,
	})
}

// common returns the common prefix that a key is grouped under, if it is.
func (w *walk) common(name string) (string, bool) {
	if w.delimiter == "" {
		return "", false
	}
	rest := name[len(w.prefix):]
	index := strings.Index(rest, w.delimiter)
	if index < 0 {
		return "", false
	}
	return w.prefix + rest[:index+len(w.delimiter)], true
}

func (w *walk) addPrefix(common string) error {
	count := len(w.page.prefixes)
	if count > 0 && *w.page.prefixes[count-1].Prefix == common || w.after == common {
		return nil
	}
	if w.full() {
		return errEnough
	}
	w.page.prefixes = append(w.page.prefixes, types.CommonPrefix{Prefix: &common})
	w.page.last = common
	return nil
}

func (w *walk) addObject(name string, info tree.Info) error {
	etag := strings.Trim(info.ETag(), `"`)
	// What cannot be opened (it is gone, or not to be read) is listed by what the folder says of it.
	if file, now, err := w.room.OpenFile(name); err == nil {
		kept := readRecord(file, now)
		info, etag = now, kept.etag(now)
		_ = file.Close()
	}
	return w.add(s3response.Object{
		Key: &name, ETag: quoted(etag), Size: ptr(info.Size()), LastModified: ptr(info.ModTime()),
		StorageClass: types.ObjectStorageClassStandard,
	})
}

func (w *walk) add(object s3response.Object) error {
	if w.full() {
		return errEnough
	}
	w.page.objects = append(w.page.objects, object)
	w.page.last = *object.Key
	return nil
}

// full says whether the page has all that it can hold, and notes that there is more.
func (w *walk) full() bool {
	w.page.more = w.page.size() == w.limit
	return w.page.more
}

func limit(given *int32) int {
	if given == nil {
		return maxPage
	}
	return min(int(*given), maxPage)
}

// ListObjects lists keys as S3's first version does.
func (b *Backend) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	room, err := enter(ctx, in.Bucket, false)
	if err != nil {
		return s3response.ListObjectsResult{}, err
	}
	defer room.Close()
	found, err := list(room, query{
		prefix: deref(in.Prefix), delimiter: deref(in.Delimiter), after: deref(in.Marker), limit: limit(in.MaxKeys),
	})
	if err != nil {
		return s3response.ListObjectsResult{}, translate(err)
	}
	out := s3response.ListObjectsResult{
		Name: in.Bucket, Prefix: in.Prefix, Marker: in.Marker, MaxKeys: ptr(int32(limit(in.MaxKeys))),
		Delimiter: opt(deref(in.Delimiter)), IsTruncated: &found.more,
		Contents: found.objects, CommonPrefixes: found.prefixes,
	}
	if found.more {
		out.NextMarker = &found.last
	}
	return out, nil
}

// ListObjectsV2 lists keys as S3's second version does; the token is the last key of the page before.
func (b *Backend) ListObjectsV2(
	ctx context.Context, in *s3.ListObjectsV2Input,
) (s3response.ListObjectsV2Result, error) {
	room, err := enter(ctx, in.Bucket, false)
	if err != nil {
		return s3response.ListObjectsV2Result{}, err
	}
	defer room.Close()
	after := deref(in.StartAfter)
	if token := deref(in.ContinuationToken); token != "" {
		after = token
	}
	found, err := list(room, query{
		prefix: deref(in.Prefix), delimiter: deref(in.Delimiter), after: after, limit: limit(in.MaxKeys),
	})
	if err != nil {
		return s3response.ListObjectsV2Result{}, translate(err)
	}
	out := s3response.ListObjectsV2Result{
		Name: in.Bucket, Prefix: in.Prefix, StartAfter: opt(deref(in.StartAfter)),
		ContinuationToken: opt(deref(in.ContinuationToken)), KeyCount: ptr(int32(found.size())),
		MaxKeys: ptr(int32(limit(in.MaxKeys))), Delimiter: opt(deref(in.Delimiter)), IsTruncated: &found.more,
		Contents: found.objects, CommonPrefixes: found.prefixes,
	}
	if found.more {
		out.NextContinuationToken = &found.last
	}
	if deref(in.FetchOwner) {
		caller, err := callerOf(ctx)
		if err != nil {
			return s3response.ListObjectsV2Result{}, err
		}
		for i := range out.Contents {
			out.Contents[i].Owner = &types.Owner{ID: &caller.Owner, DisplayName: &caller.Name}
		}
	}
	return out, nil
}
