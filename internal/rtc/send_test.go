package rtc

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// assemble puts the packets of one SSRC together again; only inside of peer.wait.
func assemble(mime string, packets []*rtp.Packet) (frames [][]byte) {
	bySeq := map[uint16]*rtp.Packet{}
	for _, pkt := range packets {
		bySeq[pkt.SequenceNumber] = pkt
	}
	if len(packets) == 0 {
		return nil
	}
	dep := newDepacketizer(mime)
	var current []byte
	begun := false
	for seq := packets[0].SequenceNumber; bySeq[seq] != nil; seq++ {
		pkt := bySeq[seq]
		if mime == "audio/opus" {
			frames = append(frames, pkt.Payload)
			continue
		}
		if !begun {
			dep.reset()
			begun = true
		}
		var err error
		if current, err = dep.append(current, pkt.Payload); err != nil {
			return nil
		}
		if pkt.Marker {
			frames, current, begun = append(frames, current), nil, false
		}
	}
	return frames
}

// missing returns the numbers from first to before end that did not come yet.
func (p *peer) missing(ssrc uint32, first, end uint16) (out []uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	have := map[uint16]bool{}
	for _, pkt := range p.in[ssrc] {
		have[pkt.SequenceNumber] = true
	}
	for seq := first; seq != end; seq++ {
		if !have[seq] {
			out = append(out, seq)
		}
	}
	return out
}

func outlet(c *Conn, mime string) *Outlet {
	if mime == "audio/opus" {
		return c.Mic()
	}
	return c.Camera()
}

func TestSendEveryCodecByteExactWithLoss(t *testing.T) {
	for _, mime := range []string{"video/H264", "video/VP8", "video/VP9", "video/AV1", "audio/opus"} {
		t.Run(mime, func(t *testing.T) {
			c, p := pair(t, Config{})
			o := outlet(c, mime)
			size, step := 4000, 40*time.Millisecond
			if mime == "audio/opus" {
				size, step = 90, 20*time.Millisecond
			}
			dropped := map[uint16]bool{}
			p.mu.Lock()
			p.dropIn = func(h *rtp.Header) bool {
				first := h.SequenceNumber%5 == 3 && !dropped[h.SequenceNumber]
				dropped[h.SequenceNumber] = true
				return first
			}
			p.mu.Unlock()
			require.NoError(t, o.Start(mime, nil))
			ssrc := ssrcOf(o)
			const frames = 30
			var want [][]byte
			for n := range frames {
				data := frame(mime, n, size, n == 0)
				want = append(want, bytes.Clone(data))
				require.NoError(t, o.WriteSample(Sample{Data: data, Duration: step}))
				clear(data) // the caller's memory is its own again
			}
			sent := o.Stats().Packets
			first, end := o.seq-uint16(sent), o.seq
			require.Eventually(t, func() bool { // as a server would: what is missing is asked for
				missing := p.missing(ssrc, first, end)
				if len(missing) == 0 {
					return true
				}
				return p.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: rtpkit.NackPairs(missing)}}) != nil
			}, patience, 20*time.Millisecond)
			p.mu.Lock()
			defer p.mu.Unlock()
			packets := p.in[ssrc]
			// the first one may have been lost and come last
			for i, pkt := range packets {
				if pkt.SequenceNumber == first {
					packets[0], packets[i] = packets[i], packets[0]
				}
				assert.Zero(t, (pkt.Timestamp-packets[0].Timestamp)%o.units(step))
			}
			got := assemble(mime, packets)
			require.Len(t, got, frames)
			for n := range frames {
				require.Equal(t, want[n], got[n], "frame %d", n)
			}
			stats := o.Stats()
			assert.GreaterOrEqual(t, stats.Repeated, sent/5)
			assert.EqualValues(t, frames, stats.Samples)
		})
	}
}

