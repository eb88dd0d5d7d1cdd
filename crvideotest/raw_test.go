package crvideotest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// raw is a client without any cleverness: it shows what really comes through a Network.
type raw struct {
	t  testing.TB
	ws *websocket.Conn
}

func dialRaw(t testing.TB, n *crvideotest.Network) *raw {
	t.Helper()
	ws, answer, err := (&websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}).DialContext(testContext(t), n.URL(), nil)
	require.NoError(t, err)
	_ = answer.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	require.NoError(t, ws.SetReadDeadline(time.Now().Add(bound)))
	return &raw{t, ws}
}

// rawLogin is a raw client that has logged in, as request 1.
func rawLogin(t testing.TB, n *crvideotest.Network, uid string) (*raw, wire.LoginResult) {
	t.Helper()
	r := dialRaw(t, n)
	p := loginParams(uid)
	r.ask(1, wire.MethodLogin, wire.LoginParams{AppID: p.AppID, SecretMD5: p.AppSecret, UID: uid, Nickname: uid})
	var result wire.LoginResult
	require.NoError(t, json.Unmarshal(r.next().Result, &result))
	return r, result
}

func (r *raw) ask(id uint64, method string, params any) {
	r.t.Helper()
	m, err := wire.Request(id, method, params)
	require.NoError(r.t, err)
	text, err := wire.Encode(m)
	require.NoError(r.t, err)
	require.NoError(r.t, r.ws.WriteMessage(websocket.TextMessage, text))
}

func (r *raw) ping(id uint64) { r.t.Helper(); r.ask(id, wire.MethodPing, nil) }

func (r *raw) next() *wire.Message {
	r.t.Helper()
	_, text, err := r.ws.ReadMessage()
	require.NoError(r.t, err)
	m, err := wire.Decode(text)
	require.NoError(r.t, err, "%s", text)
	return m
}

// answered wants the next message to be the answer to a request.
func (r *raw) answered(id uint64) {
	r.t.Helper()
	m := r.next()
	require.Equal(r.t, id, m.ID)
	require.Nil(r.t, m.Error)
}

// reading reads one message in the background; the channel gets what it was, or why there is none.
func (r *raw) reading() <-chan any {
	ch := make(chan any, 1)
	go func() {
		if _, text, err := r.ws.ReadMessage(); err != nil {
			ch <- err
		} else {
			ch <- string(text)
		}
	}()
	return ch
}

// pending wants nothing to come for a moment: all that can be seen of something that never happens.
func pending[T any](t testing.TB, ch <-chan T) {
	t.Helper()
	select {
	case got := <-ch:
		t.Fatalf("%v came in spite of the fault", got)
	case <-time.After(100 * time.Millisecond):
	}
}

func receive[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case got := <-ch:
		return got
	case <-time.After(bound):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
