package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/gorilla/websocket"
)

// listen opens the TCP port, with TLS if there is a certificate.
func (s *Server) listen() error {
	var certs []tls.Certificate
	if s.cfg.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(s.cfg.CertFile, s.cfg.KeyFile)
		if err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
		certs = append(certs, cert)
	}
	listener, err := net.Listen("tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if certs != nil {
		listener = tls.NewListener(listener, &tls.Config{Certificates: certs, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
	}
	s.listener = listener
	return nil
}

// Serve accepts connections until Shutdown, and then returns nil.
func (s *Server) Serve() error {
	if s.listener == nil {
		return errors.New("server: there is no Addr to serve")
	}
	err := s.web.Serve(s.listener)
	if errors.Is(err, http.ErrServerClosed) || s.isClosing() {
		return nil
	}
	return fmt.Errorf("server: %w", err)
}

// Shutdown ends the server: nobody new is accepted, every connection is closed with 1001 after what waits for it was
// written, and all media ends. It returns when nothing of the server is left, or with the context's error after
// having torn the connections that were left then. Members are not told that the others leave: they all do.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()

	for _, c := range conns {
		c.close(websocket.CloseGoingAway, "the server is shutting down")
	}
	s.closeWeb(ctx)
	s.stopTimers()
	s.closeRooms()

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

// closeWeb stops listening and ends what is no signalling connection: small requests, which get a moment.
func (s *Server) closeWeb(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeLinger)
	defer cancel()
	if s.web.Shutdown(ctx) != nil {
		_ = s.web.Close()
	}
	if s.listener != nil {
		_ = s.listener.Close() // web knows it only if Serve was called
	}
}

// stopTimers ends all sessions without telling anybody.
func (s *Server) stopTimers() {
	s.mu.Lock()
	sessions := make([]*session, 0, len(s.sessions))
	for _, sess := range s.sessions {
		sessions = append(sessions, sess)
	}
	clear(s.sessions)
	clear(s.users)
	clear(s.perApp)
	s.mu.Unlock()
	for _, sess := range sessions {
		sess.abandon()
	}
}

// closeRooms ends all rooms, regular ones included, in this process only.
func (s *Server) closeRooms() {
	s.mu.Lock()
	rooms := make([]*room, 0, len(s.rooms))
	for _, r := range s.rooms {
		rooms = append(rooms, r)
	}
	clear(s.rooms)
	s.mu.Unlock()
	for _, r := range rooms {
		r.abandon()
	}
}
