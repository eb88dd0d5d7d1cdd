package rtc

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func reading(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestReceiveEveryCodecByteExact(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	for i, mime := range []string{"video/H264", "video/VP8", "video/VP9", "video/AV1", "audio/opus"} {
		num := uint32(100 + i)
		slot, sizes, units := p.video()[i%4], []int{5000, 40, 1160, 1159, 30000}, uint32(3000)
		if mime == "audio/opus" {
			slot, sizes, units = p.audio()[0], []int{80, 4, 1000}, 960
		}
		in := c.AddStream(num, mime)
		r := in.Samples(0)
		var want [][]byte
		for n := range 40 {
			want = append(want, frame(mime, n, sizes[n%len(sizes)], n%10 == 0))
			slot.send(num, mime, want[n], units)
			got, err := r.Read(ctx)
			require.NoError(t, err, mime)
			require.Equal(t, want[n], got.Data, "%s frame %d", mime, n)
			assert.Equal(t, mime != "audio/opus" && n%10 == 0, got.Key, mime)
			if mime == "audio/opus" {
				assert.Equal(t, 20*time.Millisecond, got.Duration)
				assert.Equal(t, time.Duration(n)*20*time.Millisecond, got.PTS)
			} else {
				assert.InDelta(t, float64(n)/30, got.PTS.Seconds(), 1e-6)
			}
			assert.WithinDuration(t, time.Now(), got.Received, time.Second)
		}
		stats := in.Stats()
		assert.EqualValues(t, 40, stats.Samples, mime)
		assert.Zero(t, stats.Lost, mime)
		assert.Equal(t, mime, in.Codec())
		r.Close()
		_, err := r.Read(ctx)
		assert.ErrorIs(t, err, io.ErrClosedPipe)
	}
}

func TestReceiveRecoversLossByRepetition(t *testing.T) {
	for _, mime := range []string{"video/H264", "audio/opus"} {
		t.Run(mime, func(t *testing.T) {
			c, p := pair(t, Config{})
			c.rx.mu.Lock()
			c.rx.slack = patience
			c.rx.mu.Unlock()
			slot, units, size := p.video()[0], uint32(3000), 4000
			if mime == "audio/opus" {
				slot, units, size = p.audio()[0], 960, 100
			}
			r := rand.New(rand.NewPCG(3, 4))
			last := slot.seq
			slot.lose(false, func(seq uint16) bool { // never two in a row, never the last one: only those are seen to be missing
				if seq-last < 2 || r.IntN(6) != 0 {
					return false
				}
				last = seq
				return true
			})
			in := c.AddStream(7, mime)
			reader := in.Samples(256)
			ctx := reading(t)
			const frames = 100
			check := func(n int) {
				t.Helper()
				got, err := reader.Read(ctx)
				require.NoError(t, err)
				require.Equal(t, frame(mime, n, size, n == 0), got.Data, "frame %d", n)
			}
			for n := range frames {
				if n == frames-1 {
					slot.lose(false, nil)
				}
				slot.send(7, mime, frame(mime, n, size, n == 0), units)
				if n >= 10 { // no more in flight than the kernel's buffer takes
					check(n - 10)
				}
			}
			for n := frames - 10; n < frames; n++ {
				check(n)
			}
			stats := in.Stats()
			assert.Greater(t, slot.lost, 10)
			assert.EqualValues(t, slot.lost, stats.Recovered)
			assert.Zero(t, stats.Lost)
			assert.GreaterOrEqual(t, stats.NACKs, stats.Recovered)
		})
	}
}
func TestLostPicturesAreSkippedToAKeyFrame(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	slot := p.video()[0]
	in := c.AddStream(9, "video/H264")
	r := in.Samples(0)
	slot.send(9, "video/H264", frame("video/H264", 0, 3000, true), 3000)
	_, err := r.Read(ctx)
	require.NoError(t, err)

	p.mu.Lock()
	p.rtcp = nil
	p.mu.Unlock()
	gone := slot.seq + 1 // a packet in the middle of the next frame, for ever
	slot.lose(true, func(seq uint16) bool { return seq == gone })
	for n := 1; n < 5; n++ {
		slot.send(9, "video/H264", frame("video/H264", n, 3000, false), 3000)
	}
	p.wait("a request for a key frame", func() bool { return p.sent(isPLI) >= 1 })
	begin := time.Now()
	p.wait("further requests while it is late", func() bool { return p.sent(isPLI) >= 4 })
	assert.Less(t, time.Since(begin), 3*keyFrameRetry+time.Second, "at most half a second passes without one")
	slot.send(9, "video/H264", frame("video/H264", 5, 3000, true), 3000)
	got, err := r.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, frame("video/H264", 5, 3000, true), got.Data, "nothing in between")
	assert.True(t, got.Key)
	stats := in.Stats()
	assert.EqualValues(t, 1, stats.Lost)
	assert.EqualValues(t, 1, stats.Broken)
	assert.GreaterOrEqual(t, stats.PLIs, uint64(2))
}

