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

	// How long after the call of EnterMeeting media was connected, the first packet of sound came, the first key frame
	// began to come, and the first picture was there as a whole; 0: not yet.
	Connected, FirstAudio, FirstKeyFrame, FirstPicture time.Duration

	Estimate     int           // bit/s that the network carries from us to the server; an upper bound unless LimitReason is LimitUpload
	Limited      bool          // our camera sends less than it was set to
	LimitReason  string        // why: LimitUpload, LimitSubscribers, or "" if it does not
	Queue        time.Duration // how long our packets wait on their way to the server
	Score        float64       // of the network, 0 to 10, as in NetStateChanged
	UploadLoss   float64       // part of our packets that was lost in the last 2 s, 0 to 1
	DownloadLoss float64       // and of those for us
}

// Why a camera sends less than it was set to.
const (
	LimitUpload      = "upload"      // the network between us and the server
	LimitSubscribers = "subscribers" // the network between the server and those who watch
)

// StreamStats are the counts of one stream.
type StreamStats struct {
	UID   string
	Kind  string // KindAudio or KindVideo
	CamID int    // of video
	Codec string // for example "video/H264"

	Packets, Bytes uint64        // whole RTP packets, without repetitions
	Lost           int64         // packets that never arrived
	Repaired       uint64        // packets that arrived after they were asked for again
	Redundant      uint64        // packets of sound that were lost and came in a later one; see AudioCfg.Redundancy
	Jitter         time.Duration // of the arrival of packets
	KeyFrameAsks   uint64        // key frames that were asked for
	Concealed      time.Duration // sound that never came in time and was guessed, by all readers and mixes together
	Recovered      time.Duration // sound that never came in time and was rebuilt from the packet after it
	Delay          time.Duration // how long the jitter buffer of a Mix or of the speaker holds the sound back; 0: there is none
	Bitrate        int           // bit/s over the last second, whole RTP packets
	Target         int           // bit/s that our camera was told to send; 0: others'
	Freezes        uint64        // times that the picture stood still for over 200 ms, and three times as long as usual
	Frozen         time.Duration // how long that was, all together
	LastPacket     time.Time     // when the last packet arrived; zero: none yet, or a sending stream

	// Width and Height are those of the pictures, in pixels: of others' cameras as a VideoReader or VideoUI decoded the last one, which tells
	// the layer (the big or the small stream) that the server chose; 0: nobody decodes them.
	Width, Height int
	Layers        []LayerStats // of our camera: the sizes that are sent now, the largest first; of others' none
}

// LayerStats are about one size of our camera's picture, which is only sent while anybody watches it.
type LayerStats struct {
	Layer         int // 0: the largest
	Width, Height int // pixels; 0: an application's source in one size did not tell
	Bitrate       int // bit/s over the last second, whole RTP packets
	Target        int // bit/s that it was told to send
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
	r.pathStats(&s)
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
	for _, pub := range c.publicationsLocked() {
		if pub.stream != nil {
			st := sent(r.login.uid, pub.kind, pub.device, pub.stream, pub.outlet.Load())
			if pub.kind == cameraKind {
				st.Layers = pub.layerStats()
			}
			s.Sending = append(s.Sending, st)
		}
	}
	return s
}

// pathStats reads what is known about the network. Client.mu is held.
func (r *room) pathStats(s *Stats) {
	f := &r.firsts
	s.Connected, s.FirstAudio = f.Connected.Since(r.entering), f.Audio.Since(r.entering)
	s.FirstKeyFrame, s.FirstPicture = f.KeyFrame.Since(r.entering), f.Picture.Since(r.entering)
	e := r.conn.Estimate()
	s.Estimate, s.Queue = e.Bps, e.Queue
	switch {
	case e.Video == 0:
	case e.Server:
		s.Limited, s.LimitReason = true, LimitSubscribers
	default:
		s.Limited, s.LimitReason = true, LimitUpload
	}
	s.Score, s.UploadLoss, s.DownloadLoss = r.net.score, r.net.up, r.net.down
}

func received(uid, kind string, camID int, in *rtc.Inlet) StreamStats {
	st, sound := in.Stats(), in.Sound.Read()
	width, height := in.Shown.Get()
	return StreamStats{
		UID: uid, Kind: kind, CamID: camID, Codec: in.Codec(),
		Packets: st.Packets, Bytes: st.Bytes, Lost: int64(st.Lost), Repaired: st.Recovered, Redundant: st.Redundant, Jitter: st.Jitter,
		Concealed: sound.Concealed, Recovered: sound.Recovered, Delay: sound.Delay,
		KeyFrameAsks: st.PLIs, LastPacket: st.LastPacket, Bitrate: st.Bitrate, Freezes: st.Freezes, Frozen: st.Frozen,
		Width: width, Height: height,
	}
}

func sent(uid string, k deviceKind, device int, stream *wire.Stream, out *rtc.Outlet) StreamStats {
	st := out.Stats()
	s := StreamStats{
		UID: uid, Kind: wire.CodecKind(stream.Codec), Codec: stream.Codec, Packets: st.Packets, Bytes: st.Bytes,
		Lost: st.Lost, Repaired: st.Repeated, Jitter: st.Jitter, KeyFrameAsks: st.PLIs, Bitrate: st.Bitrate, Target: st.Target,
	}
	if k == cameraKind {
		s.CamID = device
	}
	return s
}

// GetStats reads the default client's counters.
func GetStats() Stats { return Default().GetStats() }
