package crvideo

import (
	"context"
	"slices"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/source"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// firstCustomID is the first ID of cameras and microphones that the application adds.
const firstCustomID = 50

// deviceEntry is one microphone or camera that can be opened: a real one, the synthetic one, or the application's.
type deviceEntry struct {
	id        int
	name      string
	synthetic bool
	real      string // where it is, if the machine has or had it
	absent    bool   // it was unplugged
	open      SourceFunc
}

// deviceTable is what this machine and the application have. IDs are never used twice. Guarded by Client.mu.
type deviceTable struct {
	mics, cameras []deviceEntry
	customs       int  // sources that the application added so far, of either kind
	chosenCamera  int  // SetDefaultVideo; 0: none chosen
	lastDefault   int  // the default camera when the cameras that are open were last looked at
	multi         bool // SetEnableMultiVideo
	screens       []screenEntry
}

// find lists the real devices, then the synthetic ones.
func (t *deviceTable) find() {
	cameras, mics := findDevices()
	update(&t.cameras, cameras)
	update(&t.mics, mics)
	t.cameras = append(t.cameras, deviceEntry{id: len(t.cameras) + 1, name: "synthetic camera (test picture)", synthetic: true, open: SyntheticCamera})
	t.mics = append(t.mics, deviceEntry{id: len(t.mics) + 1, name: "synthetic microphone (tone)", synthetic: true, open: SyntheticMic})
}

// SyntheticCamera opens a moving test picture that carries the member's number and a frame counter, readable for
// people and for package crvideotest.
func SyntheticCamera(_ context.Context, f SourceFormat) (Source, error) {
	return internalSource(source.NewSyntheticCamera(f.MemberNum, f.video()))
}

// SyntheticMic opens a tone whose frequency tells the member's number.
func SyntheticMic(_ context.Context, f SourceFormat) (Source, error) {
	return internalSource(source.NewSyntheticMicrophone(f.MemberNum, f.chain))
}

func (f *SourceFormat) video() codec.VideoParams {
	return codec.VideoParams{Width: f.Width, Height: f.Height, FPS: f.FPS, Bitrate: f.Bitrate}
}

func find(list []deviceEntry, id int) *deviceEntry {
	for i := range list {
		if list[i].id == id {
			return &list[i]
		}
	}
	return nil
}

// first is the first real device, else the first one of the application, else, if allowed, the synthetic one.
func first(list []deviceEntry, allowSynthetic bool) *deviceEntry {
	for i := range list {
		if d := &list[i]; !d.synthetic && !d.absent {
			return d
		}
	}
	for i := range list {
		if list[i].synthetic && allowSynthetic {
			return &list[i]
		}
	}
	return nil
}

func (t *deviceTable) camera(id int) *deviceEntry { return find(t.cameras, id) }

// present finds a camera that can be opened.
func (t *deviceTable) present(op string, id int) (*deviceEntry, error) {
	d := t.camera(id)
	if d == nil || d.absent {
		return nil, failf(op, CodeNoDevice, "no camera %d", id)
	}
	entry := *d
	return &entry, nil
}

// noteDefault takes note of the default camera of now, and tells whether it was another one.
func (t *deviceTable) noteDefault(allowSynthetic bool) (d *deviceEntry, changed bool) {
	id := 0
	if d = t.defaultCamera(allowSynthetic); d != nil {
		id = d.id
	}
	changed = id != t.lastDefault
	t.lastDefault = id
	return d, changed
}

func (t *deviceTable) defaultCamera(allowSynthetic bool) *deviceEntry {
	if d := t.camera(t.chosenCamera); d != nil && !d.absent {
		return d
	}
	return first(t.cameras, allowSynthetic)
}

func (t *deviceTable) defaultMic(chosen int, allowSynthetic bool) *deviceEntry {
	if d := find(t.mics, chosen); d != nil && !d.absent {
		return d
	}
	return first(t.mics, allowSynthetic)
}

// describeLocked is what the others are told of our devices: as many cameras as may be told, the default one and those
// that are open before others. The synthetic ones are among them only if they may be used.
func (c *Client) describeLocked() wire.Devices {
	allow := c.params.AllowSynthetic
	d := wire.Devices{Mic: c.devices.defaultMic(c.audioCfg.MicID, allow) != nil, MultiVideo: c.devices.multi}
	def := c.devices.defaultCamera(allow)
	if def == nil {
		return d
	}
	d.DefaultVideo = def.id
	needed := func(cam *deviceEntry) bool { return cam == def || c.camera.of(cam.id) != nil && !cam.absent }
	others := wire.MaxVideos
	for i := range c.devices.cameras {
		if needed(&c.devices.cameras[i]) {
			others--
		}
	}
	for i := range c.devices.cameras {
		cam := &c.devices.cameras[i]
		if !needed(cam) {
			if cam.synthetic || cam.absent || others <= 0 {
				continue
			}
			others--
		}
		d.Videos = append(d.Videos, wire.Video{ID: cam.id, Name: clip(cam.name, wire.MaxDeviceName)})
	}
	return d
}

// chooseLocked is the device that OpenMic or OpenVideo opens.
func (c *Client) chooseLocked(k deviceKind) (*deviceEntry, error) {
	allow := c.params.AllowSynthetic
	d := c.devices.defaultCamera(allow)
	if k == micKind {
		d = c.devices.defaultMic(c.audioCfg.MicID, allow)
	}
	if d == nil {
		return nil, failf(k.openOp(), CodeNoDevice, "none found, and the synthetic one is neither chosen nor allowed")
	}
	entry := *d
	return &entry, nil
}

// deviceOfLocked is the device that a publication sends: the default one, unless several cameras are to be open at once.
func (c *Client) deviceOfLocked(pub *publication) (*deviceEntry, error) {
	if pub.kind != cameraKind || !c.devices.multi {
		return c.chooseLocked(pub.kind)
	}
	return c.devices.present(pub.kind.openOp(), pub.device)
}

// tellDevices tells the room what we have now, and lets an open camera follow.
func (c *Client) tellDevices(ctx context.Context, op string, r *room) error {
	_, err := await(ctx, op, func(done func(nothing, error)) func() {
		c.sending.Lock() // so that the last request tells the last state
		defer c.sending.Unlock()
		c.sendDevices(r, func(err error) { done(nothing{}, err) })
		return noAbandon
	})
	if err == nil {
		c.syncCameras(r)
	}
	return err
}

// sendDevices is tellDevices without its wait. sending is held.
func (c *Client) sendDevices(r *room, done func(error)) {
	c.mu.Lock()
	if c.room != r || !r.in {
		c.mu.Unlock()
		done(nil) // told when entering
		return
	}
	d := c.describeLocked()
	r.self = d
	if m := r.members[r.login.uid]; m != nil {
		old := m.DefaultVideo
		r.setDevicesLocked(m, &d)
		if old != m.DefaultVideo {
			emit(c, &c.on.defVideo, DefVideoChanged{m.UID, m.DefaultVideo})
		}
	}
	c.refreshStatusLocked(micKind)
	c.refreshStatusLocked(cameraKind)
	c.mu.Unlock()
	r.login.request(wire.MethodSetDevices, &d, nil, done)
}

func sameDevices(a, b wire.Devices) bool {
	return a.Mic == b.Mic && a.DefaultVideo == b.DefaultVideo && a.MultiVideo == b.MultiVideo && slices.Equal(a.Videos, b.Videos)
}

func presence(there bool) DeviceStatus {
	if there {
		return StatusClosed
	}
	return StatusNone
}

// GetAudioMicNames lists the microphones of this machine and those that the application added (CRVideo_GetAudioMicNames).
func (c *Client) GetAudioMicNames() []MicInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]MicInfo, 0, len(c.devices.mics))
	for i := range c.devices.mics {
		d := &c.devices.mics[i]
		all = append(all, MicInfo{MicID: d.id, Name: d.name, Synthetic: d.synthetic, Absent: d.absent})
	}
	return all
}

