package crvideo

import (
	"context"
	"image"
	"net/http"
	"sync"

	"github.com/crvideo/crvideo-go/internal/picture"
	"github.com/crvideo/crvideo-go/internal/whep"
)

// VideoUI shows one camera of one member (CRVideo_VideoObj). It belongs to a client and may be made before a room is
// entered. Destroy ends it, as does the client's end.
type VideoUI struct {
	c       *Client
	handler *whep.Handler

	mu        sync.Mutex // guards what follows
	destroyed bool
	id        VideoID
	wish      *wish         // nil: no camera is shown
	changed   chan struct{} // closed and replaced when another camera is set
	look      UILook
}

// VideoID names the camera that a VideoUI shows. An empty UID: none.
type VideoID struct {
	UID   string
	CamID int
}

// CreateVideoObj makes an object that shows one camera (CRVideo_CreatVideoObj). Error: 11 client closed.
func (c *Client) CreateVideoObj() (*VideoUI, error) {
	ui := &VideoUI{c: c, changed: make(chan struct{})}
	ui.handler = whep.New(uiSource{ui}, c.log)
	c.mu.Lock()
	closed := c.closed
	if !closed {
		c.uis[ui] = struct{}{}
	}
	c.mu.Unlock()
	if closed {
		ui.handler.Close()
		return nil, fail("CreateVideoObj", CodeNotInit, nil)
	}
	return ui, nil
}

// SetVideo shows a member's camera; camID may be DefaultCamera. The member need not be there yet: the picture comes
// when it is. Errors: 5 empty UID or impossible camera, 11 the object is destroyed.
func (ui *VideoUI) SetVideo(uid string, camID int) error {
	const op = "VideoUI.SetVideo"
	if err := checkWish(op, uid, camID); err != nil {
		return err
	}
	if !ui.show(VideoID{uid, camID}) {
		return fail(op, CodeNotInit, nil)
	}
	return nil
}

// Clear shows nothing any more (CRVideo_VideoObj.clear).
func (ui *VideoUI) Clear() { ui.show(VideoID{}) }

// GetVideoID tells which camera is shown.
func (ui *VideoUI) GetVideoID() VideoID {
	ui.mu.Lock()
	defer ui.mu.Unlock()
	return ui.id
}

// Destroy ends the object: viewers are disconnected and the camera is not received for it any more. It is idempotent.
func (ui *VideoUI) Destroy() {
	ui.show(VideoID{})
	ui.mu.Lock()
	ended := ui.destroyed
	ui.destroyed = true
	ui.mu.Unlock()
	if ended {
		return
	}
	ui.handler.Close()
	ui.c.mu.Lock()
	delete(ui.c.uis, ui)
	ui.c.mu.Unlock()
}

func (ui *VideoUI) show(id VideoID) bool {
	ui.mu.Lock()
	if ui.destroyed {
		ui.mu.Unlock()
		return false
	}
	last := ui.wish
	ui.id, ui.wish = id, nil
	if id.UID != "" {
		height, hidden := ui.look.wanted()
		ui.wish = ui.c.watch(videoKey{id.UID, id.CamID}, height, hidden)
	}
	close(ui.changed)
	ui.changed = make(chan struct{})
	ui.mu.Unlock()
	if last != nil {
		ui.c.unwatch(last)
	}
	return true
}

// Handler is the object's face for a browser, to be mounted wherever the application likes (handler() in JavaScript,
// which gives a DOM element): a page with the live picture and sound, "snapshot.jpg", and the WebRTC endpoint "whep"
// that the page plays from. The picture is forwarded, not encoded again. Mount it with a trailing slash:
//
//	mux.Handle("/alice/", http.StripPrefix("/alice", ui.Handler()))
func (ui *VideoUI) Handler() http.Handler { return ui.handler }

// IsPicEmpty tells whether there is no picture (CRVideo_VideoObj.isPicEmpty): no camera is set, it is closed, or
// nothing of it has come yet.
func (ui *VideoUI) IsPicEmpty() bool {
	id := ui.GetVideoID()
	if id.UID == "" {
		return true
	}
	ui.c.mu.Lock()
	inlet := ui.c.inletOfLocked(cameraKind, videoKey{id.UID, id.CamID})
	ui.c.mu.Unlock()
	return inlet == nil || inlet.Stats().KeyFrames == 0
}

// Frame waits for the next picture of the camera that is shown, as it was sent.
func (ui *VideoUI) Frame(ctx context.Context) (*image.YCbCr, error) {
	f, err := ui.nextFrame(ctx)
	return f.Image, err
}

// snapshot waits for the next picture, for people: upright, and with the levels of package image.
func (ui *VideoUI) snapshot(ctx context.Context) (*image.YCbCr, error) {
	f, err := ui.nextFrame(ctx)
	if err != nil {
		return nil, err
	}
	return picture.Full(picture.Upright(f.Image, f.Rotation)), nil
}

func (ui *VideoUI) nextFrame(ctx context.Context) (Frame, error) {
	id := ui.GetVideoID()
	if id.UID == "" {
		return Frame{}, failf("VideoUI.Frame", CodeNoDevice, "no camera is set")
	}
	look := ui.Look()
	height, _ := look.wanted()
	v, err := ui.c.Video(id.UID, id.CamID, WithHeight(height))
	if err != nil {
		return Frame{}, err
	}
	defer func() { _ = v.Close() }()
	v.RequestKeyFrame()
	f, err := v.ReadFrame(ctx)
	if err != nil {
		return Frame{}, toError("VideoUI.Frame", err)
	}
	f.Image = cloneYCbCr(f.Image)
	return f, nil
}

func cloneYCbCr(src *image.YCbCr) *image.YCbCr {
	dst := *src
	dst.Y, dst.Cb, dst.Cr = append([]byte(nil), src.Y...), append([]byte(nil), src.Cb...), append([]byte(nil), src.Cr...)
	return &dst
}
