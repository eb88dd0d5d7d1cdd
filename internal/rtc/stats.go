package rtc

import (
	"sync/atomic"
	"time"
)

// Size is that of a picture, in pixels. It may be set and read at the same time.
type Size struct{ v atomic.Uint64 }

// Set takes note of a size.
func (s *Size) Set(width, height int) { s.v.Store(uint64(uint32(width))<<32 | uint64(uint32(height))) }

// Get gives the last one; 0, 0: there was none.
func (s *Size) Get() (width, height int) {
	v := s.v.Load()
	return int(uint32(v >> 32)), int(uint32(v))
}

// InStats are the counts of a received stream.
type InStats struct {
	Packets, Bytes uint64        // delivered, of whole RTP packets; with those that were repeated
	Lost           uint64        // packets that never came
	Samples        uint64        // whole frames; only counted while there are sample readers
	KeyFrames      uint64        // pictures only
	Broken         uint64        // frames left out because something was missing
	Dropped        uint64        // packets that nobody came to read, or of the wrong codec
	PLIs           uint64        // key frames asked for
	LastPacket     time.Time     // zero: none yet
	NACKs          uint64        // packets asked for again; of the slot, which may have served other streams
	Recovered      uint64        // packets that came after they were asked for; of the slot
	Redundant      uint64        // packets of sound that were lost and came in a later one; of the slot
	Jitter         time.Duration // of the slot
	Freezes        uint64        // times that the picture stood still for over 200 ms, and three times as long as usual
	Frozen         time.Duration // how long that was
	Bitrate        int           // bit/s over the last second
}

// Stats returns the counts so far.
func (in *Inlet) Stats() InStats {
	in.r.mu.Lock()
	defer in.r.mu.Unlock()
	out := in.stats
	out.Bitrate = in.rate.bps
	if s := in.slot; s != nil {
		out.NACKs, out.Recovered, out.Jitter = s.nacks, s.repaired, s.stats.Snapshot().Jitter
		out.Redundant = s.redundant
	}
	return out
}

// OutStats are the counts of a sent stream, over all its Starts.
type OutStats struct {
	Packets, Bytes uint64        // sent, of whole RTP packets, without repetitions
	Samples        uint64        // sent
	Dropped        uint64        // samples written before the transport was connected
	NACKs          uint64        // packets that were asked for again
	Repeated       uint64        // packets that were sent again
	PLIs           uint64        // key frames that were asked for
	RTT            time.Duration // as of the last receiver report; 0: not known yet
	FractionLost   float64       // 0 to 1, as of the last receiver report
	Lost           int64         // packets the receiver lost, as of its last report
	Jitter         time.Duration // as of the last receiver report
	Bitrate        int           // bit/s over the last second, without repetitions
	Target         int           // bit/s that its source was told; 0: nothing
}

// Stats returns the counts so far, of a camera those of all its layers together.
func (o *Outlet) Stats() OutStats {
	out := o.ownStats()
	for i := 1; i < len(o.layers); i++ {
		out.add(o.layers[i].ownStats())
	}
	return out
}

// add adds up what can be. Of the rest the first layer's holds, or the worst.
func (s *OutStats) add(o OutStats) {
	s.Packets, s.Bytes, s.Samples, s.Dropped = s.Packets+o.Packets, s.Bytes+o.Bytes, s.Samples+o.Samples, s.Dropped+o.Dropped
	s.NACKs, s.Repeated, s.PLIs, s.Lost = s.NACKs+o.NACKs, s.Repeated+o.Repeated, s.PLIs+o.PLIs, s.Lost+o.Lost
	s.Bitrate, s.Target = s.Bitrate+o.Bitrate, s.Target+o.Target
	if s.RTT == 0 {
		s.RTT = o.RTT
	}
	s.FractionLost, s.Jitter = max(s.FractionLost, o.FractionLost), max(s.Jitter, o.Jitter)
}

// Loss is the part of the packets that the receiver lost, 0 to 1, as of its last report.
func (o *Outlet) Loss() float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.send.Snapshot().FractionLost
}

// LayerStats are those of one layer; of none, nothing.
func (o *Outlet) LayerStats(layer int) OutStats {
	if layer < 0 || layer >= len(o.layers) {
		return OutStats{}
	}
	return o.layers[layer].ownStats()
}

func (o *Outlet) ownStats() OutStats {
	target := o.c.bw.toldTo(&o.demand)
	o.mu.Lock()
	defer o.mu.Unlock()
	out, s := o.stats, o.send.Snapshot()
	out.Target = target
	out.Bitrate = o.measured.bps
	out.Packets, out.Bytes, out.RTT = s.Packets, s.Bytes, s.RTT
	out.FractionLost, out.Lost, out.Jitter = s.FractionLost, s.RemoteLost, s.RemoteJitter
	return out
}
