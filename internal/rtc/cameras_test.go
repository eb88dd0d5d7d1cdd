package rtc

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sendsPictures proves that what is written into a camera arrives as its own stream.
func sendsPictures(t *testing.T, p *peer, o *Outlet, n int) {
	t.Helper()
	require.NoError(t, o.WriteSample(Sample{Data: frame("video/H264", n, 300, true), Duration: time.Second / 25, Key: true}))
	want := frame("video/H264", n, 300, true)
	p.wait("the picture of this camera", func() bool {
		var packets []*rtp.Packet
		packets = append(packets, p.in[ssrcOf(o)]...)
		return slices.ContainsFunc(assemble("video/H264", packets), func(got []byte) bool { return slices.Equal(got, want) })
	})
}

// Cameras that are there from the beginning, and those that come while the call goes on, send side by side.
func TestSeveralCameras(t *testing.T) {
	c, p := pair(t, Config{Cameras: 2})
	require.Nil(t, c.CameraAt(2))
	for i := range 2 {
		require.NoError(t, c.CameraAt(i).Start("video/H264", nil))
		sendsPictures(t, p, c.CameraAt(i), i)
	}
	require.NoError(t, c.AddCameras(8))
	offer, err := c.Grow(0, 0)
	require.NoError(t, err)
	require.NoError(t, c.Answer(p.answer(offer)))
	mids, ssrcs := map[string]bool{}, map[uint32]bool{}
	for i := range 8 {
		o := c.CameraAt(i)
		if i >= 2 {
			require.NoError(t, o.Start("video/H264", nil))
		}
		sendsPictures(t, p, o, 10+i)
		mids[o.Mid()], ssrcs[ssrcOf(o)] = true, true
	}
	assert.Len(t, mids, 8)
	assert.Len(t, ssrcs, 8)
	c.CameraAt(1).Stop()
	require.ErrorIs(t, c.CameraAt(1).WriteSample(Sample{Data: []byte{1}}), ErrStopped)
	sendsPictures(t, p, c.CameraAt(0), 20)
	sendsPictures(t, p, c.CameraAt(7), 21)
}

// What the server can pass on of one camera limits that one only.
func TestLimitOfOneCamera(t *testing.T) {
	c, p := pair(t, Config{Cameras: 2})
	var told [2]atomic.Int64
	for i := range 2 {
		require.NoError(t, c.CameraAt(i).Start("video/H264", nil))
		c.CameraAt(i).Adapt(1_000_000, func(bps int) { told[i].Store(int64(bps)) })
	}
	require.NoError(t, p.pc.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverEstimatedMaximumBitrate{
		SenderSSRC: 1, Bitrate: 300_000, SSRCs: []uint32{ssrcOf(c.CameraAt(1))},
	}}))
	require.Eventually(t, func() bool { return told[1].Load() > 0 }, patience, time.Millisecond)
	assert.InDelta(t, 300_000, told[1].Load(), 2000)
	assert.Zero(t, told[0].Load())
	e := c.Estimate()
	assert.True(t, e.Server)
	assert.InDelta(t, 1_300_000, e.Video, 2000)
	assert.Equal(t, 1_000_000, c.CameraAt(0).Stats().Target)
	c.CameraAt(1).Stop()
	assert.Zero(t, c.CameraAt(1).Stats().Target)
	assert.Zero(t, c.Estimate().Video, "nothing is limited any more")
}

func TestDivide(t *testing.T) {
	for _, test := range []struct {
		all          int
		wishes, want []int
	}{
		{900, []int{1000, 1000, 1000}, []int{300, 300, 300}},
		{900, []int{100, 1000, 1000}, []int{100, 400, 400}},
		{900, []int{1000, 100, 200}, []int{600, 100, 200}},
		{900, []int{100, 200, 300}, []int{100, 200, 300}},
		{900, []int{1000}, []int{900}},
		{-5, []int{1000, 10}, []int{0, 0}},
		{0, nil, nil},
	} {
		got := slices.Clone(test.wishes)
		divide(test.all, got)
		assert.Equal(t, test.want, got, "%d among %v", test.all, test.wishes)
	}
}
