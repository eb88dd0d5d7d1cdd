package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

const anID = "00112233445566778899aabbccddeeff"

// everyCall has good parameters for every method that needs a login, said by ann.
func everyCall(room int64) map[string]any {
	return map[string]any{
		wire.MethodUpdateToken:      wire.UpdateTokenParams{Token: "t"},
		wire.MethodLogout:           nil,
		wire.MethodPing:             nil,
		wire.MethodCreateMeeting:    wire.CreateMeetingParams{},
		wire.MethodDestroyMeeting:   wire.MeetIDParams{MeetID: room},
		wire.MethodEnterMeeting:     enterParams(room),
		wire.MethodExitMeeting:      nil,
		wire.MethodKickout:          wire.UIDParams{UID: "bob"},
		wire.MethodSetNickname:      wire.SetNicknameParams{UID: "ann", Nickname: "n"},
		wire.MethodSetMainVideo:     wire.MainVideoParams{UID: "ann"},
		wire.MethodSetMainVideoMode: wire.MainVideoModeParams{Mode: 1},
		wire.MethodSwitchToPage:     wire.PageParams{MainPage: 4},
		wire.MethodLockRoom:         wire.LockParams{},
		wire.MethodGetRoomAttrs:     nil,
		wire.MethodGetUserAttrs:     wire.UserAttrsParams{UIDs: []string{"ann"}},
		wire.MethodChangeRoomAttrs:  wire.AttrsChange{Clear: true},
		wire.MethodChangeUserAttrs:  wire.UserAttrsChange{All: true},
		wire.MethodRestoreAttrs:     nil,
		wire.MethodSendRoomMsg:      wire.RoomMsgParams{Text: "hi", Num: 1},
		wire.MethodSendCmd:          wire.SendCmdParams{ID: anID, UID: "bob"},
		wire.MethodOfferTransfer:    wire.OfferTransferParams{ID: anID, UID: "bob", Kind: wire.TransferBuffer},
		wire.MethodAcceptTransfer:   wire.AcceptTransferParams{ID: anID},
		wire.MethodEndTransfer:      wire.EndTransferParams{ID: anID, Code: 1},
		wire.MethodCall:             wire.CallParams{ID: "i", UID: "bob"},
		wire.MethodAcceptCall:       wire.CallAnswerParams{ID: "i"},
		wire.MethodRejectCall:       wire.CallAnswerParams{ID: "i"},
		wire.MethodHangupCall:       wire.CallAnswerParams{ID: "i"},
		wire.MethodRestoreCall:      wire.RestoreCallParams{ID: "i", UID: "bob"},
		wire.MethodInvite:           wire.CallParams{ID: "i", UID: "bob"},
		wire.MethodAcceptInvite:     wire.CallAnswerParams{ID: "i"},
		wire.MethodRejectInvite:     wire.CallAnswerParams{ID: "i"},
		wire.MethodCancelInvite:     wire.CallAnswerParams{ID: "i"},
		wire.MethodSetDND:           wire.DNDParams{},
		wire.MethodGetUserStatus:    nil,
		wire.MethodWatchUserStatus:  wire.WatchParams{},
		wire.MethodStopMeeting:      nil,
		wire.MethodInitQueues:       nil,
		wire.MethodGetQueueStatus:   nil,
		wire.MethodStartQueuing:     wire.StartQueuingParams{ID: 1},
		wire.MethodStopQueuing:      nil,
		wire.MethodStartService:     wire.StartServiceParams{ID: 1},
		wire.MethodStopService:      wire.QueueParams{ID: 1},
		wire.MethodReqAssign:        nil,
		wire.MethodAcceptAssign:     wire.AssignParams{ID: 1, UID: "bob"},
		wire.MethodRejectAssign:     wire.AssignParams{ID: 1, UID: "bob"},
		wire.MethodRestoreServing:   wire.AssignParams{ID: 1, UID: "bob"},
		wire.MethodCreateBoard:      testBoard("b"),
		wire.MethodCloseBoard:       wire.BoardIDParams{Board: "b"},
		wire.MethodSetBoardPage:     wire.BoardPageParams{Board: "b"},
		wire.MethodGetBoardPage:     wire.GetBoardPageParams{Board: "b"},
		wire.MethodEditBoard:        wire.EditBoardParams{Board: "b", Put: []*wire.BoardElement{line("e")}},
		wire.MethodUndoBoard:        wire.UndoBoardParams{Board: "b"},
		wire.MethodRestoreBoards:    nil,
		wire.MethodRestoreBoardPage: wire.RestoreBoardPageParams{Board: "b"},
		wire.MethodSetDevices:       allDevices(),
		wire.MethodOpenMic:          wire.OpenMicParams{UID: "ann", Mid: "0", Codec: "audio/opus"},
		wire.MethodCloseMic:         wire.UIDParams{UID: "ann"},
		wire.MethodOpenVideo:        wire.OpenVideoParams{UID: "ann", VideoID: 1, Mid: "1", Codec: "video/H264"},
		wire.MethodCloseVideo:       wire.VideoParams{UID: "ann", VideoID: 1},
		wire.MethodSetDefaultVideo:  wire.VideoParams{UID: "ann", VideoID: 1},
		wire.MethodSetMultiVideo:    wire.MultiVideo{UID: "ann"},
		wire.MethodSubscribe:        wire.SubscribeParams{},
		wire.MethodOffer:            wire.OfferParams{Offer: "offer"},
	}
}

