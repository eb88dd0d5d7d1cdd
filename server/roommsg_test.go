package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestRoomMessages(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	for i := range uint64(3) {
		ann.must(wire.MethodSendRoomMsg, wire.RoomMsgParams{Text: fmt.Sprint("m", i), Num: i + 1}, nil)
	}
	ann.must(wire.MethodSendRoomMsg, wire.RoomMsgParams{Text: "m2", Num: 3}, nil) // again
	for _, c := range []*client{ann, bob} {
		for i := range uint64(3) {
			assert.Equal(t, wire.RoomMsg{UID: "ann", Text: fmt.Sprint("m", i), Num: i + 1}, note[wire.RoomMsg](c, wire.NotifyRoomMsg))
		}
		c.quiet()
	}
	p := enterParams(room)
	var in wire.EnterMeetingResult
	cat := login(t, s, "cat")
	cat.must(wire.MethodEnterMeeting, p, &in)
	assert.Empty(t, in.Messages, "nobody asked")
	p.Messages = 2
	login(t, s, "dan").must(wire.MethodEnterMeeting, p, &in)
	assert.Equal(t, []wire.RoomMsg{{UID: "ann", Text: "m1", Num: 2}, {UID: "ann", Text: "m2", Num: 3}}, in.Messages)
}

func TestRecentMessagesAreBounded(t *testing.T) {
	var r recentMsgs
	for i := range uint64(300) {
		require.True(t, r.add(wire.RoomMsg{UID: "ann", Text: strings.Repeat("<", int(i)), Num: i + 1}))
		sum := 0
		for _, m := range r.list {
			sum += m.Bytes()
		}
		require.Equal(t, sum, r.bytes)
		require.LessOrEqual(t, r.bytes, recentMsgsBytes)
		require.LessOrEqual(t, len(r.list), wire.MaxRecentMsgs)
	}
	assert.EqualValues(t, 300, r.last(1)[0].Num)
	assert.Len(t, r.last(1000), len(r.list))
}
