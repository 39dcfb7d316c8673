package main

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/metrics"
	"github.com/versity/versitygw/s3api/controllers"
	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"

	"science-platform/services/rooms"
	"science-platform/services/s3/objects"
)

// operation is one thing that S3 does, with what is checked first.
type operation struct {
	name string
	run  fiber.Handler
}

// body is what an operation does with a request's body.
type body int

const (
	small  body = iota // it is read as a whole before the operation
	stream             // the operation reads it
)

// operations are what this door does of S3. Its protocol library has its own table, of which this one leaves out what
// nobody may do here (buckets and their settings, administration, anonymous access) and uploads by HTML form.
type operations struct {
	listBuckets, headBucket, location, versioning, acl operation
	list, list2, uploads, deleteMany                   operation
	get, head, attributes, objectACL, objectTags       operation
	put, copy, remove                                  operation
	begin, part, partCopy, complete, abort, parts      operation
	notBucket, notObject, notService                   operation
}

// newOperations prepares the operations; everything but anonymous and unknown callers gets to them.
func newOperations(backend *objects.Backend, keys *Keys, root middlewares.RootUserConfig, enter fiber.Handler) operations {
	do := controllers.New(backend, keys, nil, nil, nil, false, true, "", 0)
	services := &controllers.Services{}
	prepare := func(name string, controller controllers.Controller, kind body, more ...fiber.Handler) operation {
		handlers := []fiber.Handler{
			known,
			middlewares.VerifyPresignedV4Signature(root, keys, region, kind == stream),
			middlewares.VerifyV4Signature(root, keys, region, kind == stream, true, true),
			enter,
		}
		handlers = append(handlers, more...)
		return operation{name: strings.TrimPrefix(name, "s3_"), run: controllers.ProcessHandlers(controller, name, services, handlers...)}
	}
	owned := middlewares.ParseAcl(backend)
	streamed := middlewares.VerifyChecksums(true, false, false)
	whole := middlewares.VerifyChecksums(false, true, true)
	refuse := do.HandleErrorRoute(s3err.GetAPIError(s3err.ErrNotImplemented))
	return operations{
		listBuckets: prepare(metrics.ActionListAllMyBuckets, do.ListBuckets, small),
		headBucket:  prepare(metrics.ActionHeadBucket, do.HeadBucket, small, owned),
		location:    prepare(metrics.ActionGetBucketLocation, do.GetBucketLocation, small, owned),
		versioning:  prepare(metrics.ActionGetBucketVersioning, do.GetBucketVersioning, small, owned),
		acl:         prepare(metrics.ActionGetBucketAcl, do.GetBucketAcl, small, owned),
		list:        prepare(metrics.ActionListObjects, do.ListObjects, small, owned),
		list2:       prepare(metrics.ActionListObjectsV2, do.ListObjectsV2, small, owned),
		uploads:     prepare(metrics.ActionListMultipartUploads, do.ListMultipartUploads, small, owned),
		deleteMany:  prepare(metrics.ActionDeleteObjects, do.DeleteObjects, small, whole, owned),
		get:         prepare(metrics.ActionGetObject, do.GetObject, small, owned),
		head:        prepare(metrics.ActionHeadObject, do.HeadObject, small, owned),
		attributes:  prepare(metrics.ActionGetObjectAttributes, do.GetObjectAttributes, small, owned),
		objectACL:   prepare(metrics.ActionGetObjectAcl, do.GetObjectAcl, small, owned),
		objectTags:  prepare(metrics.ActionGetObjectTagging, do.GetObjectTagging, small, owned),
		put:         prepare(metrics.ActionPutObject, do.PutObject, stream, streamed, owned),
		copy:        prepare(metrics.ActionCopyObject, do.CopyObject, small, owned),
		remove:      prepare(metrics.ActionDeleteObject, do.DeleteObject, small, owned),
		begin:       prepare(metrics.ActionCreateMultipartUpload, do.CreateMultipartUpload, small, owned),
		part:        prepare(metrics.ActionUploadPart, do.UploadPart, stream, streamed, owned),
		partCopy:    prepare(metrics.ActionUploadPartCopy, do.UploadPartCopy, small, owned),
		complete:    prepare(metrics.ActionCompleteMultipartUpload, do.CompleteMultipartUpload, small, owned),
		abort:       prepare(metrics.ActionAbortMultipartUpload, do.AbortMultipartUpload, small, owned),
		parts:       prepare(metrics.ActionListParts, do.ListParts, small, owned),
		notBucket:   prepare("unsupported", refuse, small, owned),
		notObject:   prepare("unsupported", refuse, small, owned),
		notService:  prepare("unsupported", refuse, small),
	}
}

