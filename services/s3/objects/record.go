package objects

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"os"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3err"
	"golang.org/x/sys/unix"

	"science-platform/services/tree"
)

// attribute is the extended attribute that holds what S3 knows of a file and a file system does not.
const attribute = "user.s3.object"

// maxRecord bounds the attribute: ext4 keeps all attributes of a file within one block of 4096 bytes.
const maxRecord = 3800

// defaultType is the media type of what nobody said anything of.
const defaultType = "binary/octet-stream"

// emptyETag is the ETag of a folder: the MD5 sum of nothing.
const emptyETag = "d41d8cd98f00b204e9800998ecf8427e"

// record is what is kept of an object beside its bytes. Size and Modified are the file's as S3 wrote it: where they
// differ from the file's own, somebody changed it by another door, and ETag and Checksum say nothing of it any more.
type record struct {
	Size     int64     `json:"size"`
	Modified int64     `json:"modified"` // nanoseconds since 1970
	ETag     string    `json:"etag,omitempty"`
	Checksum *checksum `json:"checksum,omitempty"`
	// Upload is the multipart upload that made the object, so that its completion can be asked for again.
	Upload string `json:"upload,omitempty"`
	headers
}

// headers are what a client said of an object, and gets back.
type headers struct {
	ContentType        string            `json:"contentType,omitempty"`
	ContentEncoding    string            `json:"contentEncoding,omitempty"`
	ContentDisposition string            `json:"contentDisposition,omitempty"`
	ContentLanguage    string            `json:"contentLanguage,omitempty"`
	CacheControl       string            `json:"cacheControl,omitempty"`
	Expires            string            `json:"expires,omitempty"`
	Metadata           map[string]string `json:"metadata,omitempty"`
}

// checksum is one of S3's additional checksums of a whole object.
type checksum struct {
	Algorithm types.ChecksumAlgorithm `json:"algorithm"`
	Type      types.ChecksumType      `json:"type"`
	Value     string                  `json:"value"`
}

// seal makes the record one of the file as it is now, and writes it to the file's attribute. A file system without
// user attributes keeps the bytes alone, and the object's ETag is then made from the file's times.
//
// The time of the change is set to the nanosecond first: the kernel's own clock for files ticks every few
// milliseconds, and a change within the same tick would otherwise go unseen.
func (r *record) seal(file *os.File) error {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_REALTIME, &now); err != nil {
		return err
	}
	self := fmt.Sprintf("/proc/self/fd/%d", file.Fd())
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, self, []unix.Timespec{now, now}, 0); err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	r.Size, r.Modified = info.Size(), info.ModTime().UnixNano()
	return r.write(file)
}

func (r *record) write(file *os.File) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if len(text) > maxRecord {
		return s3err.GetMetadataTooLargeErr(len(text), maxRecord)
	}
	err = unix.Fsetxattr(int(file.Fd()), attribute, text, 0)
	if errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}

// readRecord returns what is kept of an open file, and nothing of it that is not true of the file any more.
func readRecord(file *os.File, info tree.Info) record {
	buffer := make([]byte, maxRecord)
	n, err := unix.Fgetxattr(int(file.Fd()), attribute, buffer)
	var kept record
	if err != nil || json.Unmarshal(buffer[:n], &kept) != nil {
		return record{}
	}
	if kept.Size != info.Size() || kept.Modified != info.ModTime().UnixNano() {
		kept.ETag, kept.Checksum, kept.Upload, kept.ContentEncoding = "", nil, "", ""
	}
	return kept
}

// etag returns the object's ETag without quotes: the one it was written with, else one made from what changes with
// every change of a file. The dashes in the latter tell clients that it is no MD5 sum.
func (r *record) etag(info tree.Info) string {
	if r.ETag != "" {
		return r.ETag
	}
	return strings.Trim(info.ETag(), `"`)
}

// contentType returns the media type that the object was written with, else what its name says.
func (r *record) contentType(name string) string {
	if r.ContentType != "" {
		return r.ContentType
	}
	switch path.Ext(name) {
	case ".fits", ".fit", ".fts":
		return "application/fits"
	case ".vot":
		return "application/x-votable+xml"
	}
	if known := mime.TypeByExtension(path.Ext(name)); known != "" {
		return known
	}
	return defaultType
}
