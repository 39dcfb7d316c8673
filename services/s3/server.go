package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"
	"github.com/versity/versitygw/s3api/controllers"
	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3err"

	"science-platform/services/rooms"
	"science-platform/services/s3/objects"
)

const (
	// region is the name that signatures are made with. Clients that are told none use this one.
	region = "us-east-1"
	// keysPath is where a hub token is exchanged for a key; no bucket can have its name.
	keysPath = "/-/keys"
	// maxHeader bounds the request's line and headers, maxSmall what is read as a whole: a list of 1000 keys.
	maxHeader = 16 << 10
	maxSmall  = 4 << 20
)

// Limits are what the door takes at once.
type Limits struct {
	// Requests and PerUser are requests under way; Connections those that are open.
	Requests, PerUser, Connections int
	// Idle is how long a connection may stay without a byte in either direction.
	Idle time.Duration
}

// Server is the S3 door.
type Server struct {
	app      *fiber.App
	document *rooms.Document
	keys     *Keys
	traffic  *Traffic
	limits   Limits
	endpoint string
	do       operations
}

// NewServer returns a door to the rooms of a document.
func NewServer(document *rooms.Document, keys *Keys, traffic *Traffic, limits Limits, endpoint string) *Server {
	server := &Server{document: document, keys: keys, traffic: traffic, limits: limits, endpoint: endpoint}
	// The library knows a root user with every right: nobody can be that one here.
	root := middlewares.RootUserConfig{Access: rand.Text() + rand.Text(), Secret: rand.Text() + rand.Text()}
	server.do = newOperations(objects.New(), keys, root, server.enter)
	server.app = fiber.New(fiber.Config{
		AppName:           "s3",
		StreamRequestBody: true,
		ReadBufferSize:    maxHeader,
		IdleTimeout:       limits.Idle,
		Concurrency:       limits.Connections,
		ErrorHandler:      failed,
	})
	server.app.Use(server.traffic.watch)
	server.app.Use(recover.New(recover.Config{}))
	server.app.Use(middlewares.DrainRequestBody())
	server.app.Use(middlewares.RequestIDs())
	server.app.Use(drained)
	server.app.Use(bounded)
	server.app.Post(keysPath, server.makeKey)
	server.app.Use(middlewares.SetDefaultValues(root, region))
	server.app.Use(controllers.WrapMiddleware(middlewares.DecodeURL, nil, nil))
	server.app.All("/", server.service)
	server.app.All("/:bucket", server.perform(server.do.bucket))
	server.app.All("/:bucket/*", server.perform(server.do.object))
	return server
}

// Serve answers until Shutdown.
func (s *Server) Serve(listener net.Listener) error {
	return s.app.Listener(&pacedListener{listener, s.limits.Idle}, fiber.ListenConfig{DisableStartupMessage: true})
}

// Shutdown takes no more requests, and waits for those under way.
func (s *Server) Shutdown(patience time.Duration) error { return s.app.ShutdownWithTimeout(patience) }

// service is what the door does without a bucket.
func (s *Server) service(ctx fiber.Ctx) error {
	if ctx.Method() == fiber.MethodGet {
		return s.run(ctx, s.do.listBuckets)
	}
	return s.run(ctx, s.do.notService)
}

func (s *Server) perform(choose func(fiber.Ctx) operation) fiber.Handler {
	return func(ctx fiber.Ctx) error { return s.run(ctx, choose(ctx)) }
}

func (s *Server) run(ctx fiber.Ctx, what operation) error {
	requestOf(ctx).operation = what.name
	return what.run(ctx)
}

// bounded refuses bodies that would be read as a whole and are too large for that, or do not say how large they are.
// Clients that add a checksum at the end say it in a header of its own, and send chunks.
func bounded(ctx fiber.Ctx) error {
	length := ctx.Request().Header.ContentLength()
	streamed := ctx.Method() == fiber.MethodPut && ctx.Get("X-Amz-Copy-Source") == ""
	said := streamed && ctx.Get("X-Amz-Decoded-Content-Length") != ""
	if length < 0 && ctx.Request().BodyStream() != nil && !said {
		return answer(ctx, s3err.GetAPIError(s3err.ErrMissingContentLength))
	}
	if !streamed && length > maxSmall {
		return answer(ctx, s3err.GetEntityTooLargeErr(int64(length), maxSmall))
	}
	return ctx.Next()
}

