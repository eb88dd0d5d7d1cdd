package rtc

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

var _ webrtc.TrackLocal = (*Outlet)(nil)

// Bind implements webrtc.TrackLocal: it is called when the answer has come. Which codec is sent is only decided by
// Start, so the first one will do here.
func (o *Outlet) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codecs := slices.Clone(ctx.CodecParameters()) // pion leaves only the returned one in the context
	if len(codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.demand.ssrc.Store(uint32(ctx.SSRC()))
	o.bound, o.negotiated, o.pt, o.levelExt, o.transportExt = ctx, codecs, 0, 0, 0
	for _, e := range ctx.HeaderExtensions() {
		switch e.URI {
		case rtpkit.LevelURI:
			o.levelExt = uint8(e.ID) // 1 to 255
		case rtpkit.TransportURI:
			o.transportExt = uint8(e.ID) // 1 to 255
		}
	}
	return codecs[0], nil
}

// Unbind implements webrtc.TrackLocal.
func (o *Outlet) Unbind(webrtc.TrackLocalContext) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bound = nil
	return nil
}

// ID implements webrtc.TrackLocal.
func (o *Outlet) ID() string { return fmt.Sprintf("%v%d", o.kind, o.place) }

// RID implements webrtc.TrackLocal.
func (o *Outlet) RID() string { return o.rid }

// StreamID implements webrtc.TrackLocal.
func (o *Outlet) StreamID() string { return "crvideo" }

// Kind implements webrtc.TrackLocal.
func (o *Outlet) Kind() webrtc.RTPCodecType { return o.kind }

// randomStart returns where sequence numbers and timestamps begin (RFC 3550, 5.1). The numbers are below the middle,
// so that an SRTP peer which misses the first packets does not get the roll-over counter wrong.
func randomStart() (seq, rtxSeq uint16, timestamp uint32) {
	return uint16(rand.N(1 << 15)), uint16(rand.N(1 << 15)), rand.Uint32() //nolint:gosec // not a secret
}
