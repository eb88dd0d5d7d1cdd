package sfu

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// crowd joins n members who all send sound and picture and see everybody.
func crowd(t *testing.T, r *Room, n int) []*client {
	t.Helper()
	members := make([]*client, n)
	for i := range members {
		members[i] = join(t, r, fmt.Sprint("member", i), options{audio: n, video: n})
		members[i].publish(uint32(2*i+1), members[i].mic, "audio/opus")
		members[i].publish(uint32(2*i+2), members[i].cam, "video/H264")
	}
	all := make([]uint32, n)
	for i := range all {
		all[i] = uint32(2*i + 2)
	}
	for _, m := range members {
		m.peer.Subscribe(whole(all...))
	}
	return members
}

// talk lets every member send packets, and wants everybody to get those of all others, and nothing of anybody else.
func talk(t *testing.T, members []*client, round string) {
	t.Helper()
	for i := range members {
		m := members[i]
		m.mu.Lock()
		m.rtp = nil
		m.mu.Unlock()
	}
	const packets = 5
	for i := range packets {
		for _, m := range members {
			m.mic.send(t, []byte(numbered(m.id+round, i)))
			m.cam.send(t, h264Key(numbered(m.id+round, i)))
		}
	}
	for _, m := range members {
		want := 2 * packets * (len(members) - 1)
		m.await(fmt.Sprint(want, " packets"), func() bool { return len(m.rtp) == want })
		for _, o := range members {
			var num uint32
			_, err := fmt.Sscanf(o.id, "member%d", &num)
			require.NoError(t, err)
			for i, p := range m.got(2*num + 1) {
				require.Equal(t, numbered(o.id+round, i), string(p.Payload))
			}
			for i, p := range m.got(2*num + 2) {
				require.Equal(t, h264Key(numbered(o.id+round, i)), p.Payload)
			}
			if o == m {
				require.Empty(t, m.got(2*num+1), "nobody gets its own")
			} else {
				require.Len(t, m.got(2*num+1), packets)
				require.Len(t, m.got(2*num+2), packets)
			}
		}
	}
}

func TestThreeMembers(t *testing.T) { talk(t, crowd(t, newTestRoom(t), 3), "") }

func TestTenMembersWhoComeAndGo(t *testing.T) {
	r := newTestRoom(t)
	members := crowd(t, r, 10)
	talk(t, members, "first")
	for _, i := range []int{9, 4, 0} {
		members[i].peer.Close()
		members = append(members[:i], members[i+1:]...)
	}
	talk(t, members, "second")
	late := join(t, r, "member20", options{audio: 10, video: 10})
	late.publish(41, late.mic, "audio/opus")
	late.publish(42, late.cam, "video/H264")
	members = append(members, late)
	all := make([]uint32, 0, 21)
	for i := range uint32(21) {
		all = append(all, 2*i+2)
	}
	for _, m := range members {
		m.peer.Subscribe(whole(all...))
	}
	talk(t, members, "third")
	stats := r.sfu.Stats()
	assert.Equal(t, 8, stats.Peers)
	assert.Equal(t, 16, stats.Streams)
}

func TestRoomsAreApart(t *testing.T) {
	s := newSFU(t)
	r1, r2 := s.NewRoom(), s.NewRoom()
	a, b, stranger := join(t, r1, "a", options{}), join(t, r1, "b", options{}), join(t, r2, "stranger", options{})
	a.publish(1, a.mic, "audio/opus")
	stranger.publish(1, stranger.mic, "audio/opus")
	a.mic.send(t, []byte("in room 1"))
	b.await("a packet", func() bool { return len(b.rtp) == 1 })
	r2.Close()
	require.Equal(t, 1, s.Stats().Rooms)
	a.mic.send(t, []byte("still in room 1"))
	b.await("a packet", func() bool { return len(b.rtp) == 2 })
	stranger.mu.Lock()
	assert.Empty(t, stranger.rtp)
	stranger.mu.Unlock()
	_, _, err := r2.Join(context.Background(), PeerConfig{}, newClient(t, "late", options{}).offer(nil))
	requireCode(t, wire.CodeRoomAbsent, err)
}

