package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEncodeDecode(t *testing.T) {
	for name, m := range map[string]*Message{
		`{"jsonrpc":"2.0","id":7,"method":"ping"}`:                                             {ID: 7, Method: MethodPing},
		`{"jsonrpc":"2.0","id":7,"method":"kickout","params":{"uid":"bob"}}`:                   {ID: 7, Method: MethodKickout, Params: json.RawMessage(`{"uid":"bob"}`)},
		`{"jsonrpc":"2.0","method":"lineOff","params":{"code":10},"seq":3}`:                    {Seq: 3, Method: NotifyLineOff, Params: json.RawMessage(`{"code":10}`)},
		`{"jsonrpc":"2.0","id":7,"result":{}}`:                                                 {ID: 7, Result: json.RawMessage(`{}`)},
		`{"jsonrpc":"2.0","id":7,"error":{"code":801,"message":"wrong password"}}`:             {ID: 7, Error: &Error{CodeRoomPassword, "wrong password"}},
		`{"jsonrpc":"2.0","error":{"code":-32700,"message":"not JSON"}}`:                       {Error: &Error{CodeParse, "not JSON"}},
		`{"jsonrpc":"2.0","id":18446744073709551615,"method":"x"}`:                             {ID: 1<<64 - 1, Method: "x"},
		`{"jsonrpc":"2.0","seq":18446744073709551615,"method":"\u00fc\u6c49"}`:                 {Seq: 1<<64 - 1, Method: "ü汉"},
		"\n\t {\"jsonrpc\" : \"2.0\", \"id\" : 1, \"method\" : \"x\", \"unknown\" : [1,2] }\n": {ID: 1, Method: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(name))
			require.NoError(t, err)
			assert.Equal(t, m, got)
			data, err := Encode(m)
			require.NoError(t, err)
			again, err := Decode(data)
			require.NoError(t, err)
			assert.Equal(t, m, again)
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for text, code := range map[string]Code{
		"":                           CodeParse,
		" ":                          CodeParse,
		"}{":                         CodeParse,
		`{"jsonrpc":"2.0"`:           CodeParse,
		`{"jsonrpc":"2.0"} {}`:       CodeParse,
		"\xff\xfe":                   CodeParse,
		"{\"jsonrpc\":\"2.0\",\xff}": CodeParse,
		"null":                       CodeInvalidRequest,
		"1":                          CodeInvalidRequest,
		`"x"`:                        CodeInvalidRequest,
		"[]":                         CodeInvalidRequest,
		`[{"jsonrpc":"2.0","id":1,"method":"x"}]`: CodeInvalidRequest,
		"{}":                            CodeInvalidRequest,
		`{"jsonrpc":"2.0"}`:             CodeInvalidRequest,
		`{"id":1,"method":"x"}`:         CodeInvalidRequest,
		`{"jsonrpc":2.0,"id":1}`:        CodeInvalidRequest,
		`{"jsonrpc":"1.0","id":1}`:      CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":1}`:      CodeInvalidRequest,
		`{"jsonrpc":"2.0","seq":1}`:     CodeInvalidRequest,
		`{"jsonrpc":"2.0","result":{}}`: CodeInvalidRequest,
		`{"jsonrpc":"2.0","method":"a request without id"}`:                                CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":0,"method":"x"}`:                                            CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":-1,"method":"x"}`:                                           CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":1.5,"method":"x"}`:                                          CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":"1","method":"x"}`:                                          CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":18446744073709551616,"method":"x"}`:                         CodeInvalidRequest,
		`{"jsonrpc":"2.0","seq":-1,"method":"x"}`:                                          CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":1,"method":7}`:                                              CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":1,"method":"x","result":{}}`:                                CodeInvalidRequest,
		`{"jsonrpc":"2.0","seq":1,"method":"x","error":{"code":1,"message":""}}`:           CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}`:             CodeInvalidRequest,
		`{"jsonrpc":"2.0","id":1,"error":"x"}`:                                             CodeInvalidRequest,
		strings.Repeat("[", 100_000):                                                       CodeParse,
		`{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", MaxMessageBytes) + `"}`: CodeInvalidRequest,
	} {
		t.Run(fmt.Sprintf("%.60s", text), func(t *testing.T) {
			m, err := Decode([]byte(text))
			assert.Nil(t, m)
			var own *Error
			require.ErrorAs(t, err, &own)
			assert.Equal(t, code, own.Code, own.Message)
			assert.NotEmpty(t, own.Message)
		})
	}
}

func TestDecodeAtTheSizeLimit(t *testing.T) {
	head, tail := `{"jsonrpc":"2.0","id":1,"method":"`, `"}`
	text := head + strings.Repeat("x", MaxMessageBytes-len(head)-len(tail)) + tail
	_, err := Decode([]byte(text))
	assert.NoError(t, err)
	_, err = Decode([]byte(text + " "))
	assert.Error(t, err)
}

func TestMessageKinds(t *testing.T) {
	for _, c := range []struct {
		m                               Message
		request, notification, response bool
	}{
		{Message{ID: 1, Method: "x"}, true, false, false},
		{Message{ID: 1, Method: "x", Seq: 1}, true, false, false},
		{Message{Seq: 1, Method: "x"}, false, true, false},
		{Message{Method: "x"}, false, false, false},
		{Message{ID: 1}, false, false, true},
		{Message{}, false, false, false},
	} {
		assert.Equal(t, c.request, c.m.IsRequest(), "%+v", c.m)
		assert.Equal(t, c.notification, c.m.IsNotification(), "%+v", c.m)
		assert.Equal(t, c.response, c.m.IsResponse(), "%+v", c.m)
	}
}

func TestMakers(t *testing.T) {
	encode := func(m *Message, err error) string {
		t.Helper()
		require.NoError(t, err)
		data, err := Encode(m)
		require.NoError(t, err)
		_, err = Decode(data)
		require.NoError(t, err, "what we make can be read")
		return string(data)
	}
	assert.JSONEq(t, `{"jsonrpc":"2.0","id":4,"method":"ping"}`, encode(Request(4, MethodPing, nil)))
	assert.JSONEq(t, `{"jsonrpc":"2.0","id":4,"method":"kickout","params":{"uid":"b"}}`, encode(Request(4, MethodKickout, UIDParams{"b"})))
	assert.JSONEq(t, `{"jsonrpc":"2.0","seq":4,"method":"lineOff","params":{"code":18}}`, encode(Notification(4, NotifyLineOff, LineOff{CodeTokenExpired})))
	assert.JSONEq(t, `{"jsonrpc":"2.0","id":4,"result":{}}`, encode(Response(4, nil, nil)))
	assert.JSONEq(t, `{"jsonrpc":"2.0","id":4,"result":{"answer":"sdp"}}`, encode(Response(4, OfferResult{"sdp"}, nil)))
	assert.JSONEq(t, `{"jsonrpc":"2.0","id":4,"error":{"code":5,"message":"no"}}`, encode(Response(4, OfferResult{"sdp"}, Errorf(CodeBadParameter, "no"))))
	for _, make := range []func() (*Message, error){
		func() (*Message, error) { return Request(1, "x", func() {}) },
		func() (*Message, error) { return Notification(1, "x", func() {}) },
		func() (*Message, error) { return Response(1, func() {}, nil) },
	} {
		_, err := make()
		assert.Error(t, err)
	}
}

func TestDecodeParams(t *testing.T) {
	var p UIDParams
	require.Nil(t, DecodeParams(json.RawMessage(`{"uid":"bob","more":1}`), &p), "unknown fields are for later versions")
	assert.Equal(t, "bob", p.UID)

	for raw, says := range map[string]string{"": "uid", "  ": "uid", "{}": "uid", "null": "uid", `{"uid":7}`: "uid", "[]": "params", `{"uid":"x"`: "params"} {
		err := DecodeParams(json.RawMessage(raw), &UIDParams{})
		require.NotNil(t, err, raw)
		assert.Equal(t, CodeBadParameter, err.Code)
		assert.Contains(t, err.Message, says)
	}
	var anything map[string]any
	assert.Nil(t, DecodeParams(nil, &anything), "what cannot validate itself only needs to be JSON")
}

func TestErrorText(t *testing.T) {
	assert.EqualError(t, Errorf(CodeRoomFull, "room %d is full", 8), "room 8 is full (code 802)")
	assert.EqualError(t, &Error{Code: CodeRoomFull}, "code 802")
}

func BenchmarkEncode(b *testing.B) {
	for name, m := range benchmarkMessages(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Encode(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, m := range benchmarkMessages(b) {
		data, err := Encode(m)
		require.NoError(b, err)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchmarkMessages(b *testing.B) map[string]*Message {
	small, err := Notification(12, NotifyMicStatus, MicStatus{UID: "anna", Status: StatusOpen, Stream: &Stream{3, "audio/opus"}})
	require.NoError(b, err)
	offer, err := Request(3, MethodEnterMeeting, EnterMeetingParams{
		MeetID: MinMeetID, Offer: strings.Repeat("a=rtpmap:111 opus/48000/2\r\n", 400), Devices: Devices{Mic: true},
	})
	require.NoError(b, err)
	return map[string]*Message{"small": small, "enter": offer}
}

func TestNumberedNotification(t *testing.T) {
	t.Parallel()
	head, params, err := NotificationHead(NotifyMemberLeft, MemberLeft{UID: "<a> & \"b\"", Reason: LeftExit})
	require.NoError(t, err)
	for _, seq := range []uint64{1, 42, math.MaxUint64} {
		text := Numbered(head, seq)
		m, err := Decode(text)
		require.NoError(t, err)
		assert.Equal(t, &Message{Method: NotifyMemberLeft, Params: params, Seq: seq}, m)
		same, err := Encode(m)
		require.NoError(t, err)
		assert.JSONEq(t, string(same), string(text))
	}
	_, _, err = NotificationHead("x", make(chan int))
	require.Error(t, err)
}
