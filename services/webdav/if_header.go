package main

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"science-platform/services/tree"
)

// ifList is one list of the If header (RFC 4918, 10.4): it holds when all of its conditions do.
type ifList struct {
	// resource is the URL that the list is tagged with; empty for the request's own.
	resource   string
	conditions []ifCondition
}

type ifCondition struct {
	not bool
	// token is a lock's, or etag a file's: one of the two.
	token, etag string
}

var errIfHeader = refusal{status: http.StatusBadRequest, text: "the header If cannot be read"}

const mostConditions = 100

// parseIf returns the lists of an If header.
func parseIf(header string) ([]ifList, error) {
	var lists []ifList
	resource, count := "", 0
	rest := strings.TrimSpace(header)
	for rest != "" {
		if after, tagged := strings.CutPrefix(rest, "<"); tagged {
			tag, after, found := strings.Cut(after, ">")
			if !found || !strings.HasPrefix(strings.TrimSpace(after), "(") {
				return nil, errIfHeader
			}
			resource, rest = tag, strings.TrimSpace(after)
			continue
		}
		after, opened := strings.CutPrefix(rest, "(")
		if !opened {
			return nil, errIfHeader
		}
		list := ifList{resource: resource}
		for {
			var condition ifCondition
			var done bool
			var err error
			if condition, after, done, err = parseCondition(after); err != nil {
				return nil, err
			}
			if done {
				break
			}
			list.conditions = append(list.conditions, condition)
			if count++; count > mostConditions {
				return nil, errIfHeader
			}
		}
		if len(list.conditions) == 0 {
			return nil, errIfHeader
		}
		lists, rest = append(lists, list), strings.TrimSpace(after)
	}
	if len(lists) == 0 {
		return nil, errIfHeader
	}
	return lists, nil
}

// parseCondition returns the next condition of a list and what follows it, or that the list is at its end.
func parseCondition(text string) (condition ifCondition, rest string, done bool, err error) {
	text = strings.TrimSpace(text)
	if rest, done = strings.CutPrefix(text, ")"); done {
		return condition, rest, true, nil
	}
	if len(text) >= 3 && strings.EqualFold(text[:3], "not") {
		condition.not, text = true, strings.TrimSpace(text[3:])
	}
	var found bool
	switch {
	case strings.HasPrefix(text, "<"):
		condition.token, rest, found = strings.Cut(text[1:], ">")
	case strings.HasPrefix(text, "["):
		condition.etag, rest, found = strings.Cut(text[1:], "]")
	}
	if !found || condition.token == "" && condition.etag == "" {
		return condition, "", false, errIfHeader
	}
	return condition, rest, false, nil
}

// submitted evaluates the request's If header, and returns the lock tokens in it: who names a token shows that it is
// known. A header of which no list holds is an error.
func (c *call) submitted() ([]string, error) {
	header := c.Header.Get("If")
	if header == "" {
		return nil, nil
	}
	lists, err := parseIf(header)
	if err != nil {
		return nil, err
	}
	var tokens []string
	holds := false
	for _, list := range lists {
		for _, condition := range list.conditions {
			if condition.token != "" && !condition.not {
				tokens = append(tokens, condition.token)
			}
		}
		holds = holds || c.holds(list)
	}
	if !holds {
		return nil, refusal{status: http.StatusPreconditionFailed, text: "the header If does not hold"}
	}
	return tokens, nil
}

func (c *call) holds(list ifList) bool {
	at := c.target
	if list.resource != "" {
		address, err := url.Parse(list.resource)
		if err != nil || address.Host != "" && address.Host != c.Host {
			return false
		}
		if at, err = c.find(address.Path); err != nil || !at.inRoom() {
			return false
		}
	}
	for _, condition := range list.conditions {
		met := false
		if condition.token != "" {
			met = c.door.locks.covers(c.caller.Name, condition.token, at.key())
		} else {
			met = currentTag(at) == condition.etag
		}
		if met == condition.not {
			return false
		}
	}
	return true
}

// currentTag returns the entity tag of a target, empty where nothing is there.
func currentTag(at target) string {
	opened, err := at.open()
	if err != nil {
		return ""
	}
	defer opened.Close()
	info, err := opened.Stat(at.name)
	if err != nil || errors.Is(err, tree.ErrOutside) {
		return ""
	}
	return info.ETag()
}
