package objects

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"golang.org/x/sys/unix"

	"science-platform/services/tree"
)

// chosen checks a completion's list of parts against what was uploaded.
func (u *upload) chosen(wanted []types.CompletedPart) ([]part, error) {
	var found []part
	previous := int32(0)
	for _, one := range wanted {
		if one.PartNumber == nil || one.ETag == nil {
			return nil, s3err.GetAPIError(s3err.ErrMalformedXML)
		}
		if *one.PartNumber <= previous {
			return nil, s3err.GetAPIError(s3err.ErrInvalidPartOrder)
		}
		previous = *one.PartNumber
		p, err := u.part(*one.PartNumber)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || !backend.AreEtagsSame(p.ETag, *one.ETag) || !p.agrees(one) {
			return nil, s3err.GetInvalidPartErr(u.id, *one.PartNumber, *one.ETag)
		}
		found = append(found, p)
	}
	for _, p := range found[:len(found)-1] {
		if p.Size < backend.MinPartSize {
			return nil, s3err.GetEntityTooSmallErr(p.Size, backend.MinPartSize)
		}
	}
	return found, nil
}

// agrees says whether a part has the checksum that the completion names for it, if it names one.
func (p part) agrees(one types.CompletedPart) bool {
	if p.Checksum == nil {
		return true
	}
	given := map[types.ChecksumAlgorithm]*string{
		types.ChecksumAlgorithmCrc32:     one.ChecksumCRC32,
		types.ChecksumAlgorithmCrc32c:    one.ChecksumCRC32C,
		types.ChecksumAlgorithmCrc64nvme: one.ChecksumCRC64NVME,
		types.ChecksumAlgorithmSha1:      one.ChecksumSHA1,
		types.ChecksumAlgorithmSha256:    one.ChecksumSHA256,
	}[p.Checksum.Algorithm]
	return given == nil || *given == p.Checksum.Value
}

// errOver is an upload that another completion, or an abortion, has ended meanwhile.
var errOver = errors.New("the upload is over")

// claim holds an upload's data as a whole, against parts under way and other completions, for which it waits.
func (u *upload) claim(ctx context.Context) (*os.File, error) {
	file, err := u.folder.OpenToWrite(dataFile)
	if absent(err) {
		return nil, errOver
	}
	if err != nil {
		return nil, err
	}
	for lock(file, 0, 0) != nil {
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, errSlowDown
		case <-time.After(50 * time.Millisecond):
		}
	}
	if named, err := u.folder.Lstat(dataFile); err != nil || !named.Of(file) {
		_ = file.Close()
		return nil, errOver
	}
	return file, nil
}

// assemble makes data the finished file. Parts that are not at their place are copied there; usually there are none,
// and nothing is copied. Where data cannot become the file, another file is put together.
func (u *upload) assemble(data *os.File, parts []part) (*os.File, error) {
	stride, err := u.stride(0)
	if err != nil {
		return nil, err
	}
	if inPlace(parts, stride) {
		for _, p := range parts {
			if p.File == "" {
				continue
			}
			if err := u.fetch(data, int64(p.Number-1)*stride, data, p, stride); err != nil {
				return nil, err
			}
		}
		return data, data.Truncate(total(parts))
	}
	file, err := u.folder.OpenToWrite("assembled")
	if err != nil {
		return nil, err
	}
	err = file.Truncate(0)
	offset := int64(0)
	for _, p := range parts {
		if err == nil {
			err = u.fetch(file, offset, data, p, stride)
		}
		offset += p.Size
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// inPlace says whether the parts make a file when each is at its place in data.
func inPlace(parts []part, stride int64) bool {
	for i, p := range parts {
		last := i == len(parts)-1
		if stride == 0 || p.Number != int32(i+1) || p.Size > stride || p.Size < stride && !last {
			return false
		}
	}
	return true
}

func total(parts []part) int64 {
	sum := int64(0)
	for _, p := range parts {
		sum += p.Size
	}
	return sum
}

// fetch copies a part to its offset in a file; where the file system can, both then share the bytes.
func (u *upload) fetch(to *os.File, offset int64, data *os.File, p part, stride int64) error {
	from, start := data, int64(p.Number-1)*stride
	if p.File != "" {
		file, info, err := u.folder.OpenFile(p.File)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		if info.Size() != p.Size {
			return tree.ErrChanged
		}
		from, start = file, 0
	}
	for left := p.Size; left > 0; {
		n, err := unix.CopyFileRange(int(from.Fd()), &start, int(to.Fd()), &offset, int(min(left, 1<<30)), 0)
		if errors.Is(err, unix.EXDEV) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) {
			_, err = io.CopyN(io.NewOffsetWriter(to, offset), io.NewSectionReader(from, start, left), left)
			return err
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return tree.ErrChanged
		}
		left -= int64(n)
	}
	return nil
}

// become makes the parts an object, in one step.
func (u *upload) become(
	ctx context.Context, room *tree.Tree, k key, parts []part, kept *record, wanted conditions,
) error {
	data, err := u.claim(ctx)
	if err != nil {
		return err
	}
	// It stays held until the upload's folder is gone, so that no part is written into the object.
	defer data.Close()
	file, err := u.assemble(data, parts)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := writeDocument(u.folder, completingFile, k.path); err != nil {
		return err
	}
	if _, err := finish(room, k, file, kept, wanted); err != nil {
		_ = u.folder.Remove(completingFile)
		return err
	}
	return u.discard(ctx, room)
}
