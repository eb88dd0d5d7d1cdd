package source

import (
	"image"
	"slices"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// Layered is a source of pictures in several sizes, of which it makes those that are wanted: in the beginning the first
// one. While none is, Next returns samples without data, at the pace of the pictures.
type Layered interface {
	Source
	// Sizes are those of the layers, the largest first.
	Sizes() []codec.VideoParams
	// SetLayer changes the target of a layer, in bit/s; 0: it is not wanted. It comes back with a key frame.
	SetLayer(layer, bps int)
	// RequestLayerKeyFrame is RequestKeyFrame for one layer.
	RequestLayerKeyFrame(layer int)
}

// LayeredEncoder is the part of a Layered source that encodes.
type LayeredEncoder struct{ layers *codec.Layers }

// NewLayeredEncoder returns an encoder of codec.DefaultVideo.
func NewLayeredEncoder(p codec.VideoParams) (LayeredEncoder, error) {
	layers, err := codec.NewLayers(codec.DefaultVideo, p)
	return LayeredEncoder{layers}, err
}

// Encode makes a sample of a picture, without its duration. ok tells whether it is worth to be sent on: not when rate
// control left everything out.
func (e LayeredEncoder) Encode(img *image.YCbCr) (s Sample, ok bool, err error) {
	all, err := e.layers.Encode(img)
	if err != nil {
		return Sample{}, false, err
	}
	s = Sample{Data: all[0].Data, Key: all[0].Key, Layers: all}
	ok = slices.ContainsFunc(all, func(l codec.Layer) bool { return len(l.Data) > 0 }) || e.layers.Idle()
	return s, ok, nil
}

// Codec implements Source, as do the next ones.
func (LayeredEncoder) Codec() string { return codec.DefaultVideo }

// RequestKeyFrame is about all layers.
func (e LayeredEncoder) RequestKeyFrame() {
	for i := range e.layers.Params() {
		e.layers.ForceKeyFrame(i)
	}
}

// SetBitrate is about the first layer.
func (e LayeredEncoder) SetBitrate(bps int) { e.layers.SetBitrate(0, bps) }

// Sizes implements Layered, as do the next ones.
func (e LayeredEncoder) Sizes() []codec.VideoParams { return e.layers.Params() }

// SetLayer sets the bitrate of a layer.
func (e LayeredEncoder) SetLayer(layer, bps int) { e.layers.SetBitrate(layer, bps) }

// RequestLayerKeyFrame makes the layer's next picture a key frame.
func (e LayeredEncoder) RequestLayerKeyFrame(layer int) { e.layers.ForceKeyFrame(layer) }

// Encoded tells how many pictures were encoded for a layer.
func (e LayeredEncoder) Encoded(layer int) uint64 { return e.layers.Encoded(layer) }

// Follow takes over which layers of another one are wanted, at which bitrates.
func (e LayeredEncoder) Follow(o LayeredEncoder) { e.layers.Follow(o.layers) }

// Free frees the encoders.
func (e LayeredEncoder) Free() error { return e.layers.Close() }
