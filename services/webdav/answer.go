package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"science-platform/services/tree"
)

// answer is a response that knows what was said, and that ends when the client stops taking it.
type answer struct {
	http.ResponseWriter
	control        *http.ResponseController
	status         int
	sent, received int64
	deadline       time.Time
	err            error
}

// stalled is how long a client may take no bytes, or send none, before it is let go.
const stalled = 2 * time.Minute

func newAnswer(w http.ResponseWriter, r *http.Request) *answer {
	made := &answer{ResponseWriter: w, control: http.NewResponseController(w)}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &body{ReadCloser: r.Body, answer: made}
	}
	return made
}

// Unwrap lets http.ResponseController find the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if status >= http.StatusOK && a.status == 0 {
		a.status = status
	}
	a.extend(a.control.SetWriteDeadline)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) begin() {
	if a.status == 0 {
		a.status = http.StatusOK
	}
}

func (a *answer) Write(data []byte) (int, error) {
	a.begin()
	a.extend(a.control.SetWriteDeadline)
	n, err := a.ResponseWriter.Write(data)
	a.sent += int64(n)
	return n, err
}

// piece is how much of a file the kernel sends at a time: a slow line may take `stalled` for each.
const piece = 1 << 20

// ReadFrom sends a file without bringing it into memory (sendfile), where the connection can.
func (a *answer) ReadFrom(from io.Reader) (int64, error) {
	a.begin()
	var total int64
	limit, limited := from.(*io.LimitedReader)
	for {
		a.extend(a.control.SetWriteDeadline)
		next := int64(piece)
		if limited {
			next = min(next, limit.N)
			from = limit.R
		}
		if next == 0 {
			return total, nil
		}
		n, err := io.Copy(a.ResponseWriter, &io.LimitedReader{R: from, N: next})
		total += n
		a.sent += n
		if limited {
			limit.N -= n
		}
		if err != nil || n < next {
			return total, err
		}
	}
}

// extend puts off the time at which a silent client is let go; not for every few bytes.
func (a *answer) extend(set func(time.Time) error) {
	now := time.Now()
	if a.deadline.Sub(now) < stalled-time.Second {
		a.deadline = now.Add(stalled)
		// Connections of tests have no deadlines.
		_ = set(a.deadline)
	}
}

// body is a request's body that is given up when the client sends nothing for too long.
type body struct {
	io.ReadCloser
	answer   *answer
	deadline time.Time
}

func (b *body) Read(data []byte) (int, error) {
	now := time.Now()
	if b.deadline.Sub(now) < stalled-time.Second {
		b.deadline = now.Add(stalled)
		_ = b.answer.control.SetReadDeadline(b.deadline)
	}
	n, err := b.ReadCloser.Read(data)
	b.answer.received += int64(n)
	if errors.Is(err, io.EOF) {
		// What follows on the connection is not this request's: how long the work takes is no matter of it.
		_ = b.answer.control.SetReadDeadline(time.Time{})
	} else if err != nil {
		err = fmt.Errorf("%w: %w", errBody, err)
	}
	return n, err
}

// errBody is a request whose body did not come as announced.
var errBody = errors.New("the request's body did not arrive")

// refusal is an answer to something that is not done.
type refusal struct {
	status int
	text   string
	// retry is in how many seconds a client may try again; zero for not saying.
	retry int
	// condition is the name of the WebDAV precondition that failed (RFC 4918, 16).
	condition string
	cause     error
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.cause }

// statuses are the answers to what can be wrong with a file.
var statuses = []struct {
	err    error
	status int
}{
	{errBody, http.StatusBadRequest},
	{tree.ErrIncomplete, http.StatusBadRequest},
	{tree.ErrName, http.StatusBadRequest},
	{tree.ErrOutside, http.StatusNotFound},
	{fs.ErrNotExist, http.StatusNotFound},
	{tree.ErrNotDirectory, http.StatusNotFound},
	{tree.ErrNotRegular, http.StatusForbidden},
	{tree.ErrReadOnly, http.StatusForbidden},
	{tree.ErrInside, http.StatusForbidden},
	{tree.ErrTooDeep, http.StatusForbidden},
	{fs.ErrPermission, http.StatusForbidden},
	{tree.ErrIsDirectory, http.StatusMethodNotAllowed},
	{fs.ErrExist, http.StatusPreconditionFailed},
	{tree.ErrChanged, http.StatusPreconditionFailed},
	{tree.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{tree.ErrNoSpace, http.StatusInsufficientStorage},
	{tree.ErrQuota, http.StatusInsufficientStorage},
	{tree.ErrBusy, http.StatusServiceUnavailable},
	{context.Canceled, statusGone},
}

// statusGone is written down for a client that left; nobody gets it.
const statusGone = 499

// asRefusal returns how an error is answered.
func asRefusal(err error) refusal {
	var refused refusal
	if errors.As(err, &refused) {
		return refused
	}
	for _, known := range statuses {
		if errors.Is(err, known.err) {
			refused = refusal{status: known.status, text: known.err.Error(), cause: err}
			if known.status == http.StatusServiceUnavailable {
				refused.retry = 5
			}
			return refused
		}
	}
	return refusal{status: http.StatusInternalServerError, text: "something is wrong with this server or its files", cause: err}
}

// refuse answers with what is wrong, in words or as WebDAV has it.
func refuse(answer *answer, r *http.Request, err error) {
	refused := asRefusal(err)
	header := answer.Header()
	if refused.retry > 0 {
		header.Set("Retry-After", strconv.Itoa(refused.retry))
	}
	if refused.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Basic realm="Your user name, and a token of the hub as the password", charset="UTF-8"`)
	}
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	text := refused.text + "\n"
	contentType := "text/plain; charset=utf-8"
	if refused.condition != "" {
		contentType = "application/xml; charset=utf-8"
		text = xmlHeader + `<D:error xmlns:D="DAV:"><D:` + refused.condition + `/></D:error>` + "\n"
	}
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(text)))
	answer.WriteHeader(refused.status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(answer, text)
	}
}

const xmlHeader = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// missingParent returns the error under which a new name is refused whose folder is not there (RFC 4918, 9.3.1).
func missingParent(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, tree.ErrNotDirectory) || errors.Is(err, tree.ErrOutside) {
		return refusal{status: http.StatusConflict, text: "the folder that it is to be in is not there", cause: err}
	}
	return err
}
