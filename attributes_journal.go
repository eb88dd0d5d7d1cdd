package crvideo

import (
	"context"
	"maps"

	"github.com/crvideo/crvideo-go/internal/signal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// attrKey names an attribute of a member, or of the room if uid is empty.
type attrKey struct{ uid, key string }

// wroteAttrs remembers what we changed, for a server that forgets it.
func (r *room) wroteAttrs(of owners, change *wire.AttrsChange, result *wire.AttrsChangeResult) {
	r.locked(func(*Client) {
		if r.wrote == nil {
			r.wrote = map[attrKey]wire.RestoredAttr{}
		}
		note := func(uid, key, value string, deleted bool) {
			r.wrote[attrKey{uid, key}] = wire.RestoredAttr{UID: uid, Key: key, Value: value, Deleted: deleted, Version: result.Version}
		}
		for uid, keys := range result.Deleted {
			for _, key := range keys {
				note(uid, key, "", true)
			}
		}
		uids := of.uids
		if of.room {
			uids = []string{""}
		}
		for _, uid := range uids {
			for key, value := range change.Put {
				note(uid, key, value, false)
			}
		}
	})
}

func (r *room) attrsChanged(p *wire.AttrsChanged) {
	r.locked(func(c *Client) {
		if p.By != r.login.uid { // it is theirs to remember now
			for key := range p.Adds {
				delete(r.wrote, attrKey{p.UID, key})
			}
			for key := range p.Updates {
				delete(r.wrote, attrKey{p.UID, key})
			}
			for _, key := range p.DelKeys {
				delete(r.wrote, attrKey{p.UID, key})
			}
		}
		adds, updates := meetingAttrs(p.Adds), meetingAttrs(p.Updates)
		if p.UID == "" {
			emit(c, &c.on.meetingAttrs, NotifyMeetingAttrsChanged{adds, updates, p.DelKeys})
		} else {
			emit(c, &c.on.userAttrs, NotifyUserAttrsChanged{p.UID, adds, updates, p.DelKeys})
		}
	})
}

// forgetAttrsLocked forgets what we wrote about a member who has left: its attributes are gone.
func (r *room) forgetAttrsLocked(uid string) {
	for k := range r.wrote {
		if k.uid == uid {
			delete(r.wrote, k)
		}
	}
}

// restoreAttrs tells a server that has forgotten the room what we wrote, about members as they come back. Where it has only forgotten us the room's are
// as they are, but our own attributes have ended with our stay.
func (r *room) restoreAttrs(ctx context.Context) error {
	var all []wire.RestoredAttr
	var requests signal.Requests
	var owners map[string]bool
	r.locked(func(*Client) {
		requests, owners = r.restoring, maps.Clone(r.unrestored)
		for k, a := range r.wrote {
			if r.unrestored[k.uid] && (r.forgotten || k.uid == r.login.uid) {
				all = append(all, a)
			}
		}
		clear(r.unrestored)
	})
	for len(all) > 0 {
		n, bytes := 0, 0
		for n < len(all) && n < wire.MaxRestoredAttrs && bytes < wire.MaxRoomAttrsBytes {
			bytes += wire.AttrBytes(all[n].Key, wire.Attr{Value: all[n].Value, By: all[n].UID})
			n++
		}
		err := requests.Call(ctx, wire.MethodRestoreAttrs, &wire.RestoreAttrsParams{Attrs: all[:n]}, nil)
		if err != nil {
			if temporary(err) { // what is there already is no worse for being told once more
				r.locked(func(*Client) { maps.Copy(r.unrestored, owners) })
			}
			return err
		}
		all = all[n:]
	}
	return nil
}
