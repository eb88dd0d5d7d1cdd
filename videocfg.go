package crvideo

import (
	"context"
	"math"
	"slices"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// videoHeights are the heights in pixels by VideoCfg.Size.
var videoHeights = map[int]int{
	1: 360, 2: 480, 3: 720, 4: 1080, 5: 96, 6: 128, 7: 160, 8: 192, 9: 256, 10: 288, 11: 320, 12: 400, 13: 576, 14: 1440, 15: 2160,
}

// videoRatios are width divided by height by VideoCfg.Ratio.
var videoRatios = map[int]float64{1: 16.0 / 9, 2: 4.0 / 3, 3: 1, 4: 3.0 / 4, 5: 9.0 / 16}

// bitrates are the default kbit/s by number of pixels; between two the value is interpolated.
var bitrates = []struct{ pixels, kbps int }{
	{0, 60}, {224 * 128, 100}, {288 * 160, 123}, {344 * 192, 160}, {456 * 256, 230}, {512 * 288, 260}, {640 * 360, 400},
	{848 * 480, 600}, {1024 * 576, 800}, {1280 * 720, 1200}, {1920 * 1080, 2500}, {2560 * 1440, 4000}, {3840 * 2160, 6000},
}

const (
	minFPS, maxFPS       = 1, 30
	minAspect, maxAspect = 0.25, 4.0
	maxVideoKbps         = 12000
	maxMicVolume         = 1000
)

func defaultVideoCfg() VideoCfg { return VideoCfg{Size: 2, FPS: 15, Ratio: 1} }

func defaultAudioCfg() AudioCfg {
	return AudioCfg{MicID: -1, SpeakerID: -1, AutoGainControl: true, EchoCancellation: true, NoiseSuppression: true, MicVolume: 100}
}

// withDefaults fills what is zero, and says what is wrong.
func (v VideoCfg) withDefaults(op string) (VideoCfg, error) {
	d := defaultVideoCfg()
	v.Size, v.FPS, v.Ratio = orDefault(v.Size, d.Size), orDefault(v.FPS, d.FPS), orDefault(v.Ratio, d.Ratio)
	switch {
	case videoHeights[v.Size] == 0:
		return v, failf(op, CodeBadParameter, "size %d is not 1 to 15", v.Size)
	case v.FPS < minFPS || v.FPS > maxFPS:
		return v, failf(op, CodeBadParameter, "fps %d is not %d to %d", v.FPS, minFPS, maxFPS)
	case videoRatios[v.Ratio] == 0:
		return v, failf(op, CodeBadParameter, "ratio %d is not 1 to 5", v.Ratio)
	case v.AspectRatio != 0 && !(v.AspectRatio >= minAspect && v.AspectRatio <= maxAspect): // false for NaN, too
		return v, failf(op, CodeBadParameter, "aspectRatio %v is not %v to %v", v.AspectRatio, minAspect, maxAspect)
	case v.MaxKbps < 0 || v.MaxKbps > maxVideoKbps:
		return v, failf(op, CodeBadParameter, "maxKbps %d is not 0 to %d", v.MaxKbps, maxVideoKbps)
	}
	return v, nil
}

// dimensions are the picture's width, rounded to 8, and height in pixels.
func (v VideoCfg) dimensions() (width, height int) {
	height = videoHeights[v.Size]
	if v.AspectRatio == 0 && v.Ratio == 1 && height == 480 {
		return 848, height // the one size of CRVideo's table that is not the nearest multiple of 8
	}
	ratio := orDefault(v.AspectRatio, videoRatios[v.Ratio])
	return max(8, int(math.Round(float64(height)*ratio/8))*8), height
}

// kbps is the target bit rate of a camera, capped by the settings.
func (v VideoCfg) kbps(limit int) int {
	w, h := v.dimensions()
	kbps := defaultKbps(w * h)
	if v.MaxKbps > 0 {
		kbps = min(kbps, v.MaxKbps)
	}
	return min(kbps, limit)
}

func defaultKbps(pixels int) int {
	for i := 1; i < len(bitrates); i++ {
		lo, hi := bitrates[i-1], bitrates[i]
		if pixels <= hi.pixels {
			return lo.kbps + (hi.kbps-lo.kbps)*(pixels-lo.pixels)/(hi.pixels-lo.pixels)
		}
	}
	return bitrates[len(bitrates)-1].kbps
}

// format is what one's own devices are asked for in room r.
func (v VideoCfg) format(r *room, limit int) SourceFormat {
	w, h := v.dimensions()
	return SourceFormat{MemberNum: r.num, Width: w, Height: h, FPS: v.FPS, Bitrate: v.kbps(limit) * 1000}
}

func (c *Client) formatLocked(k deviceKind, r *room) SourceFormat {
	if k == micKind {
		return SourceFormat{MemberNum: r.num, chain: c.sound.chain}
	}
	return c.videoCfg.format(r, c.videoLimitLocked())
}

func (c *Client) videoLimitLocked() int { return orDefault(c.params.VideoSendBW, defaultVideoSendBW) }

// SetVideoCfg sets how one's own cameras are captured and encoded (CRVideo_SetVideoCfg). Zero fields mean the default.
// An open camera changes at once, without a new connection; if its source cannot, it goes on as it was, nothing is
// set, and the error says why. Errors: 5 out of range, 8007 the camera refused.
func (c *Client) SetVideoCfg(ctx context.Context, cfg VideoCfg) error {
	const op = "SetVideoCfg"
	if err := c.notClosed(op); err != nil {
		return err
	}
	cfg, err := cfg.withDefaults(op)
	if err != nil {
		return err
	}
	return c.reopen(ctx, op, cameraKind, change{
		choose: func(pub *publication) (*deviceEntry, SourceFormat) {
			return c.devices.camera(pub.device), cfg.format(pub.room, c.videoLimitLocked())
		},
		commit: func() { c.videoCfg = cfg },
	})
}

// GetVideoCfg tells how one's own cameras are captured and encoded (CRVideo_GetVideoCfg).
func (c *Client) GetVideoCfg() VideoCfg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.videoCfg
}

