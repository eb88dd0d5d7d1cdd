package crvideo_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// TestSpeakersAmongManySilentMembersCostNoNegotiation: more people speak than there are slots for sound, others come and go,
// and nobody negotiates: the server chooses who is heard. A room of 510 is in bench.
func TestSpeakersAmongManySilentMembersCostNoNegotiation(t *testing.T) {
	const speaking, silent = 10, 15
	srv := newServer(t)
	n := srv.Network()
	offers, wanted := n.WatchMessage(crvideotest.Method(toServer, "offer")), n.WatchMessage(crvideotest.Method(toClient, "slotsNeeded"))
	through := func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() }
	host := loggedIn(t, srv, "host", through)
	room := newRoom(t, host)
	require.NoError(t, host.EnterMeeting(testContext(t), room.ID))
	all := make([]*crvideo.Client, speaking+silent)
	var entering sync.WaitGroup
	for i := range all {
		entering.Go(func() {
			all[i] = entered(t, srv, fmt.Sprint("m", i), room.ID, through)
			if i < speaking {
				assert.NoError(t, all[i].OpenMic(testContext(t), ""))
			}
		})
	}
	entering.Wait()
	require.False(t, t.Failed())
	heard := func() (who int) {
		for _, s := range host.GetStats().Receiving {
			if s.Kind == crvideo.KindAudio && s.Packets > 0 {
				who++
			}
		}
		return who
	}
	eventually(t, "eight are heard", func() bool { return heard() >= 8 })
	for _, c := range all[speaking:] { // leave and come again
		require.NoError(t, c.ExitMeeting(testContext(t)))
		require.NoError(t, c.EnterMeeting(testContext(t), room.ID))
	}
	eventually(t, "everybody", func() bool { return len(host.GetAllMembers()) == len(all)+1 })
	assert.Zero(t, offers.Count(), "offers")
	assert.Zero(t, wanted.Count(), "slots that were missing")
}
