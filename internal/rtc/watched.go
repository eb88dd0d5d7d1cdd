package rtc

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// audience is whether anybody watches a camera that has one size only and cannot be told to pause. The zero value: somebody
// does.
type audience struct {
	none    bool // samples are not sent
	returns bool // somebody watches again, and the next key frame has not come yet
}

// Watch tells whether anybody watches. While nobody does samples are taken and not sent: time goes on in the stream, and
// nothing is missing in it. When somebody does again the source is asked for a key frame, and the stream goes on with the next
// one, whether it was asked for or came by itself. A Start is watched.
func (o *Outlet) Watch(watched bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a := &o.audience; watched == a.none {
		a.none, a.returns = !watched, watched
		o.keyWanted = watched
		o.c.feed.poke()
	}
}

// goesOn tells whether packets of a sample are to be sent, which after a pause must be the beginning of a key frame.
func (o *Outlet) goesOn(payloads [][]byte) bool {
	if o.audience.returns && slices.ContainsFunc(payloads, func(p []byte) bool { return rtpkit.IsKeyFrame(o.codec, p) }) {
		o.audience.returns = false
	}
	return !o.audience.returns
}
