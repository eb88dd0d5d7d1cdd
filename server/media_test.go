package server

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestOwnMicrophone(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, _ := two(t, s)
	stream := bob.openMic()
	assert.Equal(t, "audio/opus", stream.Codec)
	assert.Equal(t, wire.MicStatus{UID: "bob", Status: wire.StatusOpen, Stream: &stream}, note[wire.MicStatus](ann, wire.NotifyMicStatus))
	assert.Equal(t, stream, bob.openMic(), "open already")

	moved := wire.OpenMicParams{UID: "bob", Mid: "3", Codec: "audio/opus"}
	var result wire.OpenResult
	bob.must(wire.MethodOpenMic, moved, &result)
	assert.Greater(t, result.Stream.Num, stream.Num)
	assert.Equal(t, wire.StatusClosed, note[wire.MicStatus](ann, wire.NotifyMicStatus).Status)
	assert.Equal(t, result.Stream, note[wire.MicStatus](ann, wire.NotifyMicStatus).Stream)
	assert.Equal(t, 1, engine.peer("bob").streams())

	bob.must(wire.MethodCloseMic, wire.UIDParams{UID: "bob"}, nil)
	assert.Equal(t, wire.MicStatus{UID: "bob", Status: wire.StatusClosed}, note[wire.MicStatus](ann, wire.NotifyMicStatus))
	bob.must(wire.MethodCloseMic, wire.UIDParams{UID: "bob"}, nil)
	assert.Zero(t, engine.peer("bob").streams())
	ann.quiet()
	bob.quiet()
}

func TestMicrophoneOfAnother(t *testing.T) {
	s := start(t)
	ann, bob, _ := two(t, s)
	ann.must(wire.MethodOpenMic, wire.OpenMicParams{UID: "bob"}, nil)
	assert.Equal(t, wire.Asked{By: "ann"}, note[wire.Asked](bob, wire.NotifyOpenMicAsked))
	bob.openMic()
	ann.next(wire.NotifyMicStatus, nil)
	ann.must(wire.MethodOpenMic, wire.OpenMicParams{UID: "bob"}, nil)
	bob.quiet() // it is open

	ann.must(wire.MethodCloseMic, wire.UIDParams{UID: "bob"}, nil)
	want := wire.MicStatus{UID: "bob", Status: wire.StatusClosed, By: "ann"}
	assert.Equal(t, want, note[wire.MicStatus](ann, wire.NotifyMicStatus))
	assert.Equal(t, want, note[wire.MicStatus](bob, wire.NotifyMicStatus))
}

func TestOwnCameras(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, _ := two(t, s)
	front := bob.openVideo(wire.DefaultCamera, "1")
	assert.Equal(t, wire.VideoStatus{UID: "bob", VideoID: 1, Stream: &front}, note[wire.VideoStatus](ann, wire.NotifyVideoStatus))
	back := bob.openVideo(2, "2")
	assert.Equal(t, wire.VideoStatus{UID: "bob", VideoID: 2, Stream: &back}, note[wire.VideoStatus](ann, wire.NotifyVideoStatus))
	bob.must(wire.MethodCloseVideo, wire.VideoParams{UID: "bob", VideoID: wire.DefaultCamera}, nil)
	assert.Equal(t, wire.VideoStatus{UID: "bob", VideoID: 1}, note[wire.VideoStatus](ann, wire.NotifyVideoStatus))
	bob.must(wire.MethodCloseVideo, wire.VideoParams{UID: "bob", VideoID: 1}, nil)
	ann.quiet()
	assert.Equal(t, 1, engine.peer("bob").streams())
}

func TestCameraOfAnother(t *testing.T) {
	s := start(t)
	ann, bob, _ := two(t, s)
	ann.must(wire.MethodOpenVideo, wire.OpenVideoParams{UID: "bob", VideoID: wire.DefaultCamera}, nil)
	assert.Equal(t, wire.Asked{By: "ann", VideoID: 1}, note[wire.Asked](bob, wire.NotifyOpenVideoAsked))
	bob.openVideo(1, "1")
	ann.next(wire.NotifyVideoStatus, nil)
	ann.must(wire.MethodCloseVideo, wire.VideoParams{UID: "bob", VideoID: 1}, nil)
	want := wire.VideoStatus{UID: "bob", VideoID: 1, By: "ann"}
	assert.Equal(t, want, note[wire.VideoStatus](ann, wire.NotifyVideoStatus))
	assert.Equal(t, want, note[wire.VideoStatus](bob, wire.NotifyVideoStatus))

	ann.must(wire.MethodSetDefaultVideo, wire.VideoParams{UID: "bob", VideoID: 2}, nil)
	chosen := wire.VideoParams{UID: "bob", VideoID: 2}
	assert.Equal(t, chosen, note[wire.VideoParams](ann, wire.NotifyDefaultVideoChanged))
	assert.Equal(t, chosen, note[wire.VideoParams](bob, wire.NotifyDefaultVideoChanged))
	bob.must(wire.MethodSetDefaultVideo, wire.VideoParams{UID: "bob", VideoID: 2}, nil)
	ann.quiet()
}

