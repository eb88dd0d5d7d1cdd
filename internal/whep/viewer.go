package whep

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

const reportInterval = time.Second // of sender reports, which let the browser play sound and picture in step

// viewer is one browser that watches.
type viewer struct {
	h         *Handler
	pc        *webrtc.PeerConnection
	ctx       context.Context // ends with the viewer
	cancel    context.CancelFunc
	connected chan struct{}
	video     *output
	audio     *output

	transceivers [2]*webrtc.RTPTransceiver // of video and audio
}

func newViewer(h *Handler) (*viewer, error) {
	pc, err := h.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("whep: %w", err)
	}
	v := &viewer{
		h: h, pc: pc, connected: make(chan struct{}),
		video: newOutput(webrtc.RTPCodecTypeVideo), audio: newOutput(webrtc.RTPCodecTypeAudio),
	}
	v.ctx, v.cancel = context.WithCancel(h.ctx)
	for i, out := range []*output{v.video, v.audio} {
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
		if v.transceivers[i], err = pc.AddTransceiverFromTrack(out, init); err != nil {
			v.close()
			return nil, fmt.Errorf("whep: %w", err)
		}
	}
	var once sync.Once
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		switch s {
		case webrtc.PeerConnectionStateConnected:
			once.Do(func() { close(v.connected) })
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			v.cancel()
		}
	})
	return v, nil
}

// close ends the connection and everything that runs for it.
func (v *viewer) close() {
	v.cancel()
	if err := v.pc.GracefulClose(); err != nil {
		v.h.log.Debug("closing a viewer", "error", err)
	}
}

// run forwards to the viewer until it ends.
func (v *viewer) run() {
	var wg sync.WaitGroup
	defer wg.Wait()
	defer v.close() // what wg waits for reads from the connection
	timeout := time.NewTimer(v.h.connectTimeout)
	defer timeout.Stop()
	select {
	case <-v.connected:
	case <-timeout.C:
		v.h.log.Debug("viewer did not connect", "within", v.h.connectTimeout)
		return
	case <-v.ctx.Done():
		return
	}
	wg.Go(func() { v.feed(v.video, v.h.src.OpenVideo) })
	wg.Go(func() { v.feed(v.audio, v.h.src.OpenAudio) })
	wg.Go(func() { v.video.readFeedback(v.transceivers[0].Sender()) })
	wg.Go(func() { v.audio.readFeedback(v.transceivers[1].Sender()) })
	v.report()
}

// report sends sender reports until the viewer ends.
func (v *viewer) report() {
	tick := time.NewTicker(reportInterval)
	defer tick.Stop()
	for {
		select {
		case <-v.ctx.Done():
			return
		case now := <-tick.C:
			var reports []rtcp.Packet
			for _, out := range []*output{v.video, v.audio} {
				if sr, ok := out.senderReport(now); ok {
					reports = append(reports, sr)
				}
			}
			if len(reports) == 0 {
				continue
			}
			if err := v.pc.WriteRTCP(reports); err != nil {
				v.h.log.Debug("sender report", "error", err)
			}
		}
	}
}
