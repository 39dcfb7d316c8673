package main

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/s3err"
)

// Traffic counts requests: those under way, for the limits, and those done, for the log and the metrics.
type Traffic struct {
	limits Limits
	log    *slog.Logger

	mutex   sync.Mutex
	open    int
	perUser map[string]int
	done    map[outcome]*tally
	refused int64
}

// outcome is what requests are counted by.
type outcome struct {
	operation string
	status    int
}

type tally struct {
	count    int64
	seconds  float64
	sent     int64
	received int64
}

// NewTraffic returns a count of nothing yet.
func NewTraffic(limits Limits, log *slog.Logger) *Traffic {
	return &Traffic{limits: limits, log: log, perUser: map[string]int{}, done: map[outcome]*tally{}}
}

// request is one request, until the last byte of its answer.
type request struct {
	traffic   *Traffic
	started   time.Time
	holds     atomic.Int32
	sent      atomic.Int64
	method    string
	path      string
	client    string
	operation string
	user      string
	status    int
	received  int64
}

const requestKey = "traffic-request"

func requestOf(ctx fiber.Ctx) *request { return ctx.Locals(requestKey).(*request) }

// watch counts a request from its headers on.
func (t *Traffic) watch(ctx fiber.Ctx) error {
	r := &request{
		traffic: t, started: time.Now(), operation: "unknown",
		// The server uses the memory of these for the next request.
		method: strings.Clone(ctx.Method()), path: strings.Clone(pathOf(ctx)), client: clientOf(ctx),
		received: int64(max(ctx.Request().Header.ContentLength(), 0)),
	}
	ctx.Locals(requestKey, r)
	if !t.begin() {
		return answer(ctx, s3err.GetAPIError(s3err.ErrSlowDown))
	}
	release := r.hold()
	defer func() {
		r.status = ctx.Response().StatusCode()
		if !ctx.Response().IsBodyStream() {
			r.sent.Add(int64(len(ctx.Response().Body())))
		}
		release(0)
	}()
	return ctx.Next()
}

// clientOf is the address that the edge saw, which it adds at the end of those it was told.
func clientOf(ctx fiber.Ctx) string {
	told := ctx.Get("X-Forwarded-For")
	if told == "" {
		return ctx.IP()
	}
	return strings.Clone(strings.TrimSpace(told[strings.LastIndex(told, ",")+1:]))
}

func (t *Traffic) begin() bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.open >= t.limits.Requests {
		t.refused++
		return false
	}
	t.open++
	return true
}

// belongsTo says whose the request is, and whether this user may have one more under way.
func (r *request) belongsTo(user string) bool {
	t := r.traffic
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if r.user != "" {
		return r.user == user
	}
	if t.perUser[user] >= t.limits.PerUser {
		t.refused++
		return false
	}
	t.perUser[user]++
	r.user = user
	return true
}

// hold keeps the request under way until what it returns is called, with the bytes that were sent meanwhile.
func (r *request) hold() func(sent int64) {
	r.holds.Add(1)
	var once sync.Once
	return func(sent int64) {
		once.Do(func() {
			r.sent.Add(sent)
			if r.holds.Add(-1) == 0 {
				r.end()
			}
		})
	}
}

func (r *request) end() {
	t, took := r.traffic, time.Since(r.started)
	t.mutex.Lock()
	t.open--
	if r.user != "" {
		if t.perUser[r.user]--; t.perUser[r.user] == 0 {
			delete(t.perUser, r.user)
		}
	}
	kind := outcome{r.operation, r.status}
	counted := t.done[kind]
	if counted == nil {
		counted = &tally{}
		t.done[kind] = counted
	}
	counted.count++
	counted.seconds += took.Seconds()
	counted.sent += r.sent.Load()
	counted.received += r.received
	t.mutex.Unlock()
	t.log.Info("request", "user", r.user, "operation", r.operation, "method", r.method, "path", r.path,
		"status", r.status, "received", r.received, "sent", r.sent.Load(),
		"seconds", float64(took.Milliseconds())/1000, "client", r.client)
}

// ServeHTTP writes the metrics in Prometheus' text format.
func (t *Traffic) ServeHTTP(out http.ResponseWriter, _ *http.Request) {
	out.Header().Set("Content-Type", "text/plain; version=0.0.4")
	t.write(out)
}

func (t *Traffic) write(out io.Writer) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	gauge := func(name, kind, help string, value int64) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n%s %d\n", name, help, name, kind, name, value)
	}
	gauge("s3_requests_open", "gauge", "Requests under way.", int64(t.open))
	gauge("s3_users_open", "gauge", "Users with a request under way.", int64(len(t.perUser)))
	gauge("s3_requests_refused_total", "counter", "Requests beyond a limit.", t.refused)
	kinds := slices.SortedFunc(maps.Keys(t.done), func(a, b outcome) int {
		if a.operation != b.operation {
			if a.operation < b.operation {
				return -1
			}
			return 1
		}
		return a.status - b.status
	})
	series := func(name, help string, value func(*tally) string) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name)
		for _, kind := range kinds {
			fmt.Fprintf(out, "%s{operation=%q,status=\"%d\"} %s\n", name, kind.operation, kind.status, value(t.done[kind]))
		}
	}
	series("s3_requests_total", "Requests done.", func(c *tally) string { return fmt.Sprint(c.count) })
	series("s3_request_seconds_total", "Time that requests took.", func(c *tally) string { return fmt.Sprintf("%.3f", c.seconds) })
	series("s3_sent_bytes_total", "Bytes of answers.", func(c *tally) string { return fmt.Sprint(c.sent) })
	series("s3_received_bytes_total", "Bytes of requests.", func(c *tally) string { return fmt.Sprint(c.received) })
}