// TestSeveralCamerasAtOnce: each is a stream of its own, and whether a member has them at once everybody knows.
func TestSeveralCamerasAtOnce(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	devices := allDevices()
	devices.MultiVideo = true
	bob.must(wire.MethodSetDevices, devices, nil)
	assert.True(t, note[wire.DevicesChanged](ann, wire.NotifyDevicesChanged).Devices.MultiVideo)
	front, back := bob.openVideo(1, "1"), bob.openVideo(2, "2")
	assert.NotEqual(t, front.Num, back.Num)
	eve := enter(t, s, "eve", room)
	eve.must(wire.MethodSetMultiVideo, wire.MultiVideo{UID: "bob"}, nil)
	off := wire.MultiVideo{UID: "bob"}
	assert.Equal(t, off, note[wire.MultiVideo](eve, wire.NotifyMultiVideoChanged))
	bob.next(wire.NotifyMemberEntered, nil)
	assert.Equal(t, off, note[wire.MultiVideo](bob, wire.NotifyMultiVideoChanged))
	eve.must(wire.MethodSetMultiVideo, wire.MultiVideo{UID: "bob"}, nil) // nothing new
	eve.quiet()
}

// TestWishes: what is wished for is sent as soon as it is there, and follows default cameras and members who return.
func TestWishes(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, room := two(t, s)
	wish := func(videos ...wire.VideoParams) {
		var p wire.SubscribeParams
		for _, v := range videos {
			p.Videos = append(p.Videos, wire.VideoWish{VideoParams: v})
		}
		ann.must(wire.MethodSubscribe, p, nil)
	}
	gets := func(nums ...uint32) {
		t.Helper()
		assert.ElementsMatch(t, nums, engine.peer("ann").subscribed())
	}
	wish(wire.VideoParams{UID: "bob", VideoID: wire.DefaultCamera}, wire.VideoParams{UID: "eve", VideoID: 2}, wire.VideoParams{UID: "ann", VideoID: 1})
	gets()
	front := bob.openVideo(1, "1")
	gets(front.Num)
	back := bob.openVideo(2, "2")
	gets(front.Num)
	bob.must(wire.MethodSetDefaultVideo, wire.VideoParams{UID: "bob", VideoID: 2}, nil)
	gets(back.Num)
	eve := enter(t, s, "eve", room)
	other := eve.openVideo(2, "1")
	gets(back.Num, other.Num)
	wish(wire.VideoParams{UID: "bob", VideoID: 1}, wire.VideoParams{UID: "bob", VideoID: 2}, wire.VideoParams{UID: "bob", VideoID: wire.DefaultCamera})
	gets(front.Num, back.Num)
	bob.must(wire.MethodCloseVideo, wire.VideoParams{UID: "bob", VideoID: 2}, nil)
	gets(front.Num)
	bob.must(wire.MethodExitMeeting, nil, nil)
	gets()
	bob.enter(room)
	again := bob.openVideo(1, "1")
	gets(again.Num)
	wish()
	gets()
}

func TestDevicesChange(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, room := two(t, s)
	bob.openMic()
	bob.openVideo(1, "1")
	kept := bob.openVideo(2, "2")
	ann.skip(3)
	bob.must(wire.MethodSetDevices, wire.Devices{Videos: []wire.Video{{ID: 2, Name: "back"}, {ID: 3, Name: "new"}}, DefaultVideo: 3}, nil)
	assert.Equal(t, wire.MicStatus{UID: "bob", Status: wire.StatusClosed}, note[wire.MicStatus](ann, wire.NotifyMicStatus))
	assert.Equal(t, wire.VideoStatus{UID: "bob", VideoID: 1}, note[wire.VideoStatus](ann, wire.NotifyVideoStatus))
	assert.Equal(t, wire.DevicesChanged{UID: "bob", Devices: wire.Devices{DefaultVideo: 3,
		Videos: []wire.Video{{ID: 2, Name: "back", Stream: &kept}, {ID: 3, Name: "new"}}}}, note[wire.DevicesChanged](ann, wire.NotifyDevicesChanged))
	assert.Equal(t, wire.MicStatus{UID: "bob", Status: wire.StatusNone}, note[wire.MicStatus](ann, wire.NotifyMicStatus))
	assert.Equal(t, 1, engine.peer("bob").streams())
	bob.must(wire.MethodSetDevices, wire.Devices{Videos: []wire.Video{{ID: 2, Name: "back"}, {ID: 3, Name: "new"}}, DefaultVideo: 3}, nil)
	ann.quiet()
	bob.must(wire.MethodSetDevices, wire.Devices{Mic: true, DefaultVideo: 7}, nil)
	ann.next(wire.NotifyVideoStatus, nil)
	assert.Zero(t, note[wire.DevicesChanged](ann, wire.NotifyDevicesChanged).Devices.DefaultVideo)
	assert.Equal(t, wire.StatusClosed, note[wire.MicStatus](ann, wire.NotifyMicStatus).Status)
	ann.must(wire.MethodExitMeeting, nil, nil)
	members := ann.enter(room).Members
	assert.Equal(t, wire.Member{UID: "bob", Nickname: "Nick bob", Num: 2, Audio: wire.StatusClosed}, members[0])
}