// SetAudioCfg chooses and sets microphone and speaker (CRVideo_SetAudioCfg). Open ones change at once, or go on as they
// were if that fails. Errors: 5 MicVolume out of range, 8007 the microphone or speaker could not be opened, 8008 there is
// no such one.
func (c *Client) SetAudioCfg(ctx context.Context, cfg AudioCfg) error {
	const op = "SetAudioCfg"
	if err := c.notClosed(op); err != nil {
		return err
	}
	if cfg.MicVolume < 0 || cfg.MicVolume > maxMicVolume {
		return failf(op, CodeBadParameter, "micVolume %d is not 0 to %d", cfg.MicVolume, maxMicVolume)
	}
	if cfg.Redundancy < 0 || cfg.Redundancy > rtpkit.MostRedundancy {
		return failf(op, CodeBadParameter, "redundancy %d is not 0 to %d", cfg.Redundancy, rtpkit.MostRedundancy)
	}
	cfg.MicID, cfg.SpeakerID = orDefault(cfg.MicID, -1), orDefault(cfg.SpeakerID, -1)
	c.mu.Lock()
	known := cfg.MicID == -1 || find(c.devices.mics, cfg.MicID) != nil
	speaker, now := cfg.SpeakerID, c.audioCfg.SpeakerID
	c.mu.Unlock()
	if !known {
		return failf(op, CodeNoDevice, "no microphone %d", cfg.MicID)
	}
	if speaker != now && !c.speakers.has(c, speaker) {
		return failf(op, CodeNoDevice, "no speaker %d", speaker)
	}
	var r *room
	err := c.reopen(ctx, op, micKind, change{
		choose: func(pub *publication) (*deviceEntry, SourceFormat) {
			device := c.devices.defaultMic(cfg.MicID, c.params.AllowSynthetic)
			if device != nil && device.id == pub.device {
				device = nil // it is open already
			}
			return device, c.formatLocked(micKind, pub.room)
		},
		commit: func() {
			if c.audioCfg.MicID != cfg.MicID {
				r = c.room // the others are to know whether there is one
			}
			cfg.SpeakerID = c.audioCfg.SpeakerID // see below
			c.audioCfg = cfg
			c.sound.apply(&cfg)
		},
	})
	if err == nil && r != nil {
		err = c.tellDevices(ctx, op, r)
	}
	if err != nil {
		return err
	}
	return c.speakers.choose(c, op, speaker)
}

// GetAudioCfg tells how one's own microphone is captured (CRVideo_GetAudioCfg).
func (c *Client) GetAudioCfg() AudioCfg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.audioCfg
}

// change is a change of settings. Both functions are called with Client.mu held.
type change struct {
	choose func(*publication) (*deviceEntry, SourceFormat) // what an open device is to be replaced by; nil: it stays
	commit func()
}

// replacement is another source for a publication.
type replacement struct {
	pub    *publication
	old    *openSource
	device int
	open   SourceFunc
	format SourceFormat
	next   *openSource // nil: not open yet, or in place
}

// reopen makes a change of settings. Devices that are open are opened anew first, their streams go on from there, and
// nothing changes if one of them fails. A device that is only being opened takes the settings of then by itself.
func (c *Client) reopen(ctx context.Context, op string, k deviceKind, change change) error {
	for {
		c.mu.Lock()
		if c.closed {
			c.mu.Unlock()
			return fail(op, CodeNotInit, nil)
		}
		all := c.replacementsLocked(k, change)
		if len(all) == 0 {
			change.commit()
			c.mu.Unlock()
			return nil
		}
		c.mu.Unlock()
		done, err := c.replace(ctx, op, k, all, change)
		if done && k == cameraKind {
			for _, r := range all {
				c.announceSizes(r.pub)
			}
		}
		if done || err != nil {
			return toError(op, err)
		}
	}
}

// replacementsLocked are the sources that a change of settings asks for.
func (c *Client) replacementsLocked(k deviceKind, change change) (all []*replacement) {
	for _, pub := range c.publisher(k).pubs {
		old := pub.source()
		if old == nil {
			continue
		}
		if device, format := change.choose(pub); device != nil {
			all = append(all, &replacement{pub: pub, old: old, device: device.id, open: device.open, format: format})
		}
	}
	return all
}

// replace opens the sources and puts them in place, all or none. It reports false if meanwhile others are needed.
func (c *Client) replace(ctx context.Context, op string, k deviceKind, all []*replacement, change change) (done bool, err error) {
	defer func() {
		for _, r := range all {
			r.pub.closeSource(r.next)
		}
	}()
	for _, r := range all {
		src, err := r.open(ctx, r.format)
		if err != nil {
			return false, asDeviceError(op, err)
		}
		r.next = newOpenSource(src, r.format.Bitrate)
		if r.old.Codec() != src.Codec() {
			return false, failf("", CodeDeviceFailed, "codec %s instead of %s", src.Codec(), r.old.Codec())
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	same := func(a, b *replacement) bool { return a.pub == b.pub && a.old == b.old && a.device == b.device }
	if !slices.EqualFunc(all, c.replacementsLocked(k, change), same) {
		return false, nil
	}
	change.commit()
	for _, r := range all {
		next := r.next
		if r.next = r.pub.put(next); r.next != next {
			r.pub.adaptNow(next)
		}
		r.pub.device = r.device
	}
	return true, nil
}