func TestEveryCallBeforeLogin(t *testing.T) {
	s := start(t)
	require.Len(t, everyCall(0), len(s.verbs), "a method is missing in everyCall")
	for method, params := range everyCall(12345678) {
		t.Run(method, func(t *testing.T) {
			c := dial(t, s)
			c.fails(wire.CodeNotLoggedIn, method, params)
			c.closed(wire.CloseNoHello)
		})
	}
}

func TestEveryRoomCallOutsideOfARoom(t *testing.T) {
	s := start(t)
	c := login(t, s, "ann")
	calls := everyCall(12345678)
	for method, v := range s.verbs {
		if v.inRoom {
			t.Run(method, func(*testing.T) { c.fails(wire.CodeRoomAbsent, method, calls[method]) })
		}
	}
	c.fails(wire.CodeRoomAbsent, wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: 12345678})
	c.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(12345678))
}

func TestEveryCallAfterTheEnd(t *testing.T) {
	s := start(t)
	c := login(t, s, "ann")
	c.must(wire.MethodLogout, nil, nil)
	for method, params := range everyCall(12345678) {
		c.send(method, params)
	}
	c.closed(1000) // and nothing is answered
	require.Empty(t, c.notes)
}

// TestBadArguments: every refusal of a call by a member of a room, with its code. Bob is in the room too and is never
// disturbed.
func TestBadArguments(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	bob.must(wire.MethodSetDevices, wire.Devices{}, nil)
	ann.skip(2)
	ann.openMic()
	bob.skip(1)
	type mic = wire.OpenMicParams
	type cam = wire.OpenVideoParams
	type video = wire.VideoParams
	const opus, h264 = "audio/opus", "video/H264"
	for _, c := range []struct {
		name   string
		want   wire.Code
		method string
		params any
	}{
		{"subject too long", 5, wire.MethodCreateMeeting, wire.CreateMeetingParams{Subject: strings.Repeat("s", 129)}},
		{"password too long", 5, wire.MethodCreateMeeting, wire.CreateMeetingParams{Password: strings.Repeat("p", 65)}},
		{"no room ID", 5, wire.MethodEnterMeeting, map[string]any{}},
		{"room ID of 7 digits", 5, wire.MethodEnterMeeting, enterParams(1234567)},
		{"room ID of 9 digits", 5, wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: 123456789}},
		{"room ID is text", 5, wire.MethodEnterMeeting, map[string]any{"meetID": "12345678"}},
		{"in a room", 807, wire.MethodEnterMeeting, enterParams(room)},
		{"in another room", 807, wire.MethodEnterMeeting, enterParams(12345678)},

		{"kick nobody", 5, wire.MethodKickout, wire.UIDParams{}},
		{"kick a stranger", 806, wire.MethodKickout, wire.UIDParams{UID: "eve"}},
		{"rename nobody", 5, wire.MethodSetNickname, wire.SetNicknameParams{Nickname: "n"}},
		{"rename to nothing", 5, wire.MethodSetNickname, wire.SetNicknameParams{UID: "ann"}},
		{"rename too long", 5, wire.MethodSetNickname, wire.SetNicknameParams{UID: "ann", Nickname: strings.Repeat("n", 129)}},
		{"rename a stranger", 806, wire.MethodSetNickname, wire.SetNicknameParams{UID: "eve", Nickname: "n"}},

		{"main video: a stranger", 806, wire.MethodSetMainVideo, wire.MainVideoParams{UID: "eve"}},
		{"main video's mode", 5, wire.MethodSetMainVideoMode, wire.MainVideoModeParams{Mode: 4}},
		{"main video's mode: a stranger", 806, wire.MethodSetMainVideoMode, wire.MainVideoModeParams{Mode: 3, UID: "eve"}},
		{"main video's mode: of nobody", 5, wire.MethodSetMainVideoMode, wire.MainVideoModeParams{Mode: 3}},
		{"page", 5, wire.MethodSwitchToPage, wire.PageParams{MainPage: 256}},

		{"attributes: empty key", 5, wire.MethodChangeRoomAttrs, wire.AttrsChange{Put: map[string]string{"": "v"}}},
		{"attributes: value too long", 5, wire.MethodChangeRoomAttrs, wire.AttrsChange{Put: map[string]string{"k": strings.Repeat("v", 8193)}}},
		{"attributes of nobody", 5, wire.MethodChangeUserAttrs, wire.UserAttrsChange{}},
		{"attributes of a stranger", 806, wire.MethodChangeUserAttrs, wire.UserAttrsChange{UIDs: []string{"ann", "eve"}, AttrsChange: wire.AttrsChange{Put: map[string]string{"k": "v"}}}},

		{"message too long", 5, wire.MethodSendRoomMsg, wire.RoomMsgParams{Text: strings.Repeat("m", 8193), Num: 1}},

		{"call nobody", 5, wire.MethodCall, wire.CallParams{ID: "i"}},
		{"call oneself", 5, wire.MethodCall, wire.CallParams{ID: "i", UID: "ann"}},
		{"call a stranger", 603, wire.MethodCall, wire.CallParams{ID: "i", UID: "eve"}},
		{"accept no call", 600, wire.MethodAcceptCall, wire.CallAnswerParams{ID: "i"}},
		{"hang up no call", 600, wire.MethodHangupCall, wire.CallAnswerParams{ID: "i"}},
		{"invite a stranger", 603, wire.MethodInvite, wire.CallParams{ID: "i", UID: "eve"}},
		{"cancel no invitation", 600, wire.MethodCancelInvite, wire.CallAnswerParams{ID: "i"}},

		{"nine cameras", 5, wire.MethodSetDevices, wire.Devices{Videos: make([]wire.Video, 9)}},
		{"camera 0", 5, wire.MethodSetDevices, wire.Devices{Videos: []wire.Video{{ID: 0}}}},
		{"camera twice", 5, wire.MethodSetDevices, wire.Devices{Videos: []wire.Video{{ID: 1}, {ID: 1}}, DefaultVideo: 1}},
		{"strange default camera", 5, wire.MethodSetDevices, wire.Devices{Videos: []wire.Video{{ID: 1}}, DefaultVideo: 2}},

		{"microphone of nobody", 5, wire.MethodOpenMic, mic{Mid: "0", Codec: opus}},
		{"microphone without mid", 5, wire.MethodOpenMic, mic{UID: "ann", Codec: opus}},
		{"microphone without codec", 5, wire.MethodOpenMic, mic{UID: "ann", Mid: "0"}},
		{"microphone in H.264", 5, wire.MethodOpenMic, mic{UID: "ann", Mid: "0", Codec: h264}},
		{"unknown codec", 5, wire.MethodOpenMic, mic{UID: "ann", Mid: "0", Codec: "audio/mp3"}},
		{"unknown mid", 5, wire.MethodOpenMic, mic{UID: "ann", Mid: "9", Codec: opus}},
		{"microphone of a stranger", 806, wire.MethodOpenMic, mic{UID: "eve"}},
		{"microphone that is not there", 8008, wire.MethodOpenMic, mic{UID: "bob"}},
		{"close nobody's microphone", 5, wire.MethodCloseMic, wire.UIDParams{}},
		{"close a stranger's microphone", 806, wire.MethodCloseMic, wire.UIDParams{UID: "eve"}},

		{"camera of nobody", 5, wire.MethodOpenVideo, cam{VideoID: 1, Mid: "1", Codec: h264}},
		{"camera 0 opened", 5, wire.MethodOpenVideo, cam{UID: "ann", Mid: "1", Codec: h264}},
		{"camera -2", 5, wire.MethodOpenVideo, cam{UID: "ann", VideoID: -2, Mid: "1", Codec: h264}},
		{"camera in Opus", 5, wire.MethodOpenVideo, cam{UID: "ann", VideoID: 1, Mid: "1", Codec: opus}},
		{"camera on an unknown mid", 5, wire.MethodOpenVideo, cam{UID: "ann", VideoID: 1, Mid: "9", Codec: h264}},
		{"own camera that is not there", 8008, wire.MethodOpenVideo, cam{UID: "ann", VideoID: 7, Mid: "1", Codec: h264}},
		{"camera of a stranger", 806, wire.MethodOpenVideo, cam{UID: "eve", VideoID: 1}},
		{"camera that is not there", 8008, wire.MethodOpenVideo, cam{UID: "bob", VideoID: -1}},
		{"close a camera that is not there", 8008, wire.MethodCloseVideo, video{UID: "ann", VideoID: 7}},
		{"close a stranger's camera", 806, wire.MethodCloseVideo, video{UID: "eve", VideoID: 1}},
		{"default camera that is not there", 8008, wire.MethodSetDefaultVideo, video{UID: "ann", VideoID: 7}},
		{"default camera of a stranger", 806, wire.MethodSetDefaultVideo, video{UID: "eve", VideoID: 1}},
		{"nobody's cameras at once", 5, wire.MethodSetMultiVideo, wire.MultiVideo{}},
		{"a stranger's cameras at once", 806, wire.MethodSetMultiVideo, wire.MultiVideo{UID: "eve"}},

		{"wish for nobody", 5, wire.MethodSubscribe, wire.SubscribeParams{Videos: []wire.VideoWish{{VideoParams: video{VideoID: 1}}}}},
		{"257 wishes", 5, wire.MethodSubscribe, wire.SubscribeParams{Videos: make([]wire.VideoWish, 257)}},
		{"no offer", 5, wire.MethodOffer, wire.OfferParams{}},
		{"offer of garbage", 5, wire.MethodOffer, wire.OfferParams{Offer: "garbage"}},
		{"giant offer", 5, wire.MethodOffer, wire.OfferParams{Offer: strings.Repeat("o", 128<<10+1)}},
		{"params are a list", 5, wire.MethodCloseMic, []int{1}},
		{"params are text", 5, wire.MethodCloseMic, "ann"},
		{"unknown method", wire.CodeNoMethod, "frobnicate", nil},
	} {
		t.Run(c.name, func(*testing.T) { ann.fails(c.want, c.method, c.params) })
	}
	ann.fails(wire.CodeBadParameter, wire.MethodOpenVideo, cam{UID: "ann", VideoID: 1, Mid: "0", Codec: h264}) // the microphone's
	ann.quiet()
	bob.quiet()
}

func TestBadOfferWhenEntering(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	for offer, want := range map[string]wire.Code{"garbage": wire.CodeBadParameter, "broken": wire.CodeServiceFailure} {
		p := enterParams(room)
		p.Offer = offer
		ann.fails(want, wire.MethodEnterMeeting, p)
	}
	require.Len(t, ann.enter(room).Members, 1)
}

func TestRoomPassword(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{Password: "открой"}).ID
	for _, wrong := range []string{"", "guess", "откро", "открой "} {
		p := enterParams(room)
		p.Password = wrong
		ann.fails(wire.CodeRoomPassword, wire.MethodEnterMeeting, p)
	}
	p := enterParams(room)
	p.Password = "открой"
	ann.must(wire.MethodEnterMeeting, p, nil)
}
