package server

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// metrics are a server's figures, in a registry of its own so that two servers can live in one process.
type metrics struct {
	registry *prometheus.Registry
	logins   *prometheus.CounterVec
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	slow     prometheus.Counter
	tooFast  *prometheus.CounterVec
	messages prometheus.Counter
	bytes    prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crvideo_logins_total", Help: "Logins by result code, 0 being success."}, []string{"code"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crvideo_requests_total", Help: "Requests by method and result code."}, []string{"method", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "crvideo_request_seconds", Help: "Time to handle a request.",
			Buckets: prometheus.ExponentialBuckets(50e-6, 4, 9)}, []string{"method"}), // 50 us to 3.3 s
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crvideo_connections_refused_total", Help: "Connections over a limit, by limit."}, []string{"limit"}),
		slow: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "crvideo_slow_connections_total", Help: "Connections closed because the peer did not read."}),
		tooFast: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crvideo_too_fast_total", Help: "What was refused because there was too much of it, and of whom."}, []string{"scope", "what"}),
		messages: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "crvideo_received_messages_total", Help: "Messages and control frames received."}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "crvideo_received_bytes_total", Help: "Bytes of the messages received."}),
	}
	m.registry.MustRegister(m.logins, m.requests, m.latency, m.refused, m.slow, m.tooFast, m.messages, m.bytes,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.gauge("crvideo_connections", "Open signalling connections.", func() int { return s.count().connections })
	m.gauge("crvideo_sessions", "Logged-in users.", func() int { return s.count().sessions })
	m.gauge("crvideo_rooms", "Rooms.", func() int { return s.count().rooms })
	m.gauge("crvideo_members", "Members of all rooms.", func() int { return s.countInRooms((*room).countMembers) })
	m.gauge("crvideo_streams", "Open microphones and cameras.", func() int { return s.countInRooms((*room).countStreams) })
	m.registerMedia(s.engine)
	return m
}

func (m *metrics) gauge(name, help string, value func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
		func() float64 { return float64(value()) }))
}

// registerMedia adds the media engine's figures.
func (m *metrics) registerMedia(engine mediaEngine) {
	m.gauge("crvideo_media_peers", "Media peers.", func() int { return engine.Stats().Peers })
	for _, c := range []struct {
		name, help string
		value      func(mediaStats) uint64
	}{
		{"packets_in", "Media packets received.", func(s mediaStats) uint64 { return s.PacketsIn }},
		{"bytes_in", "Media bytes received.", func(s mediaStats) uint64 { return s.BytesIn }},
		{"packets_out", "Media packets sent.", func(s mediaStats) uint64 { return s.PacketsOut }},
		{"bytes_out", "Media bytes sent.", func(s mediaStats) uint64 { return s.BytesOut }},
		{"dropped", "Media packets that could not be sent.", func(s mediaStats) uint64 { return s.Dropped }},
		{"nacks", "Packets that receivers asked for again.", func(s mediaStats) uint64 { return s.NACKs }},
		{"retransmitted", "Packets sent again.", func(s mediaStats) uint64 { return s.Retransmitted }},
		{"plis", "Key frames asked for.", func(s mediaStats) uint64 { return s.PLIs }},
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(
			prometheus.CounterOpts{Name: "crvideo_media_" + c.name + "_total", Help: c.help},
			func() float64 { return float64(c.value(engine.Stats())) }))
	}
}

func (m *metrics) login(code wire.Code) { m.logins.WithLabelValues(strconv.Itoa(int(code))).Inc() }

func (m *metrics) request(method string, code wire.Code, took time.Duration) {
	m.requests.WithLabelValues(method, strconv.Itoa(int(code))).Inc()
	m.latency.WithLabelValues(method).Observe(took.Seconds())
}

// counts are how much of everything a server has.
type counts struct{ connections, sessions, rooms int }

func (s *Server) count() counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return counts{connections: len(s.conns), sessions: len(s.sessions), rooms: len(s.rooms)}
}

// countInRooms adds up what is counted in each room, which is locked meanwhile.
func (s *Server) countInRooms(count func(*room) int) int {
	n := 0
	for _, r := range s.allRooms() {
		r.mu.Lock()
		n += count(r)
		r.mu.Unlock()
	}
	return n
}

func (r *room) countMembers() int { return len(r.order) }

func (r *room) countStreams() int {
	n := r.openMics
	for _, m := range r.order {
		for i := range m.cameras {
			if m.cameras[i].stream != nil {
				n++
			}
		}
	}
	return n
}
