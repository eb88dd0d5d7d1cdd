package signal

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestNotificationsInOrder(t *testing.T) {
	f, conn := open(t)
	for i := range 200 {
		conn.Notify(uint64(i+1), fmt.Sprint("n", i), i)
	}
	for i := range 200 {
		assert.Equal(t, note{fmt.Sprint("n", i), fmt.Sprint(i)}, f.note())
	}
}

func TestNotificationTwice(t *testing.T) {
	f, conn := open(t)
	conn.Notify(1, "a", nil)
	conn.Notify(1, "a", nil)
	conn.Notify(2, "b", nil)
	conn.Notify(1, "a", nil)
	conn.Notify(3, "c", nil)
	for _, want := range []string{"a", "b", "c"} {
		assert.Equal(t, want, f.note().method)
	}
	assert.Zero(t, f.server.Waiting(), "the connection is kept")
}

func TestMissingNotificationIsFetchedByAResume(t *testing.T) {
	f, conn := open(t)
	conn.Notify(1, "a", nil)
	conn.Notify(3, "c", nil)
	again := f.server.Accept(f.ctx)
	assert.Equal(t, wire.ResumeParams{Session: "session", Key: "key", LastSeq: 1}, again.Resume(f.ctx))
	again.Notify(2, "b", nil)
	again.Notify(3, "c", nil)
	for _, want := range []string{"a", "b", "c"} {
		assert.Equal(t, want, f.note().method)
	}
	assert.Empty(t, f.notes)
}

func TestBrokenMessagesAreHealedByAResume(t *testing.T) {
	for name, send := range map[string]func(*mocksignal.Conn){
		"not JSON":      func(c *mocksignal.Conn) { c.WriteRaw("}{") },
		"empty":         func(c *mocksignal.Conn) { c.WriteRaw("") },
		"no object":     func(c *mocksignal.Conn) { c.WriteRaw("null") },
		"wrong version": func(c *mocksignal.Conn) { c.WriteRaw(`{"jsonrpc":"1.0","seq":1,"method":"x"}`) },
		"no seq":        func(c *mocksignal.Conn) { c.WriteRaw(`{"jsonrpc":"2.0","method":"x"}`) },
		"negative seq":  func(c *mocksignal.Conn) { c.WriteRaw(`{"jsonrpc":"2.0","seq":-1,"method":"x"}`) },
		"seq too big":   func(c *mocksignal.Conn) { c.WriteRaw(`{"jsonrpc":"2.0","seq":1e30,"method":"x"}`) },
		"seq far ahead": func(c *mocksignal.Conn) { c.Notify(1<<63, "x", nil) },
		"not UTF-8":     func(c *mocksignal.Conn) { c.WriteRaw("{\"jsonrpc\":\"2.0\",\"seq\":1,\"method\":\"\xff\"}") },
		"binary":        func(c *mocksignal.Conn) { c.WriteBinary([]byte{1, 2, 3}) },
		"giant":         func(c *mocksignal.Conn) { c.WriteRaw(giant) },
		"broken frame":  func(c *mocksignal.Conn) { c.WriteBytes([]byte{0x83, 0x00}) },
		"giant frame claimed": func(c *mocksignal.Conn) {
			c.WriteBytes([]byte{0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
		},
		"half a frame": func(c *mocksignal.Conn) { c.WriteBytes([]byte{0x81, 50, 'x'}); c.Reset() },
	} {
		t.Run(name, func(t *testing.T) {
			f, conn := open(t)
			send(conn)
			again := f.server.Accept(f.ctx)
			assert.Zero(t, again.Resume(f.ctx).LastSeq)
			again.Notify(1, "healed", nil)
			assert.Equal(t, "healed", f.note().method)
			assert.Empty(t, f.ends)
		})
	}
}

func TestServerThatKeepsBreakingTheProtocol(t *testing.T) {
	f, conn := open(t)
	for range maxStrikes - 1 {
		conn.WriteRaw("garbage")
		conn = f.server.Accept(f.ctx)
		conn.Resume(f.ctx)
	}
	conn.WriteRaw("garbage")
	assert.Equal(t, wire.CodeSocket, f.end().Code)
}

func TestLineOff(t *testing.T) {
	for _, code := range []wire.Code{wire.CodeKicked, wire.CodeTokenExpired, wire.CodeSocket, wire.CodeServiceFailure} {
		f, conn := open(t)
		conn.Notify(1, wire.NotifyLineOff, wire.LineOff{Code: code})
		assert.Equal(t, code, f.end().Code)
		assert.Empty(t, f.notes, "it is no notification for the client")
		requireCode(t, code, f.session.Call(f.ctx, "x", nil, nil))
		assert.Zero(t, f.server.Waiting(), "nobody tries to come back")
	}
}

func TestLineOffWithoutCode(t *testing.T) {
	for _, params := range []any{nil, "garbage", wire.LineOff{}} {
		f, conn := open(t)
		conn.Notify(1, wire.NotifyLineOff, params)
		assert.Equal(t, wire.CodeSocket, f.end().Code)
	}
}
