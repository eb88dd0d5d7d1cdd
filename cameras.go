package crvideo

import (
	"context"
	"sync"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// SetEnableMultiVideo chooses whether a member, oneself with an empty or one's own UID, opens all its cameras, up to 8,
// or only the default one (CRVideo_SetEnableMutiVideo). For oneself it may be set in or out of a room and holds for the
// life of the client. OpenVideo then opens all cameras that there are (but no synthetic one that is not the default),
// OpenCamera and CloseCamera a single one. While cameras are open, enabling opens the others, and disabling closes all but
// the default one. Off at first. Errors: 12, 21, 800, 806 for another member, as with OpenVideo; for oneself those of OpenVideo.
func (c *Client) SetEnableMultiVideo(ctx context.Context, uid string, on bool) error {
	own, err := c.chooseMultiVideo(ctx, uid, on)
	if err != nil || !own {
		return err
	}
	_, err = await(ctx, "SetEnableMultiVideo", func(done func(nothing, error)) func() {
		return c.openOthers(func(err error) { done(nothing{}, err) })
	})
	return err
}

// chooseMultiVideo makes the choice known, and closes what is open against it.
func (c *Client) chooseMultiVideo(ctx context.Context, uid string, on bool) (own bool, err error) {
	const op = "SetEnableMultiVideo"
	if uid != "" && uid != c.UID() {
		return false, c.roomRequest(ctx, op, wire.MethodSetMultiVideo, &wire.MultiVideo{UID: uid, On: on})
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return true, fail(op, CodeNotInit, nil)
	}
	c.devices.multi = on
	r := c.room
	c.mu.Unlock()
	if r == nil {
		return true, nil
	}
	return true, c.tellDevices(ctx, op, r)
}

// GetEnableMultiVideo tells whether a member opens all its cameras (CRVideo_GetEnableMutiVideo). An empty UID is oneself.
func (c *Client) GetEnableMultiVideo(uid string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if uid == "" || (c.login != nil && uid == c.login.uid) {
		return c.devices.multi
	}
	if c.room != nil {
		if m := c.room.members[uid]; m != nil {
			return m.MultiVideo
		}
	}
	return false
}

// OpenCamera opens one of one's own cameras, beside those that are open; DefaultCamera is the default one. Open already
// is no error. Errors are those of OpenVideo, and 5 if it is not the default camera and several are not enabled
// (SetEnableMultiVideo), or if 8 are open.
func (c *Client) OpenCamera(ctx context.Context, videoID int) error {
	_, err := await(ctx, cameraKind.openOp(), func(done func(nothing, error)) func() {
		return c.startOpenCamera(videoID, func(err error) { done(nothing{}, err) })
	})
	return err
}

// CloseCamera closes one of one's own cameras and leaves the others open; DefaultCamera is the default one. Closed
// already is no error. Errors: 12, 800 as with CloseVideo.
func (c *Client) CloseCamera(ctx context.Context, videoID int) error {
	op := cameraKind.closeOp()
	c.mu.Lock()
	_, err := c.inRoomLocked(op)
	if d := c.devices.defaultCamera(c.params.AllowSynthetic); videoID == DefaultCamera && d != nil {
		videoID = d.id
	}
	pub := c.camera.of(videoID)
	c.mu.Unlock()
	if err != nil || pub == nil {
		return err
	}
	return c.closeAll(ctx, op, []*publication{pub})
}

func (c *Client) startOpenCamera(videoID int, done func(error)) (abandon func()) {
	op := cameraKind.openOp()
	c.mu.Lock()
	def := c.devices.defaultCamera(c.params.AllowSynthetic)
	if !c.devices.multi && (videoID == DefaultCamera || def != nil && def.id == videoID) {
		c.mu.Unlock()
		return c.startOpen(cameraKind, done)
	}
	if videoID == DefaultCamera && def != nil {
		videoID = def.id
	}
	r, err := c.mayOpenLocked(op)
	if err == nil {
		_, err = c.devices.present(op, videoID)
	}
	place, free := c.camera.free()
	switch {
	case err != nil:
	case !c.devices.multi:
		err = failf(op, CodeBadParameter, "camera %d is not the default one, and several at once are not enabled", videoID)
	case c.camera.of(videoID) != nil:
	case !free:
		err = failf(op, CodeBadParameter, "%d cameras are open", wire.MaxVideos)
	default:
		pub := c.beginLocked(r, cameraKind, videoID, place, done)
		c.mu.Unlock()
		return func() { c.closeOwn(pub) }
	}
	c.mu.Unlock()
	done(err) // nil: it is open, or opening, already
	return noAbandon
}

// openAllLocked opens all cameras that are closed, as many as may be open. done is called once, when the last one is open
// or has failed, with the first failure. It unlocks Client.mu.
func (c *Client) openAllLocked(r *room, done func(error)) (abandon func()) {
	var begun []*publication
	all := &gathering{done: done, left: 1}
	for _, v := range c.describeLocked().Videos {
		place, free := c.camera.free()
		if !free {
			break
		}
		if c.camera.of(v.ID) == nil {
			all.left++
			begun = append(begun, c.beginLocked(r, cameraKind, v.ID, place, all.ended))
		}
	}
	c.mu.Unlock()
	all.ended(nil)
	return func() {
		for _, pub := range begun {
			c.closeOwn(pub)
		}
	}
}

// gathering calls done when everything has ended, with the first error.
type gathering struct {
	mu   sync.Mutex
	left int
	err  error
	done func(error)
}

func (g *gathering) ended(err error) {
	g.mu.Lock()
	if g.err == nil {
		g.err = err
	}
	g.left--
	last, err := g.left == 0, g.err
	g.mu.Unlock()
	if last {
		g.done(err)
	}
}

// openOthers opens the other cameras, if several at once are enabled and one is open.
func (c *Client) openOthers(done func(error)) (abandon func()) {
	c.mu.Lock()
	on := c.devices.multi && len(c.camera.pubs) > 0
	c.mu.Unlock()
	if !on {
		done(nil)
		return noAbandon
	}
	return c.startOpen(cameraKind, done)
}

// multiVideoChanged follows another member's choice for us, or takes note of one about somebody else.
func (r *room) multiVideoChanged(p *wire.MultiVideo) {
	r.change(p.UID, func(c *Client, m *member) {
		m.MultiVideo = p.On
		emit(c, &c.on.videoDev, VideoDevChanged{p.UID})
		if p.UID == r.login.uid {
			c.devices.multi, r.self.MultiVideo = p.On, p.On
			r.spawnLocked(func() {
				c.syncCameras(r)
				c.openOthers(c.opened(cameraKind))
			})
		}
	})
}

// syncCameras lets the cameras that are open follow a change of what there is, or of what is wanted. Without several at
// once the default one takes the place of another one: the others see another camera, so it is another stream. A camera
// that is only being opened becomes the right one by itself.
func (c *Client) syncCameras(r *room) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	if c.room != r {
		c.mu.Unlock()
		return
	}
	def, changed := c.devices.noteDefault(c.params.AllowSynthetic)
	had := c.camera.pubs
	closing, next := c.superfluousLocked(def)
	for _, pub := range closing {
		c.camera.remove(pub)
	}
	if len(closing) > 0 {
		c.refreshStatusLocked(cameraKind)
	}
	if c.devices.multi && len(had) > 0 && def != nil && (changed || len(c.camera.pubs) == 0) && c.camera.of(def.id) == nil {
		next = true
	}
	if place, free := c.camera.free(); next && free {
		c.beginLocked(r, cameraKind, def.id, place, c.heirOfLocked(closing))
	}
	c.mu.Unlock()
	for _, pub := range closing {
		c.sendClose(pub)
	}
}

