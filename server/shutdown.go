package server

import (
	"context"
	"fmt"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// phase is how far a server is on its way to its end. It only grows.
type phase int

const (
	serving  phase = iota
	draining       // nobody new gets in; who is there is served on
	closing        // nothing is handled any more
)

// now is the server's phase.
func (s *Server) now() phase {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase
}

// advance begins a phase, and tells whether it was not there yet.
func (s *Server) advance(to phase) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase >= to {
		return false
	}
	s.phase = to
	return true
}

// Shutdown ends the server: it stops listening at once, and nobody gets into a room any more. If Config.Grace is set,
// clients are told to move to another server, and Shutdown waits until all have gone, for as long as that, or until it
// is called again. Then every connection is closed with 1001 after what waits for it was written, and all media ends.
// It returns when nothing of the server is left and its ports are free, or with the context's error after having torn
// the connections that were left then. Members are not told that the others leave: they all do.
func (s *Server) Shutdown(ctx context.Context) error {
	first := s.advance(draining)
	if s.listener != nil {
		_ = s.listener.Close() // web knows it only if Serve was called
	}
	if first && s.cfg.Grace > 0 {
		s.drain(ctx)
	}
	s.advance(closing)
	conns := s.allConns()
	for _, c := range conns {
		c.close(websocket.CloseGoingAway, "the server is shutting down")
	}
	s.closeWeb(ctx)
	s.abandonSessions()
	s.abandonRooms()
	s.rings.abandon()
	s.queues.abandon()
	s.hooks.close(ctx)
	s.transfers.abandon()

	done := make(chan struct{})
	go func() {
		s.work.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
		s.cancel()
		for _, c := range conns {
			c.tear()
		}
		<-done
	}
	s.cancel()
	if closeErr := s.engine.Close(); closeErr != nil && err == nil {
		err = fmt.Errorf("server: media: %w", closeErr)
	}
	return err
}

// drain tells everybody to go, and waits for that.
func (s *Server) drain(ctx context.Context) {
	s.log.Info("draining", "grace", s.cfg.Grace.String(), "connections", s.count().connections)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Grace)
	defer cancel()
	for _, sess := range s.allSessions() {
		sess.tell(wire.NotifyGoingAway, wire.GoingAway{GraceMS: s.cfg.Grace.Milliseconds()})
	}
	for s.count().connections > 0 {
		select {
		case <-s.connGone:
		case <-ctx.Done():
			return
		}
	}
}

// closeWeb ends what is no signalling connection: small requests, which get a moment.
func (s *Server) closeWeb(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeLinger)
	defer cancel()
	if s.web.Shutdown(ctx) != nil {
		_ = s.web.Close()
	}
}

func (s *Server) allConns() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}

func (s *Server) allSessions() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	sessions := make([]*session, 0, len(s.sessions))
	for _, sess := range s.sessions {
		sessions = append(sessions, sess)
	}
	return sessions
}

func (s *Server) allRooms() []*room {
	s.mu.Lock()
	defer s.mu.Unlock()
	rooms := make([]*room, 0, len(s.rooms))
	for _, r := range s.rooms {
		rooms = append(rooms, r)
	}
	return rooms
}

// abandonSessions ends all sessions without telling anybody.
func (s *Server) abandonSessions() {
	for _, sess := range s.allSessions() {
		sess.abandon()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
	clear(s.users)
	clear(s.perApp)
}

// abandonRooms ends all rooms, regular ones included, in this process only.
func (s *Server) abandonRooms() {
	for _, r := range s.allRooms() {
		r.abandon()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.rooms)
}
