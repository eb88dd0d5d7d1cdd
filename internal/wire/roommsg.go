package wire

// MethodSendRoomMsg sends a message to everybody in the room: RoomMsgParams.
const MethodSendRoomMsg = "sendRoomMsg"

// NotifyRoomMsg brings a message to everybody, its sender included: RoomMsg.
const NotifyRoomMsg = "roomMsg"

// RoomMsgParams are a message. Num grows with every message of a user, so that one that is sent again on a server that was
// restarted is known for what it is.
type RoomMsgParams struct {
	Text string `json:"text"`
	Num  uint64 `json:"num"`
}

// Validate implements Validator.
func (p *RoomMsgParams) Validate() *Error {
	if p.Num == 0 {
		return missing("num")
	}
	return atMost("text", p.Text, MaxRoomMsgBytes)
}

// RoomMsg is a message and who sent it.
type RoomMsg struct {
	UID  string `json:"uid"`
	Text string `json:"text"`
	Num  uint64 `json:"num"`
}

// Bytes is how long the message is on the wire, at most.
func (m *RoomMsg) Bytes() int {
	const names = 64
	return encodedLen(m.UID) + encodedLen(m.Text) + names
}
