// Package rtc is the client's media connection: one peer connection to the server, which sends a microphone and
// cameras and receives everybody else's streams in slots negotiated in advance. A packet says in its CSRC which stream
// it is of, so streams may change slots without any message.
package rtc

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/transport/v5"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// Receive slots that are offered unless Config says otherwise.
const (
	DefaultAudioSlots = 8
	DefaultVideoSlots = 4
)

// ErrClosed is returned by what is used after Close.
var ErrClosed = errors.New("media connection is closed")

// Config of a Conn. The zero value works.
type Config struct {
	Logger     *slog.Logger       // nil: discard
	Loopback   bool               // use loopback addresses only
	AudioSlots int                // audio streams received at once; 0: 8, below 0: none
	VideoSlots int                // video streams received at once; 0: 4, below 0: none
	Cameras    int                // cameras that can send at once, from the beginning; 0: 1
	ICEServers []webrtc.ICEServer // STUN and TURN servers; none by default
	OnState    func(State)        // every change of state, in order; must not block and must not call Close
	TCP        TCPMode            // when media goes by TCP
	Firsts     *Firsts            // takes note of when things happened first; may be shared by connections; nil: not wanted
	RelayOnly  bool               // use no path but through a TURN server
	Net        transport.Net      // instead of the machine's network; Loopback is not looked at then; nil: the machine's

	// DisconnectAfter is how long nothing may be heard from the server before the state is Disconnected; it is noticed
	// up to a quarter of it later. 0: 2 s. FailAfter is how much longer it takes to be Failed; 0: 13 s.
	DisconnectAfter, FailAfter time.Duration
}

// Defaults of Config.
const (
	defaultDisconnectAfter = 2 * time.Second
	defaultFailAfter       = 13 * time.Second
	// maxChecks is how often ICE tries one path, every 200 ms: pion's own 7 give up after 1.4 s a path that is dead for
	// a little longer.
	maxChecks = 200
)

// Conn is a media connection. Its methods may be called from any goroutine, negotiation one at a time.
type Conn struct {
	cfg  Config
	pc   *webrtc.PeerConnection
	rx   receiver
	feed *feedback

	fallback fallback
	bw       bandwidth

	outlets atomic.Pointer[[]*Outlet] // the microphone and then the cameras, each with its layers; it only grows

	connected     chan struct{}
	connectedOnce sync.Once
	stateMu       sync.Mutex // orders the changes of state
	pathless      bool       // never connected, or not since the last Restart
	state         atomic.Int32
	reported      State        // of the feedback goroutine, and of Close once that has ended
	rtt           atomic.Int64 // of the ICE pair, in ns

	closeOnce sync.Once
	closing   atomic.Bool
	closed    chan struct{} // closed when closing begins
}

// mediaEngine is shared by all connections: pion copies it for each.
var mediaEngine = sync.OnceValues(func() (*webrtc.MediaEngine, error) { return rtpkit.NewMediaEngine() })

// New prepares a connection: nothing is sent before Answer.
func New(cfg Config) (*Conn, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.DisconnectAfter <= 0 {
		cfg.DisconnectAfter = defaultDisconnectAfter
	}
	if cfg.FailAfter <= 0 {
		cfg.FailAfter = defaultFailAfter
	}
	engine, err := mediaEngine()
	if err != nil {
		return nil, err
	}
	cert, err := certificate()
	if err != nil {
		return nil, err
	}
	c := &Conn{cfg: cfg, connected: make(chan struct{}), closed: make(chan struct{}), pathless: true}
	c.feed = newFeedback(c)
	c.rx.init(c.feed.poke)
	c.rx.arrived = &c.bw.received
	if cfg.Firsts != nil {
		c.rx.firsts = cfg.Firsts
	}

	cfg.Loopback = cfg.Loopback && cfg.Net == nil
	settings := rtpkit.NewSettingEngine(cfg.Loopback, cfg.Logger)
	settings.SetNetworkTypes(cfg.TCP.networks(cfg.Loopback))
	if cfg.Net != nil {
		settings.SetNet(cfg.Net)
	} else {
		settings.SetNet(network())
	}
	settings.SetICETimeouts(cfg.DisconnectAfter, cfg.FailAfter, cfg.DisconnectAfter/4)
	settings.SetICEMaxBindingRequests(maxChecks)
	rtpkit.Tap(&settings, c.rx.onRTP, c.onRTCP)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	policy := webrtc.ICETransportPolicyAll
	if cfg.RelayOnly {
		policy = webrtc.ICETransportPolicyRelay
	}
	c.pc, err = api.NewPeerConnection(webrtc.Configuration{
		ICETransportPolicy: policy,
		ICEServers:         cfg.ICEServers,
		Certificates:       []webrtc.Certificate{*cert},
		BundlePolicy:       webrtc.BundlePolicyMaxBundle,
	})
	if err != nil {
		return nil, fmt.Errorf("new peer connection: %w", err)
	}
	c.pc.OnTrack(func(*webrtc.TrackRemote, *webrtc.RTPReceiver) {}) // the tap has the packets
	c.pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { c.stateChanged() })
	if err := c.addTransceivers(); err != nil {
		_ = c.pc.Close()
		return nil, err
	}
	c.feed.start()
	return c, nil
}