func answer(ctx fiber.Ctx, err s3err.S3Error) error {
	ctx.Response().Header.SetContentType(fiber.MIMEApplicationXML)
	return ctx.Status(err.StatusCode()).Send(err.XMLBody("", ""))
}

// failed answers what no operation did: requests that are no HTTP, and faults of this program.
func failed(ctx fiber.Ctx, err error) error {
	var known *fiber.Error
	if errors.As(err, &known) && known.Code < http.StatusInternalServerError {
		return answer(ctx, s3err.APIError{Code: "InvalidRequest", Description: known.Message, HTTPStatusCode: known.Code})
	}
	slog.Error("a request failed", "error", err)
	return answer(ctx, s3err.GetAPIError(s3err.ErrInternalError))
}

// Key is what a hub token is exchanged for.
type Key struct {
	AccessKeyID string `json:"accessKeyId"`
	Secret      string `json:"secretAccessKey"`
	Endpoint    string `json:"endpoint"`
	Region      string `json:"region"`
}

// makeKey exchanges the hub token of a request for a key, which works as long as the token.
func (s *Server) makeKey(ctx fiber.Ctx) error {
	requestOf(ctx).operation = "makeKey"
	ctx.Set("Cache-Control", "no-store")
	token, ok := bearer(ctx.Get("Authorization"))
	if !ok {
		ctx.Set("WWW-Authenticate", "Bearer")
		return problem(ctx, http.StatusUnauthorized, "send a token of the hub: Authorization: Bearer <token>")
	}
	person, err := s.keys.hub.Identify(ctx, token)
	switch {
	case errors.Is(err, rooms.ErrRefused):
		ctx.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return problem(ctx, http.StatusUnauthorized, "the hub does not know this token")
	case errors.Is(err, rooms.ErrNotAllowed):
		return problem(ctx, http.StatusForbidden, "this token is not for S3: make one with access to services")
	case err != nil:
		slog.Error("the hub does not say whose a token is", "error", err)
		return problem(ctx, http.StatusServiceUnavailable, "the hub does not answer, try again")
	}
	if !requestOf(ctx).belongsTo(person.Name) {
		return problem(ctx, http.StatusServiceUnavailable, "too many requests of yours are under way")
	}
	access, secret, err := s.keys.Make(person.Name, person.Token)
	if err != nil {
		slog.Error("cannot make a key", "user", person.Name, "error", err)
		return problem(ctx, http.StatusInternalServerError, "no key can be made of this token")
	}
	text, err := json.Marshal(Key{AccessKeyID: access, Secret: secret, Endpoint: s.endpoint, Region: region})
	if err != nil {
		return err
	}
	ctx.Set("Content-Type", "application/json")
	return ctx.Send(text)
}

// bearer returns the token of an Authorization header, in the form of OAuth or in the hub's own.
func bearer(header string) (string, bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, token != "" && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "token"))
}

func problem(ctx fiber.Ctx, status int, text string) error {
	ctx.Set("Content-Type", "application/json")
	message, err := json.Marshal(map[string]string{"error": text})
	if err != nil {
		return err
	}
	return ctx.Status(status).Send(message)
}

// buckets are a person's rooms under their names as buckets: home, each project space by its name, and each data
// collection as data-<name>.
func (s *Server) buckets(person rooms.Caller) []objects.Bucket {
	var found []objects.Bucket
	for _, room := range s.document.Of(person.Name, person.Groups) {
		found = append(found, objects.Bucket{Name: bucketName(room), Writable: !room.ReadOnly, Open: room.Open})
	}
	return found
}

func bucketName(room rooms.Room) string {
	switch room.Kind {
	case rooms.Home:
		return "home"
	case rooms.Data:
		return "data-" + room.Name
	}
	return room.Name
}

// pathOf is a request's path as it came, without the query, which may be a signature.
func pathOf(ctx fiber.Ctx) string {
	original, _, _ := strings.Cut(ctx.OriginalURL(), "?")
	if text, err := url.PathUnescape(original); err == nil {
		return text
	}
	return original
}
