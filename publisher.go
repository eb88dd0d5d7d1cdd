package crvideo

import (
	"context"
	"errors"
	"slices"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/signal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// deviceKind tells microphone and camera apart where they are handled alike.
type deviceKind int

const (
	micKind deviceKind = iota
	cameraKind
)

func (k deviceKind) openOp() string  { return [...]string{"OpenMic", "OpenVideo"}[k] }
func (k deviceKind) closeOp() string { return [...]string{"CloseMic", "CloseVideo"}[k] }

func (k deviceKind) outlet(conn *rtc.Conn, place int) *rtc.Outlet {
	if k == micKind {
		return conn.Mic()
	}
	return conn.CameraAt(place)
}

// publisher is one's own microphone or one's own cameras: their state, and what is being sent of them. Guarded by
// Client.mu.
type publisher struct {
	status DeviceStatus
	pubs   []*publication                  // in the order of opening; of the microphone one at most
	open   int                             // how many are open
	last   [wire.MaxVideos]<-chan struct{} // by place: closed when the last publication there has let go of device and outlet; nil: there was none
}

// reset begins a stay in a room.
func (p *publisher) reset(present bool) {
	p.pubs, p.open, p.status = nil, 0, presence(present)
}

// drop ends a stay in a room.
func (p *publisher) drop() {
	for _, pub := range p.pubs {
		pub.cancel()
	}
	p.pubs, p.open, p.status = nil, 0, StatusUnknown
}

// has tells whether a publication is one of those of now.
func (p *publisher) has(pub *publication) bool { return slices.Contains(p.pubs, pub) }

// of finds the publication of a device; nil if it is closed.
func (p *publisher) of(device int) *publication {
	i := slices.IndexFunc(p.pubs, func(pub *publication) bool { return pub.device == device })
	if i < 0 {
		return nil
	}
	return p.pubs[i]
}

// openIDs are the devices that are open.
func (p *publisher) openIDs() (ids []int) {
	for _, pub := range p.pubs {
		if pub.stream != nil {
			ids = append(ids, pub.device)
		}
	}
	return ids
}

// remove takes a publication out, and ends it.
func (p *publisher) remove(pub *publication) {
	pub.cancel()
	p.pubs = slices.DeleteFunc(slices.Clone(p.pubs), func(o *publication) bool { return o == pub })
}

// free is a place that no publication has; false if there is none.
func (p *publisher) free() (place int, ok bool) {
	for place := range p.last {
		if !slices.ContainsFunc(p.pubs, func(pub *publication) bool { return pub.place == place }) {
			return place, true
		}
	}
	return 0, false
}

// state is what the publications make of the device's state; closed is the state without one.
func (p *publisher) state(closed DeviceStatus) DeviceStatus {
	switch {
	case len(p.pubs) == 0:
		return closed
	case len(p.openIDs()) > 0:
		return StatusOpen
	}
	return StatusOpening
}

func (c *Client) publisher(k deviceKind) *publisher {
	if k == micKind {
		return &c.mic
	}
	return &c.camera
}

// mayOpenLocked gives the room in which a device of our own may be opened.
func (c *Client) mayOpenLocked(op string) (*room, error) {
	r, err := c.inRoomLocked(op)
	if err == nil && r.conn == nil {
		err = failf(op, CodeNoPlatform, "NoMedia is set")
	}
	return r, err
}

// startOpen opens one's own microphone or default camera, or all cameras if they are to be open at once. done is called
// once.
func (c *Client) startOpen(k deviceKind, done func(error)) (abandon func()) {
	c.mu.Lock()
	r, err := c.mayOpenLocked(k.openOp())
	var device *deviceEntry
	if err == nil {
		device, err = c.chooseLocked(k)
	}
	switch p := c.publisher(k); {
	case err == nil && k == cameraKind && c.devices.multi:
		return c.openAllLocked(r, done)
	case err == nil && len(p.pubs) == 0:
		pub := c.beginLocked(r, k, device.id, 0, done)
		c.mu.Unlock()
		return func() { c.closeOwn(pub) }
	}
	c.mu.Unlock()
	done(err) // nil: it is open, or opening, already
	return noAbandon
}

// beginLocked begins a publication in the current room. opened hears of the end of opening.
func (c *Client) beginLocked(r *room, k deviceKind, device, place int, opened func(error)) *publication {
	p := c.publisher(k)
	pub := &publication{room: r, kind: k, wanted: []int{0}, device: device, place: place, opened: opened, gone: make(chan struct{})}
	pub.ctx, pub.cancel = context.WithCancel(r.ctx)
	if k == cameraKind {
		pub.watch = c.watchPictures(pub)
		c.devices.noteDefault(c.params.AllowSynthetic)
	}
	previous := p.last[place]
	p.pubs, p.last[place] = append(slices.Clone(p.pubs), pub), pub.gone
	r.placeLocked(pub)
	c.refreshStatusLocked(k)
	r.spawnLocked(func() { // the room is current, so it starts
		if previous != nil {
			<-previous
		}
		c.run(pub)
	})
	return pub
}

// askToOpen sends the request to publish, unless the publication has ended already.
func (c *Client) askToOpen(pub *publication, codec string, done func(error)) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	r := pub.room
	current := c.publisher(pub.kind).has(pub)
	pub.asked, pub.codec, pub.answer = current, codec, done
	told := !current || sameDevices(r.self, c.describeLocked())
	reopening := r.reopening
	c.mu.Unlock()
	switch {
	case !current: // its context has ended, too
		return
	case !told: // the server must know the device
		c.sendDevices(r, func(err error) {
			if err != nil {
				c.log.Warn("telling the devices", "op", pub.kind.openOp(), "error", err)
			}
		})
	}
	if !reopening {
		c.requestOpen(pub, r.login.session().Bound())
	}
}

