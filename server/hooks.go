package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/crvideo/crvideo-go/webhook"
)

// Hook is where a server tells of what happens in the rooms of an app, or asks who may log in. See package webhook.
type Hook struct {
	AppID  string `json:"appID,omitempty"`  // may be empty if there is one app only
	URL    string `json:"url"`              // http or https; requests are POST
	Secret string `json:"secret,omitempty"` // signs the requests; default: the app's
}

// What a hook gets.
const (
	hookTime     = 10 * time.Second // one request may take
	hookFirst    = time.Second      // between the first tries of an event; twice as long from one to the next
	hookLast     = time.Minute      // at most
	hookLife     = time.Hour        // an event is tried again for so long
	hookQueue    = 10_000           // events of one hook may wait; more are dropped
	hookAtOnce   = 16               // requests to one hook at a time
	hookGoodbye  = 5 * time.Second  // what waits at the end may take, as long as Shutdown may
	hookResponse = 4 << 10          // bytes of an answer that are read
)

// hooks are those of all apps.
type hooks struct {
	srv    *Server
	client *http.Client
	events map[string][]*hookSender // by app
	logins map[string]Hook          // by app
	sent   *prometheus.CounterVec   // by result

	first, last, life time.Duration
	loginTime         time.Duration

	ctx     context.Context // of requests
	cancel  context.CancelFunc
	hurried context.Context // ends when the server does: there is no next try
	hurry   context.CancelFunc
	work    sync.WaitGroup
	waiters chan struct{} // slots of logins that are being asked for
}

// hookSender delivers the events of one hook. Those of a room are sent one after the other; rooms do not wait for each other.
type hookSender struct {
	hooks *hooks
	hook  Hook
	log   *slog.Logger
	slots chan struct{}

	mu      sync.Mutex
	closed  bool
	waiting int
	rooms   map[int64][]webhook.Event // the first one is being sent
}

