package main

import (
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"science-platform/services/tree"
)

// notATop refuses what cannot be done to rooms themselves and to the folders above them.
func (c *call) notATop(at target, status int) error {
	if at.isTop() {
		return refusal{status: status, text: "rooms themselves cannot be changed here"}
	}
	return nil
}

// put writes a file: all of it, or nothing.
func (c *call) put() error {
	if err := c.notATop(c.target, http.StatusMethodNotAllowed); err != nil {
		return err
	}
	if c.target.folder {
		return refusal{status: http.StatusMethodNotAllowed, text: "the path of a file does not end in a slash"}
	}
	if c.Header.Get("Content-Range") != "" {
		// RFC 9110, 14.5: a part taken for the whole would tear the file.
		return refusal{status: http.StatusBadRequest, text: "parts of files are not taken: send all of it"}
	}
	opened, err := c.target.open()
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := c.confirm(change{c.target, false}); err != nil {
		return err
	}
	if err := c.conditions(opened); err != nil {
		return err
	}
	replaced := false
	options := tree.CreateOptions{
		Size: c.announced(), Most: c.door.options.largestUpload,
		Exclusive: c.Header.Get("If-None-Match") == "*",
		ModTime:   c.ownCloudTime(),
		Check: func(current *tree.Info) error {
			replaced = current != nil
			return checked(c.Request)(current)
		},
	}
	upload, err := opened.Create(c.target.name, options)
	if err != nil {
		return missingParent(err)
	}
	defer upload.Abort()
	if _, err := upload.ReadFrom(c.Body); err != nil {
		return err
	}
	info, err := upload.Commit()
	if err != nil {
		return missingParent(err)
	}
	if !options.ModTime.IsZero() {
		c.answer.Header().Set("X-OC-MTime", "accepted")
	}
	c.answer.Header().Set("ETag", info.ETag())
	c.answer.WriteHeader(createdOr(replaced))
	return nil
}

func createdOr(replaced bool) int {
	if replaced {
		return http.StatusNoContent
	}
	return http.StatusCreated
}

// announced returns the length that the client says a file will have, negative where it does not.
func (c *call) announced() int64 {
	if c.ContentLength >= 0 {
		return c.ContentLength
	}
	// The Finder sends in chunks, and says this beside.
	if size, err := strconv.ParseInt(c.Header.Get("X-Expected-Entity-Length"), 10, 64); err == nil && size >= 0 {
		return size
	}
	return -1
}

// ownCloudTime returns the time that a client wants a file to have, as ownCloud's clients and rclone say it; zero
// where it does not.
func (c *call) ownCloudTime() time.Time {
	seconds, err := strconv.ParseInt(c.Header.Get("X-OC-Mtime"), 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// conditions refuses early what the conditions of the request forbid.
func (c *call) conditions(opened *tree.Tree) error {
	info, err := opened.Stat(c.target.name)
	var current *tree.Info
	if err == nil {
		current = &info
	}
	return checked(c.Request)(current)
}

func (c *call) makeFolder() error {
	if err := c.notATop(c.target, http.StatusMethodNotAllowed); err != nil {
		return err
	}
	if c.ContentLength != 0 {
		return refusal{status: http.StatusUnsupportedMediaType, text: "folders are made without a body"}
	}
	opened, err := c.target.open()
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := c.confirm(change{c.target, false}); err != nil {
		return err
	}
	err = opened.Mkdir(c.target.name)
	if errors.Is(err, fs.ErrExist) {
		return refusal{status: http.StatusMethodNotAllowed, text: "there is something of this name"}
	}
	if err != nil {
		return missingParent(err)
	}
	c.answer.WriteHeader(http.StatusCreated)
	return nil
}

func (c *call) remove() error {
	if err := c.notATop(c.target, http.StatusForbidden); err != nil {
		return err
	}
	if depth := c.Header.Get("Depth"); depth != "" && depth != "infinity" {
		return refusal{status: http.StatusBadRequest, text: "folders are removed with all that is in them: Depth: infinity"}
	}
	opened, err := c.target.open()
	if err != nil {
		return err
	}
	defer opened.Close()
	info, err := opened.Lstat(c.target.name)
	if err != nil {
		return err
	}
	if c.target.folder && !info.IsDir() {
		return fs.ErrNotExist
	}
	if err := c.conditions(opened); err != nil {
		return err
	}
	if err := c.confirm(change{c.target, true}); err != nil {
		return err
	}
	if err := opened.RemoveAll(c.Context(), c.target.name); err != nil {
		return err
	}
	c.door.locks.forget(c.target.key())
	c.answer.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *call) copy() error { return c.transfer(false) }
func (c *call) move() error { return c.transfer(true) }

// transfer copies or moves (RFC 4918, 9.8 and 9.9).
func (c *call) transfer(move bool) error {
	if err := c.notATop(c.target, http.StatusForbidden); err != nil {
		return err
	}
	to, err := c.destination()
	if err != nil {
		return err
	}
	if err := c.notATop(to, http.StatusForbidden); err != nil {
		return err
	}
	if strings.HasPrefix(to.key()+"/", c.target.key()+"/") || strings.HasPrefix(c.target.key()+"/", to.key()+"/") {
		return tree.ErrInside
	}
	shallow, err := c.shallow(move)
	if err != nil {
		return err
	}
	overwrite := c.Header.Get("Overwrite") != "F"
	from, err := c.target.open()
	if err != nil {
		return err
	}
	defer from.Close()
	into, err := to.open()
	if err != nil {
		return err
	}
	defer into.Close()
	if _, err := from.Lstat(c.target.name); err != nil {
		return err
	}
	if err := c.conditions(from); err != nil {
		return err
	}
	changes := []change{{to, true}}
	if move {
		changes = append(changes, change{c.target, true})
	}
	if err := c.confirm(changes...); err != nil {
		return err
	}
	replaced := false
	if move {
		replaced, err = tree.Move(c.Context(), from, c.target.name, into, to.name, overwrite)
	} else {
		options := tree.CopyOptions{Replace: overwrite, Shallow: shallow}
		replaced, err = tree.Copy(c.Context(), from, c.target.name, into, to.name, options)
	}
	if err != nil {
		return missingParent(err)
	}
	if move {
		c.door.locks.forget(c.target.key())
	}
	c.answer.WriteHeader(createdOr(replaced))
	return nil
}

// shallow tells whether only a folder itself is meant, by the Depth header.
func (c *call) shallow(move bool) (bool, error) {
	switch depth := strings.ToLower(c.Header.Get("Depth")); {
	case depth == "" || depth == "infinity":
		return false, nil
	case depth == "0" && !move:
		return true, nil
	}
	return false, refusal{status: http.StatusBadRequest, text: "this Depth is not possible here"}
}
