package sfu

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/ice/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const (
	tcpFirstCheck = 5 * time.Second // a connection that brings no check in this time is closed
	tcpMaxConns   = 20000           // open at once; further ones are closed at once
	tcpRetryMax   = time.Second     // between attempts to accept, when the machine is out of something
	tcpNone       = "-"
)

// listen opens the ports: with a free UDP port, one whose number is free on TCP too, if possible.
func (s *SFU) listen(cfg Config, pionLog *slog.Logger) (err error) {
	for try := 1; ; try++ {
		if s.mux, s.addr, err = listen(cfg.Listen, pionLog); err != nil {
			return err
		}
		if s.tcp, err = listenTCP(cfg.ListenTCP, s.addr); err == nil {
			return nil
		}
		_, port, _ := net.SplitHostPort(cfg.Listen)
		switch {
		case cfg.ListenTCP != "":
			_ = s.mux.Close()
			return err
		case port != "0" || try == listenRetries:
			cfg.Logger.Warn("no media by TCP", "err", err)
			return nil
		}
		_ = s.mux.Close()
	}
}

// listenTCP opens the port for media by TCP next to the UDP port: the one of address, or the same number on the same
// host. It returns nil if there is to be none.
func listenTCP(address string, udp *net.UDPAddr) (*tcpListener, error) {
	if address == tcpNone {
		return nil, nil //nolint:nilnil // none
	}
	if address == "" {
		host := udp.IP.String()
		if udp.IP.IsUnspecified() && udp.IP.To4() == nil {
			host = "" // both families
		}
		address = net.JoinHostPort(host, strconv.Itoa(udp.Port))
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for media by TCP: %w", err)
	}
	return &tcpListener{Listener: l, done: make(chan struct{}), conns: make(map[*tcpConn]struct{})}, nil
}

func newTCPMux(l *tcpListener, log *slog.Logger) ice.TCPMux {
	return ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: l, Logger: rtpkit.NewLoggerFactory(log).NewLogger("tcpmux"),
		FirstStunBindTimeout: tcpFirstCheck, AliveDurationForConnFromStun: tcpFirstCheck,
	})
}

// tcpListener accepts connections that do not block their writers. pion's mux gives up at the first failure to accept,
// and knows nothing of connections that did not send their first packet; here one is retried and the others closed.
type tcpListener struct {
	net.Listener
	done chan struct{}

	mu     sync.Mutex
	conns  map[*tcpConn]struct{}
	closed bool
}

// Accept returns the next connection.
func (l *tcpListener) Accept() (net.Conn, error) {
	wait := 5 * time.Millisecond
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			if c := l.add(conn); c != nil {
				return c, nil
			}
			continue
		case errors.Is(err, net.ErrClosed):
			return nil, err
		}
		select {
		case <-l.done:
			return nil, err
		case <-time.After(wait):
			wait = min(2*wait, tcpRetryMax)
		}
	}
}

func (l *tcpListener) add(conn net.Conn) *tcpConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.conns) >= tcpMaxConns {
		_ = conn.Close()
		return nil
	}
	c := newTCPConn(conn, l.remove)
	l.conns[c] = struct{}{}
	return c
}

func (l *tcpListener) remove(c *tcpConn) {
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
}

// Close stops accepting and closes every connection.
func (l *tcpListener) Close() error {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	conns := l.conns
	l.conns = map[*tcpConn]struct{}{}
	l.mu.Unlock()
	if !first {
		return nil
	}
	close(l.done)
	err := l.Listener.Close()
	for c := range conns {
		_ = c.Close()
	}
	return err
}

// udpFirst puts the TCP candidates of a description behind the others.
func udpFirst(sdp string) string {
	if !strings.Contains(sdp, " tcp ") && !strings.Contains(sdp, " TCP ") {
		return sdp
	}
	var b strings.Builder
	b.Grow(len(sdp))
	var tcp []string
	flush := func() {
		for _, line := range tcp {
			b.WriteString(line)
		}
		tcp = tcp[:0]
	}
	for line := range strings.Lines(sdp) {
		candidate := strings.HasPrefix(line, "a=candidate:")
		if candidate && strings.Contains(strings.ToLower(line), " tcp ") {
			tcp = append(tcp, line)
			continue
		}
		if !candidate {
			flush()
		}
		b.WriteString(line)
	}
	flush()
	return b.String()
}
