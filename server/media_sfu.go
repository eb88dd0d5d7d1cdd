package server

import (
	"context"
	"net"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server/sfu"
)

// newEngine makes the embedded media engine.
func newEngine(cfg Config) (mediaEngine, error) {
	s, err := sfu.New(sfu.Config{
		Listen: cfg.MediaAddr, ListenTCP: cfg.MediaTCPAddr, PublicIPs: cfg.PublicIPs, Logger: cfg.Logger, Loudest: cfg.Loudest,
	})
	if err != nil {
		return nil, err
	}
	return sfuEngine{s}, nil
}

type sfuEngine struct{ sfu *sfu.SFU }

func (sfuEngine) Name() string         { return wire.EngineSFU }
func (e sfuEngine) Addr() net.Addr     { return e.sfu.Addr() }
func (e sfuEngine) TCPAddr() net.Addr  { return e.sfu.TCPAddr() }
func (e sfuEngine) NewRoom() mediaRoom { return sfuRoom{e.sfu.NewRoom()} }
func (e sfuEngine) Close() error       { return e.sfu.Close() }
func (e sfuEngine) Stats() mediaStats {
	s := e.sfu.Stats()
	paths := make([]mediaPath, len(s.Paths))
	for i, p := range s.Paths {
		paths[i] = mediaPath(p)
	}
	return mediaStats{
		NACKsSent: s.NacksOut, PLIsReceived: s.PLIsIn, Forwarded: s.Forwarded, Paths: paths,
		Peers: s.Peers, Streams: s.Streams,
		PacketsIn: s.PacketsIn, BytesIn: s.BytesIn, PacketsOut: s.PacketsOut, BytesOut: s.BytesOut,
		Dropped: s.Dropped, NACKs: s.NacksIn, PLIs: s.PLIsOut, Retransmitted: s.Repeated,
	}
}

type sfuRoom struct{ room *sfu.Room }

func (r sfuRoom) Close()          { r.room.Close() }
func (r sfuRoom) Loudest() string { return r.room.Loudest() }

func (r sfuRoom) Join(ctx context.Context, cfg mediaPeerConfig, offer string) (mediaPeer, string, error) {
	peer, answer, err := r.room.Join(ctx, sfu.PeerConfig{
		ID: cfg.ID, Audio: cfg.Audio, OnSlotsNeeded: cfg.OnSlotsNeeded, OnLayers: cfg.OnLayers, OneLimit: cfg.OneLimit,
		OnState: func(s sfu.State) { cfg.OnState(s.String(), s == sfu.StateClosed) },
	}, offer)
	if err != nil {
		return nil, "", err // not peer: an interface that holds a nil *sfu.Peer is not nil
	}
	return sfuPeer{peer}, answer, nil
}

type sfuPeer struct{ *sfu.Peer }

func (p sfuPeer) Publish(s wire.Stream, mid string, layers []wire.Layer) error {
	return p.Peer.Publish(s, mid, sfuLayers(layers)...)
}

func (p sfuPeer) Resize(num uint32, layers []wire.Layer) { p.Peer.Resize(num, sfuLayers(layers)) }

func (p sfuPeer) Subscribe(video []mediaWish) {
	wishes := make([]sfu.Wish, len(video))
	for i, w := range video {
		wishes[i] = sfu.Wish{Num: w.num, Height: w.height}
	}
	p.Peer.Subscribe(wishes)
}

func sfuLayers(layers []wire.Layer) []sfu.Layer {
	out := make([]sfu.Layer, len(layers))
	for i, l := range layers {
		out[i] = sfu.Layer(l)
	}
	return out
}
