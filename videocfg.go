package crvideo

import (
	"context"
	"math"
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

// formatLocked is what one's own devices are asked for in room r.
func (c *Client) formatLocked(r *room) SourceFormat {
	w, h := c.videoCfg.dimensions()
	limit := orDefault(c.params.VideoSendBW, defaultVideoSendBW)
	return SourceFormat{MemberNum: r.num, Width: w, Height: h, FPS: c.videoCfg.FPS, Bitrate: c.videoCfg.kbps(limit) * 1000}
}

// SetVideoCfg sets how one's own cameras are captured and encoded (CRVideo_SetVideoCfg). Zero fields mean the default.
// An open camera changes at once, without a new connection; if its source cannot, it goes on as it was and the error
// says why. Errors: 5 out of range, 8007 the camera refused.
func (c *Client) SetVideoCfg(ctx context.Context, cfg VideoCfg) error {
	const op = "SetVideoCfg"
	cfg, err := cfg.withDefaults(op)
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return fail(op, CodeNotInit, nil)
	}
	old := c.videoCfg
	c.videoCfg = cfg
	c.mu.Unlock()
	if old == cfg {
		return nil
	}
	if err := c.reopen(ctx, cameraKind); err != nil {
		c.mu.Lock()
		c.videoCfg = old
		c.mu.Unlock()
		return asDeviceError(op, err)
	}
	return nil
}

// GetVideoCfg tells how one's own cameras are captured and encoded (CRVideo_GetVideoCfg).
func (c *Client) GetVideoCfg() VideoCfg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.videoCfg
}

// SetAudioCfg chooses and sets the microphone (CRVideo_SetAudioCfg). An open microphone changes at once.
// Errors: 5 MicVolume out of range, 8007 the microphone could not be opened, 8008 no such microphone.
func (c *Client) SetAudioCfg(ctx context.Context, cfg AudioCfg) error {
	const op = "SetAudioCfg"
	if cfg.MicVolume < 0 || cfg.MicVolume > maxMicVolume {
		return failf(op, CodeBadParameter, "micVolume %d is not 0 to %d", cfg.MicVolume, maxMicVolume)
	}
	cfg.MicID, cfg.SpeakerID = orDefault(cfg.MicID, -1), orDefault(cfg.SpeakerID, -1)
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return fail(op, CodeNotInit, nil)
	}
	if cfg.MicID != -1 && find(c.devices.mics, cfg.MicID) == nil {
		c.mu.Unlock()
		return failf(op, CodeNoDevice, "no microphone %d", cfg.MicID)
	}
	old := c.audioCfg
	c.audioCfg = cfg
	c.mu.Unlock()
	if old.MicID == cfg.MicID {
		return nil
	}
	if err := c.reopen(ctx, micKind); err != nil {
		c.mu.Lock()
		c.audioCfg = old
		c.mu.Unlock()
		return asDeviceError(op, err)
	}
	c.mu.Lock()
	r := c.room
	c.mu.Unlock()
	if r == nil {
		return nil
	}
	return c.tellDevices(ctx, op, r)
}

// GetAudioCfg tells how one's own microphone is captured (CRVideo_GetAudioCfg).
func (c *Client) GetAudioCfg() AudioCfg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.audioCfg
}

// useCamera lets an open camera become the default one.
func (c *Client) useCamera(r *room, videoID int) {
	c.mu.Lock()
	other := c.room == r && c.camera.pub != nil && c.camera.pub.device != videoID
	if c.room == r && c.devices.camera(videoID) != nil {
		c.devices.chosenCamera = videoID
	}
	c.mu.Unlock()
	if other {
		c.spawn(func() { c.switchCamera(r) })
	}
}

// switchCamera closes the open camera and opens the default one: the others see another camera, so it is another stream.
func (c *Client) switchCamera(r *room) {
	c.mu.Lock()
	pub := c.camera.pub
	done := pub == nil || pub.room != r
	if d := c.devices.defaultCamera(c.params.AllowSynthetic); d == nil || (pub != nil && d.id == pub.device) {
		done = true // switched meanwhile
	}
	c.mu.Unlock()
	if done {
		return
	}
	<-c.closeOwn(pub)
	c.startOpen(cameraKind, func(err error) {
		if err != nil {
			c.reportOpenFailed(cameraKind, err)
		}
	})
}

// reopen opens the device anew with the settings of now, if it is open, and lets the stream go on from it. A device
// that is only being opened takes the settings of now by itself.
func (c *Client) reopen(ctx context.Context, k deviceKind) error {
	c.mu.Lock()
	pub := c.publisher(k).pub
	if pub == nil || pub.source() == nil {
		c.mu.Unlock()
		return nil
	}
	device, err := c.chooseLocked(k)
	format := c.formatLocked(pub.room)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	next, err := device.open(ctx, format)
	if err != nil {
		return err
	}
	if old := pub.source(); old != nil && old.Codec() != next.Codec() {
		_ = next.Close()
		return failf(k.openOp(), CodeDeviceFailed, "codec %s instead of %s", next.Codec(), old.Codec())
	}
	pub.swap(next)
	return nil
}
