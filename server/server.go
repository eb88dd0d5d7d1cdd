package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Server is one signalling server with its media engine.
type Server struct {
	cfg      Config
	limits   Limits
	apps     apps
	proxies  proxies
	log      *slog.Logger
	engine   mediaEngine
	metrics  *metrics
	handler  http.Handler
	upgrader websocket.Upgrader
	verbs    map[string]verb
	epoch    string // names this process

	listener net.Listener // nil without Addr
	web      *http.Server

	ctx    context.Context // ends when Shutdown has waited long enough
	cancel context.CancelFunc

	addresses *quotas[string]
	userRates *quotas[userKey]
	rings     *rings
	presence  *presence
	queues    *queues
	queueBook queueBook
	hooks     *hooks
	transfers *transfers
	work      sync.WaitGroup // connections and what they left to be done in the background

	mu       sync.Mutex
	phase    phase
	conns    map[*conn]struct{}
	connGone chan struct{}       // one token: a connection has gone
	sessions map[string]*session // by session ID
	users    map[userKey]*session
	perApp   map[string]int // sessions of an app
	gone     graves
	rooms    map[int64]*room
}

// userKey names a user: UIDs are unique in an app only.
type userKey struct{ appID, uid string }

// New makes a server, opens its ports and loads the regular rooms. It serves after Serve was called, or through
// Handler. Shutdown must be called in the end, also if Serve never was.
func New(cfg Config) (_ *Server, err error) {
	if err := cfg.normalise(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s := &Server{
		cfg: cfg, limits: cfg.Limits, log: cfg.Logger, epoch: randomHex(8),
		addresses: newQuotas[string](cfg.Limits.addressQuota),
		userRates: newQuotas[userKey](cfg.Limits.userQuota),
		conns:     make(map[*conn]struct{}),
		connGone:  make(chan struct{}, 1),
		sessions:  make(map[string]*session),
		users:     make(map[userKey]*session),
		perApp:    make(map[string]int),
		rooms:     make(map[int64]*room),
		rings:     newRings(),
	}
	s.presence = newPresence(s)
	s.queues = newQueues(s, cfg.clock)
	s.rings.queues = s.queues
	s.transfers = newTransfers(s)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if s.apps, err = newApps(cfg.Apps); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if s.proxies, err = parseProxies(cfg.TrustedProxies); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if s.hooks, err = newHooks(s); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if err := s.loadQueues(context.Background()); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if err := s.loadRooms(context.Background()); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if cfg.Addr != "" { // before the media, which gives way where both want the same TCP port
		if err := s.listen(); err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
	}
	if s.engine = cfg.engine; s.engine == nil {
		if s.engine, err = newEngine(cfg); err != nil {
			if s.listener != nil {
				_ = s.listener.Close()
			}
			return nil, fmt.Errorf("server: media: %w", err)
		}
	}
	s.metrics = newMetrics(s)
	s.upgrader = websocket.Upgrader{
		HandshakeTimeout: s.limits.WriteTimeout,
		Subprotocols:     []string{wire.Subprotocol},
		ReadBufferSize:   readBuffer,
		WriteBufferPool:  new(sync.Pool),
		CheckOrigin:      s.originAllowed,
	}
	s.verbs = newVerbs()
	s.handler = s.newHandler()
	s.web = &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       10 * time.Second, // of what is no WebSocket
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Addr is the TCP address on which the server listens; nil if Config.Addr was empty.
func (s *Server) Addr() net.Addr {
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// MediaAddr is the UDP address of the media.
func (s *Server) MediaAddr() net.Addr { return s.engine.Addr() }

// MediaTCPAddr is the TCP address of the media; nil if there is none.
func (s *Server) MediaTCPAddr() net.Addr { return s.engine.TCPAddr() }

// URL is what a client on this machine gives as server address; empty if Config.Addr was.
func (s *Server) URL() string {
	addr, ok := s.Addr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	scheme, host := "ws", addr.IP.String()
	if s.cfg.CertFile != "" {
		scheme = "wss"
	}
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(addr.Port)) + wire.Path
}

// Handler serves signalling at /signal, health at /healthz, metrics at /metrics, and at / the page for people with
// browsers and the JavaScript SDK.
func (s *Server) Handler() http.Handler { return s.handler }

// background runs fn as part of the server's work, which Shutdown waits for; in the foreground once that waits.
func (s *Server) background(fn func()) {
	s.mu.Lock()
	if s.phase == closing {
		s.mu.Unlock()
		fn()
		return
	}
	s.work.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.work.Done()
		fn()
	}()
}
