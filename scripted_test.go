package crvideo_test

import (
	"context"
	"io"
	"sync"
	"testing"

	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// scripted is a client logged in on a server that says what the test tells it to.
func scripted(t *testing.T, changes ...func(*crvideo.SDKParams)) (*crvideo.Client, *mocksignal.Conn) {
	srv := newScript(t)
	params := crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true}
	for _, change := range changes {
		change(&params)
	}
	c := newQuiet(t, params)
	return c, loginScripted(t, c, srv)
}

// loginScripted logs a client in on a scripted server.
func loginScripted(t *testing.T, c *crvideo.Client, srv *mocksignal.Server) *mocksignal.Conn {
	loggedIn := inBackground(func() error { return c.Login(testContext(t), loginParams("alice")) })
	conn := srv.Accept(testContext(t))
	conn.Login(testContext(t))
	require.NoError(t, receive(t, loggedIn))
	return conn
}

func inBackground(fn func() error) <-chan error {
	end := make(chan error, 1)
	go func() { end <- fn() }()
	return end
}

const scriptedRoom = 12345678

// enterScripted enters a room whose answer is made from the request.
func enterScripted(t *testing.T, c *crvideo.Client, conn *mocksignal.Conn, answer func(*wire.EnterMeetingResult)) error {
	entered := make(chan error, 1)
	go func() { entered <- c.EnterMeeting(testContext(t), scriptedRoom) }()
	request := conn.Expect(testContext(t), wire.MethodEnterMeeting)
	var p wire.EnterMeetingParams
	request.Params(&p)
	assert.Contains(t, p.Offer, "a=ice-ufrag", "the offer travels with the request")
	result := wire.EnterMeetingResult{
		Meeting: wire.MeetInfo{ID: scriptedRoom}, Num: 1, Engine: wire.EngineSFU, Answer: "v=0",
		Members: []wire.Member{{UID: "alice", Nickname: "a", Num: 1, Audio: wire.StatusClosed}},
	}
	answer(&result)
	request.Reply(result)
	return <-entered
}

func enterWithoutMedia(t *testing.T, c *crvideo.Client, conn *mocksignal.Conn) error {
	require.NoError(t, c.SetSDKParams(crvideo.SDKParams{NoMedia: true}))
	entered := make(chan error, 1)
	go func() { entered <- c.EnterMeeting(testContext(t), scriptedRoom) }()
	conn.Expect(testContext(t), wire.MethodEnterMeeting).Reply(wire.EnterMeetingResult{
		Meeting: wire.MeetInfo{ID: scriptedRoom}, Num: 1, Engine: wire.EngineSFU,
		Members: []wire.Member{{UID: "alice", Nickname: "a", Num: 1}},
	})
	return receive(t, entered)
}

// enterWithBob enters a room in which bob is, with media that is negotiated and never connects.
func enterWithBob(t *testing.T, c *crvideo.Client, conn *mocksignal.Conn) {
	entered := inBackground(func() error { return c.EnterMeeting(testContext(t), scriptedRoom) })
	letIn(t, conn.Expect(testContext(t), wire.MethodEnterMeeting))
	require.NoError(t, receive(t, entered))
}

// letIn answers a request to enter as a server would.
func letIn(t *testing.T, request *mocksignal.Request) {
	var p wire.EnterMeetingParams
	request.Params(&p)
	result := wire.EnterMeetingResult{Meeting: wire.MeetInfo{ID: p.MeetID}, Num: 1, Engine: wire.EngineSFU, Members: []wire.Member{
		{UID: "alice", Nickname: "alice", Num: 1, Audio: wire.StatusClosed, Videos: p.Devices.Videos, DefaultVideo: p.Devices.DefaultVideo},
		{UID: "bob", Nickname: "bob", Num: 2, Audio: wire.StatusClosed},
	}}
	if p.Offer != "" {
		result.Answer = sdpAnswer(t, p.Offer)
	}
	request.Reply(result)
}

// sdpAnswer answers an offer with a peer that has no address.
func sdpAnswer(t *testing.T, offer string) string {
	engine, err := rtpkit.NewMediaEngine()
	require.NoError(t, err)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine)).NewPeerConnection(webrtc.Configuration{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pc.GracefulClose()) })
	require.NoError(t, pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}))
	answer, err := pc.CreateAnswer(nil)
	require.NoError(t, err)
	require.NoError(t, pc.SetLocalDescription(answer))
	return answer.SDP
}

// openScripted opens the default camera.
func openScripted(t *testing.T, c *crvideo.Client, conn *mocksignal.Conn) {
	opened := inBackground(func() error { return c.OpenVideo(testContext(t), "") })
	conn.Expect(testContext(t), wire.MethodOpenVideo).Reply(streamOf("video/H264"))
	require.NoError(t, receive(t, opened))
}

func streamOf(codec string) wire.OpenResult {
	return wire.OpenResult{Stream: &wire.Stream{Num: 1, Codec: codec}}
}

// requireNext makes a request of its own and wants it to be the next one that the server gets.
func requireNext(t *testing.T, c *crvideo.Client, conn *mocksignal.Conn) {
	t.Helper()
	kicked := inBackground(func() error { return c.Kickout(testContext(t), "bob") })
	conn.Expect(testContext(t), wire.MethodKickout).Reply(nil)
	require.NoError(t, receive(t, kicked))
}

// silentSource is a source that delivers nothing.
type silentSource struct {
	codec  string
	closed chan struct{}
	once   sync.Once
}

func newSilentSource(codec string) *silentSource {
	return &silentSource{codec: codec, closed: make(chan struct{})}
}

func (s *silentSource) Codec() string    { return s.codec }
func (s *silentSource) RequestKeyFrame() {}
func (s *silentSource) SetBitrate(int)   {}
func (s *silentSource) Close() error     { s.once.Do(func() { close(s.closed) }); return nil }

func (s *silentSource) Next(ctx context.Context) (crvideo.Sample, error) {
	select {
	case <-ctx.Done():
		return crvideo.Sample{}, ctx.Err()
	case <-s.closed:
		return crvideo.Sample{}, io.EOF
	}
}

func silent(codec string) crvideo.SourceFunc {
	return func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		return newSilentSource(codec), nil
	}
}

// oblige answers whatever the client asks for as a server would; of answers, by method, it takes those instead.
func oblige(t *testing.T, conn *mocksignal.Conn, answers map[string]func(*mocksignal.Request)) {
	usual := map[string]func(*mocksignal.Request){
		wire.MethodLogin: func(r *mocksignal.Request) {
			r.Reply(wire.LoginResult{Session: "session", Key: "key", UID: "alice", TimeoutMS: 60000})
		},
		wire.MethodCreateMeeting: func(r *mocksignal.Request) { r.Reply(wire.MeetInfo{ID: scriptedRoom}) },
		wire.MethodEnterMeeting:  func(r *mocksignal.Request) { letIn(t, r) },
		wire.MethodOpenMic:       func(r *mocksignal.Request) { r.Reply(streamOf("audio/opus")) },
		wire.MethodOpenVideo:     func(r *mocksignal.Request) { r.Reply(streamOf("video/H264")) },
	}
	conn.Serve(func(r *mocksignal.Request) {
		answer := answers[r.Method]
		if answer == nil {
			answer = usual[r.Method]
		}
		if answer == nil {
			answer = func(r *mocksignal.Request) { r.Reply(nil) }
		}
		answer(r)
	})
}
