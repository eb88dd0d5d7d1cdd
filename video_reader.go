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
	// Captured is when the picture was taken, by this machine's clock. The times of all streams of a room can be compared:
	// what was to be seen and heard at the same moment has the same one, within some ms. It is exact about a second after
	// a stream has begun; until then it may be off by the jitter of the network.
	Captured time.Time
	// Rotation is by how many degrees clockwise the picture must be turned to be upright: 0, 90, 180 or 270. Senders that
	// hold their camera upright, or turn the picture themselves, leave it 0.
	Rotation int
}

// VideoReader reads the pictures of one camera of one member. It survives the camera's closing and opening, a change
// of the default camera, and leaving and entering rooms. Close must be called at its end.
type VideoReader struct {
	follow *sampleFollower
	c      *Client
	wish   *wish
	height int // that is enough; 0: the largest size
	once   sync.Once

	decoding sync.Mutex // guards what follows
	decoder  codec.VideoDecoder
	mime     string
	every    time.Duration // between pictures, at least; 0: all of them
	next     time.Duration // PTS before which the next one is left out
}

// VideoOption changes what a VideoReader delivers.
type VideoOption func(*VideoReader)

// WithMaxFPS makes ReadFrame deliver at most so many pictures a second, evenly spread, and leave the others out. 0 and
// less means all of them, which is the default. ReadSample is not affected: encoded frames need those before them.
func WithMaxFPS(fps float64) VideoOption {
	return func(v *VideoReader) {
		if v.every = 0; fps > 0 {
			v.every = time.Duration(float64(time.Second) / max(fps, 1e-3))
		}
	}
}

// WithHeight tells that pictures of so many pixels in height are enough: a sender that sends several sizes then sends a
// smaller one. 0 and less: the largest size, which is the default. SetHeight changes it. CRVideo's layouts choose by a number of
// theirs ("ss": 0 the largest, 3 to 7 for 2 to 25 tiles, 8 the smallest, 255 none): here it is the height of a tile, and Close or a
// hidden VideoUI for none.
func WithHeight(pixels int) VideoOption {
	return func(v *VideoReader) { v.height = max(pixels, 0) }
}

// Video begins to receive a member's camera; camID may be DefaultCamera. The member need not be there, nor the camera
// open: pictures come as soon as they are. It may be called in no room. Errors: 5 empty UID, above 64 bytes, or an
// impossible camera, 11 client closed.
func (c *Client) Video(uid string, camID int, options ...VideoOption) (*VideoReader, error) {
	const op = "Video"
	if err := c.notClosed(op); err != nil {
		return nil, err
	}
	if err := checkWish(op, uid, camID); err != nil {
		return nil, err
	}
	key := videoKey{uid, camID}
	v := &VideoReader{c: c}
	for _, change := range options {
		change(v)
	}
	v.follow, v.wish = newFollower(c, cameraKind, key), c.watch(key, v.height, false)
	return v, nil
}

// SetHeight is WithHeight for a reader in use. Pictures go on in the other size from a key frame on.
func (v *VideoReader) SetHeight(pixels int) { v.c.rewatch(v.wish, max(pixels, 0), false) }

// ReadSample waits for the next encoded frame. A slow caller misses whole groups of frames, never parts of one.
// After Close, or when the client ends, it returns io.EOF.
func (v *VideoReader) ReadSample(ctx context.Context) (Sample, error) {
	s, mime, _, err := v.follow.read(ctx)
	return sampleOf(s, mime), err
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
			v.follow.shown(img.Rect.Dx(), img.Rect.Dy())
		}
		if img != nil && v.due(s.PTS) {
			return Frame{Image: img, PTS: s.PTS, Captured: s.Captured, Rotation: s.Rotation}, nil
		}
	}
}

// due tells whether the picture is to be delivered at the wanted rate.
func (v *VideoReader) due(pts time.Duration) bool {
	if pts < v.next && v.every > 0 {
		return false
	}
	if v.next += v.every; v.next <= pts {
		v.next = pts + v.every
	}
	return true
}

func (v *VideoReader) useDecoder(mime string, fresh bool) error {
	if fresh {
		v.next = 0
	}
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
		v.c.unwatch(v.wish)
		v.decoding.Lock() // a ReadFrame under way ends first
		defer v.decoding.Unlock()
		v.closeDecoder()
	})
	return nil
}
