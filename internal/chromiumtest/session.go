package chromiumtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// session is one DevTools connection. Calls come one after the other.
type session struct {
	mu      sync.Mutex
	conn    *websocket.Conn
	last    int
	events  []message
	console []string // what the page logged, and errors that nobody caught
}

// message is an answer or an event.
type message struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  json.RawMessage
}

func dial(t testing.TB, url string) *session {
	t.Helper()
	conn, response, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	require.NoError(t, err)
	_ = response.Body.Close()
	return &session{conn: conn}
}

func (s *session) close() { _ = s.conn.Close() }

// call calls a method of the protocol.
func (s *session) call(t testing.TB, method string, params, result any) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	require.NoError(t, s.conn.WriteJSON(map[string]any{"id": s.last, "method": method, "params": params}))
	answer := s.read(t, func(m *message) bool { return m.ID == s.last })
	require.Empty(t, string(answer.Error), method)
	if result != nil {
		require.NoError(t, json.Unmarshal(answer.Result, result))
	}
}

// event waits for an event, which may have come already.
func (s *session) event(t testing.TB, method string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.events {
		if s.events[i].Method == method {
			s.events = append(s.events[:i], s.events[i+1:]...)
			return
		}
	}
	s.read(t, func(m *message) bool { return m.Method == method })
}

// forget drops the events of a method that have come.
func (s *session) forget(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.events[:0]
	for _, m := range s.events {
		if m.Method != method {
			kept = append(kept, m)
		}
	}
	s.events = kept
}

// read reads messages until the one that is wanted.
func (s *session) read(t testing.TB, wanted func(*message) bool) *message {
	t.Helper()
	require.NoError(t, s.conn.SetReadDeadline(time.Now().Add(Patience)))
	for {
		var m message
		require.NoError(t, s.conn.ReadJSON(&m))
		s.note(&m)
		if wanted(&m) {
			return &m
		}
		if m.Method == "Page.loadEventFired" {
			s.events = append(s.events, m)
		}
	}
}

// note keeps what a person would see in the console.
func (s *session) note(m *message) {
	switch m.Method {
	case "Runtime.consoleAPICalled":
		var p struct {
			Type string
			Args []struct {
				Value       json.RawMessage
				Description string
			}
		}
		_ = json.Unmarshal(m.Params, &p)
		var words []string
		for _, a := range p.Args {
			words = append(words, string(a.Value)+a.Description)
		}
		s.console = append(s.console, p.Type+": "+strings.Join(words, " "))
	case "Runtime.exceptionThrown", "Log.entryAdded":
		s.console = append(s.console, fmt.Sprintf("%s: %.1000s", m.Method, m.Params))
	}
}
