package whep

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// DefaultMaxViewers is how many people can watch one Handler at a time.
const DefaultMaxViewers = 16

const (
	connectTimeout  = 15 * time.Second // from the answer to a connected viewer
	snapshotTimeout = 10 * time.Second // for the next picture
	reopenDelay     = time.Second      // before a track that failed at once is opened again

	iceDisconnected = 5 * time.Second // silence of a viewer until it counts as disconnected,
	iceFailed       = 5 * time.Second // and further silence until it is removed
	iceKeepalive    = 2 * time.Second
)

// Handler serves the page and everything it needs. It can be mounted at any path, with http.StripPrefix or without:
//
//	GET    .../              the page
//	GET    .../snapshot.jpg  one picture
//	GET    .../look.json     how the page is to look
//	POST   .../whep          a WebRTC offer, answered with 201, the answer and the viewer's Location
//	DELETE .../whep/{id}     ends a viewer
//
// It has no login of its own.
type Handler struct {
	src        Source
	log        *slog.Logger
	api        *webrtc.API
	apiErr     error
	maxViewers int
	// connectTimeout is the time from the answer to a connected viewer
	connectTimeout time.Duration

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // a viewer each, and requests that make one

	mu      sync.Mutex
	closed  bool
	opening int // viewers that are being made
	viewers map[string]*viewer
}

// New returns a Handler for src. A nil log discards. Close ends it.
func New(src Source, log *slog.Logger) *Handler {
	h := newHandler(src, log)
	h.setup(iceDisconnected, iceFailed, iceKeepalive)
	return h
}

func newHandler(src Source, log *slog.Logger) *Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{src: src, log: log, maxViewers: DefaultMaxViewers, connectTimeout: connectTimeout, viewers: map[string]*viewer{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// setup makes what all viewers' connections share.
func (h *Handler) setup(disconnected, failed, keepalive time.Duration) {
	engine, err := rtpkit.NewMediaEngine()
	if err != nil {
		h.apiErr = fmt.Errorf("whep: %w", err)
		return
	}
	settings := rtpkit.NewSettingEngine(false, h.log)
	settings.SetIncludeLoopbackCandidate(true) // the browser is often on this machine
	settings.SetICETimeouts(disconnected, failed, keepalive)
	h.api = webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
}

// Close ends all viewers and waits for them. Requests that come later are answered with 503.
func (h *Handler) Close() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.cancel()
	h.wg.Wait()
	return nil
}

// Viewers tells how many viewers there are.
func (h *Handler) Viewers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.viewers)
}

// ServeHTTP implements http.Handler. Only the end of the path counts, so that the prefix does not matter.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dir, last := splitLast(r.URL.Path)
	_, parent := splitLast(strings.TrimSuffix(dir, "/"))
	switch {
	case last == "whep":
		allow(w, r, h.serveOffer, http.MethodPost)
	case parent == "whep" && last != "":
		allow(w, r, func(w http.ResponseWriter, _ *http.Request) { h.serveDelete(w, last) }, http.MethodDelete)
	case last == "snapshot.jpg":
		allow(w, r, h.serveSnapshot, http.MethodGet, http.MethodHead)
	case last == "look.json":
		allow(w, r, h.serveLook, http.MethodGet, http.MethodHead)
	case last == "" && strings.HasSuffix(requestPath(r), "/"):
		allow(w, r, h.servePage, http.MethodGet, http.MethodHead)
	case isAsset(last):
		allow(w, r, serveAsset, http.MethodGet, http.MethodHead)
	case strings.Contains(last, "."): // favicon.ico and the like
		http.NotFound(w, r)
	default: // the page without its slash, from which relative addresses would miss
		allow(w, r, redirectToSlash, http.MethodGet, http.MethodHead)
	}
}

func splitLast(path string) (dir, last string) {
	i := strings.LastIndexByte(path, '/') + 1
	return path[:i], path[i:]
}

func allow(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc, methods ...string) {
	for _, m := range methods {
		if r.Method == m {
			serve(w, r)
			return
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	http.Error(w, r.Method+" is not possible here", http.StatusMethodNotAllowed)
}

// reserve takes a place for a viewer that is being made. It becomes the viewer's by add, or is given back by release.
func (h *Handler) reserve() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return errClosed
	case len(h.viewers)+h.opening >= h.maxViewers:
		return errTooMany
	}
	h.opening++
	h.wg.Add(1)
	return nil
}

func (h *Handler) release() {
	h.mu.Lock()
	h.opening--
	h.mu.Unlock()
	h.wg.Done()
}

// add names the viewer and runs it until it ends.
func (h *Handler) add(v *viewer) (id string) {
	id = rand.Text()
	h.mu.Lock()
	h.opening--
	h.viewers[id] = v
	n := len(h.viewers)
	h.mu.Unlock()
	h.log.Debug("viewer added", "viewer", id, "viewers", n)
	go func() {
		defer h.wg.Done()
		v.run()
		h.mu.Lock()
		delete(h.viewers, id)
		n := len(h.viewers)
		h.mu.Unlock()
		h.log.Debug("viewer gone", "viewer", id, "viewers", n)
	}()
	return id
}
