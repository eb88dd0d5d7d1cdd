//go:build browser

package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// soundOf are the counts of a member's sound at a Go client.
func soundOf(c *crvideo.Client, uid string) (found crvideo.StreamStats) {
	for _, s := range c.GetStats().Receiving {
		if s.UID == uid && s.Kind == crvideo.KindAudio {
			found = s
		}
	}
	return found
}

// rate is how many packets of a member's sound come in a second.
func rate(c *crvideo.Client, uid string) float64 {
	const long = 3 * time.Second
	before, begin := soundOf(c, uid).Packets, time.Now()
	<-time.After(long)
	return float64(soundOf(c, uid).Packets-before) / time.Since(begin).Seconds()
}

// A page that is silent sends next to nothing, unless it is told to; it sends and plays RED.
func TestPausesAndRedundancy(t *testing.T) {
	srv := crvideotest.NewServer(t)
	n := srv.Network()
	ann := goClient(t, srv, "ann", func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() })
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	cfg := ann.GetAudioCfg()
	cfg.Redundancy = 2
	require.NoError(t, ann.SetAudioCfg(testContext(t), cfg))
	require.NoError(t, ann.OpenMic(testContext(t), ""))

	tab := scripted(t, chromiumtest.Start(t, chromiumtest.Devices...), srv, "grace", srv.Addr().String())
	tab.Eval(t, `(window.made = [], window.RTCPeerConnection = class extends RTCPeerConnection { constructor(...all) { super(...all); made.push(this); } }, 0)`, nil)
	enter := func(settings string) {
		t.Helper()
		tab.Eval(t, fmt.Sprintf(`sdk.CRVideo_SetAudioCfg(%s).then(() => 0)`, settings), nil)
		succeeds(t, tab, "EnterMeeting3", info.ID)
		tab.Eval(t, `sdk.CRVideo_OpenMic('')`, nil)
		require.Eventually(t, func() bool { return soundOf(ann, "grace").Packets > 5 }, chromiumtest.Patience, poll)
	}
	enter(`{redundancy: 1}`)
	hears(t, tab, 1)
	require.Eventually(t, func() bool { // the player takes the two earlier ones out of each, and has no use for them as long as nothing is lost
		var most float64
		tab.Eval(t, `made.at(-1).getStats().then((all) => Math.max(0, ...[...all.values()].filter((s) => s.type === 'inbound-rtp' && s.kind === 'audio' && s.packetsReceived > 50).map((s) => s.packetsDiscarded / s.packetsReceived)))`, &most)
		return most > 1.5
	}, chromiumtest.Patience, poll, "the page is sent RED")
	n.Media(crvideotest.ToClient, crvideotest.MediaFaults{Loss: 0.2}, "ann")
	require.Eventually(t, func() bool { return soundOf(ann, "grace").Redundant > 5 }, chromiumtest.Patience, poll, "the page sends RED")
	n.Media(crvideotest.ToClient, crvideotest.MediaFaults{}, "ann")

	tab.Eval(t, `sdk.CRVideo_SetAudioCfg({micVolume: 0}).then(() => 0)`, nil)
	few := 0.0
	require.Eventually(t, func() bool { few = rate(ann, "grace"); return few < 10 }, chromiumtest.Patience, poll)
	tab.Eval(t, `sdk.CRVideo_ExitMeeting()`, nil)
	require.Eventually(t, func() bool { return !ann.IsUserInMeeting("grace") }, chromiumtest.Patience, poll)
	enter(`{redundancy: 0, sendSilence: true}`)
	all := 0.0
	require.Eventually(t, func() bool { all = rate(ann, "grace"); return all > 40 }, chromiumtest.Patience, poll)
	t.Logf("a silent page sends %.1f packets of sound a second, %.1f if it is to", few, all)
}
