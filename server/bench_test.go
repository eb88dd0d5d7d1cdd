package server

import (
	"io"
	"log/slog"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// BenchmarkEnterSignalling is what signalling alone adds to entering a room: one enterMeeting and one exitMeeting,
// each with its round trip over loopback, without media.
func BenchmarkEnterSignalling(b *testing.B) {
	s, err := New(Config{
		Addr: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), engine: &fakeEngine{},
		Limits: Limits{MessagesPerSecond: 1e9, MessageBurst: 1e9},
	})
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = s.Serve() }()
	defer func() { _ = s.Shutdown(b.Context()) }()
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	ws, resp, err := dialer.Dial(s.URL(), nil)
	if err != nil {
		b.Fatal(err)
	}
	_ = resp.Body.Close()
	defer func() { _ = ws.Close() }()
	id := uint64(0)
	call := func(method string, params any) {
		id++
		m, err := wire.Request(id, method, params)
		if err != nil {
			b.Fatal(err)
		}
		data, err := wire.Encode(m)
		if err != nil {
			b.Fatal(err)
		}
		if err := ws.WriteMessage(websocket.TextMessage, data); err != nil {
			b.Fatal(err)
		}
		_, data, err = ws.ReadMessage()
		if err != nil {
			b.Fatal(err)
		}
		if m, err = wire.Decode(data); err != nil || m.Error != nil {
			b.Fatal(err, m)
		}
	}
	r, failed := s.addRoom(StoredRoom{AppID: DemoApp}, false)
	if failed != nil {
		b.Fatal(failed)
	}
	login := loginParams("ann")
	login.AppID, login.SecretMD5 = DemoApp, secretMD5(DemoApp)
	call(wire.MethodLogin, login)
	for b.Loop() {
		call(wire.MethodEnterMeeting, enterParams(r.id))
		call(wire.MethodExitMeeting, nil)
	}
}
