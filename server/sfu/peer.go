package sfu

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// PeerConfig describes a peer that joins a room.
type PeerConfig struct {
	// ID is for logs and statistics.
	ID string
	// Audio subscribes the peer to all sound of the others.
	Audio bool
	// OnState is told every change of the connection, in order. It is not told of StateConnecting, nor of the peer's
	// own Close. After StateClosed the peer is out of the room.
	OnState func(State)
	// OnSlotsNeeded is told how many more receiving m-lines the peer should offer, because so many streams wait for
	// one.
	OnSlotsNeeded func(audio, video int)
	// OnLayers is told, of a video stream that the peer publishes, which of its layers anybody watches; none: nobody watches
	// it. Until it is told the first time that is the first one.
	OnLayers func(num uint32, layers []int)
	// OneLimit says that a limit (REMB) for any of its streams or layers is one of all of them, as with browsers.
	OneLimit bool
}

// Peer is one client's connection in one room.
type Peer struct {
	room *Room
	cfg  PeerConfig
	log  *slog.Logger
	api  *webrtc.API
	pc   *webrtc.PeerConnection

	negotiation sync.Mutex             // one offer at a time
	fresh       []*slot                // that are not negotiated yet; with negotiation held
	answered    map[string][]layerLine // layers that the last answer takes, by mid; with negotiation held
	stateMu     sync.Mutex             // one change of state at a time
	notifier    notifier
	closing     sync.Once
	done        chan struct{} // closed when closing begins
	released    chan struct{} // closed when nothing is left

	state    atomic.Int32
	live     atomic.Bool // packets can be sent
	expelled atomic.Bool
	rtt      atomic.Int64
	layout   atomic.Pointer[layout]
	tracks   atomic.Pointer[[]*track] // that this peer publishes; changed with room.mu held

	// With room.mu held.
	left     bool
	slots    []*slot
	uplinks  map[string]*uplink
	assigned map[*track]*slot
	video    map[uint32]int       // video streams that are wanted, and in which height
	hears    func(id string) bool // whose sound is wanted; nil: everybody's
	hearsAll bool                 // not only the loudest of them
	asked    [2]int               // slots that were asked for and have not come yet, audio and video

	// On the goroutine that reads RTP.
	rtpHeader rtp.Header
	sources   map[uint32]*source

	// On the goroutine that reads RTCP.
	strangers map[uint32]struct{} // SSRCs of reports that are not about slots
	repeat    repeatBuffer
	clock     rtpkit.RemoteClock

	arrivals rtpkit.Arrivals // of what the client sends
	down     downlink

	reportSoon atomic.Bool // a stream has begun: what belongs to it should be known

	// On the room's control goroutine.
	nextReport time.Time
	lastReport time.Time
	limited    limit // with OneLimit
	padding    repeatBuffer

	counts peerCounts
}

// newPeer makes a peer with a connection that is not negotiated yet.
func newPeer(r *Room, cfg PeerConfig) (*Peer, error) {
	p := &Peer{
		room: r, cfg: cfg, log: r.sfu.log.With("peer", cfg.ID),
		done: make(chan struct{}), released: make(chan struct{}),
		uplinks: make(map[string]*uplink), assigned: make(map[*track]*slot), video: make(map[uint32]int),
		sources: make(map[uint32]*source), strangers: make(map[uint32]struct{}),
	}
	p.layout.Store(&layout{})
	p.tracks.Store(new([]*track))
	engine, err := rtpkit.NewMediaEngine(rtpkit.LayerURIs...)
	if err != nil {
		return nil, err
	}
	settings := r.sfu.settings
	rtpkit.Tap(&settings, p.onRTP, p.onRTCP)
	settings.SetICEBindingRequestHandler((&paths{peer: p}).checked)
	p.api = webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	p.pc, err = p.api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{r.sfu.cert},
		// Encrypted headers (cryptex) cost every packet with a CSRC an extension and a second pass of the cipher.
		RTPHeaderEncryptionPolicy: webrtc.RTPHeaderEncryptionPolicyDisable,
	})
	if err != nil {
		return nil, err
	}
	p.pc.OnTrack(func(*webrtc.TrackRemote, *webrtc.RTPReceiver) {}) // packets come by the tap
	p.pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { p.stateChanged() })
	return p, nil
}

// stateChanged runs on a goroutine of pion's, one for each change and in any order.
func (p *Peer) stateChanged() {
	p.stateMu.Lock()
	defer p.stateMu.Unlock()
	now := stateOf(p.pc.ConnectionState())
	if now == p.State() || p.isClosing() {
		return
	}
	p.log.Debug("connection", "state", now.String())
	p.state.Store(int32(now))
	switch now {
	case StateConnected:
		p.connected()
	case StateFailed:
		p.live.Store(false)
	case StateClosed:
		p.live.Store(false)
		p.release()
	case StateConnecting:
		p.live.Store(false) // an ICE restart: there is no path
	case StateDisconnected:
	}
	if p.cfg.OnState != nil && now != StateConnecting {
		p.notifier.post(func() { p.cfg.OnState(now) })
	}
}

// connected lets packets through and asks for the key frames that video needs to start, the first time or after the
// client was away.
func (p *Peer) connected() {
	p.negotiation.Lock()
	defer p.negotiation.Unlock()
	p.room.mu.Lock()
	slots := p.slots
	p.room.mu.Unlock()
	for _, s := range slots {
		s.open()
		s.restart()
	}
	p.down.mu.Lock()
	p.down.est.Reset()
	p.down.mu.Unlock()
	p.live.Store(true)
	for _, s := range slots {
		s.requestKeyFrame()
	}
	p.room.wakeUp()
}

// State is the state of the connection.
func (p *Peer) State() State { return State(p.state.Load()) }

func (p *Peer) isClosing() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// roundTrip is the last known round-trip time to the client, 0 if none is known.
func (p *Peer) roundTrip() time.Duration { return time.Duration(p.rtt.Load()) }

// writeRTCP must not be called on a goroutine that reads packets: it waits for locks that pion holds while it waits
// for those.
func (p *Peer) writeRTCP(packets []rtcp.Packet) {
	if err := p.pc.WriteRTCP(packets); err != nil {
		p.log.Debug("write RTCP", "err", err)
	}
}

// expel ends the connection of a client that misbehaves. It may be called on a goroutine that reads packets.
func (p *Peer) expel() {
	p.live.Store(false)
	if p.expelled.Swap(true) {
		return
	}
	p.log.Warn("too many SSRCs")
	p.notifier.post(func() {
		p.release()
		p.state.Store(int32(StateClosed))
		if p.cfg.OnState != nil {
			p.cfg.OnState(StateClosed)
		}
	})
}

// Close takes the peer out of its room and ends the connection. When it returns nothing of it is left. It may be
// called more than once and inside a callback.
func (p *Peer) Close() {
	p.notifier.close()
	p.release()
}

// release ends everything but the callbacks. Whoever comes second waits for the first.
func (p *Peer) release() {
	p.closing.Do(func() {
		defer close(p.released)
		close(p.done)
		p.live.Store(false)
		p.room.leave(p) // from here on no other peer writes to this one
		if err := p.pc.GracefulClose(); err != nil {
			p.log.Debug("close connection", "err", err)
		}
	})
	<-p.released
}
