package wire

import "testing"

func TestRoomStateRules(t *testing.T) {
	enter := func(s RoomState) Validator { return &EnterMeetingParams{MeetID: MinMeetID, State: &s} }
	checkRules(t, []rule{
		{"main video: nobody", &MainVideoParams{}, &MainVideoParams{UID: long(MaxUIDBytes + 1)}, `"uid"`},
		{"mode least", &MainVideoModeParams{Mode: 1}, &MainVideoModeParams{}, "mode 0"},
		{"mode most", &MainVideoModeParams{Mode: 3, UID: "u"}, &MainVideoModeParams{Mode: 4}, "mode 4"},
		{"mode uid", nil, &MainVideoModeParams{Mode: 3, UID: long(MaxUIDBytes + 1)}, `"uid"`},
		{"page least", &PageParams{}, &PageParams{MainPage: -1}, "mainPage -1"},
		{"page most", &PageParams{MainPage: MaxPage, SubPage: long(MaxSubPageBytes)}, &PageParams{MainPage: MaxPage + 1}, "mainPage 256"},
		{"sub page", nil, &PageParams{SubPage: long(MaxSubPageBytes + 1)}, `"subPage"`},
		{"lock", &LockParams{Locked: true}, nil, ""},
		{"enter: state", enter(RoomState{MainVideoMode: 3}), enter(RoomState{MainVideoMode: 4}), "mode 4"},
		{"enter: main video", nil, enter(RoomState{MainVideo: long(MaxUIDBytes + 1)}), `"state.mainVideo"`},
		{"enter: page", nil, enter(RoomState{MainPage: -1}), "mainPage"},
	})
}
