package transfer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const bound = 20 * time.Second

// line carries frames from an Outgoing to an Incoming and back, in order, and may lose what is under way.
type line struct {
	out *Outgoing
	in  *Incoming
	ack func(int64)

	mu    sync.Mutex
	down  bool
	way   []wire.Frame      // to the receiver
	most  int               // bytes that were under way at a time
	alter func(*wire.Frame) // does something to what is sent
}

func newLine(size int64) *line {
	l := &line{out: NewOutgoing(wire.NewTransferID(), size), in: NewIncoming(size)}
	l.ack = func(offset int64) { _, _ = l.out.Ack(offset) }
	return l
}

func (l *line) send(raw []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return false
	}
	f, failed := wire.DecodeFrame(bytes.Clone(raw))
	if failed != nil {
		panic(failed)
	}
	if l.alter != nil {
		l.alter(&f)
	}
	l.way = append(l.way, f)
	bytes := 0
	for _, f := range l.way {
		bytes += len(f.Payload)
	}
	l.most = max(l.most, bytes)
	return true
}

// deliver takes one frame to the receiver, if there is one.
func (l *line) deliver() (some bool, err error) {
	l.mu.Lock()
	if len(l.way) == 0 {
		l.mu.Unlock()
		return false, nil
	}
	f := l.way[0]
	l.way = l.way[1:]
	l.mu.Unlock()
	if f.Kind == wire.FrameEnd {
		l.in.End(f.Offset, f.Payload)
		return true, nil
	}
	return true, l.in.Data(f.Offset, f.Payload)
}

// cut loses what is under way, and some of what is sent after it; then the receiver tells where to go on.
func (l *line) cut(t *testing.T) {
	l.mu.Lock()
	l.way, l.down = nil, true
	l.mu.Unlock()
	l.out.Lost()
	l.mu.Lock()
	l.down = false
	l.mu.Unlock()
	done, have := l.in.Reached()
	_, err := l.out.Ack(done)
	require.NoError(t, err)
	require.NoError(t, l.out.From(have))
}

func content(n int) []byte {
	b := make([]byte, n)
	random := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = random.Read(b)
	return b
}

// run moves content over a line; each is called between two frames.
func run(t *testing.T, l *line, data []byte, each func()) (got []byte, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	var work sync.WaitGroup
	work.Go(func() { assert.NoError(t, l.out.Fill(ctx, iotest.HalfReader(bytes.NewReader(data)))) })
	work.Go(func() { l.out.Pump(l.send) })
	require.NoError(t, l.out.Accepted(0, Window))
	l.in.Granted(Window)
	over := make(chan struct{})
	var w bytes.Buffer
	work.Go(func() {
		defer close(over)
		err = l.in.CopyTo(ctx, &w, l.ack)
		l.out.Finish(err)
	})
	for {
		some, failed := l.deliver()
		require.NoError(t, failed)
		each()
		select {
		case <-over:
			work.Wait()
			return w.Bytes(), err
		default:
		}
		if !some {
			time.Sleep(10 * time.Microsecond) // the others' turn: this loop stands for a network
		}
	}
}

func TestEverySizeArrives(t *testing.T) {
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, Window, Window + 1, 3*Window + 5} {
		l, data := newLine(int64(size)), content(size)
		got, err := run(t, l, data, func() {})
		require.NoError(t, err)
		assert.True(t, bytes.Equal(data, got), "%d bytes", size)
		assert.LessOrEqual(t, l.most, Window+wire.ChecksumBytes)
	}
}

// However often the connection is lost, whatever was under way, everything arrives once and in order.
func TestLostConnections(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		l, data := newLine(4*Window+77), content(4*Window+77)
		cuts := 0
		got, err := run(t, l, data, func() {
			switch random.IntN(20) {
			case 0:
				l.cut(t)
				cuts++
			case 1: // the server has forgotten everything
				l.mu.Lock()
				l.way = nil
				l.mu.Unlock()
				l.out.Forgotten()
				done, _ := l.in.Reached()
				require.NoError(t, l.out.Accepted(done, Window))
				cuts++
			}
		})
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got), "seed %d", seed)
		assert.Positive(t, cuts)
	}
}

