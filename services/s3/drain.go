package main

import (
	"io"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v3"
)

const (
	drainStep  = 1 << 20
	drainBytes = 4 << 30
	drainTime  = 30 * time.Second
)

// drained takes the rest of a body that there is no room for, so that its sender gets to read why: a connection that
// is closed while bytes still come is reset, and clients say that instead. Only who was let in gets so far; the rest
// of all other refused bodies the library cuts short.
func drained(ctx fiber.Ctx) error {
	err := ctx.Next()
	body := ctx.Request().BodyStream()
	if body == nil || ctx.Response().StatusCode() != http.StatusInsufficientStorage {
		return err
	}
	if ctx.Request().Header.ContentLength() <= 0 {
		return err
	}
	deadline := time.Now().Add(drainTime)
	for taken := int64(0); taken < drainBytes && time.Now().Before(deadline); taken += drainStep {
		if _, failed := io.CopyN(io.Discard, body, drainStep); failed != nil {
			break
		}
	}
	return err
}