// known refuses who does not say who they are: no bucket is public.
func known(ctx fiber.Ctx) error {
	if ctx.Get("Authorization") == "" && !utils.IsPresignedURLAuth(ctx) {
		return s3err.GetAPIError(s3err.ErrAccessDenied)
	}
	return nil
}

// settings are the query arguments that name something of a bucket or an object other than itself.
var settings = []string{
	"accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering",
	"inventory", "legal-hold", "lifecycle", "location", "logging", "metadataConfiguration", "metadataTable",
	"metrics", "notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock",
	"replication", "requestPayment", "restore", "retention", "select", "session", "tagging", "torrent", "uploadId",
	"uploads", "versionId", "versioning", "versions", "website",
}

// subject returns which setting a request is about; empty for the bucket or object itself.
func subject(ctx fiber.Ctx) string {
	arguments := ctx.Request().URI().QueryArgs()
	for _, name := range settings {
		if arguments.Has(name) {
			return name
		}
	}
	return ""
}

// bucket returns what a request for a bucket does.
func (o *operations) bucket(ctx fiber.Ctx) operation {
	switch ctx.Method() + " " + subject(ctx) {
	case "GET ":
		if ctx.Query("list-type") == "2" {
			return o.list2
		}
		return o.list
	case "HEAD ":
		return o.headBucket
	case "GET location":
		return o.location
	case "GET versioning":
		return o.versioning
	case "GET acl":
		return o.acl
	case "GET uploads":
		return o.uploads
	case "POST delete":
		return o.deleteMany
	case "PUT ":
		return o.notService // a bucket that is to be made is nobody's yet
	}
	return o.notBucket
}

// object returns what a request for an object does.
func (o *operations) object(ctx fiber.Ctx) operation {
	copied := ctx.Get("X-Amz-Copy-Source") != ""
	switch ctx.Method() + " " + subject(ctx) {
	case "GET ":
		return o.get
	case "HEAD ":
		return o.head
	case "GET acl":
		return o.objectACL
	case "GET tagging":
		return o.objectTags
	case "GET attributes":
		return o.attributes
	case "GET uploadId":
		return o.parts
	case "PUT ":
		if copied {
			return o.copy
		}
		return o.put
	case "PUT uploadId":
		if copied {
			return o.partCopy
		}
		return o.part
	case "DELETE ":
		return o.remove
	case "DELETE uploadId":
		return o.abort
	case "POST uploads":
		return o.begin
	case "POST uploadId":
		return o.complete
	}
	return o.notObject
}

// enter finds the rooms of whoever signed the request, and counts the request as theirs.
func (s *Server) enter(ctx fiber.Ctx) error {
	account, ok := utils.ContextKeyAccount.Get(ctx).(auth.Account)
	if !ok || account.Access == "" {
		return s3err.GetAPIError(s3err.ErrAccessDenied)
	}
	person, err := s.keys.Known(ctx, account.Access)
	if errors.Is(err, rooms.ErrUnavailable) {
		return errUnavailable
	}
	if err != nil {
		return s3err.GetInvalidAccessKeyIdErr(account.Access)
	}
	request := requestOf(ctx)
	if !request.belongsTo(person.Name) {
		return s3err.GetAPIError(s3err.ErrSlowDown)
	}
	ctx.Locals(objects.CallerKey, &objects.Caller{
		Name: person.Name, Owner: account.Access, Buckets: s.buckets(person), Hold: request.hold,
	})
	return nil
}
