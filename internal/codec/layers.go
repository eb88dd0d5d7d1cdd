package codec

import (
	"image"
	"slices"
	"sync"
	"sync/atomic"

	pictures "github.com/crvideo/crvideo-go/internal/picture"
)

// MaxLayers is how many sizes of a picture are sent at most.
const MaxLayers = 3

// smallestLayer is the least height or width that a layer has, in pixels: a smaller one saves next to nothing.
const smallestLayer = 90

// layerBitrates are the parts of the bitrate of the whole picture that the layers have. A smaller one gets more bits a
// pixel: there is more in each.
var layerBitrates = [MaxLayers]float64{1, 0.3, 0.1}

// Layer is a picture in one of its sizes; empty: not sent in this size, or left out by rate control.
type Layer struct {
	Data []byte
	Key  bool
}

// Layers encodes every picture in up to three sizes, each half of the one before, of which only those that somebody
// watches have an encoder. In the beginning that is the largest one. All methods may be called from any goroutine.
type Layers struct {
	mime    string
	params  []VideoParams // of the layers, the largest first
	pending []pendingLayer
	pendMu  sync.Mutex // of pending: settings need not wait for an encoder at work

	mu       sync.Mutex
	closed   bool
	encoders []VideoEncoder // nil: off
	bitrates []int          // that the encoders were told
	scaled   []*image.YCbCr // what the smaller ones encode
	out      []Layer
	encoded  [MaxLayers]atomic.Uint64
}

// pendingLayer is what a layer is to do from the next picture on.
type pendingLayer struct {
	bitrate int // 0: off
	key     bool
}

// LayerSizes tells in which sizes pictures with these parameters are sent, the largest first.
func LayerSizes(p VideoParams) []VideoParams {
	p, err := p.check()
	if err != nil {
		return nil
	}
	sizes := []VideoParams{p}
	for i := 1; i < MaxLayers; i++ {
		next := p
		next.Width, next.Height = p.Width>>i&^1, p.Height>>i&^1
		if min(next.Width, next.Height) < smallestLayer {
			break
		}
		next.Bitrate = int(float64(p.Bitrate) * layerBitrates[i])
		sizes = append(sizes, next)
	}
	return sizes
}

// NewLayers is NewAdaptiveVideoEncoder for several sizes.
func NewLayers(mime string, p VideoParams) (*Layers, error) {
	first, err := NewAdaptiveVideoEncoder(mime, p)
	if err != nil {
		return nil, err
	}
	l := &Layers{mime: mime, params: LayerSizes(p)}
	n := len(l.params)
	l.encoders, l.bitrates, l.scaled = make([]VideoEncoder, n), make([]int, n), make([]*image.YCbCr, n)
	l.pending, l.out = make([]pendingLayer, n), make([]Layer, n)
	l.encoders[0], l.bitrates[0], l.pending[0].bitrate = first, l.params[0].Bitrate, l.params[0].Bitrate
	return l, nil
}

// Params are those of the layers, the largest first.
func (l *Layers) Params() []VideoParams { return l.params }

// Encode encodes a picture of the size of the largest layer. The result has an entry for each layer and is valid until
// the next Encode.
func (l *Layers) Encode(img *image.YCbCr) ([]Layer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	smaller := img
	for i := range l.params {
		l.out[i] = Layer{}
		on, err := l.prepare(i)
		if err != nil {
			return nil, err
		}
		if !on {
			continue
		}
		if i > 0 {
			smaller = l.shrink(i, smaller)
		}
		l.encoded[i].Add(1)
		if l.out[i].Data, l.out[i].Key, err = l.encoders[i].Encode(smaller); err != nil {
			return nil, err
		}
	}
	return l.out, nil
}

// prepare makes a layer's encoder what was asked for, and tells whether there is one.
func (l *Layers) prepare(i int) (on bool, err error) {
	l.pendMu.Lock()
	want := l.pending[i]
	l.pending[i].key = false
	l.pendMu.Unlock()
	e := l.encoders[i]
	switch {
	case want.bitrate == 0 && e == nil:
		return false, nil
	case want.bitrate == 0:
		l.encoders[i], l.scaled[i] = nil, nil
		return false, e.Close()
	case e == nil: // its first picture is a key frame
		if e, err = NewAdaptiveVideoEncoder(l.mime, l.params[i]); err != nil {
			return false, err
		}
		l.encoders[i], l.bitrates[i] = e, l.params[i].Bitrate
	case want.key:
		if err := e.ForceKeyFrame(); err != nil {
			return false, err
		}
	}
	if l.bitrates[i] == want.bitrate {
		return true, nil
	}
	l.bitrates[i] = want.bitrate
	return true, e.SetBitrate(want.bitrate)
}

// shrink makes a picture as large as a layer, from the next larger one that was made.
func (l *Layers) shrink(i int, img *image.YCbCr) *image.YCbCr {
	if l.scaled[i] == nil {
		l.scaled[i] = image.NewYCbCr(image.Rect(0, 0, l.params[i].Width, l.params[i].Height), image.YCbCrSubsampleRatio420)
	}
	pictures.Stretch(l.scaled[i], img)
	return l.scaled[i]
}

// ForceKeyFrame makes the next picture of a layer a key frame. A layer that is off, or none, is ignored.
func (l *Layers) ForceKeyFrame(layer int) {
	l.set(layer, func(p *pendingLayer) { p.key = p.bitrate > 0 })
}

// SetBitrate sets a layer's target in bit/s, from the next picture on. 0 switches it off, to go on with a key frame.
func (l *Layers) SetBitrate(layer, bps int) {
	l.set(layer, func(p *pendingLayer) { p.bitrate = max(bps, 0) })
}

// Follow takes over which layers of another one are on, at which bitrates.
func (l *Layers) Follow(o *Layers) {
	o.pendMu.Lock()
	pending := slices.Clone(o.pending)
	o.pendMu.Unlock()
	for i, p := range pending {
		l.SetBitrate(i, p.bitrate)
	}
}

// Idle tells that nobody watches any layer.
func (l *Layers) Idle() bool {
	l.pendMu.Lock()
	defer l.pendMu.Unlock()
	return !slices.ContainsFunc(l.pending, func(p pendingLayer) bool { return p.bitrate > 0 })
}

func (l *Layers) set(layer int, change func(*pendingLayer)) {
	l.pendMu.Lock()
	defer l.pendMu.Unlock()
	if layer >= 0 && layer < len(l.pending) {
		change(&l.pending[layer])
	}
}

// Encoded tells how many pictures went into the encoder of a layer.
func (l *Layers) Encoded(layer int) uint64 { return l.encoded[layer].Load() }

// Close frees the encoders. Further calls of Encode return ErrClosed.
func (l *Layers) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	var err error
	for i, e := range l.encoders {
		if e != nil {
			err = e.Close()
			l.encoders[i] = nil
		}
	}
	return err
}
