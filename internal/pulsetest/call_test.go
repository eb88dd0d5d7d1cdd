//go:build pulse

package pulsetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// What the microphone hears is heard by the other member, through client, server and client.
func TestRealMicrophoneInACall(t *testing.T) {
	play(t)
	srv := crvideotest.NewServer(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	join := func(uid string, room int64) (*crvideo.Client, int64) {
		c, err := crvideo.New(crvideo.SDKParams{ServerAddr: srv.URL()})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, c.Close()); <-c.Done() })
		require.NoError(t, c.Login(ctx, crvideo.LoginParams{AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: uid, Nickname: uid}))
		if room == 0 {
			info, err := c.CreateMeeting(ctx, crvideo.CreateParams{})
			require.NoError(t, err)
			room = info.ID
		}
		require.NoError(t, c.EnterMeeting(ctx, room))
		return c, room
	}
	ann, room := join("ann", 0)
	ben, _ := join("ben", room)
	mics := ann.GetAudioMicNames()
	mic := slices.IndexFunc(mics, func(m crvideo.MicInfo) bool { return m.Name == microphone })
	require.GreaterOrEqual(t, mic, 0, "%v", mics)
	cfg := ann.GetAudioCfg()
	cfg.MicID = mics[mic].MicID
	require.NoError(t, ann.SetAudioCfg(ctx, cfg))
	require.NoError(t, ann.OpenMic(ctx, ""))

	audio, err := ben.Audio("ann")
	require.NoError(t, err)
	defer func() { require.NoError(t, audio.Close()) }()
	stretch := make([]int16, crvideo.PCMRate/10)
	var heard []float64
	for len(heard) < 20 {
		for filled := 0; filled < len(stretch); {
			n, err := audio.ReadPCM(ctx, stretch[filled:])
			require.NoError(t, err)
			filled += n
		}
		if hz, ok := crvideotest.DetectTone(stretch, crvideo.PCMRate); ok {
			heard = append(heard, hz)
		}
	}
	slices.Sort(heard)
	assert.InDelta(t, 997, heard[len(heard)/2], 1) // the median: see TestRealMicrophoneIsHeard
}
