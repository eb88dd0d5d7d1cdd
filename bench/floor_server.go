package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"sync"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/bench/load"
)

// floor is the least that pion needs for the same work: a server that copies packets from one connection to others, and a
// client that reads them. No interceptors, so no repetition, no congestion control and no reports; no sessions, no
// rooms that change. Nothing that does more can cost much less.
type floor struct{}

// floorRequest is the one message to the server; the offer's m-lines are in this order. The connection that it came on is
// the membership.
type floorRequest struct {
	Room      string
	Hear, See int // how many streams it receives; from the first on
	Speak     int // which stream of sound it publishes, from 1
	Show      bool
	Offer     string
}

type floorAnswer struct{ Answer, Err string }

func floorAPI(mux ice.UDPMux) (*webrtc.API, error) {
	m := &webrtc.MediaEngine{}
	for _, c := range []webrtc.RTPCodecParameters{{RTPCodecCapability: floorCodec(load.Audio), PayloadType: 111}, {RTPCodecCapability: floorCodec(load.Video), PayloadType: 102}} {
		kind := webrtc.RTPCodecTypeAudio
		if c.PayloadType == 102 {
			kind = webrtc.RTPCodecTypeVideo
		}
		if err := m.RegisterCodec(c, kind); err != nil {
			return nil, err
		}
	}
	s := webrtc.SettingEngine{}
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetHostAcceptanceMinWait(0)
	s.SetPrflxAcceptanceMinWait(0)
	s.SetDTLSInsecureSkipHelloVerify(true)
	s.SetIncludeLoopbackCandidate(true)
	s.SetIPFilter(net.IP.IsLoopback)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	if mux != nil {
		s.SetICEUDPMux(mux)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(s), webrtc.WithInterceptorRegistry(&interceptor.Registry{})), nil
}

func floorCodec(kind load.Kind) webrtc.RTPCodecCapability {
	if kind == load.Audio {
		return webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}
	}
	return webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeH264, ClockRate: 90000, RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack", Parameter: "pli"}},
		SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
	}
}

// floorServer has rooms of one camera and any number of microphones.
type floorServer struct {
	api   *webrtc.API
	certs []webrtc.Certificate
	mu    sync.Mutex
	rooms map[string]*floorRoom
}

type floorRoom struct {
	mu        sync.Mutex
	sound     []*webrtc.TrackLocalStaticRTP
	camera    *webrtc.TrackLocalStaticRTP
	publisher *webrtc.PeerConnection // of the camera
	ssrc      uint32
}

func (floor) serve() error {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	_ = conn.SetReadBuffer(4 << 20)
	_ = conn.SetWriteBuffer(4 << 20)
	api, err := floorAPI(ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn}))
	if err != nil {
		return err
	}
	cert, err := floorCertificate()
	if err != nil {
		return err
	}
	s := &floorServer{api: api, certs: cert, rooms: make(map[string]*floorRoom)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.member(c)
		}
	}()
	return errors.Join(load.Serve(l.Addr().String()), l.Close())
}

func (s *floorServer) room(name string) *floorRoom {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[name]
	if r == nil {
		r = &floorRoom{}
		r.camera, _ = webrtc.NewTrackLocalStaticRTP(floorCodec(load.Video), "camera", "camera")
		s.rooms[name] = r
	}
	return r
}

// microphone is the stream of sound of a number from 0.
func (r *floorRoom) microphone(n int) *webrtc.TrackLocalStaticRTP {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.sound) <= n {
		t, _ := webrtc.NewTrackLocalStaticRTP(floorCodec(load.Audio), "sound", "sound")
		r.sound = append(r.sound, t)
	}
	return r.sound[n]
}

// member serves one connection: a request, its answer, and then nothing until it is closed.
func (s *floorServer) member(c net.Conn) {
	defer func() { _ = c.Close() }()
	var req floorRequest
	in := json.NewDecoder(c)
	if in.Decode(&req) != nil {
		return
	}
	pc, answer, err := s.join(&req)
	reply := floorAnswer{Answer: answer}
	if err != nil {
		reply.Err = err.Error()
	}
	if json.NewEncoder(c).Encode(reply) == nil {
		_ = in.Decode(&req) // its end
	}
	if pc != nil {
		_ = pc.GracefulClose()
	}
}

func (s *floorServer) join(req *floorRequest) (*webrtc.PeerConnection, string, error) {
	r := s.room(req.Room)
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{Certificates: s.certs})
	if err != nil {
		return nil, "", err
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { r.forward(pc, t, req) })
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: req.Offer}); err != nil {
		return pc, "", err
	}
	var tracks []*webrtc.TrackLocalStaticRTP
	for n := range req.Hear {
		tracks = append(tracks, r.microphone(n))
	}
	tracks = slices.Clip(tracks)
	if req.See > 0 {
		tracks = append(tracks, r.camera)
		pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
			if state == webrtc.PeerConnectionStateConnected {
				r.askKeyFrame()
			}
		})
	}
	for _, t := range tracks {
		sender, err := pc.AddTrack(t)
		if err != nil {
			return pc, "", err
		}
		go func() { // keeps the buffer empty
			b := make([]byte, 1500)
			for {
				if _, _, err := sender.Read(b); err != nil {
					return
				}
			}
		}()
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return pc, "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return pc, "", err
	}
	<-gathered
	return pc, pc.LocalDescription().SDP, nil
}

// forward copies one stream.
func (r *floorRoom) forward(pc *webrtc.PeerConnection, from *webrtc.TrackRemote, req *floorRequest) {
	to := r.camera
	if from.Kind() == webrtc.RTPCodecTypeAudio {
		to = r.microphone(req.Speak - 1)
	} else {
		r.mu.Lock()
		r.publisher, r.ssrc = pc, uint32(from.SSRC())
		r.mu.Unlock()
	}
	b := make([]byte, 1500)
	var p rtp.Packet
	for {
		n, _, err := from.Read(b)
		if err != nil {
			return
		}
		if p.Unmarshal(b[:n]) == nil {
			_ = to.WriteRTP(&p)
		}
	}
}

func (r *floorRoom) askKeyFrame() {
	r.mu.Lock()
	pc, ssrc := r.publisher, r.ssrc
	r.mu.Unlock()
	if pc != nil {
		_ = pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}})
	}
}

func (floor) Start(context.Context) (load.Server, error) {
	p, addr, err := spawnSelf("floor")
	if err != nil {
		return nil, err
	}
	api, err := floorAPI(nil)
	if err != nil {
		p.Close()
		return nil, err
	}
	certs, err := floorCertificate()
	return &floorClient{Process: p, addr: addr, api: api, certs: certs}, err
}
