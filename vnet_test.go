package crvideo_test

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/server"
)

const (
	virtualServer = "192.0.2.1" // of the server in every virtual network
	noLimit       = 1_000_000_000
	deepQueue     = 500 * time.Millisecond // what waits longer before a narrow path is dropped
)

// farPath is pion's virtual network between one client and the server: a router that delays, and a queue and loss on
// the way in at either end. The server is a real one on loopback, and what reaches its address in the virtual network is
// passed on to it.
type farPath struct {
	client   *vnet.Net
	up, down *farEnd // to the server, to the client
}

// far is a distance: one way, and up to so much more from moment to moment.
type far struct{ way, jitter time.Duration }

// farEnd is where packets of one direction arrive.
type farEnd struct {
	rate *vnet.TBFQueue
	loss *vnet.LossFilter

	mu   sync.Mutex
	late float64 // part of the packets that takes lag longer than those sent after it
	lag  time.Duration
}

func newFarEnd(t *testing.T, router *vnet.Router, n *vnet.Net) *farEnd {
	seed := int64(1)
	loss, err := vnet.NewLossFilter(n, 0, vnet.WithLossSeed(seed))
	require.NoError(t, err)
	rate := vnet.NewTBFQueue(noLimit, 1<<20, 16<<20)
	queue, err := vnet.NewQueue(loss, rate)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, queue.Close()) })
	require.NoError(t, router.AddNet(queue))
	return &farEnd{rate: rate, loss: loss}
}

func (e *farEnd) limit(bps int) {
	e.rate.SetSize(int64(bps / 8 * int(deepQueue/time.Millisecond) / 1000))
	e.rate.SetBurst(4 << 10)
	e.rate.SetRate(bps)
}

func (e *farEnd) lose(t *testing.T, percent int) {
	require.NoError(t, e.loss.SetLossRate(percent, true))
}

func (e *farEnd) reorder(part float64, lag time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.late, e.lag = part, lag
}

// delayed tells how much longer the next packet takes.
func (e *farEnd) delayed() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.late > 0 && rand.Float64() < e.late {
		return e.lag
	}
	return 0
}

func newFarPath(t *testing.T, srv *crvideotest.Server, d far) *farPath {
	t.Helper()
	router, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "192.0.2.0/24", MinDelay: d.way, MaxJitter: d.jitter, LoggerFactory: rtpkit.NewLoggerFactory(nil),
	})
	require.NoError(t, err)
	real := srv.MediaAddr().(*net.UDPAddr)
	ends := make([]*vnet.Net, 2)
	for i, ip := range []string{"192.0.2.2", virtualServer} {
		ends[i], err = vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
		require.NoError(t, err)
	}
	p := &farPath{client: ends[0], down: newFarEnd(t, router, ends[0]), up: newFarEnd(t, router, ends[1])}
	require.NoError(t, router.Start())
	t.Cleanup(func() { require.NoError(t, router.Stop()) })
	front, err := ends[1].ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(virtualServer), Port: real.Port})
	require.NoError(t, err)
	b := &bridge{path: p, front: front, server: real, flows: map[string]*net.UDPConn{}}
	b.work.Go(b.run)
	t.Cleanup(b.close)
	return p
}

// bridge takes packets out of the virtual network to the real server, and back.
type bridge struct {
	path   *farPath
	front  transport.UDPConn
	server *net.UDPAddr
	work   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	flows  map[string]*net.UDPConn // by the client's address
}

func (b *bridge) run() {
	buf := make([]byte, 2048)
	for {
		n, from, err := b.front.ReadFrom(buf)
		if err != nil {
			return
		}
		if back := b.flow(from); back != nil {
			after(b.path.up.delayed(), buf[:n], func(p []byte) { _, _ = back.Write(p) })
		}
	}
}

// flow is the socket that stands for a client's address; nil when all is over.
func (b *bridge) flow(client net.Addr) *net.UDPConn {
	b.mu.Lock()
	defer b.mu.Unlock()
	conn := b.flows[client.String()]
	if conn != nil || b.closed {
		return conn
	}
	conn, err := net.DialUDP("udp4", nil, b.server)
	if err != nil {
		return nil
	}
	b.flows[client.String()] = conn
	b.work.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			after(b.path.down.delayed(), buf[:n], func(p []byte) { _, _ = b.front.WriteTo(p, client) })
		}
	})
	return conn
}

// after passes a packet on, at once or later.
func after(wait time.Duration, packet []byte, pass func([]byte)) {
	if wait == 0 {
		pass(packet)
		return
	}
	late := append([]byte(nil), packet...)
	time.AfterFunc(wait, func() { pass(late) })
}

func (b *bridge) close() {
	b.mu.Lock()
	b.closed = true
	for _, conn := range b.flows {
		_ = conn.Close()
	}
	b.mu.Unlock()
	_ = b.front.Close()
	b.work.Wait()
}

// farPair is alice and bob, each at a distance from the server.
func farPair(t *testing.T, d far) (srv *crvideotest.Server, alice, bob *crvideo.Client, toAlice, toBob *farPath) {
	t.Helper()
	srv = newServer(t, func(cfg *server.Config) {
		cfg.PublicIPs, cfg.MediaTCPAddr = []string{virtualServer}, server.NoMediaTCP
	})
	toAlice, toBob = newFarPath(t, srv, d), newFarPath(t, srv, d)
	alice, bob = loggedIn(t, srv, "alice"), loggedIn(t, srv, "bob")
	crvideo.SetNet(alice, toAlice.client)
	crvideo.SetNet(bob, toBob.client)
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	require.NoError(t, bob.EnterMeeting(testContext(t), room.ID))
	eventually(t, "bob at alice", func() bool { return alice.IsUserInMeeting("bob") })
	return srv, alice, bob, toAlice, toBob
}