func requireCode(t testing.TB, code wire.Code, err error) {
	t.Helper()
	var w *wire.Error
	require.ErrorAs(t, err, &w)
	require.Equal(t, code, w.Code, "%v", err)
}

func TestUnpublishEndsAndFrees(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{audio: 1})
	a.publish(1, a.mic, "audio/opus")
	a.mic.send(t, []byte("1"))
	b.await("a packet", func() bool { return len(b.of(1)) == 1 })
	b.peer.Unpublish(1) // not its own: nothing happens
	a.peer.Unpublish(1)
	a.peer.Unpublish(1)
	a.mic.send(t, []byte("to nobody"))
	require.Eventually(t, func() bool { return a.peer.Stats().Early == 1 }, patience, time.Millisecond)
	a.publish(2, a.mic, "audio/opus")
	a.mic.send(t, []byte("2"))
	b.await("a packet", func() bool { return len(b.of(2)) == 1 })
	assert.Equal(t, "2", string(b.got(2)[0].Payload))
	requireContinuous(t, b, 1, 2)
}

func TestPublishRefusals(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	for name, c := range map[string]struct {
		stream wire.Stream
		mid    string
	}{
		"unknown mid":   {stream(2, "audio/opus"), "99"},
		"no mid":        {stream(2, "audio/opus"), ""},
		"a slot":        {stream(2, "audio/opus"), "2"},
		"wrong kind":    {stream(2, "audio/opus"), "1"},
		"unknown codec": {stream(2, "audio/PCMU"), "1"},
		"no codec":      {stream(2, ""), "1"},
		"mid in use":    {stream(2, "audio/opus"), "0"},
		"number in use": {stream(1, "video/H264"), "1"},
	} {
		t.Run(name, func(t *testing.T) { requireCode(t, wire.CodeBadParameter, a.peer.Publish(c.stream, c.mid)) })
	}
	offer := b.offer(nil)
	b.peer.Close()
	requireCode(t, wire.CodeRoomAbsent, b.peer.Publish(stream(3, "audio/opus"), "0"))
	_, err := b.peer.Offer(context.Background(), offer)
	requireCode(t, wire.CodeRoomAbsent, err)
	b.peer.Subscribe(whole(1))
	b.peer.Unpublish(1)
	b.peer.Close()
}

func TestShortageOfSlotsIsToldAndGrowthHelps(t *testing.T) {
	r := newTestRoom(t)
	var members []*client
	for i := range 4 {
		m := join(t, r, fmt.Sprint("member", i), options{audio: 4, video: 1})
		m.publish(uint32(2*i+1), m.mic, "audio/opus")
		m.publish(uint32(2*i+2), m.cam, "video/H264")
		members = append(members, m)
	}
	small := join(t, r, "small", options{audio: 1, video: 1})
	require.Equal(t, [2]int{3, 0}, <-small.shortage)
	small.peer.Subscribe(whole(2, 4, 6, 8))
	require.Equal(t, [2]int{3, 3}, <-small.shortage)
	small.addSlots(3, 3)
	small.renegotiate(nil)
	s := small.peer.Stats()
	assert.Len(t, s.Forwarded, 8)
	assert.Equal(t, [2]int{4, 4}, [2]int{s.AudioSlots, s.VideoSlots})
	for _, m := range members {
		m.awaitKeyRequests(1)
		m.mic.send(t, []byte(m.id))
		m.cam.send(t, h264Key(m.id))
	}
	small.await("sound and picture of all", func() bool { return len(small.rtp) == 8 })
	assert.Empty(t, small.shortage)
}

func TestAWaitingStreamGetsTheSlotThatBecomesFree(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	one := join(t, r, "one", options{audio: 1})
	a.publish(1, a.mic, "audio/opus")
	b.publish(2, b.mic, "audio/opus")
	require.Equal(t, [2]int{1, 0}, <-one.shortage)
	b.mic.send(t, []byte("not heard"))
	require.Eventually(t, func() bool { return b.peer.Stats().Published[0].Received.Packets == 1 }, patience, time.Millisecond)
	a.mic.send(t, []byte("heard"))
	one.await("a", func() bool { return len(one.of(1)) == 1 })
	a.peer.Close()
	b.mic.send(t, []byte("heard now"))
	one.await("b", func() bool { return len(one.of(2)) >= 1 })
	assert.Equal(t, "heard now", string(one.got(2)[0].Payload))
}

