package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
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

// Serve accepts connections until Shutdown begins, and then returns nil.
func (s *Server) Serve() error {
	if s.listener == nil {
		return errors.New("server: there is no Addr to serve")
	}
	err := s.web.Serve(s.listener)
	if errors.Is(err, http.ErrServerClosed) || s.now() != serving {
		return nil
	}
	return fmt.Errorf("server: %w", err)
}
