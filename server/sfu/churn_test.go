package sfu

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestChurn lets members come and go, in every way there is, while others talk to them and they talk back.
func TestChurn(t *testing.T) {
	const rounds = 20
	r := newTestRoom(t)
	talkers := crowd(t, r, 3)
	stop := make(chan struct{})
	var talking sync.WaitGroup
	for _, m := range talkers {
		m.keepNone.Store(true)
		talking.Go(func() {
			pace := time.NewTicker(500 * time.Microsecond)
			defer pace.Stop()
			for {
				select {
				case <-stop:
					return
				case <-pace.C:
				}
				m.mic.send(t, []byte("sound"))
				m.cam.send(t, h264Key("picture"))
			}
		})
	}
	before := runtime.NumGoroutine()
	for i := range rounds {
		m := join(t, r, fmt.Sprint("guest", i), options{audio: 4, video: 4})
		m.publish(uint32(100+2*i), m.mic, "audio/opus")
		m.publish(uint32(101+2*i), m.cam, "video/H264")
		m.peer.Subscribe(whole(2, 4, 6))
		for range 20 {
			m.mic.send(t, []byte("sound"))
			m.cam.send(t, h264Key("picture"))
		}
		m.await("sound and picture of all", func() bool {
			seen := map[uint32]bool{}
			for _, p := range m.rtp {
				seen[p.CSRC[0]] = true
			}
			return len(seen) == 6
		})
		switch i % 4 {
		case 0:
			m.peer.Close()
		case 1:
			_ = m.pc.Close()
			m.waitState(StateClosed)
		case 2:
			m.peer.Unpublish(uint32(100 + 2*i))
			m.peer.Subscribe(nil)
			go m.peer.Close()
			m.peer.Close()
		case 3:
			go func() { _ = m.pc.Close() }()
			m.peer.Close()
		}
		_ = m.pc.GracefulClose()
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() < before+rounds }, patience, 10*time.Millisecond)
	close(stop)
	talking.Wait()
	stats := r.sfu.Stats()
	assert.Equal(t, 3, stats.Peers)
	assert.Equal(t, 6, stats.Streams)
}
