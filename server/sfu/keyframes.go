package sfu

import (
	"sync"
	"time"
)

// How often a publisher is asked for a key frame at most, and how often again while it does not come.
const (
	keyFrameThrottle = 200 * time.Millisecond
	keyFrameRetry    = 500 * time.Millisecond
)

// keyFrames collects the wishes for key frames of one stream. A wish within the throttle is granted later, not dropped.
type keyFrames struct {
	mu     sync.Mutex
	wanted bool
	last   time.Time // when the publisher was asked
	asked  uint64
}

// want asks for a key frame, now or as soon as the throttle allows.
func (k *keyFrames) want(t *track) {
	k.mu.Lock()
	k.wanted = true
	k.mu.Unlock()
	t.peer.room.wakeUp()
}

// sourceKnown is called with the first packet: from now on the publisher can be asked.
func (k *keyFrames) sourceKnown(t *track) {
	k.mu.Lock()
	wanted := k.wanted
	k.mu.Unlock()
	if wanted {
		t.peer.room.wakeUp()
	}
}

// due tells whether to ask now, and when to look again (zero: not before the next wish).
func (k *keyFrames) due(t *track, now time.Time) (ask bool, next time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch since := now.Sub(k.last); {
	case k.wanted && since < keyFrameThrottle:
		return false, k.last.Add(keyFrameThrottle)
	case !k.wanted && t.waiting.Load() == 0:
		return false, time.Time{}
	case !k.wanted && since < keyFrameRetry:
		return false, k.last.Add(keyFrameRetry)
	case !k.wanted && !t.anybodyWaits():
		return false, now.Add(keyFrameRetry)
	}
	if !t.peer.live.Load() || t.mediaSSRC() == 0 {
		return false, time.Time{} // there is a wake-up when it changes
	}
	k.wanted, k.last = false, now
	k.asked++
	return true, now.Add(keyFrameRetry)
}

// anybodyWaits tells whether a connected subscriber waits for a key frame.
func (t *track) anybodyWaits() bool {
	for _, s := range *t.subscribers.Load() {
		if s.waitsFor(t) {
			return true
		}
	}
	return false
}

// mediaSSRC is what the stream is sent with: as received, or before that as declared.
func (t *track) mediaSSRC() uint32 {
	if ssrc := t.ssrc.Load(); ssrc != 0 {
		return ssrc
	}
	return t.declared.Load()
}