func TestVanishedSubscriberHurtsNobody(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	gone := join(t, r, "gone", options{})
	a.publish(1, a.cam, "video/H264")
	b.peer.Subscribe(whole(1))
	gone.peer.Subscribe(whole(1))
	a.awaitKeyRequests(1)
	a.cam.send(t, h264Key("key"))
	gone.await("key", func() bool { return len(gone.of(1)) == 1 })
	b.await("key", func() bool { return len(b.of(1)) == 1 })
	// its path is cut: it hears nothing, says nothing and does not say goodbye
	silence(gone)
	for i := range 200 {
		began := time.Now()
		a.cam.send(t, h264Delta(numbered("x", i)))
		b.await("packet", func() bool { return len(b.of(1)) == i+2 })
		require.Less(t, time.Since(began), time.Second)
	}
	gone.waitState(StateDisconnected)
	a.cam.send(t, h264Delta("after"))
	b.await("packet", func() bool { return len(b.of(1)) == 202 })
}

// silence makes a client deaf and dumb without a goodbye: its ICE agent loses its sockets.
func silence(c *client) {
	c.keepNone.Store(true)
	_ = c.pc.SCTP().Transport().ICETransport().Stop()
}

func TestClientThatSaysGoodbyeIsOutOfTheRoom(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	require.NoError(t, a.pc.Close())
	a.waitState(StateClosed)
	assert.Equal(t, 1, r.sfu.Stats().Peers)
	assert.Zero(t, r.sfu.Stats().Streams)
	assert.Empty(t, b.peer.Stats().Forwarded)
	a.peer.Close()
}

func TestCallbacksMayCallThePeer(t *testing.T) {
	r := newTestRoom(t)
	closed := make(chan struct{})
	c := newClient(t, "c", options{})
	p, answer, err := r.Join(context.Background(), PeerConfig{OnState: func(s State) {
		if s == StateConnected {
			// publishing and closing take all locks there are
			require.NoError(t, (*r.members.Load())[0].Publish(stream(1, "audio/opus"), "0"))
			(*r.members.Load())[0].Close()
			close(closed)
		}
	}}, c.offer(nil))
	require.NoError(t, err)
	c.answer(answer)
	select {
	case <-closed:
	case <-time.After(patience):
		t.Fatal("hangs")
	}
	p.Close()
	assert.Zero(t, r.sfu.Stats().Peers)
}

func TestCloseOfTheSFUWithCallsGoingOn(t *testing.T) {
	s, err := New(Config{})
	require.NoError(t, err)
	r := s.NewRoom()
	members := crowd(t, r, 4)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, m := range members {
				_, _ = m.mic.writer.Write([]byte{0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, byte(m.mic.ssrc), 1})
			}
		}
	}()
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	close(stop)
	<-stopped
	assert.Zero(t, s.Stats().Peers)
	late := s.NewRoom()
	_, _, err = late.Join(context.Background(), PeerConfig{}, newClient(t, "late", options{}).offer(nil))
	requireCode(t, wire.CodeRoomAbsent, err)
}

func TestICERestart(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	a.mic.send(t, []byte("before"))
	b.await("a packet", func() bool { return len(b.of(1)) == 1 })
	for _, c := range []*client{a, b} {
		c.renegotiate(&webrtc.OfferOptions{ICERestart: true})
	}
	require.Eventually(t, func() bool {
		a.mic.send(t, []byte("after"))
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.of(1)) > 3
	}, patience, 10*time.Millisecond)
	assert.Equal(t, StateConnected, a.peer.State())
}

func TestJoinThatIsGivenUp(t *testing.T) {
	r := newTestRoom(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := r.Join(ctx, PeerConfig{}, newClient(t, "c", options{}).offer(nil))
	if err != nil { // candidates may be there at once
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, r.sfu.Stats().Peers)
	}
}
