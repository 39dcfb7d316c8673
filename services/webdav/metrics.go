package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what Prometheus reads of the door.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	refusals *prometheus.CounterVec
	inFlight prometheus.Gauge
}

const space = "science_webdav"

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "requests_total", Help: "Requests, by method and status.",
		}, []string{"method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: space, Name: "request_seconds", Help: "How long requests took.",
			Buckets: []float64{.005, .025, .1, .5, 2, 10, 60, 600},
		}, []string{"method"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "bytes_total", Help: "Bytes of requests' and answers' bodies.",
		}, []string{"direction"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "refusals_total",
			Help: "Requests refused for a wrong token, guessing, a hub that does not answer, or a limit.",
		}, []string{"reason"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: space, Name: "requests_in_flight", Help: "Requests under way.",
		}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.bytes, m.refusals, m.inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch adds the number of locks, which somebody else knows.
func (m *metrics) watch(locks func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: space, Name: "locks", Help: "Locks that clients hold.",
	}, func() float64 { return float64(locks()) }))
}

func (m *metrics) request(method string, status int, sent, received int64, took time.Duration) {
	if _, known := methods[method]; !known {
		// Clients choose the method; they do not choose how many series there are.
		method = "other"
	}
	m.requests.WithLabelValues(method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(method).Observe(took.Seconds())
	m.bytes.WithLabelValues("sent").Add(float64(sent))
	m.bytes.WithLabelValues("received").Add(float64(received))
}

func (m *metrics) refused(reason string) { m.refusals.WithLabelValues(reason).Inc() }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
