package crvideo

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// maxWanted is far more than the streams that we have at once.
const maxWanted = 64

// A camera's stream always has the same layers; a source may fill fewer of them.

// layersLocked are the layers of a camera's stream as the server is told. The publication has an outlet. Client.mu is held.
func (p *publication) layersLocked(width, height, bitrate int) []wire.Layer {
	o, src := p.outlet.Load(), p.source()
	layers := make([]wire.Layer, rtc.MaxLayers)
	for i := range layers {
		layers[i].RID = o.LayerRID(i)
	}
	layers[0].Width, layers[0].Height, layers[0].Bitrate = width, height, max(bitrate, 1)
	if src != nil {
		for i, l := range src.layers {
			layers[i].Width, layers[i].Height, layers[i].Bitrate = l.Width, l.Height, l.Bitrate
		}
	}
	return layers
}

// announceSizes tells the server if a camera that is open comes in other sizes.
func (c *Client) announceSizes(pub *publication) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	open := c.camera.has(pub) && pub.stream != nil && pub.outlet.Load() != nil && !pub.room.reopening
	params := pub.openVideoLocked()
	same := slices.Equal(params.Layers, pub.told) || oneSize(params.Layers) && oneSize(pub.told)
	if open {
		pub.told = params.Layers
	}
	c.mu.Unlock()
	if !open || same {
		return
	}
	ack := func(err error) {
		if err != nil { // whoever is asked to publish it anew is told the sizes of then
			c.log.Debug("telling the sizes of a camera", "error", err)
		}
	}
	pub.room.login.session().Bound().Go(wire.MethodOpenVideo, params, answerTo(wire.MethodOpenVideo, new(wire.OpenResult), ack))
}

// oneSize tells that there is no choice.
func oneSize(layers []wire.Layer) bool { return len(layers) < 2 || layers[1].Height == 0 }

// openVideoLocked is the request to publish a camera.
func (p *publication) openVideoLocked() wire.OpenVideoParams {
	f := p.room.c.formatLocked(p.kind, p.room)
	params := wire.OpenVideoParams{UID: p.room.login.uid, VideoID: p.device, Codec: p.codec}
	if o := p.outlet.Load(); o != nil {
		params.Mid, params.Layers = o.Mid(), p.layersLocked(f.Width, f.Height, f.Bitrate)
	}
	return params
}

// videoWanted hears which sizes of a camera of ours anybody watches. It may come before the answer that names the stream.
func (r *room) videoWanted(p *wire.VideoWanted) {
	r.locked(func(c *Client) {
		if r.wanted == nil || len(r.wanted) >= maxWanted { // those of streams that are over
			r.wanted = make(map[uint32][]int)
		}
		r.wanted[p.Num] = p.Layers
		for _, pub := range c.camera.pubs {
			if pub.stream != nil && pub.stream.Num == p.Num {
				pub.want(p.Layers)
			}
		}
	})
}

// want makes the source send these layers.
func (p *publication) want(layers []int) {
	p.outletMu.Lock()
	defer p.outletMu.Unlock()
	p.wanted = layers
	if o := p.outlet.Load(); o != nil && p.sending != "" {
		p.adapt(o, p.source())
	}
}

// startCamera begins to send pictures in all layers that the source may have.
func (p *publication) startCamera(o *rtc.Outlet, codec string) error {
	return o.StartLayers(codec, rtc.MaxLayers, func(layer int) {
		switch src := p.source(); {
		case src == nil:
		case src.layers != nil:
			p.ifOn(src, layer, func(s LayeredSource) { s.RequestLayerKeyFrame(layer) })
		case layer == 0:
			src.RequestKeyFrame()
		}
	})
}

// layerStats are about the layers that are sent now.
func (p *publication) layerStats() (all []LayerStats) {
	p.outletMu.Lock()
	defer p.outletMu.Unlock()
	o, src := p.outlet.Load(), p.source()
	if o == nil || src == nil {
		return nil
	}
	for _, layer := range slices.Sorted(slices.Values(p.wanted)) {
		s := LayerStats{Layer: layer}
		if layer < len(src.layers) {
			s.Width, s.Height = src.layers[layer].Width, src.layers[layer].Height
		} else if layer > 0 {
			continue
		}
		st := o.LayerStats(layer)
		s.Bitrate, s.Target = st.Bitrate, st.Target
		all = append(all, s)
	}
	return all
}

// ifOn does something with a layer, unless it was switched off meanwhile.
func (p *publication) ifOn(src *openSource, layer int, do func(LayeredSource)) {
	p.outletMu.Lock()
	defer p.outletMu.Unlock()
	if src.on[layer] {
		do(src.Source.(LayeredSource))
	}
}

// adaptLayers lets each layer of a source that is watched follow the network, and switches the others off.
func (p *publication) adaptLayers(o *rtc.Outlet, src *openSource) {
	source := src.Source.(LayeredSource)
	for i := range rtc.MaxLayers {
		most := 0
		if i < len(src.layers) && slices.Contains(p.wanted, i) {
			most = src.layers[i].Bitrate
		}
		before := src.on[i]
		src.on[i] = most > 0
		o.AdaptLayer(i, most, func(bps int) {
			p.ifOn(src, i, func(s LayeredSource) { s.SetLayer(i, bps) })
		})
		if before || most > 0 {
			source.SetLayer(i, most)
		}
		if !before && most > 0 {
			source.RequestLayerKeyFrame(i)
		}
	}
}

func newOpenSource(src Source, bitrate int) *openSource {
	open := &openSource{Source: src, bitrate: bitrate}
	if layered, ok := src.(LayeredSource); ok {
		open.layers = layered.Layers()
		open.on[0] = true
	}
	return open
}

// sampleOut is a sample as it is sent. scratch is used again for the next one.
func sampleOut(s *Sample, scratch []rtc.LayerSample) (rtc.Sample, []rtc.LayerSample) {
	out := rtc.Sample{Data: s.Data, Duration: s.Duration, Key: s.Key}
	if len(s.Layers) > 0 {
		scratch = scratch[:0]
		for _, l := range s.Layers {
			scratch = append(scratch, rtc.LayerSample(l))
		}
		out.Layers = scratch
	}
	return out, scratch
}
