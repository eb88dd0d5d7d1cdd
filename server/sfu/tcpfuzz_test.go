package sfu

import (
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

// pipeListener is a TCP port without a network.
type pipeListener struct {
	conns chan net.Conn
	ended chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { close(l.ended); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// pipeConn is a net.Pipe with addresses of TCP.
type pipeConn struct{ net.Conn }

func (pipeConn) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (pipeConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }

// tcpCheck is a connectivity check, as the first frame of a connection must be one.
func tcpCheck(tb testing.TB, user string) []byte {
	m, err := stun.Build(stun.BindingRequest, stun.NewTransactionIDSetter([stun.TransactionIDSize]byte{1}), stun.NewUsername(user+":client"))
	if err != nil {
		tb.Fatal(err)
	}
	return m.Raw
}

func tcpFrame(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}

// FuzzTCPFraming sends whatever comes to the port for media by TCP, in two pieces. After a first check come frames, which
// arrive as they were sent; everything else ends the connection, and nothing is left when the client is gone.
func FuzzTCPFraming(f *testing.F) {
	check := tcpFrame(tcpCheck(f, "server"))
	media := tcpFrame(append([]byte{0x80, 111}, bytes.Repeat([]byte{7}, 600)...))
	for _, data := range [][]byte{
		check, slices.Concat(check, media, media), slices.Concat(check, tcpFrame(nil), media), tcpFrame(tcpCheck(f, "")), media, {0},
		{0, 0}, {255, 255, 1}, slices.Concat(check, []byte{255, 255}, media), tcpFrame(bytes.Repeat([]byte{1}, 600)), check[:9],
	} {
		f.Add(data, uint16(len(check)/2))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint16) {
		port := &pipeListener{conns: make(chan net.Conn, 1), ended: make(chan struct{})}
		l := &tcpListener{Listener: port, done: make(chan struct{}), conns: map[*tcpConn]struct{}{}}
		mux := newTCPMux(l, slog.New(slog.DiscardHandler))
		user, want := framesOf(data)
		demuxed, err := mux.GetConnByUfrag(user, false, net.IPv4(127, 0, 0, 1))
		if err != nil {
			t.Fatal(err)
		}
		client, server := net.Pipe()
		port.conns <- pipeConn{server}
		_ = client.SetDeadline(time.Now().Add(patience))
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			at := min(int(cut), len(data))
			if _, err := client.Write(data[:at]); err == nil { // fails when we are hung up on
				_, _ = client.Write(data[at:])
			}
			_ = client.Close()
		}()
		buf := make([]byte, 1<<16)
		for i, frame := range want {
			_ = demuxed.SetReadDeadline(time.Now().Add(patience))
			n, _, err := demuxed.ReadFrom(buf)
			if err != nil || !bytes.Equal(frame, buf[:n]) {
				t.Fatalf("frame %d of %d is %x, not %x: %v", i, len(want), buf[:n], frame, err)
			}
		}
		<-sent
		left := func() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.conns) }
		for end := time.Now().Add(patience); left() > 0; runtime.Gosched() {
			if time.Now().After(end) {
				t.Fatal("the connection is left")
			}
		}
		if err := mux.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// framesOf are the whole frames of a connection, and the user whom the check at its beginning names; nothing without one.
func framesOf(data []byte) (user string, frames [][]byte) {
	const first, later = 512, 8192 // bytes that a frame may have
	for limit := first; len(data) >= 2; limit = later {
		n := int(binary.BigEndian.Uint16(data))
		if n > limit || n > len(data)-2 {
			break
		}
		frame := data[2 : 2+n]
		if limit == first {
			m := &stun.Message{Raw: bytes.Clone(frame)}
			if m.Decode() != nil || m.Type.Method != stun.MethodBinding {
				return "", nil
			}
			name, err := m.Get(stun.AttrUsername)
			if err != nil {
				return "", nil
			}
			user, _, _ = strings.Cut(string(name), ":")
		}
		frames, data = append(frames, frame), data[2+n:]
	}
	return user, frames
}

// FuzzTCPQueue: whatever frames are written to a client that reads slowly, each arrives whole and in order, except for
// pictures that are dropped, and what waits is bounded.
func FuzzTCPQueue(f *testing.F) {
	f.Add([]byte{1, 0x80, 9, 0x80, 1, 0x16})
	f.Add(bytes.Repeat([]byte{255, 0x80}, 200))
	f.Add(bytes.Repeat([]byte{255, 0x10}, 40))
	f.Fuzz(func(t *testing.T, data []byte) {
		client, server := net.Pipe()
		closed := false
		conn := newTCPConn(pipeConn{server}, func(*tcpConn) { closed = true })
		var want [][]byte
		for i := 0; i+1 < len(data); i += 2 { // a length in units of 32 bytes, and the first byte
			frame := tcpFrame(bytes.Repeat([]byte{byte(i)}, 1+32*int(data[i])))
			frame[2] = data[i+1]
			if _, err := conn.Write(frame); err != nil {
				if !closed {
					t.Fatalf("refused though it is open: %v", err)
				}
				break
			}
			want = append(want, frame)
			if queued(conn) > tcpQueue {
				t.Fatalf("%d bytes are waiting", queued(conn))
			}
		}
		if !closed {
			_ = client.SetReadDeadline(time.Now().Add(patience))
			for len(want) > 0 {
				head := make([]byte, 2)
				if _, err := io.ReadFull(client, head); err != nil {
					t.Fatal(err)
				}
				body := make([]byte, binary.BigEndian.Uint16(head))
				if _, err := io.ReadFull(client, body); err != nil {
					t.Fatal(err)
				}
				got := append(head, body...)
				for !bytes.Equal(want[0], got) {
					if !isPicture(want[0]) || len(want) == 1 {
						t.Fatalf("%d frames before the end came %.20x, not %.20x", len(want), got, want[0])
					}
					want = want[1:]
				}
				if want = want[1:]; conn.dropped > 0 && !slices.ContainsFunc(want, func(f []byte) bool { return !isPicture(f) }) {
					break // only pictures are left, and they may have been dropped
				}
			}
		}
		_ = conn.Close()
		_ = client.Close()
	})
}
