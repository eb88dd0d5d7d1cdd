package server

import (
	"maps"
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// answerNow answers with what is true now, and if the request is repeated with what is true then: nothing is kept.
func (c *call) answerNow(fn func(r *room) any) *wire.Error {
	now := func() (result any, failed *wire.Error) {
		failed = c.inRoom(func(r *room, _ *member) *wire.Error {
			result = fn(r)
			return nil
		})
		return result, failed
	}
	result, failed := now()
	if failed == nil {
		c.answer(result, now)
	}
	return failed
}

// getRoomAttrs tells attributes of the room.
func getRoomAttrs(c *call, p *wire.RoomAttrsParams) *wire.Error {
	return c.answerNow(func(r *room) any { return wire.AttrsResult{Attrs: some(r.attrs.room, p.Keys)} })
}

// userAttrsBytes is how much of members' attributes goes into one answer.
const userAttrsBytes = 2 * wire.MaxUserAttrsBytes

// getUserAttrs tells attributes of members, of as many as fit into a message.
func getUserAttrs(c *call, p *wire.UserAttrsParams) *wire.Error {
	return c.answerNow(func(r *room) any {
		result, bytes := wire.UserAttrsResult{Users: make(map[string]wire.Attrs)}, 0
		for i, uid := range p.UIDs {
			attrs := some(r.attrs.users[uid], p.Keys)
			bytes += attrs.Bytes()
			if i > 0 && bytes > userAttrsBytes {
				result.Rest = p.UIDs[i:]
				break
			}
			if len(attrs) > 0 {
				result.Users[uid] = attrs
			}
		}
		return result
	})
}

// changeRoomAttrs changes attributes of the room.
func changeRoomAttrs(c *call, p *wire.AttrsChange) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		result := wire.AttrsChangeResult{Version: r.attrs.nextVersion()}
		deleted, failed := r.changeAttrs("", p, by, result.Version)
		if failed != nil {
			return failed
		}
		if len(deleted) > 0 {
			result.Deleted = map[string][]string{"": deleted}
		}
		c.reply(result)
		return nil
	})
}

// mayChangeAttrs tells whether the caller may change attributes of a member, or of the room.
func (c *call) mayChangeAttrs(uid string) *wire.Error {
	needs := token.Data
	if uid != "" && uid != c.sess.uid {
		needs = token.Control
	}
	if !c.sess.allows(needs) {
		return notPermitted(needs)
	}
	return nil
}

// changeUserAttrs changes attributes of members: of all that are named, or of none.
func changeUserAttrs(c *call, p *wire.UserAttrsChange) *wire.Error {
	uids := p.UIDs
	if p.All && !c.sess.allows(token.Control) {
		return notPermitted(token.Control)
	}
	for _, uid := range uids {
		if failed := c.mayChangeAttrs(uid); failed != nil {
			return failed
		}
	}
	return c.inRoom(func(r *room, by *member) *wire.Error {
		if p.All {
			uids = slices.Sorted(maps.Keys(r.members))
		}
		result := wire.AttrsChangeResult{Version: r.attrs.nextVersion(), Deleted: make(map[string][]string)}
		for _, uid := range uids { // first whether all can be
			if _, failed := r.find(uid); failed != nil {
				return failed
			}
			if _, _, failed := changedAttrs(r.attrs.users[uid], &p.AttrsChange, by.uid, result.Version, wire.MaxUserAttrsBytes); failed != nil {
				return failed
			}
		}
		for _, uid := range uids {
			deleted, failed := r.changeAttrs(uid, &p.AttrsChange, by, result.Version)
			if failed != nil {
				return failed
			}
			if len(deleted) > 0 {
				result.Deleted[uid] = deleted
			}
		}
		c.reply(result)
		return nil
	})
}

// restoreAttrs takes changes that the caller made on the process before this one.
func restoreAttrs(c *call, p *wire.RestoreAttrsParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		for i := range p.Attrs {
			a := &p.Attrs[i]
			if c.mayChangeAttrs(a.UID) == nil && (a.UID == "" || r.members[a.UID] != nil) {
				r.restoreAttr(a, by.uid)
			}
		}
		return nil
	})
}
