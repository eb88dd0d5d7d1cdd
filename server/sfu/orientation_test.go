package sfu

import (
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// orientationID is the negotiated ID of the header extension.
func (c *client) orientationID() uint8 {
	for _, e := range c.pc.GetSenders()[1].GetParameters().HeaderExtensions {
		if e.URI == rtpkit.OrientationURI {
			return uint8(e.ID)
		}
	}
	require.FailNow(c.t, "orientation is not negotiated")
	return 0
}

func TestOrientationIsForwarded(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(7, a.cam, "video/H264")
	b.peer.Subscribe(whole(7))
	a.awaitKeyRequests(1)
	id := a.orientationID()
	send := func(payload []byte, marker bool, turned ...byte) {
		a.cam.seq++
		a.cam.time += 3000
		h := rtp.Header{Version: 2, PayloadType: a.cam.payload, SequenceNumber: a.cam.seq, Timestamp: a.cam.time, SSRC: a.cam.ssrc, Marker: marker}
		if len(turned) > 0 {
			require.NoError(t, h.SetExtension(id, turned))
		}
		_, err := a.cam.writer.WriteRTP(&h, payload)
		require.NoError(t, err)
	}
	send(h264Key("upright"), true)
	send(h264Delta("turned, first part"), false)
	send(h264Delta("turned"), true, 1)
	send(h264Delta("still turned"), true)
	send(h264Delta("upright again"), true, 0)
	b.await("all", func() bool { return len(b.of(7)) == 5 })
	id = b.orientationID()
	check := func(p *rtp.Packet, want []byte) {
		t.Helper()
		assert.Equal(t, want, p.GetExtension(id))
	}
	for i, want := range [][]byte{nil, nil, {1}, {1}, {0}} {
		check(b.got(7)[i], want)
	}

	lost := b.got(7)[4]
	require.NoError(t, b.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
		MediaSSRC: lost.SSRC, Nacks: rtpkit.NackPairs([]uint16{lost.SequenceNumber}),
	}}))
	b.await("the repetition", func() bool { return b.rtp[len(b.rtp)-1].PayloadType == 103 })
	b.mu.Lock()
	defer b.mu.Unlock()
	check(b.rtp[len(b.rtp)-1], []byte{0})
}
