package wire

import (
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzDecode: whatever bytes come, Decode gives a message or an *Error, and a message means the same after another
// trip.
func FuzzDecode(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if err != nil {
			own, ok := err.(*Error)
			if !ok || (own.Code != CodeParse && own.Code != CodeInvalidRequest) {
				t.Fatalf("error %#v", err)
			}
			if m != nil {
				t.Fatal("a message and an error")
			}
			return
		}
		encoded, err := Encode(m)
		if err != nil {
			t.Fatalf("cannot be encoded: %v", err)
		}
		if len(encoded) > MaxMessageBytes {
			return // escapes made it longer than it came
		}
		again, err := Decode(encoded)
		if err != nil {
			t.Fatalf("cannot be decoded again: %v\n%s", err, encoded)
		}
		if !sameMessage(m, again) {
			t.Fatalf("%s\nbecame %+v\nthen %+v", data, m, again)
		}
	})
}

func sameMessage(a, b *Message) bool {
	return a.ID == b.ID && a.Method == b.Method && a.Seq == b.Seq && reflect.DeepEqual(a.Error, b.Error) &&
		sameJSON(a.Params, b.Params) && sameJSON(a.Result, b.Result)
}

func sameJSON(a, b json.RawMessage) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	if a == nil {
		return true
	}
	var x, y any
	errX, errY := json.Unmarshal(a, &x), json.Unmarshal(b, &y)
	return (errX == nil) == (errY == nil) && reflect.DeepEqual(x, y)
}

// allParams has one of each type that a request may carry.
func allParams() []Validator {
	return []Validator{
		&LoginParams{}, &ResumeParams{}, &UpdateTokenParams{}, &CreateMeetingParams{}, &MeetIDParams{}, &EnterMeetingParams{},
		&UIDParams{}, &SetNicknameParams{}, &Devices{}, &OpenMicParams{}, &OpenVideoParams{}, &VideoParams{}, &SubscribeParams{},
		&OfferParams{},
		&RoomState{}, &MainVideoParams{}, &MainVideoModeParams{}, &PageParams{}, &LockParams{},
		&RoomMsgParams{}, &CallParams{}, &CallAnswerParams{}, &RestoreCallParams{}, &DNDParams{}, &UserStatusParams{}, &WatchParams{},
		&AttrsChange{}, &RoomAttrsParams{}, &UserAttrsParams{}, &UserAttrsChange{}, &RestoreAttrsParams{},
		&SendCmdParams{}, &OfferTransferParams{}, &AcceptTransferParams{}, &EndTransferParams{},
	}
}

// FuzzParams: whatever parameters come, each type takes them or blames them with CodeBadParameter, and what was taken
// is taken again and equal after another trip.
func FuzzParams(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		again := allParams()
		for i, p := range allParams() {
			failed := DecodeParams(raw, p)
			if failed != nil {
				if failed.Code != CodeBadParameter || failed.Message == "" {
					t.Fatalf("%T: %v", p, failed)
				}
				continue
			}
			encoded, err := json.Marshal(p)
			if err != nil {
				t.Fatalf("%T: %v", p, err)
			}
			if failed := DecodeParams(encoded, again[i]); failed != nil {
				t.Fatalf("%T: not taken again: %v\n%s", p, failed, encoded)
			}
			if second, _ := json.Marshal(again[i]); string(second) != string(encoded) {
				t.Fatalf("%T: %s became %s", p, encoded, second)
			}
		}
	})
}
