package whep

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/require"
)

const patience = 10 * time.Second

// fakeTrack is a track whose packets the test makes.
type fakeTrack struct {
	codec   string
	packets chan *rtp.Packet
	wishes  chan struct{} // for a key frame
	ended   chan struct{} // by the source
	closed  chan struct{} // by the reader
}

func newFakeTrack(codec string) *fakeTrack {
	return &fakeTrack{codec, make(chan *rtp.Packet), make(chan struct{}, 1000), make(chan struct{}), make(chan struct{})}
}

func (t *fakeTrack) Codec() string    { return t.codec }
func (t *fakeTrack) RequestKeyFrame() { t.wishes <- struct{}{} }
func (t *fakeTrack) Close()           { close(t.closed) }

func (t *fakeTrack) ReadRTP(ctx context.Context) (*rtp.Packet, error) {
	select {
	case p := <-t.packets:
		return p, nil
	case <-t.ended:
		return nil, io.EOF
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// send hands a packet to whoever reads the track.
func (t *fakeTrack) send(tb testing.TB, p *rtp.Packet) {
	tb.Helper()
	select {
	case t.packets <- p:
	case <-time.After(patience):
		require.Fail(tb, "nobody reads the track")
	}
}

// fakeSource opens the tracks that the test puts into its queues.
type fakeSource struct {
	video, audio chan Track
	picture      image.Image
}

func newFakeSource() *fakeSource {
	img := image.NewRGBA(image.Rect(0, 0, 32, 18))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	img.Set(0, 0, color.White)
	return &fakeSource{video: make(chan Track, 10), audio: make(chan Track, 10), picture: img}
}

func (s *fakeSource) Look() Look {
	return Look{Title: `Anna & "<b>Bob</b>"`, HideTitle: true, TitleStyle: map[string]string{"color": "red"}, Width: "320px", ID: "anna"}
}

func (s *fakeSource) OpenVideo(ctx context.Context) (Track, error) { return take(ctx, s.video) }
func (s *fakeSource) OpenAudio(ctx context.Context) (Track, error) { return take(ctx, s.audio) }

func (s *fakeSource) Snapshot(context.Context) (image.Image, error) {
	if s.picture == nil {
		return nil, errors.New("dark")
	}
	return s.picture, nil
}

func take[T any](ctx context.Context, from chan T) (T, error) {
	select {
	case v := <-from:
		return v, nil
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// Payloads that tell which packet they are: the first bytes are those of a whole key frame, or of any other frame, in
// the codec's own format.
var (
	h264Key   = []byte{0x65, 0x88}
	h264Delta = []byte{0x41, 0x9a}
	vp8Key    = []byte{0x10, 0x00}
	opusFrame = []byte{0x78}
)

func payload(kind []byte, number uint32) []byte {
	return binary.BigEndian.AppendUint32(append([]byte{}, kind...), number)
}

// makePacket makes what the receiving side of a call delivers: with a CSRC and an extension that must not leave it.
func makePacket(seq uint16, ts uint32, data []byte) *rtp.Packet {
	p := &rtp.Packet{Header: rtp.Header{
		Version: 2, Marker: seq%2 == 0, PayloadType: 7, SequenceNumber: seq, Timestamp: ts, SSRC: 77, CSRC: []uint32{5},
	}, Payload: data}
	_ = p.SetExtension(3, []byte("0"))
	return p
}

// until calls step until it tells true.
func until(tb testing.TB, what string, step func() bool) {
	tb.Helper()
	for end := time.Now().Add(patience); !step(); {
		require.True(tb, time.Now().Before(end), "timeout: %s", what)
	}
}

// testViewer is a bare peer that watches, as a browser would: with payload types of its own.
type testViewer struct {
	pc           *webrtc.PeerConnection
	video, audio chan *rtp.Packet
	ssrc         chan webrtc.SSRC // of video
}
