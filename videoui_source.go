package crvideo

import (
	"context"
	"errors"
	"image"
	"io"
	"sync"

	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/whep"
)

// packetQueue is how many RTP packets wait for a viewer's connection before the oldest are dropped.
const packetQueue = 256

// uiSource is what the page of a VideoUI shows.
type uiSource struct{ ui *VideoUI }

func (s uiSource) Look() whep.Look {
	look, id := s.ui.Look(), s.ui.GetVideoID()
	name := look.NickName
	if name == "" {
		name = s.ui.c.GetMemberNickName(id.UID)
	}
	if name == "" {
		name = id.UID
	}
	return whep.Look{
		Title: name, HideTitle: look.HideNickName, TitleStyle: look.NickNameStyle, ID: look.ID, Hidden: look.Hidden,
		NoFullScreen: look.NoDblClickFullScreen, Left: look.Left, Top: look.Top, Width: look.Width, Height: look.Height,
	}
}

func (s uiSource) Snapshot(ctx context.Context) (image.Image, error) { return s.ui.snapshot(ctx) }

func (s uiSource) OpenVideo(ctx context.Context) (whep.Track, error) { return s.open(ctx, cameraKind) }
func (s uiSource) OpenAudio(ctx context.Context) (whep.Track, error) { return s.open(ctx, micKind) }

// open waits for the stream of the camera that is shown, whichever that is by then.
func (s uiSource) open(ctx context.Context, kind deviceKind) (whep.Track, error) {
	for {
		s.ui.mu.Lock()
		id, changed, destroyed := s.ui.id, s.ui.changed, s.ui.destroyed
		s.ui.mu.Unlock()
		if destroyed {
			return nil, io.EOF
		}
		if id.UID == "" {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		inlet, err := s.ui.c.awaitInlet(ctx, kind, videoKey{id.UID, id.CamID}, nil, changed)
		if err == nil {
			return newUITrack(s.ui.c, kind, videoKey{id.UID, id.CamID}, inlet, changed), nil
		}
		if !errors.Is(err, io.EOF) || s.ui.c.life.Err() != nil {
			return nil, err
		}
	}
}

// uiTrack forwards one stream until it ends, or another camera is shown or the default one.
type uiTrack struct {
	inlet   *rtc.Inlet
	packets *rtc.PacketReader
	closed  chan struct{}
	once    sync.Once
}

func newUITrack(c *Client, kind deviceKind, key videoKey, inlet *rtc.Inlet, changed <-chan struct{}) *uiTrack {
	t := &uiTrack{inlet: inlet, packets: inlet.Packets(packetQueue), closed: make(chan struct{})}
	unturn := c.follow(kind, key, inlet, t.packets.Close)
	if !c.spawn(func() {
		defer unturn()
		select {
		case <-changed:
		case <-t.closed:
		}
		t.packets.Close() // a ReadRTP that waits on a silent stream returns
	}) {
		unturn()
		t.packets.Close()
	}
	return t
}

func (t *uiTrack) Codec() string    { return t.inlet.Codec() }
func (t *uiTrack) RequestKeyFrame() { t.inlet.RequestKeyFrame() }
func (t *uiTrack) Close()           { t.once.Do(func() { close(t.closed) }) }

func (t *uiTrack) ReadRTP(ctx context.Context) (*rtp.Packet, error) {
	packet, err := t.packets.Read(ctx)
	if errors.Is(err, io.ErrClosedPipe) {
		err = io.EOF
	}
	return packet, err
}
