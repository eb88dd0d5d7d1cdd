package sfu

import (
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhereAPacketBelongs(t *testing.T) {
	l := &layout{bySSRC: map[uint32]origin{}, byMid: map[string]*uplink{}, midExt: 3}
	table := func(pts ...uint8) *payloadTable {
		var table payloadTable
		for _, pt := range pts {
			table = append(table, payload{pt: pt, mime: "x"})
		}
		return &table
	}
	a, b, c := &uplink{mid: "a"}, &uplink{mid: "b"}, &uplink{mid: "c"}
	a.payloads.Store(table(96, 98))
	b.payloads.Store(table(96, 97))
	c.payloads.Store(table(96))
	l.add(a, []layerLine{{ssrcs: []uint32{1, 2}}})
	l.add(b, []layerLine{{ssrcs: []uint32{3}}})
	l.add(c, []layerLine{{}})
	assert.EqualValues(t, 1, a.declared(0))
	withMid := func(mid string, h rtp.Header) *rtp.Header {
		require.NoError(t, h.SetExtension(3, []byte(mid)))
		return &h
	}
	assert.Equal(t, a, l.find(&rtp.Header{SSRC: 2}).uplink, "declared")
	assert.Equal(t, b, l.find(withMid("b", rtp.Header{SSRC: 1})).uplink, "the extension is newer than the description")
	assert.Equal(t, c, l.find(withMid("c", rtp.Header{SSRC: 9})).uplink)
	assert.Equal(t, a, l.find(withMid("?", rtp.Header{SSRC: 1})).uplink)
	assert.Equal(t, b, l.find(&rtp.Header{SSRC: 9, PayloadType: 97}).uplink, "the only one with that payload type")
	assert.Nil(t, l.find(&rtp.Header{SSRC: 9, PayloadType: 96}).uplink, "ambiguous")
	assert.Nil(t, l.find(&rtp.Header{SSRC: 9, PayloadType: 5}).uplink)
}

// A browser names the layer of its packets in the first ones only; it is known after another offer, too.
func TestLayerIsRememberedWhenTheDescriptionChanges(t *testing.T) {
	const ridExt = 4
	table := payloadTable{96: {mime: "video/VP8"}}
	a, b := &uplink{mid: "a"}, &uplink{mid: "b"}
	a.payloads.Store(&table)
	b.payloads.Store(&table)
	lines := []layerLine{{rid: "h"}, {rid: "f"}, {rid: "q"}}
	describe := func(uplinks ...*uplink) *layout {
		l := &layout{bySSRC: map[uint32]origin{}, byMid: map[string]*uplink{}, midExt: 3, ridExt: ridExt}
		for _, u := range uplinks {
			l.add(u, lines)
		}
		return l
	}
	p, _ := newFakePeer(newEmptyFakeRoom(), "", fakeCodecs(t), 0, 0)
	from := func(ssrc uint32, rid string) origin {
		h := &rtp.Header{SSRC: ssrc, PayloadType: 96}
		if rid != "" {
			require.NoError(t, h.SetExtension(3, []byte("a")))
			require.NoError(t, h.SetExtension(ridExt, []byte(rid)))
		}
		return p.originOf(ssrc, h)
	}
	p.layout.Store(describe(a))
	assert.Equal(t, origin{a, 2}, from(7, "q"))
	assert.Equal(t, origin{a, 2}, from(7, ""))
	p.layout.Store(describe(a))
	assert.Equal(t, origin{a, 2}, from(7, ""), "after another offer")
	p.layout.Store(describe(a, b))
	assert.Equal(t, origin{a, 2}, from(7, ""), "where the payload type does not tell")
	p.layout.Store(describe(a))
	assert.Equal(t, origin{a, 1}, from(7, "f"), "what a packet says holds")
	p.layout.Store(describe(b))
	assert.NotEqual(t, a, from(7, "").uplink, "the m-line is gone")
}

func TestMainSSRCOfAGroup(t *testing.T) {
	o, bad := parseOffer(header + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=ssrc:8 cname:x\r\na=ssrc:7 cname:x\r\na=ssrc-group:FID 7 8\r\n")
	require.Nil(t, bad)
	assert.Equal(t, []uint32{7, 8}, o.lines[0].layers[0].ssrcs)
	assert.Equal(t, webrtc.RTPCodecTypeVideo, o.lines[0].kind)
}

func TestClientWithTooManySSRCsIsPutOut(t *testing.T) {
	for _, kind := range []string{"RTP", "RTCP"} {
		t.Run(kind, func(t *testing.T) {
			r := newTestRoom(t)
			bad, good := join(t, r, "bad", options{}), join(t, r, "good", options{})
			good.publish(1, good.mic, "audio/opus")
			for ssrc := range uint32(maxSources + 100) {
				if kind == "RTP" {
					_, err := bad.mic.writer.WriteRTP(&rtp.Header{Version: 2, PayloadType: 111, SSRC: ssrc + 5}, []byte("x"))
					require.NoError(t, err)
				} else if bad.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc + 5}}) != nil {
					break // out already
				}
			}
			bad.waitState(StateClosed)
			assert.Equal(t, 1, r.sfu.Stats().Peers)
			assert.Equal(t, StateClosed, bad.peer.State())
		})
	}
}
