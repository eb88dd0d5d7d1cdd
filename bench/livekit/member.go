package main

import (
	"context"
	"sync/atomic"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"github.com/crvideo/crvideo-go/bench/load"
)

type member struct {
	server  *liveKitServer
	cfg     load.MemberConfig
	name    string
	room    *lksdk.Room
	packets atomic.Uint64
}

// Enter uses one peer connection for both directions, which is LiveKit's faster way.
func (m *member) Enter(ctx context.Context) error {
	return m.room.JoinWithContext(ctx, m.server.url, lksdk.ConnectInfo{
		APIKey: apiKey, APISecret: m.server.secret, RoomName: m.name, ParticipantIdentity: m.cfg.Name,
	}, lksdk.WithSinglePeerConnection(), lksdk.WithAutoSubscribe(m.cfg.See || len(m.cfg.Hear) > 0), lksdk.WithConnectTimeout(time.Minute))
}

func (m *member) read(t *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
	go func() {
		b := make([]byte, 1500)
		var p rtp.Packet
		for {
			n, _, err := t.Read(b)
			if err != nil {
				return
			}
			if p.Unmarshal(b[:n]) != nil || len(p.Payload) == 0 {
				continue
			}
			m.packets.Add(1)
			switch {
			case t.Kind() == webrtc.RTPCodecTypeAudio:
				m.cfg.Arrivals.Sound()
			case load.IsKeyFrame(p.Payload):
				m.cfg.Arrivals.KeyFrame()
			}
		}
	}()
}

func (m *member) Publish(ctx context.Context, kind load.Kind) (load.Track, error) {
	codec := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	options := &lksdk.TrackPublicationOptions{Name: "sound"}
	if kind == load.Video {
		codec = webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000,
			SDPFmtpLine:  "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}},
		}
		options = &lksdk.TrackPublicationOptions{Name: "camera", VideoWidth: 640, VideoHeight: 360}
	}
	t, err := lksdk.NewLocalTrack(codec, lksdk.WithRTCPHandler(func(p rtcp.Packet) {
		if _, pli := p.(*rtcp.PictureLossIndication); pli && kind == load.Video {
			m.cfg.OnKeyFrame()
		}
	}))
	if err != nil {
		return nil, err
	}
	bound := make(chan struct{})
	t.OnBind(func() { close(bound) })
	pub, err := m.room.LocalParticipant.PublishTrack(t, options)
	if err != nil {
		return nil, err
	}
	select {
	case <-bound:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	return &track{LocalTrack: t, end: func() { _ = m.room.LocalParticipant.UnpublishTrack(pub.SID()) }}, nil
}

func (m *member) Packets() uint64 { return m.packets.Load() }

func (m *member) Close() { m.room.Disconnect() }

type track struct {
	*lksdk.LocalTrack
	end func()
}

func (t *track) Write(_ context.Context, f load.Frame) error {
	level := uint8(load.Level)
	return t.WriteSample(media.Sample{Data: f.Data, Duration: f.Duration}, &lksdk.SampleWriteOptions{AudioLevel: &level})
}

func (t *track) Close() { t.end() }
