package signal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// failingLogin logs in while script plays the server, and returns the error.
func failingLogin(f *fixture, script func(*mocksignal.Conn)) error {
	f.Helper()
	failed := make(chan error, 1)
	go func() {
		s, _, err := Login(f.ctx, f.cfg, credentials)
		if s != nil {
			s.Close()
		}
		failed <- err
	}()
	if script != nil {
		script(f.server.Accept(f.ctx))
	}
	err := receive(f.T, failed, "login does not return")
	require.Error(f, err)
	return err
}

func TestLoginTellsWhoAndHow(t *testing.T) {
	f := newFixture(t, mocksignal.New(t))
	f.cfg.Header = http.Header{"X-Test": {"yes"}}
	var dialled atomic.Bool
	f.cfg.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled.Store(true)
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s, result, err := Login(f.ctx, f.cfg, credentials)
		assert.NoError(t, err)
		assert.Equal(t, wire.LoginResult{Session: "session", Key: "key", UID: "anna", TimeoutMS: 60000}, result)
		s.Close()
	}()
	conn := f.server.Accept(f.ctx)
	assert.Equal(t, "yes", conn.Upgrade.Header.Get("X-Test"))
	assert.Equal(t, wire.Subprotocol, conn.Upgrade.Header.Get("Sec-Websocket-Protocol"))
	assert.Equal(t, wire.Path, conn.Upgrade.URL.Path)
	assert.Equal(t, credentials, conn.Login(f.ctx))
	conn.Expect(f.ctx, wire.MethodLogout).Reply(nil)
	receive(t, done, "Close does not return")
	assert.True(t, dialled.Load())
}

func TestLoginRefusedByTheServer(t *testing.T) {
	for _, code := range []wire.Code{wire.CodeWrongSecret, wire.CodeTokenExpired, wire.CodeAuthData, wire.CodeNoApp, wire.CodeGoingAway} {
		f := newFixture(t, mocksignal.New(t))
		err := failingLogin(f, func(c *mocksignal.Conn) { c.Expect(f.ctx, wire.MethodLogin).Fail(code, "no") })
		requireCode(t, code, err)
	}
}

func TestLoginWithoutAddress(t *testing.T) {
	_, _, err := Login(context.Background(), Config{}, credentials)
	requireCode(t, wire.CodeNoServerAddr, err)
}

func TestLoginNobodyListens(t *testing.T) {
	f := newFixture(t, mocksignal.New(t))
	f.server.Close()
	err := failingLogin(f, nil)
	requireCode(t, wire.CodeConnectFailed, err)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED, "the cause can be seen")
}

func TestLoginHTTPRefusals(t *testing.T) {
	for status, code := range map[int]wire.Code{
		http.StatusUnauthorized:        wire.CodeAuthFailed,
		http.StatusForbidden:           wire.CodeAuthFailed,
		http.StatusTooManyRequests:     wire.CodeTooFast,
		http.StatusServiceUnavailable:  wire.CodeServiceFailure,
		http.StatusNotFound:            wire.CodeConnectFailed,
		http.StatusOK:                  wire.CodeConnectFailed,
		http.StatusMovedPermanently:    wire.CodeConnectFailed,
		http.StatusInternalServerError: wire.CodeConnectFailed,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			f := newFixture(t, mocksignal.New(t))
			f.server.Refuse(status, "the reason", "Retry-After", "7", "Location", "https://elsewhere.example")
			err := failingLogin(f, nil)
			requireCode(t, code, err)
			assert.ErrorContains(t, err, http.StatusText(status))
			assert.ErrorContains(t, err, "the reason")
			switch status {
			case http.StatusTooManyRequests, http.StatusServiceUnavailable:
				assert.ErrorContains(t, err, `retry after "7"`)
			case http.StatusMovedPermanently:
				assert.ErrorContains(t, err, "elsewhere.example")
			}
		})
	}
}

func TestLoginOtherSubprotocol(t *testing.T) {
	for _, name := range []string{"", "crvideo.2"} {
		f := newFixture(t, mocksignal.New(t))
		f.server.Subprotocol(name)
		requireCode(t, wire.CodeConnectFailed, failingLogin(f, nil))
	}
}

func TestLoginTimesOut(t *testing.T) {
	t.Run("no HTTP answer", func(t *testing.T) {
		f := newFixture(t, mocksignal.New(t))
		f.cfg.Timeout = 50 * time.Millisecond
		f.server.StallUpgrades(true)
		requireCode(t, wire.CodeTimeout, failingLogin(f, nil))
	})
	t.Run("no answer to login", func(t *testing.T) {
		f := newFixture(t, mocksignal.New(t))
		f.cfg.Timeout = 50 * time.Millisecond
		requireCode(t, wire.CodeTimeout, failingLogin(f, func(*mocksignal.Conn) {}))
	})
	t.Run("no TLS answer", func(t *testing.T) {
		addr := rawServer(t, "")
		f := newFixture(t, mocksignal.New(t))
		f.cfg.URL, f.cfg.Timeout = "wss://"+addr+"/", 50*time.Millisecond
		requireCode(t, wire.CodeTimeout, failingLogin(f, nil))
	})
}