func TestChangedByteIsFound(t *testing.T) {
	l, data := newLine(3*chunk), content(3*chunk)
	changed := false
	l.alter = func(f *wire.Frame) {
		if f.Kind == wire.FrameData && !changed {
			f.Payload[7] ^= 1
			changed = true
		}
	}
	_, err := run(t, l, data, func() {})
	require.ErrorIs(t, err, ErrChecksum)
}

// A receiver that takes nothing gets a window and no more, and the sender reads no more than that.
func TestSlowReceiverStopsTheReader(t *testing.T) {
	l := newLine(10 * Window)
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	var read int64
	var work sync.WaitGroup
	work.Go(func() {
		assert.Error(t, l.out.Fill(ctx, readerFunc(func(p []byte) (int, error) { read += int64(len(p)); return len(p), nil })))
	})
	work.Go(func() { l.out.Pump(l.send) })
	require.NoError(t, l.out.Accepted(0, Window))
	require.Eventually(t, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.most == Window }, bound, time.Millisecond)
	l.out.Finish(errors.New("enough"))
	work.Wait()
	assert.EqualValues(t, Window, read)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestReaderThatFails(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"short": bytes.NewReader(content(100)), "error": iotest.ErrReader(errors.New("broken")),
	} {
		o := NewOutgoing(wire.NewTransferID(), 101)
		require.NoError(t, o.Accepted(0, Window))
		assert.Error(t, o.Fill(context.Background(), r), name)
	}
}

// What only a broken or hostile other side says is refused.
func TestProtocolErrors(t *testing.T) {
	o := NewOutgoing(wire.NewTransferID(), 4*Window)
	require.ErrorIs(t, o.Accepted(0, 1), ErrProtocol)
	require.ErrorIs(t, o.Accepted(chunk, Window), ErrProtocol, "nothing was read yet")
	require.NoError(t, o.Accepted(0, Window))
	for range 4 {
		p := newPiece()
		p.n = chunk
		o.add(p)
	}
	_, err := o.Ack(5 * chunk)
	require.ErrorIs(t, err, ErrProtocol)
	_, err = o.Ack(chunk + 1)
	require.ErrorIs(t, err, ErrProtocol)
	news, err := o.Ack(2 * chunk)
	require.NoError(t, err)
	require.True(t, news)
	news, err = o.Ack(chunk)
	require.NoError(t, err)
	require.False(t, news, "old news")
	require.ErrorIs(t, o.From(chunk), ErrProtocol, "it said that it has that")
	require.NoError(t, o.From(3*chunk))

	in := NewIncoming(Window + 2*chunk)
	for offset := int64(0); offset < Window; offset += chunk {
		require.NoError(t, in.Data(offset, content(chunk)))
	}
	require.ErrorIs(t, in.Data(Window, content(chunk)), ErrProtocol, "beyond the window")
	require.NoError(t, in.Data(5*chunk, content(chunk)), "has come")
	require.NoError(t, in.Data(Window+chunk, content(chunk)), "a gap")
	_, have := in.Reached()
	assert.EqualValues(t, Window, have)
	in = NewIncoming(chunk)
	require.ErrorIs(t, in.Data(0, content(100)), ErrProtocol, "neither a whole chunk nor the end")
	in.End(0, make([]byte, 32))
	assert.Nil(t, in.sum, "not the end")
}

// An end from outside ends whoever waits.
func TestFinish(t *testing.T) {
	over := errors.New("over")
	o, in := NewOutgoing(wire.NewTransferID(), chunk), NewIncoming(chunk)
	var work sync.WaitGroup
	work.Go(func() { assert.ErrorIs(t, o.Fill(context.Background(), zeros{}), over) })
	work.Go(func() { o.Pump(func([]byte) bool { return true }) })
	work.Go(func() { assert.ErrorIs(t, in.CopyTo(context.Background(), io.Discard, func(int64) {}), over) })
	assert.True(t, o.Finish(over))
	assert.True(t, in.Finish(over))
	work.Wait()
	assert.False(t, o.Finish(nil))
	assert.ErrorIs(t, o.Err(), over)
	<-in.Done()
}
