package sfu

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

const (
	limitInterval = 500 * time.Millisecond // between two words to a publisher about the same limit
	limitStep     = 0.04                   // a smaller change can wait for the next word
	many          = 2                      // subscribers; if there are more, one slow one does not bring the picture
	manyShare     = 250_000                // below this many bit/s for the others
	unlimited     = 1 << 31                // bit/s, tells that there is no limit
	soundShare    = 100_000                // bit/s that a limit of everything leaves to sound, repetitions included
)

// limit is how much a publisher was told to send, with a message that browsers know too.
type limit struct {
	bps int64 // 0: there is no limit
	at  time.Time
}

// change takes over another limit if it is time to tell it, and tells when to look again.
func (l *limit) change(bps int64, now time.Time) (tell bool, next time.Time) {
	if bps == 0 && l.bps == 0 {
		return false, time.Time{}
	}
	since := now.Sub(l.at)
	diff := float64(max(bps-l.bps, l.bps-bps))
	if since < limitInterval && (diff <= limitStep*float64(l.bps) || since < shareInterval/2) {
		return false, l.at.Add(limitInterval)
	}
	l.bps, l.at = bps, now
	return true, now.Add(limitInterval)
}

func (l *limit) tell(p *Peer, b *batch, ssrcs []uint32) {
	bps := float32(l.bps)
	if l.bps == 0 {
		bps = unlimited
	}
	b.add(p, &rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: reportedSSRC, Bitrate: bps, SSRCs: ssrcs}, 20+4*len(ssrcs))
}

// bound is the least that the subscribers of a layer can be sent, 0 if there is no limit, and how many they are.
func (t *track) bound() (least int64, watching int) {
	for _, s := range *t.subscribers.Load() {
		watching++
		if share := s.share.Load(); share > 0 && (least == 0 || share < least) {
			least = share
		}
	}
	if watching > 1 && t.smaller {
		least = 0 // who has not enough for this layer gets a smaller one
	}
	if least > 0 && watching > many {
		least = max(least, manyShare)
	}
	return least, watching
}

// limit tells the publisher what the subscribers of its streams can be sent.
func (p *Peer) limit(now time.Time, b *batch) (next time.Time) {
	if p.cfg.OneLimit {
		return p.limitTogether(now, b)
	}
	for _, t := range *p.tracks.Load() {
		if t.kind != webrtc.RTPCodecTypeVideo {
			continue
		}
		least, _ := t.bound()
		tell, again := t.limited.change(least, now)
		if tell {
			t.limited.tell(p, b, []uint32{t.mediaSSRC()})
		}
		next = sooner(next, again)
	}
	return next
}

// limitTogether makes one limit of all.
func (p *Peer) limitTogether(now time.Time, b *batch) time.Time {
	tell, next := p.limited.change(p.boundTogether(), now)
	if tell {
		var ssrcs []uint32
		for _, t := range *p.tracks.Load() {
			if t.kind == webrtc.RTPCodecTypeVideo {
				ssrcs = append(ssrcs, t.mediaSSRC())
			}
		}
		p.limited.tell(p, b, ssrcs)
	}
	return next
}

// boundTogether is 0 if anything that is watched has no limit: for that any would be too low.
func (p *Peer) boundTogether() (sum int64) {
	for _, t := range *p.tracks.Load() {
		if t.kind != webrtc.RTPCodecTypeVideo {
			continue
		}
		least, watching := t.bound()
		if watching > 0 && least == 0 {
			return 0
		}
		sum += least
	}
	if sum > 0 {
		sum += soundShare
	}
	return sum
}
