package sfu

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// answerNacks makes the client repeat what the server misses, as RTX for video. Every tenth repetition is lost too.
func (c *client) answerNacks() {
	repeated := 0
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onRTCP = func(p rtcp.Packet) {
		nack, ok := p.(*rtcp.TransportLayerNack)
		if !ok {
			return
		}
		u := c.mic
		if nack.MediaSSRC == c.cam.ssrc {
			u = c.cam
		}
		rtpkit.EachNacked(nack, func(seq uint16) bool {
			u.mu.Lock()
			defer u.mu.Unlock()
			payload, ok := u.sent[seq]
			if repeated++; !ok || repeated%10 == 0 {
				return true
			}
			h := &rtp.Header{Version: 2, PayloadType: u.payload, SequenceNumber: seq, Timestamp: u.times[seq], SSRC: u.ssrc, Marker: true}
			if u == c.cam {
				payload = append([]byte{0, 0}, payload...)
				rtpkit.WrapRTX(h, payload, u.rtx, u.payload+1, u.rtxSeq)
				u.rtxSeq++
			}
			_, err := u.writer.WriteRTP(h, payload)
			assert.NoError(c.t, err)
			return true
		})
	}
}

// everyFew loses one of n packets, and now and then three in a row.
func everyFew(n int) func(uint16) bool {
	return func(seq uint16) bool { return int(seq)%n == 0 || int(seq)%(10*n) < 3 }
}

func TestLossOnTheWayUpIsRepaired(t *testing.T) {
	const packets = 600
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.answerNacks()
	a.publish(1, a.cam, "video/H264")
	a.publish(2, a.mic, "audio/opus")
	b.peer.Subscribe(whole(1))
	a.awaitKeyRequests(1)
	a.cam.send(t, h264Key("key"))
	a.mic.send(t, []byte("first"))
	b.await("the first packets", func() bool { return len(b.of(1)) == 1 && len(b.of(2)) == 1 })
	a.cam.lose, a.mic.lose = everyFew(7), everyFew(9)
	for i := range packets {
		a.cam.send(t, h264Delta(numbered("v", i)))
		a.mic.send(t, []byte(numbered("a", i)))
		if i%4 == 3 { // the server asks while packets go on
			time.Sleep(time.Millisecond) // pacing, not synchronisation
		}
	}
	a.cam.lose, a.mic.lose = nil, nil
	a.cam.send(t, h264Delta("end"))
	a.mic.send(t, []byte("end"))
	b.await("all of both", func() bool { return len(b.of(1)) == packets+2 && len(b.of(2)) == packets+2 })
	assertEvery(t, b.got(1), "v", packets, 1)
	assertEvery(t, b.got(2), "a", packets, 0)
	s := a.peer.Stats().Published
	require.Len(t, s, 2)
	assert.NotZero(t, s[0].Nacks)
	assert.NotZero(t, s[0].Repaired)
	assert.Zero(t, s[0].Missing+s[1].Missing)
	assert.NotZero(t, r.sfu.Stats().NacksOut)
}

// assertEvery wants each payload exactly once, in the order of sequence numbers.
func assertEvery(t *testing.T, packets []*rtp.Packet, prefix string, n, skip int) {
	t.Helper()
	bySeq := make(map[uint16]*rtp.Packet, len(packets))
	for _, p := range packets {
		require.Nil(t, bySeq[p.SequenceNumber], "twice")
		bySeq[p.SequenceNumber] = p
	}
	first := packets[0].SequenceNumber
	base := packets[0].Timestamp
	for i := range n {
		p := bySeq[first+1+uint16(i)]
		require.NotNil(t, p, "packet %d", i)
		require.Equal(t, numbered(prefix, i), string(p.Payload[skip:]))
		require.Equal(t, base+960*uint32(i+1), p.Timestamp)
	}
}

// lossy is a client that loses packets on the way down and asks for them. Its clock goes on by the packets that come, one
// a millisecond: so it gives none up because the machine is slow.
type lossy struct {
	*client
	lost  map[uint16]bool
	gaps  rtpkit.Gaps
	seen  int // packets that came, or would have, but for repetitions
	again int // repetitions
}

