package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRoomMsgRules(t *testing.T) {
	recent := func(n int) Validator { return &EnterMeetingParams{MeetID: MinMeetID, Messages: n} }
	checkRules(t, []rule{
		{"text", &RoomMsgParams{Num: 1, Text: long(MaxRoomMsgBytes)}, &RoomMsgParams{Num: 1, Text: long(MaxRoomMsgBytes + 1)}, `"text"`},
		{"num", nil, &RoomMsgParams{Text: "x"}, `"num"`},
		{"recent: least", recent(0), recent(-1), "messages"},
		{"recent: most", recent(MaxRecentMsgs), recent(MaxRecentMsgs + 1), "messages"},
	})
	m := RoomMsg{UID: "\x01", Text: "<\x02>", Num: 1 << 62}
	text, err := json.Marshal(m)
	assert.NoError(t, err)
	assert.LessOrEqual(t, len(text), m.Bytes())
}