func TestSlotSwitchesStreams(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	slot, other := p.video()[0], p.video()[1]
	a, b := c.AddStream(1, "video/H264").Samples(0), c.AddStream(2, "video/VP8").Samples(0)
	expect := func(r *SampleReader, mime string, n int, key bool) {
		t.Helper()
		got, err := r.Read(ctx)
		require.NoError(t, err)
		require.Equal(t, frame(mime, n, 2000, key), got.Data)
	}
	for n := 0; n < 20; n += 4 { // the streams change places, in the slot and between slots
		slot.send(1, "video/H264", frame("video/H264", n, 2000, true), 3000)
		slot.send(2, "video/VP8", frame("video/VP8", n+1, 2000, true), 3000)
		expect(a, "video/H264", n, true)
		expect(b, "video/VP8", n+1, true)
		other.send(1, "video/H264", frame("video/H264", n+2, 2000, true), 500)
		other.send(1, "video/H264", frame("video/H264", n+3, 2000, false), 3000)
		expect(a, "video/H264", n+2, true)
		expect(a, "video/H264", n+3, false)
	}
}

func TestPacketsBeforeAddStreamAreHeld(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	p.video()[0].send(5, "video/H264", frame("video/H264", 0, 3000, true), 3000)
	p.video()[0].send(5, "video/H264", frame("video/H264", 1, 3000, false), 3000)
	p.audio()[0].send(6, "audio/opus", frame("audio/opus", 0, 50, false), 960)
	require.Eventually(t, func() bool { // they have arrived, unknown
		c.rx.mu.Lock()
		defer c.rx.mu.Unlock()
		return len(c.rx.inlets) == 2 && len(c.rx.inlets[5].held) == 7 && len(c.rx.inlets[6].held) == 1
	}, patience, time.Millisecond)
	pictures, sound := c.AddStream(5, "video/H264").Samples(0), c.AddStream(6, "audio/opus").Samples(0)
	for n := range 2 {
		got, err := pictures.Read(ctx)
		require.NoError(t, err)
		require.Equal(t, frame("video/H264", n, 3000, n == 0), got.Data)
	}
	got, err := sound.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, frame("audio/opus", 0, 50, false), got.Data)
}

func TestHeldIsBoundedAndFresh(t *testing.T) {
	r := &receiver{}
	r.init(func() {})
	now := time.Now()
	sound, pictures := newInlet(r, 1), newInlet(r, 2)
	sound.setCodec("audio/opus")
	pictures.setCodec("video/H264")
	audioSlot, videoSlot := newSlot(r, 1, 48000), newSlot(r, 2, 90000)
	pkt := func(n int, payload ...byte) *rtp.Packet {
		return &rtp.Packet{Header: rtp.Header{Timestamp: uint32(n)}, Payload: payload}
	}
	for n := range 100 {
		sound.push(audioSlot, pkt(n, 8, byte(n)), "audio/opus", now)
	}
	require.Len(t, sound.held, heldAudio)
	assert.EqualValues(t, 99, sound.held[heldAudio-1].Timestamp, "the newest")
	assert.EqualValues(t, 100-heldAudio, sound.Stats().Dropped)

	pictures.push(videoSlot, pkt(1, 0x41, 1), "video/H264", now)
	assert.Empty(t, pictures.held, "nothing before a key frame")
	pictures.push(videoSlot, pkt(2, 0x67, 1), "video/H264", now)
	pictures.push(videoSlot, pkt(2, 0x65, 0x88), "video/H264", now)
	pictures.push(videoSlot, pkt(3, 0x41, 1), "video/H264", now.Add(heldAge))
	assert.Len(t, pictures.held, 3)
	pictures.push(videoSlot, pkt(4, 0x41, 1), "video/H264", now.Add(heldAge+1))
	assert.Empty(t, pictures.held, "too old")
	pictures.push(videoSlot, pkt(5, 0x65, 0x88), "video/H264", now.Add(-2*heldAge))
	assert.Len(t, pictures.held, 1)
	pictures.Samples(0)
	assert.True(t, pictures.keyWanted, "what is held is too old for a new reader")
	assert.Zero(t, pictures.Stats().Samples)
}