func TestKeyFrameRequestsReachTheSource(t *testing.T) {
	c, p := pair(t, Config{})
	asked := make(chan time.Time, 10)
	require.NoError(t, c.Camera().Start("video/H264", func() { asked <- time.Now() }))
	ssrc := ssrcOf(c.Camera())
	next := func() time.Time {
		t.Helper()
		select {
		case at := <-asked:
			return at
		case <-time.After(patience):
			require.FailNow(t, "the source was not asked")
			return time.Time{}
		}
	}
	require.NoError(t, p.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}))
	first := next()
	for range 5 { // too soon: deferred, and all of them become one
		require.NoError(t, p.pc.WriteRTCP([]rtcp.Packet{&rtcp.FullIntraRequest{MediaSSRC: ssrc, FIR: []rtcp.FIREntry{{SSRC: ssrc}}}}))
	}
	assert.GreaterOrEqual(t, next().Sub(first), onKeyFrameInterval)
	assert.Empty(t, asked)
	assert.EqualValues(t, 6, c.Camera().Stats().PLIs)
}

func TestSamplesBeforeTheTransport(t *testing.T) {
	c, err := New(Config{Loopback: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	p := newPeer(t)
	camera := c.Camera()
	require.ErrorIs(t, camera.WriteSample(Sample{Data: []byte{1}}), ErrStopped)
	require.Error(t, camera.Start("audio/opus", nil), "wrong kind")
	require.Error(t, camera.Start("video/H265", nil), "unknown codec")
	asked := make(chan struct{}, 10)
	require.NoError(t, camera.Start("video/H264", func() { asked <- struct{}{} }))
	require.NoError(t, camera.WriteSample(Sample{Data: frame("video/H264", 0, 100, true), Duration: time.Second}))
	assert.Empty(t, asked)
	offer, err := c.Offer()
	require.NoError(t, err)
	assert.Equal(t, "0", c.Mic().Mid())
	assert.Equal(t, "1", camera.Mid())
	require.NoError(t, c.Answer(p.answer(offer)))
	waitFor(t, asked, "a wish for a key frame on connect")
	require.NoError(t, camera.WriteSample(Sample{Data: frame("video/H264", 1, 100, true)}))
	ssrc := ssrcOf(camera)
	p.wait("the sample", func() bool { return len(assemble("video/H264", p.in[ssrc])) == 1 })
	assert.EqualValues(t, 1, camera.Stats().Dropped)
	camera.Stop()
	require.ErrorIs(t, camera.WriteSample(Sample{Data: []byte{1}}), ErrStopped)

	seq := camera.seq
	require.NoError(t, camera.Start("video/VP8", nil))
	require.NoError(t, camera.WriteSample(Sample{Data: frame("video/VP8", 2, 100, true)}))
	p.wait("the other codec, in the same stream", func() bool {
		packets := p.in[ssrc]
		last := packets[len(packets)-1]
		return last.PayloadType == 96 && last.SequenceNumber == seq
	})
	require.NoError(t, c.Close())
	require.ErrorIs(t, camera.WriteSample(Sample{}), ErrClosed)
	require.ErrorIs(t, camera.Start("video/VP8", nil), ErrClosed)
}

func TestSenderReportsAndRoundTrip(t *testing.T) {
	c, p := pair(t, Config{})
	require.NoError(t, c.Mic().Start("audio/opus", nil))
	require.NoError(t, c.Mic().WriteSample(Sample{Data: frame("audio/opus", 0, 50, false), Duration: 20 * time.Millisecond}))
	ssrc := ssrcOf(c.Mic())
	var sr *rtcp.SenderReport
	p.wait("a sender report", func() bool {
		return p.sent(func(pkt rtcp.Packet) bool {
			got, ok := pkt.(*rtcp.SenderReport)
			if ok && got.SSRC == ssrc {
				sr = got
			}
			return ok
		}) > 0
	})
	assert.EqualValues(t, 1, sr.PacketCount)
	require.NoError(t, p.pc.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{
		SSRC: ssrc, FractionLost: 128, LastSenderReport: uint32(sr.NTPTime >> 16),
	}}}}))
	require.Eventually(t, func() bool { return c.Mic().Stats().RTT > 0 }, patience, time.Millisecond)
	assert.InDelta(t, 0.5, c.Mic().Stats().FractionLost, 0.01)
	assert.Positive(t, c.RTT())
	assert.Less(t, c.RTT(), time.Second)
}