func (c *Conn) addTransceivers() error {
	c.outlets.Store(new([]*Outlet))
	if err := c.addOutlet(webrtc.RTPCodecTypeAudio); err != nil {
		return err
	}
	if err := c.AddCameras(max(c.cfg.Cameras, 1)); err != nil {
		return err
	}
	return c.addSlots(slots(c.cfg.AudioSlots, DefaultAudioSlots), slots(c.cfg.VideoSlots, DefaultVideoSlots))
}

func slots(n, byDefault int) int {
	if n == 0 {
		return byDefault
	}
	return max(n, 0)
}

func (c *Conn) addOutlet(kind webrtc.RTPCodecType) error {
	all := *c.outlets.Load()
	o := newOutlet(c, kind, len(all))
	t, err := c.pc.AddTransceiverFromTrack(o, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return fmt.Errorf("add %s: %w", kind, err)
	}
	o.transceiver = t
	if kind == webrtc.RTPCodecTypeVideo {
		if err := o.addLayers(); err != nil {
			return fmt.Errorf("add %s: %w", kind, err)
		}
	}
	all = append(append(slices.Clone(all), o), o.layers[1:]...)
	c.outlets.Store(&all)
	return nil
}

// AddCameras makes places for n cameras, unless there are so many. Those that are new can be used when the next offer,
// as of Grow, has been answered. It is part of negotiation.
func (c *Conn) AddCameras(n int) error {
	for len(c.cameras()) < n {
		if err := c.addOutlet(webrtc.RTPCodecTypeVideo); err != nil {
			return err
		}
	}
	return nil
}

// Mic is where the microphone's sound goes.
func (c *Conn) Mic() *Outlet { return (*c.outlets.Load())[0] }

// Camera is where the first camera's pictures go.
func (c *Conn) Camera() *Outlet { return c.CameraAt(0) }

// CameraAt is where the pictures of one of the cameras go, from 0; nil if there is no such place.
func (c *Conn) CameraAt(place int) *Outlet {
	if all := c.cameras(); place < len(all) {
		return all[place]
	}
	return nil
}

// Cameras is how many cameras have a place.
func (c *Conn) Cameras() int { return len(c.cameras()) }

func (c *Conn) cameras() (all []*Outlet) {
	for _, o := range c.pictures() {
		if o.layers != nil {
			all = append(all, o)
		}
	}
	return all
}

// pictures are the outlets of the cameras and all their layers.
func (c *Conn) pictures() []*Outlet { return (*c.outlets.Load())[1:] }

// Connected is closed when the transport is up for the first time.
func (c *Conn) Connected() <-chan struct{} { return c.connected }

// RTT returns the last known round-trip time to the server, 0 when it is not known yet.
func (c *Conn) RTT() time.Duration {
	for _, o := range *c.outlets.Load() {
		if rtt := o.rtt(); rtt > 0 {
			return rtt
		}
	}
	return time.Duration(c.rtt.Load())
}

// Close ends the connection and everything that reads from it. When it returns, its goroutines are gone.
func (c *Conn) Close() error {
	var err error
	c.closeOnce.Do(func() {
		c.closing.Store(true)
		close(c.closed)
		for _, o := range *c.outlets.Load() {
			o.Stop()
		}
		c.feed.stop()
		err = c.pc.GracefulClose()
		c.rx.close()
		c.stateChanged()
		c.reportState()
	})
	return err
}
