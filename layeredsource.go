package crvideo

import (
	"context"
	"slices"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/source"
)

// LayeredSource is a Source of pictures in several sizes (the big and the small stream). Who watches in a small view, or over
// a slow network, is sent a small one; what nobody watches need not be made. In the beginning the first one is wanted.
// Next returns samples with Layers, one for each picture, and is called while no layer is wanted, too. A source with one
// layer is one that hears whether anybody watches. The cameras of this package and PictureQueue are such sources.
type LayeredSource interface {
	Source
	// Layers are the sizes, the largest first, 1 to 3. They are asked for once, when the source has been opened.
	Layers() []LayerFormat
	// SetLayer tells how many bit/s a layer may have; 0: it is not wanted. When it is wanted again it must begin with a key
	// frame. It is called as SetBitrate is, which is not called then.
	SetLayer(layer, bitsPerSecond int)
	// RequestLayerKeyFrame is called in place of RequestKeyFrame.
	RequestLayerKeyFrame(layer int)
}

// LayerFormat is one of the sizes of a LayeredSource: in pixels, and bit/s at most.
type LayerFormat struct{ Width, Height, Bitrate int }

// SampleLayer is a picture in one size of a LayeredSource. No data: it is not sent in this one.
type SampleLayer struct {
	Data []byte
	Key  bool
}

// adaptedLayers makes a LayeredSource of an internal one.
type adaptedLayers struct {
	adapted
	source.Layered
	layers []SampleLayer
}

func (a *adaptedLayers) Codec() string         { return a.Layered.Codec() }
func (a *adaptedLayers) RequestKeyFrame()      { a.Layered.RequestKeyFrame() }
func (a *adaptedLayers) SetBitrate(bps int)    { a.Layered.SetBitrate(bps) }
func (a *adaptedLayers) Close() error          { return a.Layered.Close() }
func (a *adaptedLayers) Layers() []LayerFormat { return layerFormats(a.Sizes()) }

func (a *adaptedLayers) Next(ctx context.Context) (Sample, error) {
	s, err := a.Layered.Next(ctx)
	a.layers = sampleLayers(a.layers[:0], s.Layers)
	return Sample{Data: s.Data, Key: s.Key, Duration: s.Duration, Layers: a.layers}, err
}

func sampleLayers(to []SampleLayer, layers []codec.Layer) []SampleLayer {
	for _, l := range layers {
		to = append(to, SampleLayer(l))
	}
	return to
}

func layerFormats(sizes []codec.VideoParams) []LayerFormat {
	formats := make([]LayerFormat, len(sizes))
	for i, p := range sizes {
		formats[i] = LayerFormat{p.Width, p.Height, p.Bitrate}
	}
	return formats
}

// checkLayers refuses layers that make no sense.
func checkLayers(op string, layers []LayerFormat) error {
	if len(layers) == 0 || len(layers) > rtc.MaxLayers {
		return failf(op, CodeDeviceFailed, "the source has %d layers, 1 to %d are possible", len(layers), rtc.MaxLayers)
	}
	for i, l := range layers {
		if l.Width < 1 || l.Height < 1 || l.Bitrate < 1 || i > 0 && l.Height > layers[i-1].Height {
			return failf(op, CodeDeviceFailed, "layers of the source: %v", layers)
		}
	}
	return nil
}

// layeredApp is an application's LayeredSource apart from the client.
type layeredApp struct {
	*appSource
	layers []LayerFormat
}

func (a *layeredApp) Layers() []LayerFormat { return a.layers }

func (a *layeredApp) SetLayer(layer, bps int) {
	a.change(layer, func(w *wantedLayer) { w.bitrate, w.changed = bps, true })
}

func (a *layeredApp) RequestLayerKeyFrame(layer int) {
	a.change(layer, func(w *wantedLayer) { w.key = true })
}

// wantedLayer is what the application has not been told yet.
type wantedLayer struct {
	bitrate      int
	changed, key bool
}

func (a *appSource) change(layer int, change func(*wantedLayer)) {
	a.mu.Lock()
	if layer >= 0 && layer < len(a.wanted) {
		change(&a.wanted[layer])
	}
	a.mu.Unlock()
	signalTo(a.wake)
}

// tellLayers tells the application what it was not told yet, on the goroutine that talks to it.
func (a *appSource) tellLayers(src LayeredSource) {
	a.mu.Lock()
	wanted := slices.Clone(a.wanted)
	for i := range a.wanted {
		a.wanted[i].changed, a.wanted[i].key = false, false
	}
	a.mu.Unlock()
	for i, w := range wanted {
		if w.changed {
			src.SetLayer(i, w.bitrate)
		}
		if w.key {
			src.RequestLayerKeyFrame(i)
		}
	}
}