func TestLoginGivenUp(t *testing.T) {
	stall := map[string]func(*fixture){
		"while dialling": func(f *fixture) {
			f.cfg.NetDial = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
		},
		"while upgrading":  func(f *fixture) { f.server.StallUpgrades(true) },
		"while logging in": func(*fixture) {},
	}
	for name, prepare := range stall {
		t.Run(name+", cancelled", func(t *testing.T) {
			f := newFixture(t, mocksignal.New(t))
			prepare(f)
			ctx, cancel := context.WithCancel(f.ctx)
			time.AfterFunc(20*time.Millisecond, cancel)
			_, _, err := Login(ctx, f.cfg, credentials)
			assert.ErrorIs(t, err, context.Canceled)
		})
		t.Run(name+", deadline", func(t *testing.T) {
			f := newFixture(t, mocksignal.New(t))
			prepare(f)
			ctx, cancel := context.WithTimeout(f.ctx, 20*time.Millisecond)
			defer cancel()
			_, _, err := Login(ctx, f.cfg, credentials)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

func TestLoginBrokenAnswers(t *testing.T) {
	answers := map[string]func(*mocksignal.Conn){
		"not JSON":         func(c *mocksignal.Conn) { c.WriteRaw("hello?") },
		"no object":        func(c *mocksignal.Conn) { c.WriteRaw("[1,2,3]") },
		"other id":         func(c *mocksignal.Conn) { c.WriteRaw(`{"jsonrpc":"2.0","id":7,"result":{}}`) },
		"notification":     func(c *mocksignal.Conn) { c.Notify(1, wire.NotifyLineOff, wire.LineOff{Code: 10}) },
		"binary":           func(c *mocksignal.Conn) { c.WriteBinary([]byte(`{"jsonrpc":"2.0","id":1,"result":{}}`)) },
		"result no object": func(c *mocksignal.Conn) { c.WriteRaw(`{"jsonrpc":"2.0","id":1,"result":"yes"}`) },
		"no session":       func(c *mocksignal.Conn) { c.WriteRaw(`{"jsonrpc":"2.0","id":1,"result":{}}`) },
		"giant":            func(c *mocksignal.Conn) { c.WriteRaw(giant) },
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, mocksignal.New(t))
			err := failingLogin(f, func(c *mocksignal.Conn) { c.Expect(f.ctx, wire.MethodLogin); answer(c) })
			requireCode(t, wire.CodeInvalidData, err)
		})
	}
}

func TestLoginConnectionEnds(t *testing.T) {
	ends := map[string]struct {
		end  func(*mocksignal.Conn)
		code wire.Code
	}{
		"reset":      {func(c *mocksignal.Conn) { c.Reset() }, wire.CodeSocket},
		"closed":     {func(c *mocksignal.Conn) { c.CloseWith(1000, "") }, wire.CodeSocket},
		"no hello":   {func(c *mocksignal.Conn) { c.CloseWith(wire.CloseNoHello, "") }, wire.CodeSocket},
		"superseded": {func(c *mocksignal.Conn) { c.CloseWith(wire.CloseSuperseded, "") }, wire.CodeKicked},
		"expired":    {func(c *mocksignal.Conn) { c.CloseWith(wire.CloseExpired, "") }, wire.CodeTokenExpired},
		"broken":     {func(c *mocksignal.Conn) { c.WriteBytes([]byte{0xff, 0xff, 0xff, 0xff}) }, wire.CodeSocket},
		"cannot read us": {func(c *mocksignal.Conn) {
			c.WriteRaw(`{"jsonrpc":"2.0","error":{"code":-32700,"message":"not JSON"}}`)
		}, wire.CodeParse},
	}
	for name, c := range ends {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, mocksignal.New(t))
			requireCode(t, c.code, failingLogin(f, func(conn *mocksignal.Conn) { conn.Expect(f.ctx, wire.MethodLogin); c.end(conn) }))
		})
	}
}

func TestLoginOnSomethingElse(t *testing.T) {
	for name, says := range map[string]string{
		"not HTTP":        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
		"half an answer":  "HTTP/1.1 101 Switching",
		"wrong accept":    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
		"endless headers": endless,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, mocksignal.New(t))
			f.cfg.URL = "ws://" + rawServer(t, says) + "/"
			requireCode(t, wire.CodeConnectFailed, failingLogin(f, nil))
		})
	}
}

const endless = "endless"

// rawServer says something to whoever connects and hangs up; if it is nothing the connection stays open.
func rawServer(t *testing.T, says string) (addr string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buf := make([]byte, 4096)
		_, _ = conn.Read(buf)
		switch says {
		case "":
			for err == nil {
				_, err = conn.Read(buf)
			}
		case endless:
			_, err = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\n"))
			for err == nil {
				_, err = conn.Write([]byte("X-More: of the same, again and again and again\r\n"))
			}
		default:
			_, _ = conn.Write([]byte(says))
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); receive(t, ended, "the raw server does not end") })
	return ln.Addr().String()
}

func TestTLS(t *testing.T) {
	server := mocksignal.NewTLS(t)
	f := newFixture(t, server)
	f.cfg.TLS = server.ClientTLS()
	f.cfg.TLS.NextProtos = []string{"h2", "http/1.1"} // as a configuration shared with an HTTP client has
	conn := f.login()
	assert.NotNil(t, conn.Upgrade.TLS)
	answer := f.call("x", nil, nil)
	conn.Expect(f.ctx, "x").Reply(nil)
	require.NoError(t, receive(t, answer, "no answer"))
	conn.Reset()
	server.Accept(f.ctx).Resume(f.ctx)
	receive(t, f.resumed, "not resumed")
	assert.Equal(t, []string{"h2", "http/1.1"}, f.cfg.TLS.NextProtos, "the caller's configuration is left alone")
}

func TestTLSUnknownAuthority(t *testing.T) {
	f := newFixture(t, mocksignal.NewTLS(t))
	f.cfg.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
	err := failingLogin(f, nil)
	requireCode(t, wire.CodeConnectFailed, err)
	var unknown x509.UnknownAuthorityError
	assert.ErrorAs(t, err, &unknown)
}
