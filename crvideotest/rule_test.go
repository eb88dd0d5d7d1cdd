package crvideotest_test

import (
	"encoding/json"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/wire"
)

const toServer, toClient, bothWays = crvideotest.ToServer, crvideotest.ToClient, crvideotest.BothWays

func TestDropMessageLosesTheNth(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	lost := n.DropMessage(crvideotest.Method(toClient, wire.MethodPing).Nth(2))
	for id := range uint64(3) {
		r.ping(id + 2)
	}
	r.answered(2)
	r.answered(4)
	assert.Equal(t, 1, lost.Count())

	arrived := n.WatchMessage(crvideotest.Method(toClient, wire.MethodPing))
	lost = n.DropMessage(crvideotest.Method(toServer, wire.MethodPing).Nth(1))
	r.ping(5)
	r.ping(6)
	r.answered(6)
	assert.Equal(t, 1, arrived.Count(), "the server has answered what was lost on its way")
	lost.Remove()
	r.ping(7)
	r.answered(7)
}

func TestMessagesOfOneUser(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	ann, _ := rawLogin(t, n, "ann")
	bob, session := rawLogin(t, n, "bob")
	n.DropMessage(crvideotest.Method(toServer, wire.MethodPing).Of("bob").Nth(1))
	ann.ping(2)
	ann.answered(2)
	bob.ping(2)
	bob.ping(3)
	bob.answered(3)

	// the name is known on the next connection, too
	require.Equal(t, 1, n.Cut("bob"))
	back := dialRaw(t, n)
	back.ask(4, wire.MethodResume, wire.ResumeParams{Session: session.Session, Key: session.Key})
	back.answered(4)
	require.True(t, n.Inject(toClient, "bob", `{"text":"to bob"}`))
	assert.JSONEq(t, `{"text":"to bob"}`, receive(t, back.reading()).(string))
}

func TestDuplicateMessage(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	n.DuplicateMessage(crvideotest.Method(toClient, wire.MethodPing).Nth(1))
	r.ping(2)
	r.answered(2)
	r.answered(2)
	r.ping(3)
	r.answered(3)
}

func TestCorruptMessage(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	n.CorruptMessage(crvideotest.Method(bothWays, wire.MethodPing).Nth(2))
	r.ping(2)
	kind, text, err := r.ws.ReadMessage()
	require.NoError(t, err)
	assert.Equal(t, websocket.TextMessage, kind)
	assert.NotEmpty(t, text)
	assert.False(t, json.Valid(text), "%s", text)
	n.CorruptMessage(crvideotest.Method(toServer, wire.MethodPing).Nth(1))
	r.ping(3)
	assert.Equal(t, wire.CodeParse, r.next().Error.Code)
}

func TestAlterMessage(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	rule := n.AlterMessage(crvideotest.Method(toClient, wire.MethodPing), func(m crvideotest.Message) [][]byte {
		assert.Equal(t, crvideotest.Message{Direction: toClient, UID: "ann", ID: 2, Method: "ping", Answer: true, Text: m.Text}, m)
		return [][]byte{[]byte("first"), m.Text, []byte("last")}
	})
	r.ping(2)
	assert.Equal(t, "first", receive(t, r.reading()))
	r.answered(2)
	assert.Equal(t, "last", receive(t, r.reading()))
	<-rule.Hit()
}

func TestHoldMessageLetsLaterOnesPass(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	rule := n.HoldMessage(crvideotest.Method(toClient, wire.MethodPing).Nth(1))
	r.ping(2)
	r.ping(3)
	r.answered(3)
	rule.Release()
	r.answered(2)
}

func TestCutInMessage(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	watch := n.WatchMessage(crvideotest.Method(toClient, wire.MethodPing))
	n.CutInMessage(crvideotest.Method(toServer, wire.MethodPing))
	r.ping(2)
	_, _, err := r.ws.ReadMessage()
	require.Error(t, err)
	assert.Zero(t, watch.Count(), "half a message was answered")
	n.Heal()

	r, _ = rawLogin(t, n, "ann")
	n.CutInMessage(crvideotest.Method(toClient, wire.MethodPing))
	r.ping(2)
	_, read, err := r.ws.NextReader()
	require.NoError(t, err, "the head of the frame")
	_, err = read.Read(make([]byte, 1))
	require.NoError(t, err, "the first byte of the message")
	_, err = read.Read(make([]byte, 1<<10))
	for err == nil {
		_, err = read.Read(make([]byte, 1<<10))
	}
	require.NotErrorIs(t, err, websocket.ErrReadLimit)
}

// A tap hears of every message, whatever rules make of it.
func TestTap(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	var heard []string // guarded by the network
	n.Tap(func(m crvideotest.Message) { heard = append(heard, m.Direction.String()+" "+m.Method) })
	n.DropMessage(crvideotest.Method(toServer, wire.MethodPing).Nth(1))
	r, _ := rawLogin(t, n, "ann")
	r.ping(2)
	r.ping(3)
	r.answered(3)
	assert.Equal(t, []string{"to server login", "to client login", "to server ping", "to server ping", "to client ping"}, heard)
}

func TestCutAtMessage(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	n.CutAtMessage(crvideotest.Method(toClient, wire.MethodPing).Nth(2))
	r.ping(2)
	r.answered(2)
	r.ping(3)
	_, _, err := r.ws.ReadMessage()
	require.Error(t, err)
}

func TestInject(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	require.True(t, n.Inject(toClient, "ann", "nonsense"))
	assert.Equal(t, "nonsense", receive(t, r.reading()))
	require.True(t, n.InjectBinary(toClient, "ann", []byte{1, 2, 3}))
	kind, data, err := r.ws.ReadMessage()
	require.NoError(t, err)
	assert.Equal(t, websocket.BinaryMessage, kind)
	assert.Equal(t, []byte{1, 2, 3}, data)
	require.True(t, n.Inject(toServer, "ann", `{"jsonrpc":"2.0","id":2,"method":"ping"}`))
	r.answered(2)
	assert.False(t, n.Inject(toClient, "nobody", "nonsense"))
}