// newHooks checks the configured hooks.
func newHooks(s *Server) (*hooks, error) {
	h := &hooks{
		srv: s, events: map[string][]*hookSender{}, logins: map[string]Hook{}, first: hookFirst, last: hookLast, life: hookLife, loginTime: hookLoginTime,
		waiters: make(chan struct{}, hookLogins),
		client: &http.Client{
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: hookAtOnce, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: hookTime},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.hurried, h.hurry = context.WithCancel(context.Background())
	for _, hook := range s.cfg.Hooks {
		if err := s.checkHook(&hook); err != nil {
			return nil, fmt.Errorf("in Hooks: %w", err)
		}
		h.events[hook.AppID] = append(h.events[hook.AppID], &hookSender{
			hooks: h, hook: hook, log: s.log.With("app", hook.AppID, "hook", redacted(hook.URL)), slots: make(chan struct{}, hookAtOnce), rooms: map[int64][]webhook.Event{},
		})
	}
	for _, hook := range s.cfg.LoginHooks {
		if err := s.checkHook(&hook); err != nil {
			return nil, fmt.Errorf("in LoginHooks: %w", err)
		}
		if _, twice := h.logins[hook.AppID]; twice {
			return nil, fmt.Errorf("in LoginHooks: app %q has two", hook.AppID)
		}
		h.logins[hook.AppID] = hook
	}
	return h, nil
}

// checkHook checks a hook and fills in what may be left out.
func (s *Server) checkHook(hook *Hook) error {
	if hook.AppID == "" && len(s.cfg.Apps) == 1 {
		hook.AppID = s.cfg.Apps[0].ID
	}
	secret, known := s.apps.secret(hook.AppID)
	if !known {
		return fmt.Errorf("there is no app %q", hook.AppID)
	}
	if hook.Secret == "" {
		hook.Secret = secret
	}
	u, err := url.Parse(hook.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no http or https address", redacted(hook.URL))
	}
	return nil
}

// redacted is an address without what may be secret in it.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// tell queues an event of a room, which must be locked. It never waits.
func (h *hooks) tell(app string, room *webhook.Room, e webhook.Event) {
	senders := h.events[app]
	if len(senders) == 0 {
		return
	}
	e.ID, e.Time, e.Epoch, e.AppID, e.Room = randomHex(16), time.Now().UTC().Truncate(time.Millisecond), h.srv.epoch, app, room
	for _, s := range senders {
		s.queue(e)
	}
}

func (s *hookSender) queue(e webhook.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.waiting >= hookQueue {
		s.hooks.sent.WithLabelValues("overflow").Inc()
		s.log.Error("an event of a hook is lost: too many wait", "event", e.Type, "room", e.Room.ID)
		return
	}
	s.waiting++
	list := append(s.rooms[e.Room.ID], e)
	s.rooms[e.Room.ID] = list
	if len(list) == 1 {
		s.hooks.work.Go(func() { s.deliver(e.Room.ID) })
	}
}

// deliver sends what waits for a room until nothing does.
func (s *hookSender) deliver(room int64) {
	for {
		s.mu.Lock()
		list := s.rooms[room]
		if len(list) == 0 {
			delete(s.rooms, room)
			s.mu.Unlock()
			return
		}
		e := list[0]
		s.mu.Unlock()
		s.try(e)
		s.mu.Lock()
		s.waiting--
		s.rooms[room] = slices.Clone(s.rooms[room][1:])
		s.mu.Unlock()
	}
}

// try sends an event until it is taken or too old.
func (s *hookSender) try(e webhook.Event) {
	h := s.hooks
	for pause := h.first; ; pause = min(2*pause, h.last) {
		err := s.send(e)
		if err == nil {
			h.sent.WithLabelValues("taken").Inc()
			return
		}
		h.sent.WithLabelValues("failed").Inc()
		if time.Since(e.Time) > h.life || !h.sleep(pause/2+rand.N(pause)) { //nolint:gosec // when, not whether
			h.sent.WithLabelValues("lost").Inc()
			s.log.Error("an event of a hook is lost", "event", e.Type, "room", e.Room.ID, "err", err)
			return
		}
	}
}

// sleep tells whether there is a next try.
func (h *hooks) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-h.hurried.Done():
		return false
	}
}

func (s *hookSender) send(e webhook.Event) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-s.hooks.ctx.Done():
		return s.hooks.ctx.Err()
	}
	ctx, cancel := context.WithTimeout(s.hooks.ctx, hookTime)
	defer cancel()
	status, _, err := s.hooks.post(ctx, &s.hook, e)
	if err == nil && (status < 200 || status > 299) {
		err = fmt.Errorf("HTTP status %d", status)
	}
	return err
}

// post sends one signed request.
func (h *hooks) post(ctx context.Context, hook *Hook, e webhook.Event) (status int, answer []byte, err error) {
	body, err := json.Marshal(e)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "crvideo-server")
	webhook.Sign(request.Header, hook.Secret, body, time.Now())
	response, err := h.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(response.Body, hookResponse))
	return response.StatusCode, answer, err
}

// close sends what waits, once, for as long as ctx and hookGoodbye allow. When it returns nothing is under way.
func (h *hooks) close(ctx context.Context) {
	for _, senders := range h.events {
		for _, s := range senders {
			s.mu.Lock()
			s.closed = true
			s.mu.Unlock()
		}
	}
	h.hurry()
	ctx, cancel := context.WithTimeout(ctx, hookGoodbye)
	defer cancel()
	stop := context.AfterFunc(ctx, h.cancel)
	h.work.Wait()
	stop()
	h.cancel()
	h.client.CloseIdleConnections()
}

// waiting is how many events wait to be sent.
func (h *hooks) waiting() int {
	n := 0
	for _, senders := range h.events {
		for _, s := range senders {
			s.mu.Lock()
			n += s.waiting
			s.mu.Unlock()
		}
	}
	return n
}
