// Command s3 is the site's S3 door: a person's home and project spaces as buckets, by keys that follow from tokens of
// the hub.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"science-platform/services/rooms"
)

// options are what the command is told.
type options struct {
	listen, watch       string
	document            string
	tokenFile, keysFile string
	endpoint            string
	limits              Limits
	linger, drain       time.Duration
	idleUploads         time.Duration
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("s3", flag.ContinueOnError)
	flags.StringVar(&o.listen, "listen", ":8080", "address of the door")
	flags.StringVar(&o.watch, "watch", ":9090", "address of /healthz, /readyz and /metrics")
	flags.StringVar(&o.document, "rooms", "/etc/gateways/rooms.json", "what the site says of its rooms")
	flags.StringVar(&o.tokenFile, "hub-token", "/run/secrets/hub/token", "file with the door's own token of the hub")
	flags.StringVar(&o.keysFile, "keys", "/run/secrets/keys/master", "file with the secret that keys are made of")
	flags.StringVar(&o.endpoint, "endpoint", "", "URL of the door as people reach it")
	flags.IntVar(&o.limits.Requests, "requests", 256, "requests under way at once")
	flags.IntVar(&o.limits.PerUser, "requests-per-user", 64, "those of one user")
	flags.IntVar(&o.limits.Connections, "connections", 1024, "connections at once")
	flags.DurationVar(&o.limits.Idle, "idle", time.Minute, "how long a connection may be silent")
	flags.DurationVar(&o.linger, "linger", 0, "how long it is still open when it is to end, and not ready")
	flags.DurationVar(&o.drain, "drain", 25*time.Second, "how long the end waits for requests under way")
	flags.DurationVar(&o.idleUploads, "idle-uploads", 7*24*time.Hour, "when an upload in parts is given up")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if o.endpoint == "" {
		return o, errors.New("-endpoint is missing: the URL of the door")
	}
	return o, nil
}

const shortestMaster = 32

func readSecret(file string, shortest int) ([]byte, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	content = bytes.TrimSpace(content)
	if len(content) < shortest {
		return nil, fmt.Errorf("%s: shorter than %d bytes", file, shortest)
	}
	return content, nil
}

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		err = run(ctx, o)
		stop()
	}
	if err != nil {
		slog.Error("the S3 door ends", "error", err)
		os.Exit(1)
	}
}

// run serves until the context ends, and then until the requests under way have ended, or patience has.
func run(ctx context.Context, o options) error {
	document, err := rooms.Load(o.document)
	if err != nil {
		return err
	}
	token, err := readSecret(o.tokenFile, 1)
	if err != nil {
		return err
	}
	master, err := readSecret(o.keysFile, shortestMaster)
	if err != nil {
		return err
	}
	hub := rooms.NewHub(document.Hub, "s3", string(token))
	traffic := NewTraffic(o.limits, slog.Default())
	keys := NewKeys(master, hub, document.CacheTime())
	server := NewServer(document, keys, traffic, o.limits, o.endpoint)
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	var draining atomic.Bool
	watching := &http.Server{Addr: o.watch, Handler: watch(traffic, &draining), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 2)
	go func() { ended <- watching.ListenAndServe() }()
	go func() { ended <- server.Serve(listener) }()
	go sweepForever(ctx, document, o.idleUploads)
	slog.Info("the S3 door is open", "address", listener.Addr().String())
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	draining.Store(true)
	slog.Info("the S3 door closes when the requests under way are done")
	time.Sleep(o.linger)
	err = server.Shutdown(o.drain)
	return errors.Join(err, watching.Close())
}

// watch answers whoever looks after the door.
func watch(traffic *Traffic, draining *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(out http.ResponseWriter, _ *http.Request) {
		if draining.Load() {
			out.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.Handle("GET /metrics", traffic)
	return mux
}