func TestRemoveStreamEndsReaders(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	in := c.AddStream(3, "audio/opus")
	assert.Same(t, in, c.AddStream(3, "audio/opus"))
	samples, packets := in.Samples(0), in.Packets(0)
	p.audio()[0].send(3, "audio/opus", frame("audio/opus", 1, 50, false), 960)
	pkt, err := packets.Read(ctx)
	require.NoError(t, err)
	assert.Equal(t, frame("audio/opus", 1, 50, false), pkt.Payload)
	assert.Equal(t, []uint32{3}, pkt.CSRC)
	c.RemoveStream(3)
	c.RemoveStream(3)
	_, err = samples.Read(ctx)
	require.NoError(t, err, "what was queued")
	_, err = samples.Read(ctx)
	require.ErrorIs(t, err, io.EOF)
	_, err = packets.Read(ctx)
	require.ErrorIs(t, err, io.EOF)
	_, err = in.Samples(0).Read(ctx)
	require.ErrorIs(t, err, io.EOF, "a new reader of an ended stream")

	p.audio()[0].send(3, "audio/opus", frame("audio/opus", 2, 50, false), 960) // late
	p.audio()[0].send(4, "audio/opus", frame("audio/opus", 3, 50, false), 960)
	got, err := c.AddStream(4, "audio/opus").Samples(0).Read(ctx)
	require.NoError(t, err)
	require.Equal(t, frame("audio/opus", 3, 50, false), got.Data)
	c.rx.mu.Lock()
	assert.NotContains(t, c.rx.inlets, uint32(3), "late packets do not bring it back")
	c.rx.mu.Unlock()
}

func TestReadHonoursContextAndClose(t *testing.T) {
	c, err := New(Config{Loopback: true})
	require.NoError(t, err)
	r := c.AddStream(1, "audio/opus").Samples(0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.Read(ctx)
	require.ErrorIs(t, err, context.Canceled)
	ended := make(chan error)
	go func() { _, err := r.Read(t.Context()); ended <- err }()
	require.NoError(t, c.Close())
	require.ErrorIs(t, <-ended, io.EOF)
	_, err = c.AddStream(2, "audio/opus").Samples(0).Read(t.Context())
	require.ErrorIs(t, err, io.EOF)
}

func TestReceiverReportsAreSent(t *testing.T) {
	c, p := pair(t, Config{})
	r := c.AddStream(1, "audio/opus").Samples(0)
	p.audio()[0].send(1, "audio/opus", frame("audio/opus", 1, 50, false), 960)
	_, err := r.Read(reading(t))
	require.NoError(t, err)
	ssrc := uint32(p.audio()[0].ctx.SSRC())
	p.wait("a receiver report", func() bool {
		return p.sent(func(pkt rtcp.Packet) bool {
			rr, ok := pkt.(*rtcp.ReceiverReport)
			return ok && len(rr.Reports) == 1 && rr.Reports[0].SSRC == ssrc
		}) > 0
	})
}

func TestSlowReaderGoesOnAtAKeyFrame(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	in := c.AddStream(1, "video/VP8")
	slow, quick := in.Samples(3), in.Samples(0)
	slot := p.video()[0]
	for n := range 6 {
		slot.send(1, "video/VP8", frame("video/VP8", n, 100, n == 0), 3000)
		got, err := quick.Read(ctx)
		require.NoError(t, err)
		require.Equal(t, frame("video/VP8", n, 100, n == 0), got.Data)
	}
	p.wait("a request for a key frame", func() bool { return p.sent(isPLI) > 0 })
	slot.send(1, "video/VP8", frame("video/VP8", 6, 100, true), 3000)
	got, err := slow.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, frame("video/VP8", 6, 100, true), got.Data)
	assert.EqualValues(t, 6, slow.Dropped())
	assert.Zero(t, quick.Dropped())
}

func TestPacketReaderSeesEveryPacketInOrder(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	in := c.AddStream(1, "video/H264")
	packets := in.Packets(0)
	defer packets.Close()
	slot := p.video()[0]
	second := slot.seq + 1
	slot.lose(false, func(seq uint16) bool { return seq == second })
	first := slot.seq
	slot.send(1, "video/H264", frame("video/H264", 0, 5000, true), 3000)
	var d h264Frame
	var got []byte
	for seq := first; ; seq++ {
		pkt, err := packets.Read(ctx)
		require.NoError(t, err)
		require.Equal(t, seq, pkt.SequenceNumber)
		got, err = d.append(got, pkt.Payload)
		require.NoError(t, err)
		if pkt.Marker {
			break
		}
	}
	assert.Equal(t, frame("video/H264", 0, 5000, true), got)
	assert.Zero(t, in.Stats().Samples, "nothing is put together when nobody reads samples")
}

func TestNoWishesWithoutReaders(t *testing.T) {
	c, _ := pair(t, Config{})
	in := c.AddStream(1, "video/H264")
	r := in.Samples(0)
	c.rx.mu.Lock()
	assert.True(t, in.keyWanted)
	c.rx.mu.Unlock()
	_, next := c.feed.receiving(time.Now())
	assert.Equal(t, reportInterval, next, "nobody to ask yet: no hurry")
	r.Close()
	r.Close()
	c.rx.mu.Lock()
	assert.False(t, in.keyWanted)
	c.rx.mu.Unlock()
}
