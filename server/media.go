package server

import (
	"context"
	"net"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// mediaEngine forwards media. The SFU is the embedded one; another engine replaces it behind these interfaces.
// Their methods do not wait for callbacks, and callbacks come without a lock of the engine held.
type mediaEngine interface {
	Name() string      // as told in the answer to enterMeeting
	Addr() net.Addr    // UDP
	TCPAddr() net.Addr // nil: there is none
	NewRoom() mediaRoom
	Stats() mediaStats
	Close() error
}

// mediaRoom is a room's media. Close ends it with all its peers.
type mediaRoom interface {
	// Join answers the first offer of a member. Its error is a *wire.Error if the offer is at fault.
	Join(ctx context.Context, cfg mediaPeerConfig, offer string) (mediaPeer, string, error)
	// Loudest tells which member spoke loudest since the last call; empty if nobody spoke.
	Loudest() string
	Close()
}

// mediaPeerConfig is what an engine has to know about a member.
type mediaPeerConfig struct {
	ID            string
	Audio         bool                          // forward everybody's sound to it
	OneLimit      bool                          // as of wire.EnterMeetingParams
	OnState       func(state string, over bool) // over: the peer can do nothing more
	OnSlotsNeeded func(audio, video int)
	OnLayers      func(num uint32, layers []int) // which sizes of a stream of the member anybody watches
}

// mediaPeer is a member's media.
type mediaPeer interface {
	Offer(ctx context.Context, offer string) (answer string, err error)
	Answer() string // the last one again, of Join or Offer
	Publish(s wire.Stream, mid string, layers []wire.Layer) error
	Resize(num uint32, layers []wire.Layer) // the same layers in other sizes
	Unpublish(num uint32)
	Subscribe(video []mediaWish) // the whole set
	// SubscribeAudio chooses whose sound is forwarded, of a peer that gets sound at all. wants is called at any time and must
	// always say the same; at first everybody's is wanted.
	SubscribeAudio(wants func(id string) bool, all bool)
	Close()
}

// mediaWish is a stream that a member wants, and the height in pixels in which it is shown (0: as large as it is).
type mediaWish struct {
	num    uint32
	height int
}

// mediaStats are an engine's figures for /metrics.
type mediaStats struct {
	Peers, Streams                           int
	PacketsIn, BytesIn, PacketsOut, BytesOut uint64
	Dropped, NACKs, PLIs, Retransmitted      uint64
	NACKsSent, PLIsReceived                  uint64
	Forwarded                                [wire.MaxLayers]int // streams that are sent to somebody, by layer
	Paths                                    []mediaPath         // of all peers
}

// mediaPath is the path between the server and one peer.
type mediaPath struct {
	Estimate         int  // bit/s that it carries to the peer
	Limited          bool // that is less than would be sent
	Queue, RTT       time.Duration
	LossDown, LossUp float64 // parts of the packets, of late
}
