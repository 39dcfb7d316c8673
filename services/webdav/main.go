// Webdav is the door through which people reach their files from elsewhere: WebDAV and plain HTTP on the rooms of
// whoever calls. Who that is, the hub tells.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"science-platform/services/rooms"
)

// doorName is the door's name among the hub's services.
const doorName = "webdav"

type settings struct {
	options
	document    string
	token       string
	address     string
	metrics     string
	drain       time.Duration
	unannounced time.Duration
}

func flags(arguments []string) (settings, error) {
	var s settings
	set := flag.NewFlagSet("webdav", flag.ContinueOnError)
	set.StringVar(&s.document, "rooms", "/etc/rooms/rooms.json", "`file` with the site's rooms")
	set.StringVar(&s.token, "token", "/run/secrets/hub/token", "`file` with the door's own token of the hub")
	set.StringVar(&s.address, "listen", ":8080", "`address` to serve at")
	set.StringVar(&s.metrics, "metrics", ":9090", "`address` of metrics and health")
	set.DurationVar(&s.drain, "drain", 10*time.Minute, "how long requests may go on once the door is to end")
	set.DurationVar(&s.unannounced, "linger", 3*time.Second, "how long new requests are still taken after that")
	set.Int64Var(&s.largestUpload, "largest-upload", 0, "most `bytes` of a file that is put here; 0 for any")
	set.IntVar(&s.perUser, "per-user", 32, "most requests of one user at a time")
	set.IntVar(&s.total, "total", 256, "most requests at a time")
	set.IntVar(&s.locksPerUser, "locks-per-user", 500, "most locks of one user")
	set.IntVar(&s.locksTotal, "locks-total", 5000, "most locks")
	if err := set.Parse(arguments); err != nil {
		return s, err
	}
	if set.NArg() > 0 {
		return s, fmt.Errorf("unknown argument %q", set.Arg(0))
	}
	return s, nil
}

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "webdav:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	settings, err := flags(arguments)
	if err != nil {
		return err
	}
	document, err := rooms.Load(settings.document)
	if err != nil {
		return err
	}
	token, err := rooms.ReadToken(settings.token)
	if err != nil {
		return err
	}
	logged := newAccessLog(os.Stdout)
	measured := newMetrics()
	cache := rooms.NewCache(rooms.NewHub(document.Hub, doorName, token), document.CacheTime())
	opened := newDoor(document, cache, settings.options, measured, logged)
	measured.watch(opened.locks.count)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return serve(ctx, settings, opened)
}

// serve serves until the context ends, then lets requests come to their end.
func serve(ctx context.Context, settings settings, opened *door) error {
	var draining atomic.Bool
	files := &http.Server{
		Addr: settings.address, Handler: opened, ErrorLog: log.New(opened.log, "", 0),
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
	inside := http.NewServeMux()
	inside.Handle("GET /metrics", opened.metrics.handler())
	inside.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	inside.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if draining.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	watched := &http.Server{Addr: settings.metrics, Handler: inside, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	for _, server := range []*http.Server{files, watched} {
		go func() { failed <- server.ListenAndServe() }()
	}
	opened.log.say("serving at " + settings.address)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	draining.Store(true)
	// Until everyone knows, requests still come: nobody's is refused for that.
	time.Sleep(settings.unannounced)
	opened.log.say("ending: no new requests, those under way go on")
	limited, cancel := context.WithTimeout(context.Background(), settings.drain)
	defer cancel()
	if err := files.Shutdown(limited); err != nil {
		opened.log.say("ending: some requests are cut, none of their files is torn")
		files.Close()
	}
	return watched.Close()
}
