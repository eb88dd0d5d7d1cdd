package crvideo

import (
	"slices"
	"strings"
	"time"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// Kinds of streams in Stats.
const (
	KindAudio = "audio"
	KindVideo = "video"
)

// Stats are what a client knows of its connections. All counts grow from zero over the life of a stream; rates are
// the difference of two readings.
type Stats struct {
	RTT       time.Duration // round trip of media between us and the server; 0: not known yet
	SignalRTT time.Duration // round trip of the signalling connection; 0: not known yet
	Media     string        // state of the media connection: "new", "connecting", "connected", "disconnected", "failed" or "closed"; empty: none
	Transport string        // of media: "udp", "tcp", or "" while there is no path
	Receiving []StreamStats // by UID, then audio before video
	Sending   []StreamStats
}

// StreamStats are the counts of one stream.
type StreamStats struct {
	UID   string
	Kind  string // KindAudio or KindVideo
	CamID int    // of video
	Codec string // for example "video/H264"

	Packets, Bytes uint64        // whole RTP packets, without repetitions
	Lost           int64         // packets that never arrived
	Repaired       uint64        // packets that arrived after they were asked for again
	Jitter         time.Duration // of the arrival of packets
	KeyFrameAsks   uint64        // key frames that were asked for
	Concealed      time.Duration // sound that never came in time and was guessed, by all readers and mixes together
	Recovered      time.Duration // sound that never came in time and was rebuilt from the packet after it
	Delay          time.Duration // how long the jitter buffer of a Mix or of the speaker holds the sound back; 0: there is none
	LastPacket     time.Time     // when the last packet arrived; zero: none yet, or a sending stream
}

// GetStats reads the counters of all streams. Out of a room they are empty.
func (c *Client) GetStats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	var s Stats
	if c.login != nil {
		if sess := c.login.session(); sess != nil {
			s.SignalRTT = sess.RTT()
		}
	}
	r := c.room
	if r == nil || !r.in || r.conn == nil {
		return s
	}
	s.RTT, s.Media, s.Transport = r.conn.RTT(), r.conn.State().String(), r.conn.Transport()
	for uid, m := range r.members {
		if m.audio != nil {
			s.Receiving = append(s.Receiving, received(uid, KindAudio, 0, m.audio))
		}
		for camID, inlet := range m.videos {
			s.Receiving = append(s.Receiving, received(uid, KindVideo, camID, inlet))
		}
	}
	slices.SortFunc(s.Receiving, func(a, b StreamStats) int {
		if d := strings.Compare(a.UID, b.UID); d != 0 {
			return d
		}
		if d := strings.Compare(a.Kind, b.Kind); d != 0 {
			return d
		}
		return a.CamID - b.CamID
	})
	for _, k := range []deviceKind{micKind, cameraKind} {
		if pub := c.publisher(k).pub; pub != nil && pub.stream != nil {
			s.Sending = append(s.Sending, sent(r.login.uid, k, pub.device, pub.stream, pub.outlet.Load()))
		}
	}
	return s
}

func received(uid, kind string, camID int, in *rtc.Inlet) StreamStats {
	st, sound := in.Stats(), in.Sound.Read()
	return StreamStats{
		UID: uid, Kind: kind, CamID: camID, Codec: in.Codec(),
		Packets: st.Packets, Bytes: st.Bytes, Lost: int64(st.Lost), Repaired: st.Recovered, Jitter: st.Jitter,
		Concealed: sound.Concealed, Recovered: sound.Recovered, Delay: sound.Delay,
		KeyFrameAsks: st.PLIs, LastPacket: st.LastPacket,
	}
}

func sent(uid string, k deviceKind, device int, stream *wire.Stream, out *rtc.Outlet) StreamStats {
	st := out.Stats()
	s := StreamStats{
		UID: uid, Kind: wire.CodecKind(stream.Codec), Codec: stream.Codec, Packets: st.Packets, Bytes: st.Bytes,
		Lost: st.Lost, Repaired: st.Repeated, Jitter: st.Jitter, KeyFrameAsks: st.PLIs,
	}
	if k == cameraKind {
		s.CamID = device
	}
	return s
}

// GetStats reads the default client's counters.
func GetStats() Stats { return Default().GetStats() }
