package objects

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"syscall"

	"github.com/versity/versitygw/s3err"

	"science-platform/services/tree"
)

var (
	errAccessDenied   = s3err.GetAPIError(s3err.ErrAccessDenied)
	errNoSuchKey      = s3err.GetAPIError(s3err.ErrNoSuchKey)
	errNotImplemented = s3err.GetAPIError(s3err.ErrNotImplemented)
	errInternal       = s3err.GetAPIError(s3err.ErrInternalError)
	errDirectory      = s3err.GetAPIError(s3err.ErrExistingObjectIsDirectory)
	errParent         = s3err.GetAPIError(s3err.ErrObjectParentIsFile)
	errTorn           = s3err.GetAPIError(s3err.ErrIncompleteBody)
	errFull           = s3err.GetAPIError(s3err.ErrNoSpaceLeftOnDevice)
	errSlowDown       = s3err.GetAPIError(s3err.ErrSlowDown)
	errBadKey         = s3err.APIError{
		Code: "InvalidArgument",
		Description: "This key cannot be a file: it has an empty, '.' or '..' component, " +
			"a control character, or a name that this service keeps for itself.",
		HTTPStatusCode: http.StatusBadRequest,
	}
	errQuota = s3err.APIError{
		Code:           "QuotaExceeded",
		Description:    "The quota of this home or project space is used up: delete files or ask for more.",
		HTTPStatusCode: http.StatusInsufficientStorage,
	}
	errAborted = s3err.APIError{
		Code:           "OperationAborted",
		Description:    "The file changed in the meantime. Try again.",
		HTTPStatusCode: http.StatusConflict,
	}
)

// forms are a file system's errors, and what S3 clients understand by them.
var forms = []struct {
	kind error
	form s3err.S3Error
}{
	{tree.ErrQuota, errQuota},
	{syscall.EDQUOT, errQuota},
	{tree.ErrNoSpace, errFull},
	{syscall.ENOSPC, errFull},
	{tree.ErrTooLarge, s3err.GetAPIError(s3err.ErrEntityTooLarge)},
	{tree.ErrIsDirectory, errDirectory},
	{tree.ErrIncomplete, errTorn},
	{io.ErrUnexpectedEOF, errTorn},
	{os.ErrDeadlineExceeded, errTorn},
	{syscall.ECONNRESET, errTorn},
	{tree.ErrChanged, errAborted},
	{tree.ErrBusy, errSlowDown},
	{tree.ErrNotRegular, errAccessDenied},
	{tree.ErrReadOnly, errAccessDenied},
	{tree.ErrOutside, errAccessDenied},
	{fs.ErrPermission, errAccessDenied},
	{tree.ErrName, errBadKey},
	{tree.ErrNotDirectory, errParent},
	{fs.ErrNotExist, errNoSuchKey},
}

// translate gives an error the form that S3 clients understand. One without a form is logged with its cause, and
// becomes an InternalError, which tells the client nothing of the machine.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var known s3err.S3Error
	if errors.As(err, &known) {
		return known
	}
	for _, entry := range forms {
		if errors.Is(err, entry.kind) {
			return entry.form
		}
	}
	slog.Error("a file operation failed", "error", err)
	return errInternal
}

// absent says whether an error means that nothing is at a path: neither a file, nor a folder on the way to it.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, tree.ErrNotDirectory)
}