// askAgain makes the client lose packets; what comes as RTX is unwrapped.
func (c *client) askAgain(lose func(uint16) bool) *lossy {
	l := &lossy{client: c, lost: map[uint16]bool{}}
	start := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lose = func(p *rtp.Packet) bool {
		switch {
		case p.PayloadType == 103: // a repeated picture
			if len(p.Payload) <= 2 {
				return true
			}
			p.Payload, _ = rtpkit.UnwrapRTX(&p.Header, p.Payload, 0, 102)
			fallthrough
		case l.lost[p.SequenceNumber]: // sound is repeated as it was
			l.again++
			return !l.gaps.Repaired(p.SequenceNumber)
		}
		l.seen++
		if l.seen > 1 && lose(p.SequenceNumber) { // what is lost before the first one that comes, nobody can miss
			l.lost[p.SequenceNumber] = true
			return true
		}
		now := start.Add(time.Duration(l.seen) * time.Millisecond)
		l.gaps.Received(p.SequenceNumber, now.Add(-rtpkit.ReorderGrace)) // ask without grace
		if due := l.gaps.Due(now, 0, nil); len(due) > 0 {
			nack := &rtcp.TransportLayerNack{SenderSSRC: 5, MediaSSRC: p.SSRC, Nacks: rtpkit.NackPairs(due)}
			go func() { _ = c.pc.WriteRTCP([]rtcp.Packet{nack}) }()
		}
		return false
	}
	return l
}

// missing counts the payloads that have not come, neither at first nor again.
func (l *lossy) missing(num uint32, prefix string, n, skip int) (missing int) {
	have := map[string]bool{}
	for _, p := range l.got(num) {
		have[string(p.Payload[skip:])] = true
	}
	for i := range n {
		if !have[numbered(prefix, i)] {
			missing++
		}
	}
	return missing
}

func TestLossOnTheWayDownIsRepaired(t *testing.T) {
	for _, kind := range []string{"video", "audio"} {
		t.Run(kind, func(t *testing.T) {
			const packets, atMost = 400, 1000
			r := newTestRoom(t)
			a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
			third := join(t, r, "third", options{})
			l := b.askAgain(everyFew(8))
			u, prefix, skip, key := a.mic, "a", 0, []byte("first")
			if kind == "video" {
				u, prefix, skip, key = a.cam, "v", 1, h264Key("key")
				a.publish(1, u, "video/H264")
				b.peer.Subscribe(whole(1))
				third.peer.Subscribe(whole(1))
				a.awaitKeyRequests(1)
			} else {
				a.publish(1, u, "audio/opus")
			}
			sent := 0
			send := func(payload []byte) { // and see it come, or get lost
				u.send(t, payload)
				sent++
				b.await("the next packet", func() bool { return l.seen == sent })
			}
			send(key)
			third.await("the first", func() bool { return len(third.of(1)) == 1 })
			for i := range packets {
				send(append(key[:skip:skip], numbered(prefix, i)...))
			}
			third.await("all", func() bool { return len(third.of(1)) == packets+1 })
			missing := packets
			for more := 0; missing > 0 && more < atMost; more++ { // a loss shows with the packet after it
				send(append(key[:skip:skip], "more"...))
				missing = l.missing(1, prefix, packets, skip)
			}
			require.Zero(t, missing, "packets are missing after %d more", atMost)
			b.mu.Lock()
			assert.NotZero(t, l.again)
			b.mu.Unlock()
			require.Eventually(t, func() bool { // each request was answered: none fell victim to a limit
				f := b.peer.Stats().Forwarded
				return len(f) == 1 && f[0].Repeated > 0 && f[0].Repeated == f[0].Nacks
			}, patience, time.Millisecond)
			assert.Zero(t, third.peer.Stats().Forwarded[0].Repeated, "the others get nothing twice")
		})
	}
}

func TestNacksForWhatNeverWas(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	a.mic.send(t, []byte("1"))
	b.await("a packet", func() bool { return len(b.of(1)) == 1 })
	p := b.got(1)[0]
	for _, seq := range []uint16{p.SequenceNumber - 1, p.SequenceNumber + 1, p.SequenceNumber + 40000} {
		require.NoError(t, b.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
			SenderSSRC: 5, MediaSSRC: p.SSRC, Nacks: []rtcp.NackPair{{PacketID: seq, LostPackets: 0xffff}},
		}}))
	}
	require.NoError(t, b.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{SenderSSRC: 5, MediaSSRC: 99, Nacks: []rtcp.NackPair{{PacketID: 1}}}}))
	require.Eventually(t, func() bool { return r.sfu.Stats().NacksIn == 3*17 }, patience, time.Millisecond)
	assert.LessOrEqual(t, b.peer.Stats().Forwarded[0].Repeated, uint64(1))
}
