package main

import (
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
