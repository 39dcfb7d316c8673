package main

import (
	"net/http"
	"strings"
	"time"

	"science-platform/services/tree"
)

// unmet tells whether the request's conditions on its file (RFC 9110, 13) forbid to change it; nil is no file.
func unmet(r *http.Request, current *tree.Info) bool {
	if match := r.Header.Get("If-Match"); match != "" {
		if current == nil || !listed(match, current.ETag(), false) {
			return true
		}
	} else if since, err := http.ParseTime(r.Header.Get("If-Unmodified-Since")); err == nil {
		if current != nil && current.ModTime().Truncate(time.Second).After(since) {
			return true
		}
	}
	match := r.Header.Get("If-None-Match")
	return match != "" && current != nil && listed(match, current.ETag(), true)
}

// listed tells whether a list of entity tags has this one, or is *.
func listed(list, tag string, weak bool) bool {
	for each := range strings.SplitSeq(list, ",") {
		each = strings.TrimSpace(each)
		if weak {
			each = strings.TrimPrefix(each, "W/")
		}
		if each == "*" || each == tag {
			return true
		}
	}
	return false
}

// checked returns the check that is made just before a file changes.
func checked(r *http.Request) func(current *tree.Info) error {
	return func(current *tree.Info) error {
		if unmet(r, current) {
			return tree.ErrChanged
		}
		return nil
	}
}
