package crvideotest

import (
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// echo is a server that sends back what it gets, and tells from where it came.
type echo struct {
	t       testing.TB
	net     *Network
	client  *net.UDPConn
	back    chan uint32 // what has come back
	sources chan netip.AddrPort
}

func newEcho(t testing.TB) *echo {
	n := NewServer(t).Network()
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	e := &echo{t: t, net: n, back: make(chan uint32, 10000), sources: make(chan netip.AddrPort, 10000)}
	go func() {
		buf := make([]byte, 100)
		for {
			size, from, err := server.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			e.sources <- from
			_, _ = server.WriteToUDPAddrPort(buf[:size], from)
		}
	}()
	local, err := n.media.udp(addrPort(server.LocalAddr()))
	require.NoError(t, err)
	e.client, err = net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(local))
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.client.Close() })
	go func() {
		buf := make([]byte, 100)
		for {
			size, err := e.client.Read(buf)
			if err != nil {
				return
			}
			e.back <- binary.BigEndian.Uint32(buf[:size])
		}
	}()
	return e
}

const lastNumber = ^uint32(0)

// send sends numbered datagrams, and heals the network for a last one, whose return ends it. It returns the others
// that came back, in the order of their coming.
func (e *echo) send(count int, d Direction, f MediaFaults) []uint32 {
	e.t.Helper()
	e.net.Media(d, f)
	for i := range uint32(count) {
		e.number(i)
		if i%64 == 63 { // no more than sockets hold
			e.passed(d, int(i)+1)
		}
	}
	e.passed(d, count)
	e.net.Media(BothWays, MediaFaults{Delay: f.Delay + f.Jitter + f.ReorderLag + 100*time.Millisecond})
	e.number(lastNumber)
	var back []uint32
	for {
		i := e.read()
		if i == lastNumber {
			return back
		}
		back = append(back, i)
	}
}

func (e *echo) number(i uint32) {
	_, err := e.client.Write(binary.BigEndian.AppendUint32(nil, i))
	require.NoError(e.t, err)
}

func (e *echo) read() uint32 {
	e.t.Helper()
	select {
	case i := <-e.back:
		return i
	case <-time.After(20 * time.Second):
		e.t.Fatal("nothing came back")
		return 0
	}
}

// passed waits until so many have come to where the faults are.
func (e *echo) passed(d Direction, count int) {
	require.Eventually(e.t, func() bool { return e.net.MediaCount(d).Datagrams >= count }, 20*time.Second, time.Millisecond)
}

func TestMediaPassesUnhurt(t *testing.T) {
	assert.Equal(t, numbers(200), newEcho(t).send(200, BothWays, MediaFaults{}))
}

func numbers(n int) []uint32 {
	all := make([]uint32, n)
	for i := range all {
		all[i] = uint32(i)
	}
	return all
}

func TestMediaLossIsTheSameInEachRun(t *testing.T) {
	for _, d := range ways {
		first, second := newEcho(t), newEcho(t)
		loss := MediaFaults{Loss: 0.3}
		back := first.send(500, d, loss)
		assert.InDelta(t, 350, len(back), 35, d)
		assert.True(t, slices.IsSorted(back))
		assert.Equal(t, 500-len(back), first.net.MediaCount(d).Lost)
		assert.Zero(t, first.net.MediaCount(BothWays&^d).Lost, "the other direction")
		assert.Equal(t, back, second.send(500, d, loss))

		other := newEcho(t)
		other.net.Seed(2)
		assert.NotEqual(t, back, other.send(500, d, loss))
	}
}

func TestMediaDuplicate(t *testing.T) {
	e := newEcho(t)
	back := e.send(300, ToClient, MediaFaults{Duplicate: 0.2})
	assert.Equal(t, numbers(300), slices.Compact(slices.Clone(back)))
	assert.Equal(t, e.net.MediaCount(ToClient).Duplicated, len(back)-300)
	assert.InDelta(t, 60, len(back)-300, 25)
}

func TestMediaReorder(t *testing.T) {
	e := newEcho(t)
	back := e.send(300, ToClient, MediaFaults{Reorder: 0.1})
	assert.NotEqual(t, numbers(300), back)
	late := e.net.MediaCount(ToClient).Reordered
	assert.InDelta(t, 30, late, 20)
	inOrder := slices.Sorted(slices.Values(back))
	assert.Equal(t, numbers(300), inOrder, "all have come")
}

func TestMediaDelayAndJitterKeepTheOrder(t *testing.T) {
	e := newEcho(t)
	start := time.Now()
	e.net.Media(ToServer, MediaFaults{Delay: 80 * time.Millisecond})
	e.number(7)
	assert.EqualValues(t, 7, e.read())
	assert.GreaterOrEqual(t, time.Since(start), 80*time.Millisecond)
	assert.Equal(t, numbers(200), e.send(200, ToClient, MediaFaults{Delay: 10 * time.Millisecond, Jitter: 50 * time.Millisecond}))
}

func TestMediaBlackhole(t *testing.T) {
	for _, d := range ways {
		e := newEcho(t)
		assert.Empty(t, e.send(50, d, MediaFaults{Blackhole: true}))
		assert.Equal(t, 50, e.net.MediaCount(d).Lost)
		e.net.BlackholeUDP(d)
		e.number(1)
		e.passed(d, 52)
		e.net.Heal()
		e.number(2)
		assert.EqualValues(t, 2, e.read())
	}
}

func TestChangePath(t *testing.T) {
	e := newEcho(t)
	e.number(1)
	e.read()
	before := <-e.sources
	assert.Equal(t, 1, e.net.ChangePath())
	e.number(2)
	assert.EqualValues(t, 2, e.read(), "the client notices nothing")
	assert.NotEqual(t, before, <-e.sources)
	assert.Zero(t, e.net.ChangePath("nobody"))
}

func TestForgetPaths(t *testing.T) {
	e := newEcho(t)
	e.number(1)
	e.read()
	before := <-e.sources
	assert.Equal(t, 1, e.net.ForgetPaths())
	assert.Zero(t, e.net.ForgetPaths())
	e.number(2)
	assert.EqualValues(t, 2, e.read(), "the client notices nothing")
	assert.NotEqual(t, before, <-e.sources)
}

func TestMediaOfOneUser(t *testing.T) {
	e := newEcho(t)
	e.net.media.learn("ann", "v=0\r\na=ice-ufrag:AnNs\r\n")
	check := []byte{0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 7, 's', 'v', ':', 'A', 'n', 'N', 's', 0}
	_, err := e.client.Write(check) // a connectivity check of ann
	require.NoError(t, err)
	e.read()
	e.net.BlackholeUDP(ToServer, "bob")
	e.number(1)
	assert.EqualValues(t, 1, e.read())
	e.net.BlackholeUDP(ToServer, "ann")
	e.number(2)
	e.passed(ToServer, 3)
	e.net.Media(BothWays, MediaFaults{})
	e.number(3)
	assert.EqualValues(t, 3, e.read())
	assert.Equal(t, 1, e.net.ChangePath("ann"))
}

func TestBurstsHaveTheirLengthAndLoss(t *testing.T) {
	c := newChance(1, "ann", 0, ToServer)
	lost, bursts, losing := 0, 0, false
	const count = 100000
	for range count {
		v := c.judge(MediaFaults{Loss: 0.1, Burst: 5}, 1000, time.Time{})
		if v.lost {
			lost++
			if !losing {
				bursts++
			}
		}
		losing = v.lost
	}
	assert.InDelta(t, 0.1, float64(lost)/count, 0.01)
	assert.InDelta(t, 5, float64(lost)/float64(bursts), 0.3)
}
