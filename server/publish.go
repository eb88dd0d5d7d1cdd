package server

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// mayPublish tells whether the caller may open its own devices with these parameters, apart from what the room says.
func (c *call) mayPublish(kind, mid, codec string) *wire.Error {
	switch {
	case !c.sess.allows(token.Publish):
		return notPermitted(token.Publish)
	case mid == "":
		return wire.Errorf(wire.CodeBadParameter, "field %q is missing", "mid")
	case codec == "":
		return wire.Errorf(wire.CodeBadParameter, "field %q is missing", "codec")
	case wire.CodecKind(codec) != kind:
		return wire.Errorf(wire.CodeBadParameter, "codec %q is not one for %s", codec, kind)
	}
	return nil
}

// mayControl tells whether the caller may do something with the devices of uid.
func (c *call) mayControl(uid string) *wire.Error {
	if uid != c.sess.uid && !c.sess.allows(token.Control) {
		return notPermitted(token.Control)
	}
	return nil
}

// publish makes a new stream of the member. The room must be locked.
func (m *member) publish(mid, codec string, layers []wire.Layer) (*publication, *wire.Error) {
	switch {
	case m.peer == nil:
		return nil, wire.Errorf(wire.CodeBadParameter, "there was no offer yet")
	case m.uses(mid):
		return nil, wire.Errorf(wire.CodeBadParameter, "mid %q is in use by another device", mid)
	}
	m.room.lastStream++
	p := &publication{Stream: wire.Stream{Num: m.room.lastStream, Codec: codec}, mid: mid, layers: layers}
	if err := m.peer.Publish(p.Stream, mid, layers); err != nil {
		return nil, m.mediaError("publish", err)
	}
	return p, nil
}

// unpublish ends a stream of the member. The room must be locked.
func (m *member) unpublish(p *publication) { m.peer.Unpublish(p.Num) }

// uses tells whether one of the member's open devices comes from this mid.
func (m *member) uses(mid string) bool {
	if m.micStream != nil && m.micStream.mid == mid {
		return true
	}
	for _, c := range m.cameras {
		if c.stream != nil && c.stream.mid == mid {
			return true
		}
	}
	return false
}

// is tells whether the publication is what an open call asks for already, in whatever sizes.
func (p *publication) is(mid, codec string, layers []wire.Layer) bool {
	return p != nil && p.mid == mid && p.Codec == codec &&
		slices.EqualFunc(p.layers, layers, func(a, b wire.Layer) bool { return a.RID == b.RID })
}

func noDevice(what string) *wire.Error {
	return wire.Errorf(wire.CodeNoDevice, "the member has no such %s", what)
}
