package sfu

import (
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A limit for one layer of a browser is one for all of them: who has not enough gets a smaller one, and the others keep theirs.
func TestOneLimitForEverything(t *testing.T) {
	for _, one := range []bool{true, false} {
		t.Run(fmt.Sprint(one), func(t *testing.T) {
			r, codecs := newEmptyFakeRoom(), fakeCodecs(t)
			slow, _ := newFakePeer(r, "slow", codecs, 0, 1)
			fast, _ := newFakePeer(r, "fast", codecs, 0, 1)
			p, _ := newFakePeer(r, "camera", codecs, 0, 0)
			p.cfg.OneLimit = one
			p.uplinks["1"].layers.Store(&[]layerLine{{rid: "h"}, {rid: "f"}})
			slow.Subscribe([]Wish{{2, 0}})
			require.NoError(t, p.Publish(stream(2, "video/H264"), "1", testLayers[:2]...))
			layers := r.streams[2].layers
			limits := func(now time.Time) (all []rtcp.ReceiverEstimatedMaximumBitrate) {
				var b batch
				p.limit(now, &b)
				for _, packet := range b.packets {
					all = append(all, *packet.(*rtcp.ReceiverEstimatedMaximumBitrate))
				}
				return all
			}
			steer := func(now time.Time) {
				r.mu.Lock()
				defer r.mu.Unlock()
				layers[0].steer(now)
			}
			now := time.Now()
			assert.Empty(t, limits(now), "nobody lacks anything")

			slow.slots[0].share.Store(150_000)
			steer(now)
			assert.Zero(t, slow.slots[0].aim(), "the only one keeps the layer")
			found := limits(now)
			require.Len(t, found, 1)
			if one {
				assert.EqualValues(t, 150_000+soundShare, found[0].Bitrate)
				assert.Len(t, found[0].SSRCs, 2)
			} else {
				assert.EqualValues(t, 150_000, found[0].Bitrate)
				assert.Len(t, found[0].SSRCs, 1)
			}

			fast.Subscribe([]Wish{{2, 180}})
			now = now.Add(time.Minute)
			steer(now)
			assert.Equal(t, 1, fast.slots[0].aim())
			steer(now)
			if !one {
				assert.Zero(t, slow.slots[0].aim(), "the only one on that layer keeps it")
				return
			}
			assert.Equal(t, 1, slow.slots[0].aim(), "somebody else watches, too")

			slow.slots[0].share.Store(0)
			now = now.Add(time.Minute)
			found = limits(now)
			require.Len(t, found, 1)
			assert.EqualValues(t, unlimited, found[0].Bitrate)
			fast.slots[0].share.Store(100_000)
			steer(now)
			assert.Equal(t, 0, slow.slots[0].aim())
			assert.Empty(t, limits(now.Add(time.Minute)), "the larger layer has no limit")
		})
	}
}
