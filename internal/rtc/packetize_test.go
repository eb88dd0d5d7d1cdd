package rtc

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/rtp/codecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestH264PayloaderGroupsAndCuts(t *testing.T) {
	big := bytes.Repeat([]byte{0xaa}, 2500)
	sample := []byte{0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3, 0, 0, 1, 0x06, 5, 0, 0, 0, 1, 0x65, 0x88}
	sample = append(append(sample, big...), 0, 0, 1, 0x0c, 0xff, 0, 0, 0, 1, 0x65, 0x44, 7)
	got := (&h264Payloader{}).Payload(1160, sample)
	require.Len(t, got, 5, "a group, three fragments, one alone")
	assert.Equal(t, []byte{0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3, 0, 2, 0x06, 5}, got[0])
	assert.Equal(t, []byte{0x7c, 0x85, 0x88}, got[1][:3])
	assert.Equal(t, []byte{0x7c, 0x05}, got[2][:2])
	assert.Equal(t, []byte{0x7c, 0x45}, got[3][:2])
	assert.Equal(t, []byte{0x65, 0x44, 7}, got[4])
	for _, p := range got {
		assert.LessOrEqual(t, len(p), 1160)
	}
	assert.Empty(t, (&h264Payloader{}).Payload(1160, nil))
	assert.Equal(t, [][]byte{{0x41, 1}}, (&h264Payloader{}).Payload(1160, []byte{0x41, 1}), "without a start code")
	assert.Empty(t, (&h264Payloader{}).Payload(1160, []byte{0, 0, 1, 0, 0, 1}), "empty units")

	manySets := bytes.Repeat(append([]byte{0, 0, 0, 1, 0x67}, bytes.Repeat([]byte{1}, 500)...), 5)
	for _, p := range (&h264Payloader{}).Payload(1160, manySets) {
		assert.LessOrEqual(t, len(p), 1160)
	}
}

// Each side must also understand pion's.
func TestH264FromAndToPion(t *testing.T) {
	sample := frame("video/H264", 3, 5000, true)
	rebuild := func(d interface{ Unmarshal([]byte) ([]byte, error) }, payloads [][]byte) (out []byte) {
		for _, p := range payloads {
			part, err := d.Unmarshal(p)
			require.NoError(t, err)
			out = append(out, part...)
		}
		return out
	}
	assert.Equal(t, sample, rebuild(&codecs.H264Packet{}, (&h264Payloader{}).Payload(1160, sample)))
	var ours h264Frame
	var got []byte
	for _, p := range (&codecs.H264Payloader{}).Payload(1160, sample) {
		var err error
		got, err = ours.append(got, p)
		require.NoError(t, err)
	}
	assert.True(t, ours.complete())
	assert.Equal(t, sample, got)
}

func TestH264DepacketizerRefusesHoles(t *testing.T) {
	for _, payloads := range [][][]byte{
		{{0x7c, 0x05, 1}},                        // middle without a start
		{{0x7c, 0x85, 1}, {0x41, 1}},             // another unit inside
		{{0x7c, 0x85, 1}, {0x7c, 0x85, 1}},       // start twice
		{{0x78, 0, 9, 1}}, {{0x78, 0, 0}}, {{0}}, // sizes and kinds that make no sense
		{{0x78, 0}}, {{0x7c}},
	} {
		var h h264Frame
		var err error
		for _, p := range payloads {
			if _, err = h.append(nil, p); err != nil {
				break
			}
		}
		assert.Error(t, err, "%x", payloads)
	}
	var h h264Frame
	_, err := h.append(nil, []byte{0x7c, 0x85, 1})
	require.NoError(t, err)
	assert.False(t, h.complete(), "the end is missing")
}

func FuzzDepacketize(f *testing.F) {
	f.Add([]byte{0x7c, 0x85, 1}, []byte{0x7c, 0x45, 1})
	f.Add([]byte{0x78, 0, 1, 0x67}, []byte{0x90, 0x80, 1})
	f.Add([]byte{0xc0, 1, 2}, []byte{0x20, 3, 4})
	f.Fuzz(func(_ *testing.T, a, b []byte) {
		for _, mime := range []string{"video/H264", "video/VP8", "video/VP9", "video/AV1", "video/other"} {
			d := newDepacketizer(mime)
			d.reset()
			var frame []byte
			for _, p := range [][]byte{a, b} {
				if len(p) > 0 { // empty ones are padding and do not come so far
					frame, _ = d.append(frame, p)
				}
			}
			d.complete()
		}
	})
}

func FuzzH264RoundTrip(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 0x88, 3}, uint16(100))
	f.Fuzz(func(t *testing.T, sample []byte, mtu uint16) {
		var want, got []byte
		for nalu := range annexB(sample) {
			if k := nalu[0] & 0x1f; k == 0 || k >= 24 {
				return // not a unit of the stream
			} else if k != 9 && k != 12 {
				want = append(append(want, startCode...), nalu...)
			}
		}
		mtu = max(mtu%1500, 20)
		var d h264Frame
		for _, p := range (&h264Payloader{}).Payload(mtu, sample) {
			if len(p) > int(mtu) {
				t.Fatalf("payload of %d bytes", len(p))
			}
			var err error
			if got, err = d.append(got, p); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(want, got) || !d.complete() {
			t.Fatalf("%x became %x", want, got)
		}
	})
}

func TestOpusDuration(t *testing.T) {
	for _, c := range []struct {
		packet []byte
		want   time.Duration
	}{
		{nil, 0}, {[]byte{0x08}, 20 * time.Millisecond}, {[]byte{0x78}, 20 * time.Millisecond}, {[]byte{0x18}, 60 * time.Millisecond},
		{[]byte{0x80}, 2500 * time.Microsecond}, {[]byte{0xfc}, 20 * time.Millisecond}, {[]byte{0xfd}, 40 * time.Millisecond},
		{[]byte{0xff, 3}, 60 * time.Millisecond}, {[]byte{0xff}, 0},
	} {
		assert.Equal(t, c.want, opusDuration(c.packet), "%x", c.packet)
	}
}

func TestClockWrapsAndMoves(t *testing.T) {
	c := clock{rate: 90000}
	now := time.Now()
	assert.Zero(t, c.pts(1<<32-3000, now))
	assert.InDelta(t, 2.0/30, c.pts(3000, now).Seconds(), 1e-9, "across the wrap")
	c.moved = true
	assert.InDelta(t, 2.0/30+1, c.pts(77, now.Add(time.Second)).Seconds(), 1e-6, "another slot: by the wall")
	assert.InDelta(t, 2.0/30+1.1, c.pts(77+9000, now).Seconds(), 1e-6)
}
