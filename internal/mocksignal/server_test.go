package mocksignal

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func dial(t *testing.T, s *Server) (*websocket.Conn, *Conn) {
	ws, response, err := websocket.DefaultDialer.Dial(s.URL(), nil)
	require.NoError(t, err)
	require.Equal(t, wire.Subprotocol, response.Header.Get("Sec-Websocket-Protocol"))
	t.Cleanup(func() { _ = ws.Close() })
	require.NoError(t, ws.SetReadDeadline(time.Now().Add(10*time.Second)))
	return ws, s.Accept(context.Background())
}

func send(t *testing.T, ws *websocket.Conn, text string) {
	require.NoError(t, ws.WriteMessage(websocket.TextMessage, []byte(text)))
}

func read(t *testing.T, ws *websocket.Conn) string {
	_, data, err := ws.ReadMessage()
	require.NoError(t, err)
	return string(data)
}

func TestScript(t *testing.T) {
	ctx := context.Background()
	ws, conn := dial(t, New(t))
	send(t, ws, `{"jsonrpc":"2.0","id":1,"method":"ping"}`)
	assert.JSONEq(t, `{"jsonrpc":"2.0","id":1,"result":{}}`, read(t, ws), "pings are answered unasked")
	assert.Equal(t, 1, conn.Pings())

	send(t, ws, `{"jsonrpc":"2.0","id":2,"method":"kickout","params":{"uid":"bob"}}`)
	var p wire.UIDParams
	r := conn.Expect(ctx, wire.MethodKickout).Params(&p)
	assert.Equal(t, "bob", p.UID)
	r.Fail(wire.CodeInvalidUser, "who?")
	assert.JSONEq(t, `{"jsonrpc":"2.0","id":2,"error":{"code":806,"message":"who?"}}`, read(t, ws))
	conn.Notify(5, wire.NotifyLineOff, wire.LineOff{Code: 10})
	assert.JSONEq(t, `{"jsonrpc":"2.0","seq":5,"method":"lineOff","params":{"code":10}}`, read(t, ws))
	conn.WriteRaw("anything")
	assert.Equal(t, "anything", read(t, ws))
	conn.Quiet()
	conn.CloseWith(wire.CloseExpired, "over")
	_, _, err := ws.ReadMessage()
	assert.True(t, websocket.IsCloseError(err, wire.CloseExpired))
	assert.True(t, websocket.IsCloseError(conn.Ended(ctx), wire.CloseExpired))
}

func TestStall(t *testing.T) {
	ws, conn := dial(t, New(t))
	conn.Stall()
	send(t, ws, `{"jsonrpc":"2.0","id":1,"method":"ping"}`)
	send(t, ws, `{"jsonrpc":"2.0","id":2,"method":"x"}`)
	conn.Quiet()
	assert.Zero(t, conn.Pings())
	conn.Unstall()
	conn.Expect(context.Background(), "x")
	assert.Equal(t, 1, conn.Pings())
}

func TestRefuse(t *testing.T) {
	s := New(t)
	s.Refuse(http.StatusTeapot, "short and stout")
	_, response, err := websocket.DefaultDialer.Dial(s.URL(), nil)
	require.ErrorIs(t, err, websocket.ErrBadHandshake)
	assert.Equal(t, http.StatusTeapot, response.StatusCode)
	s.Refuse(0, "")
	dial(t, s)
}

func TestReset(t *testing.T) {
	ws, conn := dial(t, New(t))
	conn.Reset()
	_, _, err := ws.ReadMessage()
	assert.Error(t, err)
	assert.Error(t, conn.Ended(context.Background()))
}
