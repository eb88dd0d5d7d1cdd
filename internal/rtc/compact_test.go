package rtc

import (
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A compact offer says of each m-line what the full one does about mid, codecs and direction, and everything of those
// that send.
func TestCompactOffer(t *testing.T) {
	c, err := New(Config{Loopback: true, Cameras: 2})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = c.Offer()
	require.NoError(t, err)
	full := c.pc.PendingLocalDescription().SDP // which may have candidates by now
	short := compactOffer(full)
	assert.Less(t, len(short), len(full)*2/3)
	assert.Equal(t, short, compactOffer(short), "there is nothing left to leave out")

	var before, after sdp.SessionDescription
	require.NoError(t, before.UnmarshalString(full))
	require.NoError(t, after.UnmarshalString(short))
	assert.Equal(t, before.Attributes, after.Attributes)
	require.Len(t, after.MediaDescriptions, len(before.MediaDescriptions))
	for i, m := range after.MediaDescriptions {
		was := before.MediaDescriptions[i]
		assert.Equal(t, was.MediaName, m.MediaName)
		if _, slot := was.Attribute(sdp.AttrKeyRecvOnly); !slot {
			assert.Equal(t, was.Attributes, m.Attributes)
			continue
		}
		var kept []sdp.Attribute
		for _, a := range was.Attributes {
			switch a.Key {
			case "mid", "rtcp-mux", "rtpmap", "fmtp", "recvonly":
				kept = append(kept, a)
			}
		}
		assert.Equal(t, kept, m.Attributes)
	}
}

// An answer keeps what names the streams, and the candidates where they count.
func TestCompactAnswer(t *testing.T) {
	t.Parallel()
	head := "v=0\r\ns=-\r\na=group:BUNDLE 0 1\r\n"
	first := "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:x\r\na=extmap:1 y\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\na=ssrc:1 label:z\r\n"
	slot := "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=rtpmap:111 opus/48000/2\r\na=ssrc-group:FID 5 6\r\na=ssrc:5 cname:c\r\na=msid:s t\r\na=sendonly\r\n"
	long := strings.Replace(slot, "a=msid", "a=ssrc:5 msid:s t\r\na=ssrc:5 mslabel:s\r\na=ssrc:5 label:t\r\na=ice-ufrag:x\r\na=ice-pwd:p\r\na=setup:active\r\na=extmap:1 y\r\na=rtcp-fb:111 nack\r\na=msid", 1)
	assert.Equal(t, head+first+slot, compactAnswer(head+first+long))
	assert.Equal(t, head, compactAnswer(head))
	assert.Empty(t, compactAnswer(""))
}