// AddCamera adds a camera of the application's own, which open opens each time (the idiom's AddStreamCam). Its ID is
// 50 or above. In a room the others hear of it.
func (c *Client) AddCamera(ctx context.Context, name string, open SourceFunc) (videoID int, err error) {
	return c.addDevice(ctx, "AddCamera", name, open, func(t *deviceTable) *[]deviceEntry { return &t.cameras })
}

// AddMic adds a microphone of the application's own. Choose it with SetAudioCfg, or it is used when there is no real one.
func (c *Client) AddMic(ctx context.Context, name string, open SourceFunc) (micID int, err error) {
	return c.addDevice(ctx, "AddMic", name, open, func(t *deviceTable) *[]deviceEntry { return &t.mics })
}

func (c *Client) addDevice(ctx context.Context, op, name string, open SourceFunc, list func(*deviceTable) *[]deviceEntry) (int, error) {
	c.mu.Lock()
	var err error
	switch {
	case c.closed:
		err = fail(op, CodeNotInit, nil)
	case name == "" || open == nil:
		err = failf(op, CodeBadParameter, "name or source is missing")
	}
	if err != nil {
		c.mu.Unlock()
		return 0, err
	}
	id := firstCustomID + c.devices.customs
	c.devices.customs++
	l := list(&c.devices)
	*l = append(*l, deviceEntry{id: id, name: name, open: c.apart(open)})
	r := c.room
	c.mu.Unlock()
	if r == nil {
		return id, nil
	}
	return id, c.tellDevices(ctx, op, r)
}

// clip shortens s to at most n bytes without cutting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
