package signal

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

const (
	// helloID is the id of the first request of every connection, login or resume.
	helloID = 1
	// maxQueued bounds the bytes that wait for a server that does not read.
	maxQueued = 8 << 20
	// goodbyeTime bounds the writing of a close frame.
	goodbyeTime = 100 * time.Millisecond
)

// link is one connection of a session. Whatever goes wrong with it closes it, and then the reader sees it end.
type link struct {
	ws      *websocket.Conn
	conn    *watchedConn
	silence time.Duration
	since   time.Time
	ping    pinger

	frames []byte // what the last frame is in; of the goroutine that reads

	mu      sync.Mutex
	queue   []packet
	bytes   int
	writing bool      // a goroutine writes
	idle    sync.Cond // it does not any more
	cause   error
}

// packet is a message to be written.
type packet struct {
	kind int // websocket.TextMessage or BinaryMessage
	data []byte
}

// push queues a message. It never waits, so that it may be called under the session's lock; flush must follow.
func (l *link) push(data []byte) { l.put(packet{websocket.TextMessage, data}) }

func (l *link) put(p packet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bytes += len(p.data); l.bytes > maxQueued {
		l.failLocked(errors.New("the server does not read"))
		return
	}
	l.queue = append(l.queue, p)
}

// flush writes what is queued from the calling goroutine, or leaves it to the goroutine that is writing already: so
// there is no hop for a message that is alone, and nobody waits behind another one's slow write.
func (l *link) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writing {
		return
	}
	l.writing = true
	l.drainLocked()
	l.writing = false
	l.idle.Signal()
}

// drainLocked writes what is queued, unlocked meanwhile.
func (l *link) drainLocked() {
	for len(l.queue) > 0 && l.cause == nil {
		batch := l.queue
		l.queue = nil
		l.writeLocked(batch)
	}
}

func (l *link) writeLocked(batch []packet) {
	l.mu.Unlock()
	written, err := 0, error(nil)
	for _, p := range batch {
		_ = l.ws.SetWriteDeadline(time.Now().Add(l.silence))
		if err = l.ws.WriteMessage(p.kind, p.data); err != nil {
			break
		}
		written += len(p.data)
	}
	l.mu.Lock()
	l.bytes -= written
	if err != nil {
		l.failLocked(err)
	}
}

// bulk writes a frame that everything else goes before, and returns when it is written: so no message waits behind more
// than one of them, and no more of them are in memory than there are goroutines that send some. It tells whether it
// was written, which is not to say that it arrives.
func (l *link) bulk(frame []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.writing && l.cause == nil {
		l.idle.Wait()
	}
	if l.cause != nil {
		return false
	}
	l.writing = true
	l.drainLocked()
	if l.cause == nil {
		l.bytes += len(frame)
		l.writeLocked([]packet{{websocket.BinaryMessage, frame}})
		l.drainLocked()
	}
	l.writing = false
	l.idle.Signal()
	return l.cause == nil
}

// fail closes the connection because of err.
func (l *link) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failLocked(err)
}

func (l *link) failLocked(err error) {
	if l.cause == nil {
		l.cause = err
		_ = l.conn.Conn.Close() // below TLS, whose Close would wait for a stuck write
		l.idle.Broadcast()
	}
}

// read waits for the next message. Frames before it are given to onFrame; nil: there must be none.
func (l *link) read(onFrame func(*wire.Frame)) (*wire.Message, error) {
	kind, data, err := l.next()
	for err == nil && kind == websocket.BinaryMessage && onFrame != nil {
		frame, failed := wire.DecodeFrame(data)
		if failed != nil {
			return nil, violation(websocket.CloseUnsupportedData, "%v", failed)
		}
		onFrame(&frame)
		kind, data, err = l.next()
	}
	switch {
	case errors.Is(err, websocket.ErrReadLimit):
		return nil, violation(websocket.CloseMessageTooBig, "a message of more than %d bytes", wire.MaxMessageBytes)
	case err != nil:
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.cause != nil { // why we closed it says more than that it is closed
			err = l.cause
		}
		return nil, err
	case kind != websocket.TextMessage:
		return nil, violation(websocket.CloseUnsupportedData, "a binary message")
	}
	m, err := wire.Decode(data)
	if err != nil {
		return nil, violation(websocket.CloseInvalidFramePayloadData, "%v", err)
	}
	return m, nil
}

// next reads a message. What a binary one is in is used again for the next.
func (l *link) next() (kind int, data []byte, err error) {
	kind, r, err := l.ws.NextReader()
	switch {
	case err != nil:
		return kind, nil, err
	case kind != websocket.BinaryMessage:
		data, err = io.ReadAll(r)
		return kind, data, err
	case l.frames == nil:
		l.frames = make([]byte, wire.MaxFrameBytes+1) // one more shows that it is too long
	}
	n, err := io.ReadFull(r, l.frames)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && l.complete(r) {
		err = nil
	}
	return kind, l.frames[:n], err
}

// complete tells whether a message has been read to its end, rather than to that of the connection.
func (l *link) complete(r io.Reader) bool {
	_, err := r.Read(make([]byte, 1))
	return errors.Is(err, io.EOF)
}

// hello sends the first request of the connection and waits for its answer. When ctx ends first the connection is
// closed and ctx's error is returned.
func (l *link) hello(ctx context.Context, method string, params, result any) error {
	m, err := wire.Request(helloID, method, params)
	if err != nil {
		return wire.Errorf(wire.CodeBadParameter, "%s: %v", method, err)
	}
	data, err := wire.Encode(m)
	if err != nil {
		return wire.Errorf(wire.CodeBadParameter, "%s: %v", method, err)
	}
	stop := context.AfterFunc(ctx, func() { l.fail(context.Cause(ctx)) })
	defer stop()
	l.push(data)
	l.flush()
	answer, err := l.read(nil)
	switch {
	case err != nil:
		return err
	case answer.Error != nil && (answer.ID == helloID || answer.ID == 0):
		return &answerError{answer.Error}
	case !answer.IsResponse() || answer.ID != helloID:
		return violation(websocket.CloseProtocolError, "something else before the answer to %s", method)
	}
	if result != nil {
		if err := json.Unmarshal(answer.Result, result); err != nil {
			return violation(websocket.CloseProtocolError, "the answer to %s: %v", method, err)
		}
	}
	l.conn.silence = l.silence
	return nil
}

// close says goodbye and closes the connection.
func (l *link) close(err error) {
	code := websocket.CloseNormalClosure
	var broken *protocolError
	if errors.As(err, &broken) {
		code = broken.closeCode
	}
	l.ping.stop()
	_ = l.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(goodbyeTime))
	l.fail(err)
}
