package server

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// FuzzRelay: whatever frames two users who send each other something, and a third one, say in whatever order, nothing panics,
// no more waits for a peer than two windows, and what a receiver gets of a transfer has no gap, but where it asked for one.
func FuzzRelay(f *testing.F) {
	cfg := Config{Addr: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), engine: &fakeEngine{}}
	cfg.Limits.TransferWindow = 2 * chunk
	s, err := New(cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	f.Add([]byte{0x10, 0, 0x10, 1, 0x21, 1, 0x10, 2})
	f.Add([]byte{0x10, 0, 0x10, 1, 0x31, 0, 0x10, 1, 0x10, 0})
	f.Add([]byte{0x10, 0, 0x40, 4, 0x12, 0, 0x21, 9, 0x31, 3})
	f.Add([]byte{0x10, 0, 0x10, 1, 0x10, 2, 0x10, 3, 0x10, 4, 0x40, 4, 0x21, 4})
	f.Fuzz(func(t *testing.T, script []byte) {
		users := make([]*conn, 3)
		for i, uid := range []string{"ann", "bob", "eve"} {
			users[i] = newConn(s, "192.0.2.1", s.limits.addressQuota())
			sess := newSession(s, &identity{appID: "demo", uid: uid}, uid, wire.DefaultServerTimeout)
			sess.frames = true
			if _, failed := s.register(sess); failed != nil {
				t.Fatal(failed)
			}
			if failed := sess.attach(users[i], &outgoing{}, 0); failed != nil {
				t.Fatal(failed)
			}
			users[i].sess = sess
			defer sess.end(ending{})
		}
		id := wire.TransferID{9}
		tr := &transfer{
			OfferTransferParams: wire.OfferTransferParams{ID: id.String(), UID: "bob", Kind: wire.TransferFile, Size: 4*chunk + 5},
			key:                 transferKey{"demo", id}, from: users[0].sess, to: users[1].sess, accepted: true, window: 2 * chunk,
		}
		s.transfers.mu.Lock()
		s.transfers.add(tr)
		s.transfers.mu.Unlock()
		next := int64(0)
		for ; len(script) >= 2; script = script[2:] {
			frame := wire.Frame{Kind: wire.FrameKind(script[0] >> 4), ID: id, Offset: int64(script[1]) * chunk}
			switch frame.Kind {
			case wire.FrameData:
				frame.Payload = make([]byte, min(chunk, max(1, tr.Size-frame.Offset)))
			case wire.FrameEnd:
				frame.Offset, frame.Payload = tr.Size, make([]byte, wire.ChecksumBytes)
			case wire.FrameFrom:
				if who := script[0] & 0x0f % 3; who == 1 && frame.Offset <= next {
					next = frame.Offset
				}
			}
			raw := newFrame()
			raw.n = copy(raw.mem[:], frame.Append(nil))
			users[script[0]&0x0f%3].receiveFrame(raw)
			users[1].out.mu.Lock()
			for _, f := range users[1].out.bulk {
				got, failed := wire.DecodeFrame(f.bytes())
				if failed != nil {
					t.Fatal(failed)
				}
				if got.Kind == wire.FrameData && got.Offset > next {
					t.Fatalf("bytes at %d came after those before %d", got.Offset, next)
				}
				next = max(next, got.Offset+int64(len(got.Payload)))
			}
			if users[1].out.bulky > 4*(chunk+wire.FrameHeader)+wire.MaxFrameBytes {
				t.Fatalf("%d bytes wait", users[1].out.bulky)
			}
			users[1].out.bulk, users[1].out.bulky = nil, 0 // which have been read
			users[1].out.mu.Unlock()
		}
	})
}
