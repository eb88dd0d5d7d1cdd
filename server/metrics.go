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
	logins   *prometheus.CounterVec // by code
	resumes  *prometheus.CounterVec // by code
	requests *prometheus.CounterVec // by method and code
	latency  *prometheus.HistogramVec
	ended    *prometheus.CounterVec // sessions by reason
	left     *prometheus.CounterVec // members by reason
	refused  *prometheus.CounterVec // connections by limit
	closed   *prometheus.CounterVec // connections by close code
	tooFast  *prometheus.CounterVec // by scope and what
	slow     prometheus.Counter
	messages prometheus.Counter
	bytes    prometheus.Counter

	transfers   *prometheus.CounterVec // by kind and code
	transferred prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.logins = m.counters("crvideo_logins_total", "Logins by result code, 0 being success.", "code")
	m.resumes = m.counters("crvideo_resumes_total", "Resumes by result code, 0 being success.", "code")
	m.requests = m.counters("crvideo_requests_total", "Requests by method and result code.", "method", "code")
	m.latency = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "crvideo_request_seconds", Help: "Time to handle a request.",
		Buckets: prometheus.ExponentialBuckets(50e-6, 4, 9), // to 3.3 s
	}, []string{"method"})
	m.ended = m.counters("crvideo_sessions_ended_total", "Logins that ended: logout, elsewhere (the same UID), token, lost.", "reason")
	m.left = m.counters("crvideo_members_left_total", "Members who left a room: exit, kick, extrude, timeout, ended (the room).", "reason")
	m.refused = m.counters("crvideo_connections_refused_total", "Connections refused: address, server (over a limit), subprotocol, upgrade (origin, or no WebSocket).", "limit")
	m.closed = m.counters("crvideo_connections_closed_total", "Connections that ended, by close code; 1000 where the peer ended it.", "code")
	m.tooFast = m.counters("crvideo_too_fast_total", "What was refused because there was too much of it, and of whom.", "scope", "what")
	m.slow = m.counter("crvideo_slow_connections_total", "Connections closed because the peer did not read.")
	m.messages = m.counter("crvideo_received_messages_total", "Messages and control frames received.")
	m.bytes = m.counter("crvideo_received_bytes_total", "Bytes of the messages received.")
	m.transfers = m.counters("crvideo_transfers_total", "Buffers and files that users sent each other, by kind and how it ended, 0 being complete.", "kind", "code")
	m.transferred = m.counter("crvideo_transferred_bytes_total", "Bytes of them passed on.")
	m.registry.MustRegister(m.latency, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.gauge("crvideo_serving", "1 while clients are let in, 0 from the moment the server is told to end.", s.countServing)
	m.gauge("crvideo_connections", "Open signalling connections.", func() int { return s.count().connections })
	m.gauge("crvideo_waiting_messages", "Messages that wait for peers to read.", s.countWaiting)
	m.gauge("crvideo_sessions", "Logged-in users.", func() int { return s.count().sessions })
	m.gauge("crvideo_sessions_cut", "Logged-in users whose connection is cut and who may resume.", s.countCut)
	m.gauge("crvideo_rooms", "Rooms.", func() int { return s.count().rooms })
	m.gauge("crvideo_transfers", "Buffers and files under way.", func() int { return s.transfers.count() })
	m.gauge("crvideo_members", "Members of all rooms.", func() int { return s.countInRooms((*room).countMembers) })
	m.gauge("crvideo_streams", "Open microphones and cameras.", func() int { return s.countInRooms((*room).countStreams) })
	s.hooks.sent = m.counters("crvideo_hook_events_total", "Events of rooms for hooks: taken, failed (and tried again), lost (too old, or the server ended), overflow.", "result")
	m.gauge("crvideo_hook_events_waiting", "Events of rooms that wait to be sent to hooks.", s.hooks.waiting)
	m.registry.MustRegister(mediaCollector{s.engine}, queueCollector{s.queues})
	if s.cfg.RoomMetrics > 0 {
		m.registry.MustRegister(roomCollector{s, s.cfg.RoomMetrics})
	}
	return m
}

func (m *metrics) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	m.registry.MustRegister(c)
	return c
}

func (m *metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *metrics) gauge(name, help string, value func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
		func() float64 { return float64(value()) }))
}

// done counts something that ended with a code.
func done(c *prometheus.CounterVec, code int) { c.WithLabelValues(strconv.Itoa(code)).Inc() }

// transferCodes are the ends of transfers that are counted one by one.
var transferCodes = map[wire.Code]struct{}{
	wire.CodeOK: {}, wire.CodeInvalidData: {}, wire.CodeOffline: {}, wire.CodeNoAnswerCall: {}, wire.CodeRefused: {}, wire.CodeDiskFull: {},
	wire.CodeFile: {}, wire.CodeDataTooLarge: {}, wire.CodeTransferGone: {}, wire.CodeNoPlatform: {}, wire.CodeGoingAway: {},
}

func (m *metrics) transfer(kind string, code wire.Code) {
	label := strconv.Itoa(int(code))
	if _, known := transferCodes[code]; !known {
		label = "other" // whatever a peer writes there must not become a metric's label
	}
	m.transfers.WithLabelValues(kind, label).Inc()
}

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

func (s *Server) countServing() int {
	if s.now() == serving {
		return 1
	}
	return 0
}

func (s *Server) countWaiting() int {
	n := 0
	for _, c := range s.allConns() {
		n += c.out.waiting()
	}
	return n
}

func (s *Server) countCut() int {
	n := 0
	for _, sess := range s.allSessions() {
		if sess.isCut() {
			n++
		}
	}
	return n
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
