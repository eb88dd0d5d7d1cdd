package whep

import (
	"context"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const keyFrameRetry = 500 * time.Millisecond // between two requests for the key frame that a picture must start with

// feed forwards one kind of media, from one track after the other, until the viewer ends.
func (v *viewer) feed(out *output, open func(context.Context) (Track, error)) {
	select {
	case <-out.bound:
	case <-v.ctx.Done(): // also a viewer that did not ask for this kind
		return
	}
	for v.ctx.Err() == nil {
		track, err := open(v.ctx)
		if err == nil {
			if v.forward(out, track) {
				continue
			}
		} else if v.ctx.Err() == nil {
			v.h.log.Debug("open track", "kind", out.kind.String(), "error", err)
		}
		wait(v.ctx, reopenDelay)
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// forward forwards a track until it ends, and tells whether it carried anything. Video begins at a key frame.
func (v *viewer) forward(out *output, track Track) (alive bool) {
	defer track.Close()
	codec := track.Codec()
	pt, known := out.begin(track)
	if !known {
		v.h.log.Warn("the viewer's browser cannot play this codec", "codec", codec)
	}
	defer out.end()
	waiting := out.kind == webrtc.RTPCodecTypeVideo && known
	var asked time.Time
	for {
		p, err := track.ReadRTP(v.ctx)
		if err != nil {
			if v.ctx.Err() == nil {
				v.h.log.Debug("track ended", "codec", codec, "error", err)
			}
			return alive
		}
		alive = true
		if !known {
			continue // it may be followed by a track that can be played
		}
		if waiting && !rtpkit.IsKeyFrame(codec, p.Payload) {
			if now := time.Now(); now.Sub(asked) >= keyFrameRetry {
				asked = now
				track.RequestKeyFrame()
			}
			continue
		}
		waiting = !out.write(p, pt) && waiting // before the transport is ready nothing is sent: keep waiting
	}
}
