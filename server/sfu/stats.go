package sfu

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// Stats are the counts of an SFU since its start, and what there is now.
type Stats struct {
	Rooms, Peers, Streams int // now

	PacketsIn, BytesIn   uint64 // RTP of published streams
	PacketsOut, BytesOut uint64 // RTP forwarded, without repetitions
	NacksIn, NacksOut    uint64 // packets that subscribers, and we, asked to be repeated
	Repeated             uint64 // packets sent again on request
	PLIsIn, PLIsOut      uint64 // key frames asked for by subscribers, and by us
	Dropped              uint64 // packets that made no sense: unknown m-line, wrong codec, cut

	Forwarded [maxLayers]int // streams that are sent to somebody, by layer; now
	Paths     []PathStats    // of all peers
}

// PathStats are about the path between the SFU and one peer.
type PathStats struct {
	Estimate         int  // bit/s that it carries to the peer; an upper bound unless Limited
	Limited          bool // it carries less than would be sent
	Queue, RTT       time.Duration
	LossDown, LossUp float64 // largest part of the packets of one stream that was lost, as reported last
}

type totals struct {
	packetsIn, bytesIn, packetsOut, bytesOut              atomic.Uint64
	nacksIn, nacksOut, repeated, plisIn, plisOut, dropped atomic.Uint64
}

// PeerStats is what is known about one peer now.
type PeerStats struct {
	ID          string
	State       State
	RTT         time.Duration // 0: not known
	AudioSlots  int           // m-lines on which the client receives sound
	VideoSlots  int           // and pictures
	Unsupported int           // streams that are wanted and not sent, since the client does not know their codec
	Early       uint64        // packets that came on m-lines on which nothing is published
	Dropped     uint64        // packets that made no sense
	Estimate    int           // bit/s that the path to the client carries; an upper bound unless Limited
	Limited     bool          // the path carries less than would be sent
	Queue       time.Duration // how long packets wait on that path
	Published   []PublishedStats
	Forwarded   []ForwardedStats
}

// PublishedStats is about a stream that the peer sends.
type PublishedStats struct {
	Num         uint32
	Codec       string
	Received    rtpkit.ReceiveSnapshot
	Missing     int    // packets that are missing now and are being asked for
	Nacks       uint64 // packets asked for
	Repaired    uint64 // packets that came by retransmission
	KeyRequests uint64
	Subscribers int
}

// ForwardedStats is about a stream that is sent to the peer.
type ForwardedStats struct {
	Num      uint32
	Mid      string
	SSRC     uint32
	Started  bool // false: waits for its first packet, or for a key frame
	Sent     rtpkit.SendSnapshot
	Gated    uint64 // packets that were not sent while waiting for a key frame
	Nacks    uint64 // packets the client asked for
	Repeated uint64 // packets sent again
	PLIs     uint64 // key frames the client asked for
}

type peerCounts struct {
	dropped, early atomic.Uint64
	unsupported    atomic.Int64
}

// slotCounts are used with slot.mu held.
type slotCounts struct {
	gated, failed, nacks, repeated, plis uint64

	second time.Time // since when
	budget int       // packets may be repeated still
}

// mayRepeat bounds the repetitions of a slot.
func (c *slotCounts) mayRepeat(now time.Time) bool {
	if now.Sub(c.second) > time.Second {
		c.second, c.budget = now, repeatsPerSecond
	}
	c.budget--
	return c.budget >= 0
}

// Stats returns the counts as of now.
func (s *SFU) Stats() Stats {
	t := &s.totals
	out := Stats{
		PacketsIn: t.packetsIn.Load(), BytesIn: t.bytesIn.Load(), PacketsOut: t.packetsOut.Load(), BytesOut: t.bytesOut.Load(),
		NacksIn: t.nacksIn.Load(), NacksOut: t.nacksOut.Load(), Repeated: t.repeated.Load(),
		PLIsIn: t.plisIn.Load(), PLIsOut: t.plisOut.Load(), Dropped: t.dropped.Load(),
	}
	for _, r := range s.allRooms() {
		r.mu.Lock()
		out.Rooms++
		out.Peers += len(*r.members.Load())
		out.Streams += len(r.streams)
		for _, p := range *r.members.Load() {
			out.Paths = append(out.Paths, p.pathStats(&out.Forwarded))
		}
		r.mu.Unlock()
	}
	return out
}

// pathStats reads what is known about the peer's path, and counts what is forwarded to it. room.mu is held.
func (p *Peer) pathStats(forwarded *[maxLayers]int) PathStats {
	out := PathStats{RTT: p.roundTrip()}
	p.down.mu.Lock()
	out.Estimate, out.Limited = p.down.est.Target()
	out.Queue = p.down.est.Queue()
	p.down.mu.Unlock()
	for _, t := range *p.tracks.Load() {
		t.mu.Lock()
		out.LossUp = max(out.LossUp, t.stats.Snapshot().Loss)
		t.mu.Unlock()
	}
	for _, s := range p.slots {
		s.mu.Lock()
		if s.track != nil && s.started {
			out.LossDown = max(out.LossDown, s.stats.Snapshot().FractionLost)
			forwarded[max(slices.Index(s.stream.layers, s.track), 0)]++
		}
		s.mu.Unlock()
	}
	return out
}

// Stats returns what is known about the peer now.
func (p *Peer) Stats() PeerStats {
	out := PeerStats{
		ID: p.cfg.ID, State: p.State(), RTT: p.roundTrip(), Unsupported: int(p.counts.unsupported.Load()),
		Early: p.counts.early.Load(), Dropped: p.counts.dropped.Load(),
	}
	p.down.mu.Lock()
	out.Estimate, out.Limited = p.down.est.Target()
	out.Queue = p.down.est.Queue()
	p.down.mu.Unlock()
	for _, t := range *p.tracks.Load() {
		out.Published = append(out.Published, t.snapshot())
	}
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	for _, s := range p.slots {
		switch {
		case !s.usable:
		case kindIndex(s.kind) == kindAudio:
			out.AudioSlots++
		default:
			out.VideoSlots++
		}
		if f, ok := s.snapshot(); ok {
			out.Forwarded = append(out.Forwarded, f)
		}
	}
	return out
}

func (t *track) snapshot() PublishedStats {
	t.keys.mu.Lock()
	asked := t.keys.asked
	t.keys.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	return PublishedStats{
		Num: t.num, Codec: t.codec, Received: t.stats.Snapshot(), Missing: t.gaps.Open(), Nacks: t.nacks, Repaired: t.repairs,
		KeyRequests: asked, Subscribers: len(*t.subscribers.Load()),
	}
}

func (s *slot) snapshot() (ForwardedStats, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.track == nil {
		return ForwardedStats{}, false
	}
	return ForwardedStats{
		Num: s.track.num, Mid: s.mid, SSRC: s.ssrc, Started: s.started, Sent: s.stats.Snapshot(),
		Gated: s.counts.gated, Nacks: s.counts.nacks, Repeated: s.counts.repeated, PLIs: s.counts.plis,
	}, true
}
