package server

import (
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// badMessages are what no client may send, and the code of the answer.
var badMessages = map[string]struct {
	text string
	want wire.Code
}{
	"empty":            {``, wire.CodeParse},
	"not JSON":         {`hello`, wire.CodeParse},
	"half of it":       {`{"jsonrpc":"2.0","id":1,`, wire.CodeParse},
	"not UTF-8":        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", wire.CodeParse},
	"a number":         {`1`, wire.CodeInvalidRequest},
	"a batch":          {`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, wire.CodeInvalidRequest},
	"no version":       {`{"id":1,"method":"ping"}`, wire.CodeInvalidRequest},
	"old version":      {`{"jsonrpc":"1.0","id":1,"method":"ping"}`, wire.CodeInvalidRequest},
	"no id":            {`{"jsonrpc":"2.0","method":"ping"}`, wire.CodeInvalidRequest},
	"negative id":      {`{"jsonrpc":"2.0","id":-1,"method":"ping"}`, wire.CodeInvalidRequest},
	"id is text":       {`{"jsonrpc":"2.0","id":"a","method":"ping"}`, wire.CodeInvalidRequest},
	"no method":        {`{"jsonrpc":"2.0","id":1}`, wire.CodeInvalidRequest},
	"method is number": {`{"jsonrpc":"2.0","id":1,"method":5}`, wire.CodeInvalidRequest},
	"a notification":   {`{"jsonrpc":"2.0","seq":1,"method":"lineOff","params":{"code":10}}`, wire.CodeInvalidRequest},
	"a response":       {`{"jsonrpc":"2.0","id":1,"result":{}}`, wire.CodeInvalidRequest},
	"an error":         {`{"jsonrpc":"2.0","error":{"code":1,"message":""}}`, wire.CodeInvalidRequest},
	"method and error": {`{"jsonrpc":"2.0","id":1,"method":"ping","error":{"code":1,"message":""}}`, wire.CodeInvalidRequest},
	"deeply nested":    {`{"jsonrpc":"2.0","id":1,"method":"ping","params":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `}`, wire.CodeParse},
}

func TestBadMessages(t *testing.T) {
	s := start(t)
	ann, bob, _ := two(t, s)
	for name, c := range badMessages {
		t.Run(name, func(t *testing.T) {
			ann.write(c.text)
			assert.Equal(t, c.want, ann.answer(0).Error.Code)
			ann.quiet() // goes on

			fresh := dial(t, s)
			fresh.write(c.text)
			assert.Equal(t, c.want, fresh.answer(0).Error.Code)
			fresh.closed(wire.CloseNoHello)
		})
	}
	bob.quiet()
}

// TestBrokenConnections: what ends the connection does not end the session, nor disturb anybody.
func TestBrokenConnections(t *testing.T) {
	s := start(t)
	ann, bob, _ := two(t, s)
	giant := []byte(`{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", wire.MaxMessageBytes) + `"}`)
	for name, c := range map[string]struct {
		kind int
		data []byte
		want int
	}{
		"binary":       {websocket.BinaryMessage, []byte(`{"jsonrpc":"2.0","id":1,"method":"ping"}`), websocket.CloseUnsupportedData},
		"giant":        {websocket.TextMessage, giant, websocket.CloseMessageTooBig},
		"giant binary": {websocket.BinaryMessage, giant, websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, ann.ws.WriteMessage(c.kind, c.data))
			ann.closed(c.want)
			ann.back(s)
			ann.quiet()

			fresh := dial(t, s)
			require.NoError(t, fresh.ws.WriteMessage(c.kind, c.data))
			fresh.closed(c.want)
		})
	}
	t.Run("frame that is none", func(*testing.T) {
		_, err := ann.ws.NetConn().Write([]byte{0xff, 0xff, 0xff})
		require.NoError(t, err)
		ann.closed(websocket.CloseProtocolError)
		ann.back(s)
	})
	t.Run("reset in the middle of a frame", func(*testing.T) {
		_, err := ann.ws.NetConn().Write([]byte{0x81, 0xfe, 0x10})
		require.NoError(t, err)
		ann.cut()
		ann.back(s)
	})
	bob.quiet()
}
