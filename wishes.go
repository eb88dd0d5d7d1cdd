package crvideo

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// checkWish says whether a camera can be watched. An impossible one must not get into the set that the server is sent.
func checkWish(op, uid string, camID int) error {
	return checked(op, &wire.VideoParams{UID: uid, VideoID: camID})
}

// maxWishHeight is more than any picture has.
const maxWishHeight = 1 << 13

// wish is somebody here who wants a member's pictures. Guarded by Client.mu.
type wish struct {
	key    videoKey
	height int  // pixels in which it is shown; 0: the largest size
	hidden bool // not at present
}

// watch notes that somebody here wants a member's pictures, and the height in which they are shown, 0 for the largest size.
// Wishes outlive rooms.
func (c *Client) watch(key videoKey, height int, hidden bool) *wish {
	w := &wish{key: key, height: height, hidden: hidden}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wishes[w] = struct{}{}
	c.wishesChangedLocked()
	return w
}

// rewatch changes a wish.
func (c *Client) rewatch(w *wish, height int, hidden bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.height != height || w.hidden != hidden {
		w.height, w.hidden = height, hidden
		c.wishesChangedLocked()
	}
}

func (c *Client) unwatch(w *wish) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.wishes, w)
	c.wishesChangedLocked()
}

func (c *Client) wishesChangedLocked() {
	if c.room != nil {
		c.room.poke()
	}
}

// wishedLocked are the cameras that are wanted, and the largest height in which each is shown; 0: its largest size.
func (c *Client) wishedLocked(self string) map[videoKey]int {
	all := map[videoKey]int{}
	for w := range c.wishes {
		if w.hidden || w.key.uid == self {
			continue
		}
		height, twice := all[w.key]
		switch {
		case !twice, w.height == 0:
			height = w.height
		case height > 0:
			height = max(height, w.height)
		}
		all[w.key] = height
	}
	return all
}

// wishes are what the server is to send us.
type wishes struct {
	videos  map[videoKey]int // with the height in which each is shown, 0: the largest size
	hearing wire.AudioWish
}

// same tells whether both mean the same.
func (w *wishes) same(o *wishes) bool {
	if !maps.Equal(w.videos, o.videos) || w.hearing.Mode != o.hearing.Mode {
		return false
	}
	return w.hearing.Mode == wire.HearAll || slices.Equal(w.hearing.UIDs, o.hearing.UIDs)
}

// syncWishes tells the server what to send us, if it differs from what was told last.
func (r *room) syncWishes(ctx context.Context) error {
	r.c.mu.Lock()
	hearing, want := r.c.hearing, r.c.wishedLocked(r.login.uid)
	r.c.mu.Unlock()
	now := wishes{want, hearing}
	if now.same(&r.subscribed) {
		return nil
	}
	r.c.mu.Lock()
	for key := range want {
		if _, before := r.subscribed.videos[key]; before {
			continue
		}
		if inlet := r.c.inletOfLocked(cameraKind, key); inlet != nil {
			inlet.Resume() // that nobody watched was no freeze
		}
	}
	r.c.mu.Unlock()
	params := wire.SubscribeParams{Videos: make([]wire.VideoWish, 0, len(want))}
	if hearing.Mode != wire.HearAll {
		params.Audio = &hearing
	}
	for key, height := range want {
		params.Videos = append(params.Videos, wire.VideoWish{
			VideoParams: wire.VideoParams{UID: key.uid, VideoID: key.camID}, Height: min(height, maxWishHeight),
		})
	}
	slices.SortFunc(params.Videos, func(a, b wire.VideoWish) int {
		return cmp.Or(cmp.Compare(a.UID, b.UID), a.VideoID-b.VideoID)
	})
	if over := len(params.Videos) - wire.MaxSubscriptions; over > 0 {
		r.c.log.Warn("more cameras are watched than can be received", "room", r.id, "left out", over)
		params.Videos = params.Videos[:wire.MaxSubscriptions]
	}
	if err := r.login.session().Bound().Call(ctx, wire.MethodSubscribe, params, nil); err != nil {
		return err
	}
	r.subscribed = now
	return nil
}

// inletOf finds the stream that carries key now.
func (c *Client) inletOfLocked(kind deviceKind, key videoKey) *rtc.Inlet {
	if c.room == nil {
		return nil
	}
	m := c.room.members[key.uid]
	switch {
	case m == nil:
		return nil
	case kind == micKind:
		return m.audio
	}
	camID := key.camID
	if camID == DefaultCamera {
		camID = m.DefaultVideo
	}
	return m.videos[camID]
}

// follower watches for the default camera of a member to become another one while the stream of the last goes on.
type follower struct {
	key   videoKey
	inlet *rtc.Inlet
	turn  func() // must not wait, nor lock Client.mu
}

// follow calls turn, once, when key means another stream than inlet although that has not ended.
func (c *Client) follow(kind deviceKind, key videoKey, inlet *rtc.Inlet, turn func()) (stop func()) {
	if kind != cameraKind || key.camID != DefaultCamera {
		return func() {} // a certain camera has one stream at a time
	}
	f := &follower{key, inlet, turn}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.followers[f] = struct{}{}
	c.turnLocked()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.followers, f)
	}
}

// turnLocked looks for followers of a default camera that is another one now.
func (c *Client) turnLocked() {
	for f := range c.followers {
		if now := c.inletOfLocked(cameraKind, f.key); now == nil || now == f.inlet {
			continue
		}
		for _, inlet := range c.room.members[f.key.uid].videos {
			if inlet == f.inlet { // else it has ended, and what came before its end is still to be read
				delete(c.followers, f)
				f.turn()
				break
			}
		}
	}
}

// awaitInlet waits until there is a stream other than last. It ends with io.EOF when stop is closed.
func (c *Client) awaitInlet(ctx context.Context, kind deviceKind, key videoKey, last *rtc.Inlet, stop <-chan struct{}) (*rtc.Inlet, error) {
	for {
		c.mu.Lock()
		inlet, changed := c.inletOfLocked(kind, key), c.changed
		c.mu.Unlock()
		if inlet != nil && inlet != last {
			return inlet, nil
		}
		select {
		case <-changed:
		case <-stop:
			return nil, io.EOF
		case <-c.life.Done():
			return nil, io.EOF
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
