package crvideo

import (
	"context"
	"image"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// Frame is one decoded picture.
type Frame struct {
	Image *image.YCbCr  // may be used until the next ReadFrame
	PTS   time.Duration // time since the first sample of the stream, by the sender's clock
}

// VideoReader reads the pictures of one camera of one member. It survives the camera's closing and opening, a change
// of the default camera, and leaving and entering rooms. Close must be called at its end.
type VideoReader struct {
	follow  *sampleFollower
	unwatch func()
	once    sync.Once

	decoding sync.Mutex // guards what follows
	decoder  codec.VideoDecoder
	mime     string
}

// Video begins to receive a member's camera; camID may be DefaultCamera. The member need not be there, nor the camera
// open: pictures come as soon as they are. It may be called in no room. Error: 5 empty UID, 11 client closed.
func (c *Client) Video(uid string, camID int) (*VideoReader, error) {
	const op = "Video"
	if uid == "" || (camID != DefaultCamera && camID < 1) {
		return nil, failf(op, CodeBadParameter, "UID %q, camera %d", uid, camID)
	}
	if c.life.Err() != nil {
		return nil, fail(op, CodeNotInit, nil)
	}
	key := videoKey{uid, camID}
	return &VideoReader{follow: newFollower(c, cameraKind, key), unwatch: c.watch(key)}, nil
}

// ReadSample waits for the next encoded frame. A slow caller misses whole groups of frames, never parts of one.
// After Close, or when the client ends, it returns io.EOF.
func (v *VideoReader) ReadSample(ctx context.Context) (Sample, error) {
	s, _, _, err := v.follow.read(ctx)
	return Sample{Data: s.Data, Duration: s.Duration, Key: s.Key, PTS: s.PTS}, err
}

// ReadFrame waits for the next picture, decoded. A stream of a codec that this build cannot decode is an error with
// code 8005 that names what is missing. Use ReadFrame or ReadSample on one reader, not both.
func (v *VideoReader) ReadFrame(ctx context.Context) (Frame, error) {
	const op = "ReadFrame"
	v.decoding.Lock()
	defer v.decoding.Unlock()
	for {
		s, mime, fresh, err := v.follow.read(ctx)
		if err != nil {
			return Frame{}, err
		}
		if err := v.useDecoder(mime, fresh); err != nil {
			return Frame{}, fail(op, CodeNoPlatform, err)
		}
		img, err := v.decoder.Decode(s.Data)
		if err != nil { // broken on the way in a manner that nobody noticed: go on from a key frame
			v.follow.requestKeyFrame()
			continue
		}
		if img != nil {
			return Frame{Image: img, PTS: s.PTS}, nil
		}
	}
}

func (v *VideoReader) useDecoder(mime string, fresh bool) error {
	if v.decoder != nil && v.mime == mime && !fresh {
		return nil
	}
	v.closeDecoder()
	d, err := codec.NewVideoDecoder(mime)
	if err != nil {
		return err
	}
	v.decoder, v.mime = d, mime
	return nil
}

func (v *VideoReader) closeDecoder() {
	if v.decoder != nil {
		_ = v.decoder.Close() // nothing is lost with it
		v.decoder = nil
	}
}

// RequestKeyFrame asks the member for a picture that can be decoded by itself.
func (v *VideoReader) RequestKeyFrame() { v.follow.requestKeyFrame() }

// Close ends the reader; a waiting call returns io.EOF.
func (v *VideoReader) Close() error {
	v.once.Do(func() {
		v.follow.close()
		v.unwatch()
		v.decoding.Lock() // a ReadFrame under way ends first
		defer v.decoding.Unlock()
		v.closeDecoder()
	})
	return nil
}
