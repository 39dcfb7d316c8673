package main

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v3"
)

const (
	drainStep  = 1 << 20
	drainSmall = 8 << 20
	drainLarge = 4 << 30
	drainTime  = 30 * time.Second
)

// drained takes the rest of a refused body, so that its sender gets to read why: a connection that is closed while
// bytes still come is reset, and clients say that instead. All of it where there is no room, which only those hear who
// were let in; the rest of anything else only as far as it is small.
func drained(ctx fiber.Ctx) error {
	err := ctx.Next()
	body, status := ctx.Request().BodyStream(), ctx.Response().StatusCode()
	if body != nil && ctx.Request().Header.ContentLength() < 0 {
		ended(ctx, body)
		return err
	}
	if body == nil || ctx.Request().Header.ContentLength() <= 0 || (err == nil && status < http.StatusBadRequest) {
		return err
	}
	most := int64(drainSmall)
	if status == http.StatusInsufficientStorage {
		most = drainLarge
	}
	deadline := time.Now().Add(drainTime)
	for taken := int64(0); taken < most && time.Now().Before(deadline); taken += drainStep {
		if _, failed := io.CopyN(io.Discard, body, drainStep); failed != nil {
			break
		}
	}
	return err
}

// ended takes the mark that ends a body sent in chunks: whoever reads chunks within chunks stops before it, and it would
// be read as the next request. Where it does not come, or was taken already, nothing more is read from the connection.
func ended(ctx fiber.Ctx, body io.Reader) {
	conn := ctx.RequestCtx().Conn()
	_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	_, failed := io.CopyN(io.Discard, body, drainStep)
	_ = conn.SetReadDeadline(time.Time{})
	if !errors.Is(failed, io.EOF) {
		ctx.Response().Header.SetConnectionClose()
	}
}
