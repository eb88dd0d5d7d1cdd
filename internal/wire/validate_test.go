package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func long(n int) string { return strings.Repeat("x", n) }

// rule is one rule of a Validate: the last value it lets pass and the first one it does not.
type rule struct {
	name   string
	good   Validator
	bad    Validator
	blames string // what the message names
}

func checkRules(t *testing.T, rules []rule) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if r.good != nil {
				require.Nil(t, r.good.Validate())
			}
			if r.bad == nil {
				return
			}
			err := r.bad.Validate()
			require.NotNil(t, err)
			assert.Equal(t, CodeBadParameter, err.Code)
			assert.Contains(t, err.Message, r.blames)
		})
	}
}

func TestLoginParamsRules(t *testing.T) {
	with := func(change func(*LoginParams)) Validator {
		p := &LoginParams{AppID: "demo", SecretMD5: "md5", UID: "anna", Nickname: "Anna"}
		change(p)
		return p
	}
	limit := func(name string, most int, set func(*LoginParams, string)) rule {
		return rule{name + " length", with(func(p *LoginParams) { set(p, long(most)) }), with(func(p *LoginParams) { set(p, long(most+1)) }), `"` + name + `"`}
	}
	ms := func(n int64) Validator { return with(func(p *LoginParams) { p.TimeoutMS = int(n) }) }
	checkRules(t, []rule{
		{"appID", with(func(*LoginParams) {}), with(func(p *LoginParams) { p.AppID = "" }), `"appID"`},
		{"secret", nil, with(func(p *LoginParams) { p.SecretMD5 = "" }), `"secretMD5"`},
		{"token alone", &LoginParams{Token: "t", UID: "u", Nickname: "n"}, nil, ""},
		{"uid", nil, with(func(p *LoginParams) { p.UID = "" }), `"uid"`},
		{"nickname", nil, with(func(p *LoginParams) { p.Nickname = "" }), `"nickname"`},
		{"timeout default", ms(0), ms(-1), "timeoutMs"},
		{"timeout least", ms(MinServerTimeout.Milliseconds()), ms(MinServerTimeout.Milliseconds() - 1), "timeoutMs"},
		{"timeout most", ms(MaxServerTimeout.Milliseconds()), ms(MaxServerTimeout.Milliseconds() + 1), "timeoutMs"},
		{"UTF-8", with(func(p *LoginParams) { p.Nickname = "Änne" }), with(func(p *LoginParams) { p.Nickname = "\xff" }), "UTF-8"},
		limit("appID", MaxAppIDBytes, func(p *LoginParams, s string) { p.AppID = s }),
		limit("token", MaxTokenBytes, func(p *LoginParams, s string) { p.Token = s }),
		limit("secretMD5", 64, func(p *LoginParams, s string) { p.SecretMD5 = s }),
		limit("uid", MaxUIDBytes, func(p *LoginParams, s string) { p.UID = s }),
		limit("nickname", MaxNicknameBytes, func(p *LoginParams, s string) { p.Nickname = s }),
		limit("userAuthCode", MaxAuthCodeBytes, func(p *LoginParams, s string) { p.AuthCode = s }),
		limit("sdk", 128, func(p *LoginParams, s string) { p.SDK = s }),
	})
}

func TestSessionRules(t *testing.T) {
	checkRules(t, []rule{
		{"resume session", &ResumeParams{Session: "s", Key: "k"}, &ResumeParams{Key: "k"}, `"session"`},
		{"resume key", nil, &ResumeParams{Session: "s"}, `"key"`},
		{"token", &UpdateTokenParams{"t"}, &UpdateTokenParams{}, `"token"`},
		{"token length", &UpdateTokenParams{long(MaxTokenBytes)}, &UpdateTokenParams{long(MaxTokenBytes + 1)}, `"token"`},
	})
}

