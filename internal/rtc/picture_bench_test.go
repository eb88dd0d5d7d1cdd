package rtc

import (
	"image"
	"runtime"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// watched is a stream from its packets to pictures, without a network.
type watched struct {
	slot    *slot
	samples *SampleReader
	decoder codec.VideoDecoder
	frames  [][]*rtp.Packet // a second of 640x360
	n       int
	seq     uint16
}

func watch(b *testing.B, frames [][]*rtp.Packet) *watched {
	r := &receiver{}
	r.init(func() {})
	in := newInlet(r, 7)
	r.inlets[7] = in
	in.setCodec(codec.H264)
	d, err := codec.NewVideoDecoder(codec.H264)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, d.Close()) })
	return &watched{slot: newSlot(r, 1, 90000), samples: in.Samples(16), decoder: d, frames: frames}
}

// next takes the packets of a frame and returns how many there were.
func (w *watched) next(b *testing.B, now time.Time) int {
	packets := w.frames[w.n%len(w.frames)]
	for _, p := range packets {
		own := *p
		own.SequenceNumber, own.Timestamp = w.seq, uint32(w.n)*3000
		w.seq++
		w.slot.push(&own, codec.H264, now)
	}
	w.n++
	s, err := w.samples.Read(b.Context())
	require.NoError(b, err)
	img, err := w.decoder.Decode(s.Data)
	require.NoError(b, err)
	require.NotNil(b, img)
	return len(packets)
}

// encoded is a second of the test picture, 640x360 at 500 kbit/s, in packets.
func encoded(b *testing.B, fps int) (frames [][]*rtp.Packet) {
	e, err := codec.NewVideoEncoder(codec.H264, codec.VideoParams{Width: 640, Height: 360, FPS: fps, Bitrate: 500_000})
	require.NoError(b, err)
	defer func() { require.NoError(b, e.Close()) }()
	img := image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420)
	for n := 0; len(frames) < fps; n++ {
		testpattern.Draw(img, 1, uint32(n))
		data, _, err := e.Encode(img)
		require.NoError(b, err)
		if len(data) == 0 {
			continue
		}
		payloader, err := newPayloader(codec.H264)
		require.NoError(b, err)
		var packets []*rtp.Packet
		for _, payload := range payloader.Payload(maxPayload, append([]byte(nil), data...)) {
			packets = append(packets, &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 102, SSRC: 1, CSRC: []uint32{7}}, Payload: payload})
		}
		packets[len(packets)-1].Marker = true
		frames = append(frames, packets)
	}
	return frames
}

// BenchmarkReceivedToPicture is from the decrypted packets of a frame to its picture, 640x360.
func BenchmarkReceivedToPicture(b *testing.B) {
	w := watch(b, encoded(b, 30))
	b.ReportAllocs()
	packets := 0
	for b.Loop() {
		packets += w.next(b, time.Now())
	}
	b.ReportMetric(float64(packets)/float64(b.N), "packets/op")
}

// Benchmark20Members decodes a second of 20 members at 640x360 and 15 pictures a second on one core: an operation must
// take less than a second.
func Benchmark20Members(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const members, fps = 20, 15
	frames := encoded(b, fps)
	var all []*watched
	for range members {
		all = append(all, watch(b, frames))
	}
	b.ReportAllocs()
	for b.Loop() {
		for range fps {
			for _, w := range all {
				w.next(b, time.Now())
			}
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*100, "%core")
}
