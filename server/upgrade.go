package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// newHandler makes the routes.
func (s *Server) newHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.Path, s.signal)
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	s.serveAdmin(mux)
	s.servePage(mux)
	return mux
}

// health answers 200 while the server takes connections, and 503 from the moment it is shutting down.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	status := "ok"
	if s.now() != serving {
		status = "closing"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"status": status})
}

// signal turns a request into a connection.
func (s *Server) signal(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(websocket.Subprotocols(r), wire.Subprotocol) {
		s.metrics.refused.WithLabelValues("subprotocol").Inc()
		http.Error(w, "a WebSocket with subprotocol "+wire.Subprotocol+" is needed", http.StatusBadRequest)
		return
	}
	ip := s.proxies.peerOf(r)
	network := networkOf(ip)
	address := s.addresses.hold(network, s.limits.PerAddress)
	if address == nil {
		s.metrics.refused.WithLabelValues("address").Inc()
		http.Error(w, "too many connections from this address", http.StatusTooManyRequests)
		return
	}
	c := newConn(s, ip, address)
	if reason := s.addConn(c); reason != "" {
		s.addresses.release(network)
		s.metrics.refused.WithLabelValues("server").Inc()
		http.Error(w, reason, http.StatusServiceUnavailable)
		return
	}
	gone := func() {
		s.removeConn(c)
		s.addresses.release(network)
	}
	ws, err := s.upgrader.Upgrade(w, r, nil) // answers by itself if it fails
	if err != nil {
		gone()
		s.metrics.refused.WithLabelValues("upgrade").Inc()
		s.log.Debug("refused an upgrade", "addr", ip, "err", err)
		return
	}
	go func() { // the goroutine of the HTTP server would keep the request, and its buffers, as long as the connection lives
		defer gone()
		defer func() {
			if failure := recover(); failure != nil { // as the HTTP server does: a fault costs one connection
				s.log.Error("a connection failed", "addr", ip, "why", failure, "stack", string(debug.Stack()))
				c.close(websocket.CloseInternalServerErr, "")
				_ = ws.Close()
			}
		}()
		c.serve(ws)
	}()
}

// addConn counts a connection, or says why it is not taken.
func (s *Server) addConn(c *conn) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.phase != serving:
		return "the server is shutting down"
	case len(s.conns) >= s.limits.Connections:
		return "the server has too many connections"
	}
	s.conns[c] = struct{}{}
	s.work.Add(1)
	return ""
}

func (s *Server) removeConn(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	select {
	case s.connGone <- struct{}{}: // perhaps: drain looks
	default:
	}
	s.work.Done()
}

// originAllowed lets in clients that are not browsers, pages of this server and of the configured origins.
func (s *Server) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(s.cfg.AllowedOrigins, "*") {
		return true
	}
	if u, err := url.Parse(origin); err == nil && strings.EqualFold(u.Host, r.Host) {
		return true
	}
	return slices.ContainsFunc(s.cfg.AllowedOrigins, func(allowed string) bool { return strings.EqualFold(allowed, origin) })
}