func TestMeetingRules(t *testing.T) {
	checkRules(t, []rule{
		{"create: everything may be empty", &CreateMeetingParams{}, nil, ""},
		{"create: subject", &CreateMeetingParams{Subject: long(MaxSubjectBytes)}, &CreateMeetingParams{Subject: long(MaxSubjectBytes + 1)}, `"subject"`},
		{"create: password", &CreateMeetingParams{Password: long(MaxPasswordBytes)}, &CreateMeetingParams{Password: long(MaxPasswordBytes + 1)}, `"password"`},
		{"meetID least", &MeetIDParams{MinMeetID}, &MeetIDParams{MinMeetID - 1}, "8 digits"},
		{"meetID most", &MeetIDParams{MaxMeetID}, &MeetIDParams{MaxMeetID + 1}, "8 digits"},
		{"meetID negative", nil, &MeetIDParams{-12345678}, "8 digits"},
		{"enter: meetID", &EnterMeetingParams{MeetID: MinMeetID}, &EnterMeetingParams{}, "8 digits"},
		{"enter: password", &EnterMeetingParams{MeetID: MinMeetID, Password: long(MaxPasswordBytes)}, &EnterMeetingParams{MeetID: MinMeetID, Password: long(MaxPasswordBytes + 1)}, `"password"`},
		{"enter: offer", &EnterMeetingParams{MeetID: MinMeetID, Offer: long(MaxSDPBytes)}, &EnterMeetingParams{MeetID: MinMeetID, Offer: long(MaxSDPBytes + 1)}, `"offer"`},
		{"enter: devices", nil, &EnterMeetingParams{MeetID: MinMeetID, Devices: Devices{Videos: make([]Video, 1)}}, "videos"},
		{"uid", &UIDParams{"u"}, &UIDParams{}, `"uid"`},
		{"uid length", &UIDParams{long(MaxUIDBytes)}, &UIDParams{long(MaxUIDBytes + 1)}, `"uid"`},
		{"nickname: uid", &SetNicknameParams{"u", "n"}, &SetNicknameParams{"", "n"}, `"uid"`},
		{"nickname: nickname", nil, &SetNicknameParams{"u", ""}, `"nickname"`},
		{"nickname: uid length", nil, &SetNicknameParams{long(MaxUIDBytes + 1), "n"}, `"uid"`},
		{"nickname: length", &SetNicknameParams{"u", long(MaxNicknameBytes)}, &SetNicknameParams{"u", long(MaxNicknameBytes + 1)}, `"nickname"`},
	})
}

func TestDevicesRules(t *testing.T) {
	cameras := func(n int) *Devices {
		d := &Devices{DefaultVideo: 1}
		for i := range n {
			d.Videos = append(d.Videos, Video{ID: i + 1})
		}
		return d
	}
	named := func(name string) *Devices { return &Devices{Videos: []Video{{ID: 1, Name: name}}, DefaultVideo: 1} }
	checkRules(t, []rule{
		{"none", &Devices{}, nil, ""},
		{"number", cameras(MaxVideos), cameras(MaxVideos + 1), "cameras"},
		{"id", nil, &Devices{Videos: []Video{{ID: 0}}}, "id 0"},
		{"id twice", nil, &Devices{Videos: []Video{{ID: 1}, {ID: 1}}, DefaultVideo: 1}, "id 1"},
		{"name", named(long(MaxDeviceName)), named(long(MaxDeviceName + 1)), `"videos.name"`},
		{"default", &Devices{Videos: []Video{{ID: 5}}, DefaultVideo: 5}, &Devices{Videos: []Video{{ID: 5}}, DefaultVideo: 6}, "defaultVideo"},
	})
}

