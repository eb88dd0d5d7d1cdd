package crvideotest_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestCutResetsConnections(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	ann, _ := rawLogin(t, n, "ann")
	bob, _ := rawLogin(t, n, "bob")
	assert.Zero(t, n.Cut("nobody"))
	assert.Equal(t, 1, n.Cut("ann"))
	_, _, err := ann.ws.ReadMessage()
	require.ErrorContains(t, err, "reset")
	bob.ping(2)
	bob.answered(2)
	assert.Equal(t, 1, n.Cut())
	_, _, err = bob.ws.ReadMessage()
	require.ErrorContains(t, err, "reset")
	rawLogin(t, n, "carol")
}

func TestHalfOpenSwallowsEverything(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	answer := n.WatchMessage(crvideotest.Method(toClient, wire.MethodPing))
	require.Equal(t, 1, n.HalfOpen("ann"))
	r.ping(2)
	pending(t, r.reading())
	assert.Zero(t, answer.Count(), "the ping has come to the server")
	rawLogin(t, n, "bob") // new ones are as usual
}

func TestStallKeepsAndResumeDelivers(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	ann, _ := rawLogin(t, n, "ann")
	bob, _ := rawLogin(t, n, "bob")
	for i, d := range []crvideotest.Direction{toServer, toClient} {
		id := uint64(10 * (i + 1))
		n.Stall(d, "ann")
		ann.ping(id)
		ann.ping(id + 1)
		bob.ping(id)
		bob.answered(id)
		got := ann.reading()
		pending(t, got)
		n.Resume("ann")
		assert.Contains(t, receive(t, got), fmt.Sprintf(`"id":%d`, id))
		ann.answered(id + 1)
	}
	n.Stall(bothWays)
	bob.ping(30)
	got := bob.reading()
	pending(t, got)
	n.Resume()
	assert.Contains(t, receive(t, got), `"id":30`)
}

func TestDelayOfEachDirection(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, _ := rawLogin(t, n, "ann")
	const delay = 60 * time.Millisecond
	for i, d := range []crvideotest.Direction{toServer, toClient, bothWays} {
		n.Delay(bothWays, 0)
		n.Delay(d, delay)
		start := time.Now()
		id := uint64(2 * (i + 1))
		r.ping(id)
		r.ping(id + 1)
		r.answered(id)
		r.answered(id + 1)
		want := delay
		if d == bothWays {
			want *= 2
		}
		assert.GreaterOrEqual(t, time.Since(start), want, d)
	}
}

func TestRefuseUpgrades(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	there, _ := rawLogin(t, n, "ann")
	for _, status := range []int{401, 403, 429, 503} {
		n.RefuseUpgrades(status)
		_, answer, err := websocket.DefaultDialer.DialContext(testContext(t), n.URL(), nil)
		require.ErrorIs(t, err, websocket.ErrBadHandshake)
		_ = answer.Body.Close()
		assert.Equal(t, status, answer.StatusCode)
	}
	there.ping(2)
	there.answered(2)
	n.RefuseUpgrades(0)
	rawLogin(t, n, "bob")
}

func TestRefuseConnections(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	there, _ := rawLogin(t, n, "ann")
	addr := strings.Split(n.URL(), "/")[2]
	n.RefuseConnections(true)
	_, err := net.Dial("tcp", addr)
	require.ErrorContains(t, err, "refused")
	there.ping(2)
	there.answered(2)
	n.RefuseConnections(false)
	rawLogin(t, n, "bob")
}

func TestStallAtEveryStage(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	addr := strings.Split(n.SecureURL(), "/")[2]
	stages := []crvideotest.Stage{crvideotest.BeforeAccept, crvideotest.BeforeTLS, crvideotest.AfterTLS, crvideotest.AfterUpgrade}
	for _, stage := range stages {
		n.StallAt(stage)
		steps := make(chan string, 3) // what the client has come to, one after the other
		ctx, cancel := context.WithCancel(testContext(t))
		over := make(chan struct{})
		go func() {
			defer close(over)
			tcp, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
			if !assert.NoError(t, err) {
				return
			}
			defer func() { _ = tcp.Close() }()
			config := n.TLSConfig()
			config.ServerName = "127.0.0.1"
			secure := tls.Client(tcp, config)
			if !assert.NoError(t, secure.HandshakeContext(ctx)) {
				return
			}
			steps <- "TLS"
			ws, _, err := websocket.NewClient(secure, &url.URL{Scheme: "ws", Host: addr, Path: wire.Path}, http.Header{"Sec-Websocket-Protocol": {wire.Subprotocol}}, 0, 0) //nolint:staticcheck // the connection is there already
			if !assert.NoError(t, err) {
				return
			}
			steps <- "upgrade"
			assert.NoError(t, ws.WriteMessage(websocket.TextMessage, []byte(`{}`)))
			_, _, err = ws.ReadMessage()
			assert.NoError(t, err)
			steps <- "message"
		}()
		all := []string{"TLS", "upgrade", "message"}
		reached := max(int(stage-crvideotest.BeforeTLS), 0)
		for _, step := range all[:reached] {
			require.Equal(t, step, receive(t, steps))
		}
		pending(t, steps)
		n.StallAt(crvideotest.Nowhere)
		for _, step := range all[reached:] {
			require.Equal(t, step, receive(t, steps))
		}
		<-over
		cancel()
	}
}

func TestHealEndsEveryFault(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	n.DropMessage(crvideotest.Method(bothWays, wire.MethodLogin))
	n.Stall(bothWays)
	n.Delay(bothWays, time.Hour)
	n.RefuseUpgrades(503)
	n.StallAt(crvideotest.BeforeAccept)
	n.BlackholeUDP(bothWays)
	n.Freeze()
	n.RefuseConnections(true)
	n.Down()
	n.Heal()
	_, bob := call(t, n)
	moving(t, bob)
}
