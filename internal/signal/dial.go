package signal

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

const (
	readBuffer = 1 << 10 // longer messages are read past it
	// writeBuffer lets a session description leave in one frame. The buffers are shared by all sessions.
	writeBuffer = 16 << 10
)

var writeBuffers sync.Pool

// dial connects to the server and makes the WebSocket. When ctx ends first its error is returned.
func dial(ctx context.Context, cfg *Config) (*link, error) {
	var conn *watchedConn
	dialer := websocket.Dialer{
		Subprotocols:    []string{wire.Subprotocol},
		ReadBufferSize:  readBuffer,
		WriteBufferSize: writeBuffer,
		WriteBufferPool: &writeBuffers,
	}
	if cfg.TLS != nil {
		dialer.TLSClientConfig = cfg.TLS.Clone()
		dialer.TLSClientConfig.NextProtos = nil // a configuration shared with an HTTP/2 client would fail
	}
	netDial := cfg.NetDial
	if netDial == nil {
		netDial = (&net.Dialer{}).DialContext
		dialer.Proxy = http.ProxyFromEnvironment
	}
	stop := func() bool { return true }
	dialer.NetDialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		raw, err := netDial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		conn = &watchedConn{Conn: raw, budget: handshakeBytes}
		// The dialer waits for the HTTP answer without looking at ctx.
		stop = context.AfterFunc(ctx, func() { _ = raw.Close() })
		return conn, nil
	}
	ws, response, err := dialer.DialContext(ctx, cfg.URL, cfg.Header)
	interrupted := !stop()
	switch {
	case err != nil:
		return nil, dialError(ctx, cfg.URL, response, err)
	case interrupted:
		_ = ws.Close()
		return nil, context.Cause(ctx)
	case ws.Subprotocol() != wire.Subprotocol:
		_ = ws.Close()
		return nil, wire.Errorf(wire.CodeConnectFailed, "%s does not speak %s", cfg.URL, wire.Subprotocol)
	}
	ws.SetReadLimit(wire.MaxMessageBytes)
	l := &link{ws: ws, conn: conn, silence: cfg.PeerSilence, since: time.Now()}
	l.idle.L = &l.mu
	return l, nil
}
