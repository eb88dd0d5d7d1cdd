package server

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// FuzzFirstMessage: whatever a connection says first, it is logged in only with the right secret, gets exactly one
// answer, and anything but login and resume ends it.
func FuzzFirstMessage(f *testing.F) {
	cfg := Config{Addr: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), engine: &fakeEngine{}}
	cfg.Limits.FailuresPerMinute = 1 << 30
	s, err := New(cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	right := `"appID":"demo","secretMD5":"` + secretMD5(DemoApp) + `"`
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"login","params":{` + right + `,"uid":"ann","nickname":"Ann"}}`))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"login","params":{"token":"a.b.c","uid":"ann","nickname":"Ann"}}`))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"resume","params":{"session":"s","key":"k","lastSeq":1}}`))
	for _, bad := range badMessages {
		if len(bad.text) < 1024 {
			f.Add([]byte(bad.text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newConn(s, "192.0.2.1", s.limits.addressQuota())
		c.receive(data)
		queued, closing := c.out.take()
		if len(queued) != 1 {
			t.Fatalf("%d answers", len(queued))
		}
		encoded, err := queued[0].encode()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := wire.Decode(encoded)
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		m, err := wire.Decode(data)
		hello := err == nil && m.IsRequest() && isHello(m.Method)
		switch {
		case c.sess != nil:
			if answer.Error != nil || !hello || m.ID != answer.ID {
				t.Fatalf("logged in by %q, answered %s", data, encoded)
			}
			c.sess.end(ending{})
		case answer.Error == nil:
			t.Fatalf("%q was answered with success: %s", data, encoded)
		case closing == hello:
			t.Fatalf("%q: connection closed: %v", data, closing)
		}
	})
}
