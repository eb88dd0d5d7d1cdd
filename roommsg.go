package crvideo

import (
	"context"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// WithRecentMessages asks for the last messages that were sent in the room before we enter, at most 100 and 64 KiB of them:
// they come as NotifyMeetingCustomMsg events. Default: none.
func WithRecentMessages(n int) EnterOption { return func(o *enterOptions) { o.recent = n } }

// SendMeetingCustomMsg sends a message of at most 8 KiB to everybody in the room, oneself included
// (CRVideo_SendMeetingCustomMsg). All members see all messages in one order, and each once, whatever happens to connections.
// Errors: 5 too long, 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) SendMeetingCustomMsg(ctx context.Context, msg string) error {
	_, err := await(ctx, "SendMeetingCustomMsg", func(done func(nothing, error)) func() {
		return c.startSendMsg(msg, func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startSendMsg(msg string, done func(error)) (abandon func()) {
	c.sending.Lock() // so that the numbers are in the order of sending
	defer c.sending.Unlock()
	c.mu.Lock()
	c.lastMsg = max(c.lastMsg+1, uint64(time.Now().UnixMicro())) // above those of an earlier run of the program
	num := c.lastMsg
	c.mu.Unlock()
	return c.startRoomRequest("SendMeetingCustomMsg", wire.MethodSendRoomMsg, &wire.RoomMsgParams{Text: msg, Num: num}, done)
}

func (r *room) roomMsg(p *wire.RoomMsg) {
	r.locked(func(*Client) { r.messageLocked(p, false) })
}

// messageLocked tells a message, unless it was told before: it may come again from a server that was restarted.
func (r *room) messageLocked(m *wire.RoomMsg, recent bool) {
	if m.Num <= r.lastMsgs[m.UID] {
		return
	}
	if r.lastMsgs == nil {
		r.lastMsgs = map[string]uint64{}
	}
	r.lastMsgs[m.UID] = m.Num
	emit(r.c, &r.c.on.customMsg, NotifyMeetingCustomMsg{UID: m.UID, Msg: m.Text, Recent: recent})
}

// SendMeetingCustomMsg sends a message to everybody in the room (CRVideo_SendMeetingCustomMsg). The result is
// SendMeetingCustomMsgRslt.
func SendMeetingCustomMsg(msg string, cookie any) {
	c := Default()
	c.startSendMsg(msg, func(err error) {
		result(c, &std.on.customMsgRslt, SendMeetingCustomMsgRslt{CodeOf(err), err, cookie})
	})
}