// requestOpen asks the server to publish. sending is held.
func (c *Client) requestOpen(pub *publication, requests signal.Requests) {
	c.mu.Lock()
	done := pub.answer
	method, params := wire.MethodOpenMic, any(wire.OpenMicParams{UID: pub.room.login.uid, Mid: pub.outlet.Load().Mid(), Codec: pub.codec})
	if pub.kind == cameraKind {
		p := pub.openVideoLocked()
		pub.told = p.Layers
		method, params = wire.MethodOpenVideo, p
	}
	c.mu.Unlock()
	result := new(wire.OpenResult)
	requests.Go(method, params, answerTo(method, result, func(err error) { // on the read goroutine: in order with notifications
		if CodeOf(toError("", err)) == CodeSessionUnknown {
			return // the server has forgotten us, and will be asked again when we are in the room again
		}
		if err == nil && result.Stream == nil {
			err = wire.Errorf(wire.CodeInvalidData, "the server named no stream")
		}
		c.answered(pub, result.Stream, err)
		done(err)
	}))
}

// answered turns "opening" into "open" and reports it, unless the publication has ended meanwhile.
func (c *Client) answered(pub *publication, stream *wire.Stream, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		pub.asked = undecided(err) // refused: there is nothing to take back
	case c.publisher(pub.kind).has(pub):
		first := pub.stream == nil
		pub.stream = stream
		if layers, ok := pub.room.wanted[stream.Num]; ok && pub.kind == cameraKind {
			pub.want(layers)
		}
		c.refreshStatusLocked(pub.kind)
		if first && pub.kind == micKind {
			c.tellAudioStream(AudioSideMic)
		}
		if opened := pub.opened; opened != nil {
			pub.opened = nil
			opened(nil)
		}
	}
}

// ended takes a publication out of those of now, if it is one of them.
func (c *Client) ended(pub *publication) (current bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.publisher(pub.kind)
	if !p.has(pub) {
		return false
	}
	p.remove(pub)
	c.refreshStatusLocked(pub.kind)
	return true
}

// closeOwn closes a publication of ours: at once here, then on the server. The channel is closed with the server's answer.
func (c *Client) closeOwn(pub *publication) <-chan struct{} {
	c.sending.Lock()
	defer c.sending.Unlock()
	if pub == nil || !c.ended(pub) {
		return closedChan
	}
	return c.sendClose(pub)
}

// sendClose closes on the server what was opened there. sending is held.
func (c *Client) sendClose(pub *publication) <-chan struct{} {
	c.mu.Lock()
	asked, device := pub.asked && !pub.room.reopening, pub.device
	c.mu.Unlock()
	if !asked {
		return closedChan
	}
	answered := make(chan struct{})
	l := pub.room.login
	ack := func(err error) {
		if code := CodeOf(toError("", err)); err != nil && code != CodeSessionUnknown && code != CodeNoDevice { // forgotten or unplugged is closed
			c.log.Warn("closing a device on the server", "op", pub.kind.closeOp(), "error", err)
		}
		close(answered)
	}
	method, params := wire.MethodCloseMic, any(wire.UIDParams{UID: l.uid})
	if pub.kind == cameraKind {
		method, params = wire.MethodCloseVideo, wire.VideoParams{UID: l.uid, VideoID: device}
	}
	l.session().Bound().Go(method, params, answerTo(method, nil, ack))
	return answered
}

// opened reports the failure of an opening that nobody waits for.
func (c *Client) opened(k deviceKind) func(error) {
	return func(err error) {
		if err != nil {
			c.reportOpenFailed(k, err)
		}
	}
}

// closedByOther follows another member's closing of our device. The server has closed it already. A publication that
// the server has not confirmed yet is a later one, which that closing does not mean. camera is of no interest to the
// microphone.
func (c *Client) closedByOther(r *room, k deviceKind, camera int) {
	c.mu.Lock()
	var pub *publication
	for _, p := range c.publisher(k).pubs {
		if p.room == r && p.stream != nil && (k == micKind || p.device == camera) {
			pub = p
		}
	}
	c.mu.Unlock()
	if pub != nil {
		c.ended(pub)
	}
}

// refreshStatusLocked makes the state of one's own device what its publications say, and tells of a change: "closed" or
// "none" without any. Events are queued under the lock, so that their order is the order of the changes.
func (c *Client) refreshStatusLocked(k deviceKind) {
	_, err := c.chooseLocked(k)
	p := c.publisher(k)
	old, now, wereOpen := p.status, p.state(presence(err == nil)), p.open
	p.status, p.open = now, len(p.openIDs())
	switch {
	case c.login == nil:
	case old == now:
		if now == StatusOpen && p.open != wereOpen {
			emit(c, &c.on.videoDev, VideoDevChanged{c.login.uid})
		}
	case k == micKind:
		emit(c, &c.on.audioStatus, AudioStatusChanged{c.login.uid, old, now})
	default:
		emit(c, &c.on.videoStatus, VideoStatusChanged{c.login.uid, old, now})
	}
}

func (c *Client) reportOpenFailed(k deviceKind, err error) {
	if k == micKind {
		emit(c, &c.on.openMicFailed, OpenMicFailed{CodeOf(err), err.Error()})
	} else {
		emit(c, &c.on.openVideoFailed, OpenVideoFailed{CodeOf(err), err.Error()})
	}
}

// asDeviceError gives a failing device its code unless it brings one along.
func asDeviceError(op string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	return fail(op, CodeDeviceFailed, err)
}
