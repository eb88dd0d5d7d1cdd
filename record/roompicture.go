package record

import (
	"context"
	"image"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/picture"
)

const (
	keyInterval = 4               // seconds from one key frame of a composed picture to the next, for players that seek
	staleAfter  = 5 * time.Second // without a picture a member is not shown any more
	maxShown    = 25              // members in one picture
	maxAhead    = 32              // pictures of a member that wait for their time
)

// roomPicture shows everybody side by side.
type roomPicture struct {
	c       *crvideo.Client
	codec   string // of mux
	encoder codec.VideoEncoder
	wall    *wall
	fps     int
}

func (p *roomPicture) close() { _ = p.encoder.Close() }

func (p *roomPicture) run(ctx context.Context, emit func(sample)) error {
	r := roster{c: p.c, follow: p.follow}
	defer r.close()
	return steps(ctx, p.c, time.Second/time.Duration(p.fps), func() { r.update(ctx) }, func(at time.Time) error {
		data, key, err := p.encoder.Encode(p.wall.draw(at))
		if err == nil && len(data) > 0 {
			emit(sample{codec: p.codec, data: append([]byte(nil), data...), key: key, at: at})
		}
		return err
	})
}

// follow shows one member. What cannot be decoded is not shown.
func (p *roomPicture) follow(ctx context.Context, uid string) {
	v, err := p.c.Video(uid, crvideo.DefaultCamera, crvideo.WithMaxFPS(float64(p.fps)))
	if err != nil {
		return // the client is closed
	}
	defer func() { _ = v.Close() }()
	t := p.wall.add()
	defer p.wall.remove(t)
	for {
		f, err := v.ReadFrame(ctx)
		switch {
		case err == nil:
			p.wall.show(t, f)
		case crvideo.CodeOf(err) != crvideo.CodeNoPlatform:
			return
		}
	}
}

// wall is one picture with many tiles.
type wall struct {
	mu    sync.Mutex
	img   *image.YCbCr
	tiles []*tile
}

// tile is one member on the wall.
type tile struct {
	ahead []moment // pictures that are to be shown, oldest first; the first one is shown
}

type moment struct {
	at  time.Time
	img *image.YCbCr
}

func newWall(w, h int) *wall {
	return &wall{img: image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)}
}

func (w *wall) add() *tile {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &tile{}
	w.tiles = append(w.tiles, t)
	return t
}

func (w *wall) remove(t *tile) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tiles = slices.DeleteFunc(w.tiles, func(o *tile) bool { return o == t })
}

// show takes the next picture of a tile, no larger than it is needed with so many tiles.
func (w *wall) show(t *tile, f crvideo.Frame) {
	w.mu.Lock()
	place := grid(len(w.tiles), w.img.Rect.Dx(), w.img.Rect.Dy())[0]
	w.mu.Unlock()
	img := picture.Upright(f.Image, f.Rotation)
	size := picture.Fit(img.Rect.Size(), place.Dx(), place.Dy())
	own := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
	picture.Stretch(own, img)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(t.ahead) == maxAhead {
		t.ahead = slices.Delete(t.ahead, 0, 1)
	}
	t.ahead = append(t.ahead, moment{f.Captured, own})
}

// draw draws the wall as it was at a time.
func (w *wall) draw(at time.Time) *image.YCbCr {
	w.mu.Lock()
	defer w.mu.Unlock()
	blacken(w.img)
	var shown []*image.YCbCr
	for _, t := range w.tiles {
		for len(t.ahead) > 1 && !t.ahead[1].at.After(at) {
			t.ahead = slices.Delete(t.ahead, 0, 1)
		}
		if len(t.ahead) > 0 && !t.ahead[0].at.After(at) && at.Sub(t.ahead[0].at) < staleAfter && len(shown) < maxShown {
			shown = append(shown, t.ahead[0].img)
		}
	}
	for i, place := range grid(len(shown), w.img.Rect.Dx(), w.img.Rect.Dy()) {
		inside(w.img, place, shown[i])
	}
	return w.img
}

// grid divides an area into equal places, row by row.
func grid(n, w, h int) (places []image.Rectangle) {
	if n == 0 {
		return nil
	}
	columns := int(math.Ceil(math.Sqrt(float64(n))))
	rows := (n + columns - 1) / columns
	pw, ph := w/columns&^1, h/rows&^1
	for i := range n {
		x, y := i%columns*pw, i/columns*ph
		if row := i / columns; row == rows-1 { // in the middle of the last row
			x += (w - pw*(n-row*columns)) / 2 &^ 1
		}
		places = append(places, image.Rect(x, y, x+pw, y+ph))
	}
	return places
}

// inside draws a picture into a place, as large as its shape allows.
func inside(wall *image.YCbCr, place image.Rectangle, img *image.YCbCr) {
	w, h := place.Dx(), place.Dy()
	if img.Rect.Dx()*h > w*img.Rect.Dy() {
		h = img.Rect.Dy() * w / img.Rect.Dx()
	} else {
		w = img.Rect.Dx() * h / img.Rect.Dy()
	}
	w, h = max(w&^1, 2), max(h&^1, 2)
	x, y := place.Min.X+(place.Dx()-w)/2&^1, place.Min.Y+(place.Dy()-h)/2&^1
	picture.Stretch(wall.SubImage(image.Rect(x, y, x+w, y+h)).(*image.YCbCr), img)
}
