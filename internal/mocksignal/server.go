// Package mocksignal is a scripted signalling server for unit tests: it says exactly what the test tells it to, right
// or wrong. By itself it only answers pings.
//
// All methods that wait fail the test when their context ends first.
package mocksignal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Server accepts WebSocket connections and hands them to the test.
type Server struct {
	t        testing.TB
	http     *httptest.Server
	accepted chan *Conn
	closed   chan struct{}

	mu       sync.Mutex
	conns    []*Conn
	refusal  *refusal
	stalled  bool
	protocol string
}

type refusal struct {
	status int
	header http.Header
	body   string
}

// New starts a server on a free loopback port. It is closed at the end of the test.
func New(t testing.TB) *Server { return start(t, (*httptest.Server).Start) }

// NewTLS starts a server for wss:// addresses. ClientTLS makes a client trust it.
func NewTLS(t testing.TB) *Server { return start(t, (*httptest.Server).StartTLS) }

func start(t testing.TB, run func(*httptest.Server)) *Server {
	s := &Server{t: t, accepted: make(chan *Conn, 64), closed: make(chan struct{}), protocol: wire.Subprotocol}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // refused certificates are part of tests
	run(s.http)
	t.Cleanup(s.Close)
	return s
}

// URL is the address of the signalling endpoint.
func (s *Server) URL() string {
	return "ws" + strings.TrimPrefix(s.http.URL, "http") + wire.Path
}

// Addr is host and port.
func (s *Server) Addr() string { return s.http.Listener.Addr().String() }

// ClientTLS is a configuration that trusts a server made by NewTLS.
func (s *Server) ClientTLS() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(s.http.Certificate())
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// Refuse answers the next connections with an HTTP status instead of a WebSocket. Status 0 ends that.
func (s *Server) Refuse(status int, body string, header ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if status == 0 {
		s.refusal = nil
		return
	}
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	s.refusal = &refusal{status, h, body}
}

// StallUpgrades leaves the next connections without an HTTP answer, as a frozen server does.
func (s *Server) StallUpgrades(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = on
}

// Subprotocol changes what the server claims to speak; empty claims nothing.
func (s *Server) Subprotocol(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.protocol = name
}

// Accept waits for the next connection.
func (s *Server) Accept(ctx context.Context) *Conn {
	s.t.Helper()
	select {
	case c := <-s.accepted:
		return c
	case <-ctx.Done():
		s.t.Fatalf("mocksignal: nobody connected: %v", ctx.Err())
		return nil
	}
}

// Waiting tells how many connections were made and not accepted yet.
func (s *Server) Waiting() int { return len(s.accepted) }

// Close resets every connection and stops listening: from then on dialling is refused.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	conns := s.conns
	s.conns = nil
	s.mu.Unlock()
	for _, c := range conns {
		c.Reset()
	}
	s.http.CloseClientConnections()
	s.http.Close()
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	refuse, stalled, protocol := s.refusal, s.stalled, s.protocol
	s.mu.Unlock()
	switch {
	case stalled:
		select {
		case <-s.closed:
		case <-r.Context().Done():
		}
		return
	case refuse != nil:
		for name, values := range refuse.header {
			w.Header()[name] = values
		}
		http.Error(w, refuse.body, refuse.status)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	header := http.Header{}
	if protocol != "" {
		header.Set("Sec-Websocket-Protocol", protocol)
	}
	ws, err := upgrader.Upgrade(w, r, header)
	if err != nil {
		return
	}
	c := newConn(s.t, ws, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		c.Reset()
		return
	default:
	}
	s.conns = append(s.conns, c)
	select {
	case s.accepted <- c:
	default:
		c.Reset() // a client that dials without end is a failure of the test at hand, which sees the resets
	}
}