// superfluousLocked are the publications that are to end, and whether the default camera is to take the place of one.
func (c *Client) superfluousLocked(def *deviceEntry) (closing []*publication, next bool) {
	if c.devices.multi {
		for _, pub := range c.camera.pubs {
			if _, err := c.devices.present("", pub.device); err != nil {
				closing = append(closing, pub)
			}
		}
		return closing, false
	}
	if len(c.camera.pubs) == 0 || def == nil {
		return nil, false
	}
	keep := c.camera.of(def.id)
	if keep == nil {
		keep = c.camera.pubs[0]
		next = keep.source() != nil
	}
	for _, pub := range c.camera.pubs {
		if pub != keep || next {
			closing = append(closing, pub)
		}
	}
	return closing, next
}

// heirOfLocked gives who hears of the opening of the camera that takes over: who waited for one that did not get so far.
func (c *Client) heirOfLocked(closed []*publication) (opened func(error)) {
	for _, pub := range closed {
		if pub.opened != nil && opened == nil {
			opened, pub.opened = pub.opened, nil
		}
	}
	if opened == nil {
		opened = c.opened(cameraKind)
	}
	return opened
}

// placesWantedLocked is how many cameras must be able to send at once.
func (r *room) placesWantedLocked() int {
	places := 1
	if r.c.devices.multi { // those that OpenVideo opens
		places = max(places, len(r.c.describeLocked().Videos))
	}
	for _, pub := range r.c.camera.pubs {
		places = max(places, pub.place+1)
	}
	return places
}

// placeLocked gives a publication its place on the connection of now, or has one made.
func (r *room) placeLocked(pub *publication) {
	if pub.kind == cameraKind && pub.place >= r.places {
		r.poke()
		return
	}
	pub.outlet.Store(pub.kind.outlet(r.conn, pub.place))
}

// takePlacesLocked gives publications that wait for it their place on a connection that was negotiated.
func (r *room) takePlacesLocked(conn *rtc.Conn) {
	if r.conn != conn {
		return
	}
	r.places = conn.Cameras()
	for _, pub := range r.c.camera.pubs {
		if pub.outlet.Load() == nil {
			r.placeLocked(pub)
		}
	}
	r.c.broadcastLocked()
}

// awaitPlace waits until there is a place from which a publication can send.
func (c *Client) awaitPlace(pub *publication) error {
	for {
		c.mu.Lock()
		ready, changed := pub.outlet.Load() != nil, c.changed
		c.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-changed:
		case <-pub.ctx.Done():
			return pub.ctx.Err()
		}
	}
}
