package crvideo

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/signal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// SDKParams are the settings of a client. The zero value works.
type SDKParams struct {
	ServerAddr  string        // host, host:port or URL of the server; may be set later with SetServerAddr
	IsHTTP      bool          // ws:// instead of wss:// for an address without a scheme; default: only for loopback
	Timeout     time.Duration // server timeout, 10 s to 120 s: bounds each request and a cut connection; default 60 s
	VideoSendBW int           // most that one camera sends, kbit/s; default 2048
	MSProtocol  int           // media transport: 0 or 1 UDP, and TCP where UDP does not get through; 2 TCP only
	NoMedia     bool          // enter rooms without media: a client that only signals (isWebRTC = false)

	// AllowSynthetic lets OpenMic and OpenVideo use the synthetic microphone (a tone) and camera (a test picture)
	// when there is no real device. Default: then they fail with code 8008. Both can always be chosen by their ID.
	AllowSynthetic bool
	// RefuseRemoteOpen ignores other members who ask for our microphone or camera to be opened.
	RefuseRemoteOpen bool
	// AudioSlots and VideoSlots are how many members' sound and pictures can be received before the connection has
	// to be negotiated again, which happens by itself. Defaults 8 and 4.
	AudioSlots, VideoSlots int

	// Recovery says what happens when the connection is lost or the server is restarted. The default: the application
	// does not notice, unless it takes longer than Timeout.
	Recovery Recovery

	ICEServers []webrtc.ICEServer                                                // STUN and TURN servers; default none
	RelayOnly  bool                                                              // media goes through a TURN server only
	TLSConfig  *tls.Config                                                       // for wss://; default the system's
	NetDial    func(ctx context.Context, network, addr string) (net.Conn, error) // dialer of the signalling connection; default net.Dialer
	Logger     *slog.Logger                                                      // default slog.Default() at warnings and above
}

const (
	defaultVideoSendBW = 2048
	defaultAudioSlots  = 8
	defaultVideoSlots  = 4
	maxSlots           = 64
	msTCP              = 2 // MSProtocol
)

func (p *SDKParams) check(op string) error {
	switch {
	case p.Timeout != 0 && (p.Timeout < wire.MinServerTimeout || p.Timeout > wire.MaxServerTimeout):
		return failf(op, CodeBadParameter, "Timeout %v is not within %v to %v", p.Timeout, wire.MinServerTimeout, wire.MaxServerTimeout)
	case p.VideoSendBW < 0:
		return failf(op, CodeBadParameter, "VideoSendBW %d is negative", p.VideoSendBW)
	case p.AudioSlots < 0 || p.AudioSlots > maxSlots || p.VideoSlots < 0 || p.VideoSlots > maxSlots:
		return failf(op, CodeBadParameter, "AudioSlots and VideoSlots must be 0 to %d", maxSlots)
	case p.RelayOnly && len(p.ICEServers) == 0:
		return failf(op, CodeBadParameter, "RelayOnly without a TURN server in ICEServers")
	case p.MSProtocol < 0 || p.MSProtocol > msTCP:
		return failf(op, CodeBadParameter, "MSProtocol %d is not 0, 1 or 2", p.MSProtocol)
	}
	if p.ServerAddr != "" {
		if _, err := signal.URL(p.ServerAddr, p.IsHTTP); err != nil {
			return toError(op, err)
		}
	}
	return nil
}

func (p *SDKParams) timeout() time.Duration { return orDefault(p.Timeout, wire.DefaultServerTimeout) }

func (p *SDKParams) logger() *slog.Logger {
	if p.Logger != nil {
		return p.Logger
	}
	return slog.New(minLevel{slog.Default().Handler(), slog.LevelWarn})
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// minLevel is a handler that leaves out what is below a level.
type minLevel struct {
	slog.Handler
	level slog.Level
}

func (h minLevel) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

func (h minLevel) WithAttrs(a []slog.Attr) slog.Handler {
	return minLevel{h.Handler.WithAttrs(a), h.level}
}
func (h minLevel) WithGroup(name string) slog.Handler {
	return minLevel{h.Handler.WithGroup(name), h.level}
}

// SetSDKParams replaces the settings (CRVideo_SetSDKParams). They hold from the next Login and EnterMeeting; the
// logger and the event handlers stay. Bad ones are refused with code 5 and change nothing.
func (c *Client) SetSDKParams(params SDKParams) error {
	const op = "SetSDKParams"
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fail(op, CodeNotInit, nil)
	}
	if err := params.check(op); err != nil {
		return err
	}
	c.params = params
	if params.ServerAddr != "" {
		c.addr = params.ServerAddr
	}
	return nil
}

// SetServerAddr sets the server for the next Login (CRVideo_SetServerAddr): host, host:port or a ws://, wss://,
// http:// or https:// URL. Without a scheme wss:// is used, or ws:// for loopback addresses and with
// SDKParams.IsHTTP. An empty address is code 201, an impossible one code 5.
func (c *Client) SetServerAddr(addr string) error {
	const op = "SetServerAddr"
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fail(op, CodeNotInit, nil)
	}
	if _, err := signal.URL(addr, c.params.IsHTTP); err != nil {
		return toError(op, err)
	}
	c.addr = addr
	return nil
}

// WriteLog writes a line of the application into the SDK's log (CRVideo_WriteLog).
func (c *Client) WriteLog(text string) { c.log.Info(text, "from", "application") }

// GetSDKVersion tells the version of the SDK (CRVideo_GetSDKVersion).
func GetSDKVersion() string { return Version }
