package signal

import (
	"context"
	"encoding/json"
	"errors"
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

	mu      sync.Mutex
	queue   [][]byte
	bytes   int
	writing bool // a goroutine is in flush
	cause   error
}

// push queues a message. It never waits, so that it may be called under the session's lock; flush must follow.
func (l *link) push(data []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bytes += len(data); l.bytes > maxQueued {
		l.failLocked(errors.New("the server does not read"))
		return
	}
	l.queue = append(l.queue, data)
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
	for len(l.queue) > 0 && l.cause == nil {
		batch := l.queue
		l.queue = nil
		l.mu.Unlock()
		written, err := l.write(batch)
		l.mu.Lock()
		l.bytes -= written
		if err != nil {
			l.failLocked(err)
		}
	}
	l.writing = false
}

func (l *link) write(batch [][]byte) (written int, err error) {
	for _, data := range batch {
		_ = l.ws.SetWriteDeadline(time.Now().Add(l.silence))
		if err := l.ws.WriteMessage(websocket.TextMessage, data); err != nil {
			return written, err
		}
		written += len(data)
	}
	return written, nil
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
	}
}

// read waits for the next message.
func (l *link) read() (*wire.Message, error) {
	kind, data, err := l.ws.ReadMessage()
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
	answer, err := l.read()
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
