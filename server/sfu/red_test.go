package sfu

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// RED goes as it is to who has it, and as the Opus in it to who has not, or has other numbers for what is in it; repetitions too.
func TestREDForThoseWhoHaveIt(t *testing.T) {
	opus, _ := rtpkit.CodecParameters(webrtc.MimeTypeOpus)
	red, ok := rtpkit.CodecParameters(rtpkit.MimeRED)
	require.True(t, ok)
	both, only := []webrtc.RTPCodecParameters{opus, red}, []webrtc.RTPCodecParameters{opus}
	other := opus
	other.PayloadType = 109
	r := newEmptyFakeRoom()
	type sent struct {
		pt      uint8
		payload []byte
	}
	got := map[string][]sent{}
	slots := map[string]*slot{}
	for uid, codecs := range map[string][]webrtc.RTPCodecParameters{"has": both, "has not": only, "names it": {other, red}} {
		p, writers := newFakePeer(r, uid, codecs, 1, 0)
		writers[0].check = func(h *rtp.Header, payload []byte) {
			got[uid] = append(got[uid], sent{h.PayloadType, bytes.Clone(payload)})
		}
		slots[uid] = p.slots[0]
	}
	publisher, _ := newFakePeer(r, "", both, 0, 0)
	require.NoError(t, publisher.Publish(stream(1, "audio/opus"), "0"))

	var w rtpkit.REDWriter
	_ = w.Write([]byte("one"), 960, uint8(opus.PayloadType), 1, 1000)
	second := bytes.Clone(w.Write([]byte("two"), 2*960, uint8(opus.PayloadType), 1, 1000))
	send := func(seq uint16, pt webrtc.PayloadType, payload []byte) {
		publisher.onRTP(1000, rtpBytes(t, rtp.Header{SSRC: 1000, SequenceNumber: seq, Timestamp: uint32(seq) * 960, PayloadType: uint8(pt)}, payload))
	}
	send(1, opus.PayloadType, []byte("one"))
	send(2, red.PayloadType, second)
	dropped := publisher.counts.dropped.Load()
	send(3, red.PayloadType, []byte{0xff, 1})
	assert.Equal(t, dropped+1, publisher.counts.dropped.Load(), "what is no RED goes nowhere")
	for _, s := range slots { // the same once more
		s.mu.Lock()
		assert.Positive(t, s.resend(s.lastSeq-1, 0, &s.spare, time.Now()))
		assert.Positive(t, s.resend(s.lastSeq, 0, &s.spare, time.Now()))
		s.mu.Unlock()
	}
	plain := []sent{{111, []byte("one")}, {111, []byte("two")}}
	whole := []sent{{111, []byte("one")}, {63, second}}
	others := []sent{{109, []byte("one")}, {109, []byte("two")}}
	assert.Equal(t, append(whole, whole...), got["has"])
	assert.Equal(t, append(plain, plain...), got["has not"])
	assert.Equal(t, append(others, others...), got["names it"])
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for _, s := range slots {
			_, _ = s.fits(redPacket, second)
		}
	}))
}
