package server

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// recentMsgsBytes is how many bytes of messages a room keeps; they must fit into an answer beside a room's members.
const recentMsgsBytes = 64 << 10

// recentMsgs are a room's last messages, guarded by its lock.
type recentMsgs struct {
	list  []wire.RoomMsg // oldest first
	bytes int
}

// add keeps a message; false: it is there already.
func (r *recentMsgs) add(m wire.RoomMsg) bool {
	if slices.ContainsFunc(r.list, func(o wire.RoomMsg) bool { return o.UID == m.UID && o.Num == m.Num }) {
		return false
	}
	r.list = append(r.list, m)
	r.bytes += m.Bytes()
	for len(r.list) > wire.MaxRecentMsgs || r.bytes > recentMsgsBytes && len(r.list) > 1 {
		r.bytes -= r.list[0].Bytes()
		r.list = slices.Delete(r.list, 0, 1)
	}
	return true
}

// last gives the last n.
func (r *recentMsgs) last(n int) []wire.RoomMsg {
	return slices.Clone(r.list[max(0, len(r.list)-n):])
}

// sendRoomMsg tells everybody a message, in one order.
func sendRoomMsg(c *call, p *wire.RoomMsgParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		m := wire.RoomMsg{UID: by.uid, Text: p.Text, Num: p.Num}
		if r.recent.add(m) {
			r.tellAll(wire.NotifyRoomMsg, m, nil)
		}
		return nil
	})
}