func TestOffers(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, room := two(t, s)
	var result wire.OfferResult
	bob.must(wire.MethodOffer, wire.OfferParams{Offer: "offer of more"}, &result)
	assert.Equal(t, "answer to offer of more", result.Answer)

	eve := login(t, s, "eve") // comes without media
	p := enterParams(room)
	p.Offer = ""
	eve.must(wire.MethodEnterMeeting, p, nil)
	eve.fails(wire.CodeBadParameter, wire.MethodOpenMic, wire.OpenMicParams{UID: "eve", Mid: "0", Codec: "audio/opus"})
	video := bob.openVideo(1, "1")
	eve.must(wire.MethodSubscribe, wire.SubscribeParams{Videos: []wire.VideoWish{{VideoParams: wire.VideoParams{UID: "bob", VideoID: 1}}}}, nil)
	eve.must(wire.MethodOffer, wire.OfferParams{Offer: "offer at last"}, &result)
	assert.Equal(t, "answer to offer at last", result.Answer)
	assert.Equal(t, []uint32{video.Num}, engine.peer("eve").subscribed())
	eve.openMic()
	ann.must(wire.MethodPing, nil, nil)
}

// TestMediaThatEnded: a member whose media is over stays in the room and comes back with a new offer.
func TestMediaThatEnded(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, _ := two(t, s)
	bob.openMic()
	ann.next(wire.NotifyMicStatus, nil)
	old := engine.peer("bob")
	old.cfg.OnState("failed", false)
	old.cfg.OnState("closed", true)
	ann.quiet()
	bob.must(wire.MethodOffer, wire.OfferParams{Offer: "offer again"}, nil)
	assert.NotSame(t, old, engine.peer("bob"))
	assert.Equal(t, wire.StatusClosed, note[wire.MicStatus](ann, wire.NotifyMicStatus).Status)
	bob.openMic()
	assert.Equal(t, wire.StatusOpen, note[wire.MicStatus](ann, wire.NotifyMicStatus).Status)
	require.Eventually(t, func() bool { return engine.openPeers() == 2 }, bound, tick)
}

func TestSlotsNeeded(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	_, bob, _ := two(t, s)
	engine.peer("bob").cfg.OnSlotsNeeded(2, 1)
	assert.Equal(t, wire.SlotsNeeded{Audio: 2, Video: 1}, note[wire.SlotsNeeded](bob, wire.NotifySlotsNeeded))
}

// TestNobodyWatches: the list of sizes is empty then, and there all the same.
func TestNobodyWatches(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	_, bob, _ := two(t, s)
	engine.peer("bob").cfg.OnLayers(7, nil)
	assert.JSONEq(t, `{"num":7,"layers":[]}`, string(note[json.RawMessage](bob, wire.NotifyVideoWanted)))
	engine.peer("bob").cfg.OnLayers(7, []int{0, 2})
	assert.Equal(t, wire.VideoWanted{Num: 7, Layers: []int{0, 2}}, note[wire.VideoWanted](bob, wire.NotifyVideoWanted))
}

// TestSlotsNeededWhileEntering: what the engine asks for before the answer comes after it.
func TestSlotsNeededWhileEntering(t *testing.T) {
	g := slotGate{}
	s := start(t)
	c := login(t, s, "ann")
	sess, failed := s.session(c.session.Session, c.session.Key)
	require.Nil(t, failed)
	g.needed(sess, wire.SlotsNeeded{Audio: 1})
	g.needed(sess, wire.SlotsNeeded{Video: 2})
	c.quiet()
	g.open(sess)
	assert.Equal(t, wire.SlotsNeeded{Audio: 1, Video: 2}, note[wire.SlotsNeeded](c, wire.NotifySlotsNeeded))
	g.needed(sess, wire.SlotsNeeded{Audio: 3})
	assert.Equal(t, wire.SlotsNeeded{Audio: 3}, note[wire.SlotsNeeded](c, wire.NotifySlotsNeeded))
}
