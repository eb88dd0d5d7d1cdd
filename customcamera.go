package crvideo

import (
	"context"
	"slices"
)

// CanvasVCamOptions are those of AddCanvasVCam.
type CanvasVCamOptions struct {
	FPS int // at most so many pictures a second; 0: as VideoCfg says
}

// AddCanvasVCam adds a camera that shows what is written into a queue of pictures (CRVideo_AddCanvasVCam). Its ID is 50
// or above. Errors: 5 no queue, no name or a negative rate.
func (c *Client) AddCanvasVCam(ctx context.Context, canvas *PictureQueue, videoName string, o CanvasVCamOptions) (videoID int, err error) {
	const op = "AddCanvasVCam"
	if err := c.notClosed(op); err != nil {
		return 0, err
	}
	if canvas == nil || o.FPS < 0 {
		return 0, failf(op, CodeBadParameter, "canvas %v, %d pictures a second", canvas != nil, o.FPS)
	}
	return c.addDevice(ctx, op, videoName, func(ctx context.Context, f SourceFormat) (Source, error) {
		if o.FPS > 0 {
			f.FPS = min(f.FPS, o.FPS)
		}
		return canvas.Open(ctx, f)
	}, func(t *deviceTable) *[]deviceEntry { return &t.cameras })
}

// RemoveCamera removes a camera that the application added (CRVideo_RemoveStreamVideo, CRVideo_RemoveCanvasVCam). If it is
// open it is closed; if it was the default one, the first one there is becomes it. Its ID is not used again. Error:
// 8008 the application has added no such camera.
func (c *Client) RemoveCamera(ctx context.Context, videoID int) error {
	const op = "RemoveCamera"
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return fail(op, CodeNotInit, nil)
	}
	if videoID < firstCustomID || c.devices.camera(videoID) == nil {
		c.mu.Unlock()
		return failf(op, CodeNoDevice, "no camera %d of the application", videoID)
	}
	c.devices.cameras = slices.DeleteFunc(c.devices.cameras, func(d deviceEntry) bool { return d.id == videoID })
	if c.devices.chosenCamera == videoID {
		c.devices.chosenCamera = 0
	}
	pub, r := c.camera.of(videoID), c.room
	c.mu.Unlock()
	select {
	case <-c.closeOwn(pub):
	case <-ctx.Done():
		return toError(op, ctx.Err())
	}
	if r == nil {
		return nil
	}
	return c.tellDevices(ctx, op, r)
}