func TestMediaRules(t *testing.T) {
	wishes := func(n int) *SubscribeParams {
		p := &SubscribeParams{}
		for range n {
			p.Videos = append(p.Videos, VideoWish{VideoParams: VideoParams{"u", 1}})
		}
		return p
	}
	checkRules(t, []rule{
		{"openMic: uid", &OpenMicParams{UID: "u"}, &OpenMicParams{}, `"uid"`},
		{"openMic: uid length", &OpenMicParams{UID: long(MaxUIDBytes)}, &OpenMicParams{UID: long(MaxUIDBytes + 1)}, `"uid"`},
		{"openMic: mid", &OpenMicParams{UID: "u", Mid: long(16)}, &OpenMicParams{UID: "u", Mid: long(17)}, `"mid"`},
		{"openMic: codec", &OpenMicParams{UID: "u", Codec: long(32)}, &OpenMicParams{UID: "u", Codec: long(33)}, `"codec"`},
		{"openVideo: uid", &OpenVideoParams{UID: "u", VideoID: 1}, &OpenVideoParams{VideoID: 1}, `"uid"`},
		{"openVideo: uid length", nil, &OpenVideoParams{UID: long(MaxUIDBytes + 1), VideoID: 1}, `"uid"`},
		{"openVideo: default camera", &OpenVideoParams{UID: "u", VideoID: DefaultCamera}, &OpenVideoParams{UID: "u", VideoID: -2}, "videoID"},
		{"openVideo: id", nil, &OpenVideoParams{UID: "u"}, "videoID 0"},
		{"openVideo: mid", &OpenVideoParams{UID: "u", VideoID: 1, Mid: long(16)}, &OpenVideoParams{UID: "u", VideoID: 1, Mid: long(17)}, `"mid"`},
		{"openVideo: codec", &OpenVideoParams{UID: "u", VideoID: 1, Codec: long(32)}, &OpenVideoParams{UID: "u", VideoID: 1, Codec: long(33)}, `"codec"`},
		{"openVideo: layers", &OpenVideoParams{UID: "u", VideoID: 1, Layers: []Layer{{"f", 640, 360, 1}, {"h", 320, 180, 1}}},
			&OpenVideoParams{UID: "u", VideoID: 1, Layers: []Layer{{"h", 320, 180, 1}, {"f", 640, 360, 1}}}, "largest"},
		{"openVideo: layer names", nil, &OpenVideoParams{UID: "u", VideoID: 1, Layers: []Layer{{"", 640, 360, 1}}}, "rid"},
		{"openVideo: layer sizes", nil, &OpenVideoParams{UID: "u", VideoID: 1, Layers: []Layer{{"f", 640, 0, 1}}}, "640x0"},
		{"openVideo: layer bitrates", nil, &OpenVideoParams{UID: "u", VideoID: 1, Layers: []Layer{{"f", 640, 360, 0}}}, "bitrate"},
		{"openVideo: many layers", nil, &OpenVideoParams{UID: "u", VideoID: 1, Layers: make([]Layer, 4)}, "4 layers"},
		{"subscribe: height", &SubscribeParams{Videos: []VideoWish{{VideoParams{"u", 1}, 90}}},
			&SubscribeParams{Videos: []VideoWish{{VideoParams{"u", 1}, -1}}}, "height"},
		{"video: uid", &VideoParams{"u", 1}, &VideoParams{"", 1}, `"uid"`},
		{"video: uid length", &VideoParams{long(MaxUIDBytes), 1}, &VideoParams{long(MaxUIDBytes + 1), 1}, `"uid"`},
		{"video: id", &VideoParams{"u", DefaultCamera}, &VideoParams{"u", 0}, "videoID"},
		{"subscribe: number", wishes(MaxSubscriptions), wishes(MaxSubscriptions + 1), "subscriptions"},
		{"subscribe: none", wishes(0), nil, ""},
		{"subscribe: each", nil, &SubscribeParams{Videos: []VideoWish{{VideoParams: VideoParams{"u", 1}}, {VideoParams: VideoParams{"", 1}}}}, `"uid"`},
		{"subscribe: audio mode", hear(2, "u"), hear(3), "audio.mode"},
		{"subscribe: audio uid", hear(1, long(MaxUIDBytes)), hear(1, "u", ""), "audio.uids"},
		{"subscribe: audio uid length", nil, hear(1, long(MaxUIDBytes+1)), "audio.uids"},
		{"subscribe: audio number", hear(1, strings.Fields(strings.Repeat("u ", MaxSubscriptions))...), hear(1, strings.Fields(strings.Repeat("u ", MaxSubscriptions+1))...), "audio.uids"},
		{"offer", &OfferParams{"o"}, &OfferParams{}, `"offer"`},
		{"offer length", &OfferParams{long(MaxSDPBytes)}, &OfferParams{long(MaxSDPBytes + 1)}, `"offer"`},
	})
}

func TestVideoStatusOfAMember(t *testing.T) {
	assert.Equal(t, StatusNone, (&Member{}).VideoStatus())
	assert.Equal(t, StatusClosed, (&Member{Videos: []Video{{ID: 1}, {ID: 2}}}).VideoStatus())
	assert.Equal(t, StatusOpen, (&Member{Videos: []Video{{ID: 1}, {ID: 2, Stream: &Stream{}}}}).VideoStatus())
}

func TestCodecKind(t *testing.T) {
	for mime, kind := range map[string]string{
		"audio/opus": "audio", "video/H264": "video", "video/VP8": "video", "video/VP9": "video", "video/AV1": "video",
		"": "", "audio/PCMU": "", "video/h264": "", "opus": "",
	} {
		assert.Equal(t, kind, CodecKind(mime), mime)
	}
}

func hear(mode int, uids ...string) Validator {
	return &SubscribeParams{Audio: &AudioWish{Mode: mode, UIDs: uids}}
}

func TestAudioWish(t *testing.T) {
	for _, w := range []*AudioWish{nil, {}, {Mode: HearListed, UIDs: []string{"a"}}, {Mode: HearOthers, UIDs: []string{"b"}}} {
		assert.True(t, w.Wants("a"), "%+v", w)
	}
	assert.False(t, (&AudioWish{Mode: HearListed, UIDs: []string{"b"}}).Wants("a"))
	assert.False(t, (&AudioWish{Mode: HearOthers, UIDs: []string{"a"}}).Wants("a"))
}
