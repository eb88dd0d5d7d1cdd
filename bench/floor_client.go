package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"github.com/crvideo/crvideo-go/bench/load"
)

// floorCertificate makes the one certificate of a process: they are slow to make.
func floorCertificate() ([]webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, err
	}
	return []webrtc.Certificate{*cert}, nil
}

// floorClient is the server as a driver sees it.
type floorClient struct {
	*load.Process
	addr  string
	api   *webrtc.API
	certs []webrtc.Certificate
	rooms atomic.Int64
}

func (c *floorClient) NewRoom(context.Context) (string, error) {
	return strconv.FormatInt(c.rooms.Add(1), 10), nil
}

func (c *floorClient) Prepare(ctx context.Context, room string, cfg load.MemberConfig) (load.Member, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", c.addr)
	if err != nil {
		return nil, err
	}
	return &floorMember{client: c, conn: conn, room: room, cfg: cfg}, nil
}

type floorMember struct {
	client  *floorClient
	conn    net.Conn
	room    string
	cfg     load.MemberConfig
	pc      *webrtc.PeerConnection
	tracks  [2]*webrtc.TrackLocalStaticSample // by load.Kind
	packets atomic.Uint64
	reading sync.WaitGroup
}

func (m *floorMember) Enter(ctx context.Context) (err error) {
	if m.pc, err = m.client.api.NewPeerConnection(webrtc.Configuration{Certificates: m.client.certs}); err != nil {
		return err
	}
	connected := make(chan struct{})
	var once sync.Once
	m.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(connected) })
		}
	})
	m.pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { m.read(t) })
	req := floorRequest{Room: m.room, Hear: len(m.cfg.Hear), Speak: m.cfg.Speak, Show: m.cfg.Show}
	if m.cfg.See {
		req.See = 1
	}
	if err := m.offer(&req); err != nil {
		return err
	}
	if err := json.NewEncoder(m.conn).Encode(req); err != nil {
		return err
	}
	var reply floorAnswer
	if err := json.NewDecoder(m.conn).Decode(&reply); err != nil {
		return err
	}
	if reply.Err != "" {
		return errors.New(reply.Err)
	}
	if err := m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: reply.Answer}); err != nil {
		return err
	}
	select {
	case <-connected:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// offer makes the m-lines: first those that receive. A member that does neither receives nothing on one.
func (m *floorMember) offer(req *floorRequest) error {
	receive := func(n int, kind webrtc.RTPCodecType) error {
		for range n {
			_, err := m.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
			if err != nil {
				return err
			}
		}
		return nil
	}
	sound := req.Hear
	if req.Hear+req.See == 0 && req.Speak == 0 && !req.Show {
		sound = 1
	}
	if err := errors.Join(receive(sound, webrtc.RTPCodecTypeAudio), receive(req.See, webrtc.RTPCodecTypeVideo)); err != nil {
		return err
	}
	if req.Speak > 0 {
		if err := m.add(load.Audio); err != nil {
			return err
		}
	}
	if req.Show {
		if err := m.add(load.Video); err != nil {
			return err
		}
	}
	offer, err := m.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(m.pc)
	if err := m.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	req.Offer = m.pc.LocalDescription().SDP
	return nil
}

func (m *floorMember) add(kind load.Kind) error {
	t, err := webrtc.NewTrackLocalStaticSample(floorCodec(kind), "own", "own")
	if err != nil {
		return err
	}
	m.tracks[kind] = t
	tr, err := m.pc.AddTransceiverFromTrack(t, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return err
	}
	m.reading.Go(func() {
		for {
			packets, _, err := tr.Sender().ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range packets {
				if _, pli := p.(*rtcp.PictureLossIndication); pli && kind == load.Video {
					m.cfg.OnKeyFrame()
				}
			}
		}
	})
	return nil
}

// read takes what comes on one m-line.
func (m *floorMember) read(t *webrtc.TrackRemote) {
	b := make([]byte, 1500)
	var p rtp.Packet
	for {
		n, _, err := t.Read(b)
		if err != nil {
			return
		}
		if p.Unmarshal(b[:n]) != nil {
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
}

func (m *floorMember) Publish(_ context.Context, kind load.Kind) (load.Track, error) {
	if m.tracks[kind] == nil {
		return nil, fmt.Errorf("%s was not to publish this", m.cfg.Name)
	}
	return floorTrack{m.tracks[kind]}, nil // its m-line is there from the beginning
}

func (m *floorMember) Packets() uint64 { return m.packets.Load() }

func (m *floorMember) Close() {
	if m.pc != nil {
		_ = m.pc.GracefulClose()
	}
	m.reading.Wait()
	_ = m.conn.Close()
}

type floorTrack struct{ *webrtc.TrackLocalStaticSample }

func (t floorTrack) Write(_ context.Context, f load.Frame) error {
	return t.WriteSample(media.Sample{Data: f.Data, Duration: f.Duration})
}

func (floorTrack) Close() {}
