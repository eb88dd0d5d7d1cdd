package server

import (
	"maps"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// attributes are those of a room and of its members, guarded by the room's lock. Maps are replaced, never changed: they
// may be on their way to somebody.
type attributes struct {
	room    wire.Attrs
	users   map[string]wire.Attrs // of those who are in the room
	version uint64                // of the last change
	dropped map[string]uint64     // keys of the room that who came back after a restart had deleted: versions
	loaded  uint64                // version with which the store had the room
}

// nextVersion is the time, and above all versions before, also of another process if its clock was right.
func (a *attributes) nextVersion() uint64 {
	a.version = max(a.version+1, uint64(time.Now().UnixMicro())) // positive
	return a.version
}

// changedAttrs makes a change of a set of attributes. by makes it.
func changedAttrs(before wire.Attrs, change *wire.AttrsChange, by string, version uint64, bytes int) (wire.Attrs, *wire.AttrsChanged, *wire.Error) {
	after := maps.Clone(before)
	if after == nil {
		after = make(wire.Attrs, len(change.Put))
	}
	told := &wire.AttrsChanged{By: by, Adds: wire.Attrs{}, Updates: wire.Attrs{}}
	remove := func(key string) {
		if _, put := change.Put[key]; put {
			return
		}
		if _, there := after[key]; there {
			delete(after, key)
			told.DelKeys = append(told.DelKeys, key)
		}
	}
	if change.Clear {
		for _, key := range slices.Sorted(maps.Keys(before)) {
			remove(key)
		}
	}
	for _, key := range change.Delete {
		remove(key)
	}
	for key, value := range change.Put {
		attr := wire.Attr{Value: value, By: by, Version: version}
		if _, there := before[key]; there {
			told.Updates[key] = attr
		} else {
			told.Adds[key] = attr
		}
		after[key] = attr
	}
	switch {
	case len(after) > wire.MaxAttrs:
		return nil, nil, wire.Errorf(wire.CodeBadParameter, "put: there would be %d attributes, at most %d are allowed", len(after), wire.MaxAttrs)
	case len(change.Put) > 0 && after.Bytes() > bytes:
		return nil, nil, wire.Errorf(wire.CodeBadParameter, "put: all attributes together would have more than %d bytes", bytes)
	}
	return after, told, nil
}

// changeAttrs changes the attributes of the room (uid is empty) or of a member, and tells everybody if it is wanted. The
// room must be locked.
func (r *room) changeAttrs(uid string, change *wire.AttrsChange, by *member, version uint64) (deleted []string, failed *wire.Error) {
	before, bytes := r.attrs.room, wire.MaxRoomAttrsBytes
	if uid != "" {
		before, bytes = r.attrs.users[uid], wire.MaxUserAttrsBytes
	}
	after, told, failed := changedAttrs(before, change, by.uid, version, bytes)
	if failed != nil {
		return nil, failed
	}
	if len(told.Adds)+len(told.Updates)+len(told.DelKeys) == 0 {
		return nil, nil
	}
	r.setAttrs(uid, after)
	if change.NotifyAll {
		told.UID = uid
		r.tellAll(wire.NotifyAttrsChanged, told, nil)
	}
	return told.DelKeys, nil
}

// setAttrs takes over a new set. The room must be locked.
func (r *room) setAttrs(uid string, attrs wire.Attrs) {
	switch {
	case uid == "":
		r.attrs.room = attrs
		r.saveSoon()
	case len(attrs) == 0:
		delete(r.attrs.users, uid)
	default:
		if r.attrs.users == nil {
			r.attrs.users = make(map[string]wire.Attrs)
		}
		r.attrs.users[uid] = attrs
	}
}

// some picks attributes by key; all if there are no keys.
func some(attrs wire.Attrs, keys []string) wire.Attrs {
	if len(keys) == 0 {
		return attrs
	}
	picked := make(wire.Attrs, len(keys))
	for _, key := range keys {
		if a, there := attrs[key]; there {
			picked[key] = a
		}
	}
	return picked
}

// restoreAttr takes a change that was made on the process before this one, unless a newer one is known. The room must
// be locked.
func (r *room) restoreAttr(a *wire.RestoredAttr, by string) {
	attrs, bytes := r.attrs.room, wire.MaxRoomAttrsBytes
	if a.UID != "" {
		attrs, bytes = r.attrs.users[a.UID], wire.MaxUserAttrsBytes
	}
	known := attrs[a.Key].Version
	if a.UID == "" {
		known = max(known, r.attrs.dropped[a.Key], r.attrs.loaded)
	}
	if a.Version <= known {
		return
	}
	r.attrs.version = max(r.attrs.version, min(a.Version, uint64(time.Now().UnixMicro())))
	change := wire.AttrsChange{Delete: []string{a.Key}}
	if !a.Deleted {
		change = wire.AttrsChange{Put: map[string]string{a.Key: a.Value}}
	} else if a.UID == "" && len(r.attrs.dropped) < maxDropped {
		if r.attrs.dropped == nil {
			r.attrs.dropped = make(map[string]uint64)
		}
		r.attrs.dropped[a.Key] = a.Version
	}
	if after, _, failed := changedAttrs(attrs, &change, by, a.Version, bytes); failed == nil {
		r.setAttrs(a.UID, after)
	}
}

// maxDropped bounds the deleted keys that a room remembers after a restart.
const maxDropped = 1024
