package rtc

import (
	"errors"
	"time"
)

// MaxLayers is how many sizes of its picture a camera can send.
const MaxLayers = 3

// rids name the layers in the offer, the largest first.
var rids = [MaxLayers]string{"f", "h", "q"}

// LayerRID names a layer towards the server.
func (o *Outlet) LayerRID(layer int) string { return o.layers[layer].rid }

// addLayers makes the outlets of the smaller sizes, before the first offer that has the camera.
func (o *Outlet) addLayers() error {
	for i := 1; i < MaxLayers; i++ {
		l := newOutlet(o.c, o.kind, o.place)
		l.rid, l.layers = rids[i], nil
		if err := o.transceiver.Sender().AddEncoding(l); err != nil {
			return err
		}
		o.layers = append(o.layers, l)
	}
	return nil
}

// StartLayers is Start for pictures in n sizes. onKeyFrame is told of which one a receiver needs a key frame.
func (o *Outlet) StartLayers(codec string, n int, onKeyFrame func(layer int)) error {
	if n > len(o.layers) {
		return errors.New("too many layers")
	}
	for i, l := range o.layers[:n] {
		if err := l.start(codec, func() { onKeyFrame(i) }); err != nil {
			o.Stop()
			return err
		}
	}
	o.stopLayers(n)
	return nil
}

func (o *Outlet) stopLayers(from int) {
	for i := from; i < len(o.layers); i++ {
		o.layers[i].stop()
	}
}

// writeLayers sends a picture in its sizes, all with one timestamp: so a receiver can go from one to another.
func (o *Outlet) writeLayers(all []LayerSample, timestamp uint32, now time.Time) error {
	var failed error
	for i, s := range all {
		if len(s.Data) == 0 || i >= len(o.layers) {
			continue
		}
		if err := o.layers[i].writeLayer(&Sample{Data: s.Data, Key: s.Key}, timestamp, now); err != nil {
			failed = err
		}
	}
	return failed
}

func (o *Outlet) writeLayer(s *Sample, timestamp uint32, now time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.codec == "" {
		return ErrStopped
	}
	return o.write(s, timestamp, now)
}

// AdaptLayer is Adapt for one size. most 0: it is not sent.
func (o *Outlet) AdaptLayer(layer, most int, tell func(bps int)) {
	if layer < 0 || layer >= len(o.layers) {
		return
	}
	if l := o.layers[layer]; most > 0 {
		l.Adapt(most, tell)
	} else {
		o.c.bw.stop(&l.demand)
	}
}
