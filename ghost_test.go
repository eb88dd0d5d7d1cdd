package crvideo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

// A user whose program crashed enters again at once: nobody waits until the server has found out, and the others see it
// leave and enter. Should the crashed one turn out to live, it learns that it has been replaced.
func TestGhostIsPutOutAtOnce(t *testing.T) {
	t.Parallel()
	n, alice, ghost := hurtPair(t)
	atAlice, atGhost := record(t, alice), record(t, ghost)
	require.Equal(t, 1, n.HalfOpen("bob")) // the server hears nothing more of it, and has not noticed yet
	room := alice.GetMeetInfo().ID

	second := newWatched(t, watching(t), crvideo.SDKParams{ServerAddr: n.URL(), AllowSynthetic: true})
	started := time.Now()
	require.NoError(t, second.Login(testContext(t), loginParams("bob")))
	require.NoError(t, second.EnterMeeting(testContext(t), room))
	assert.Less(t, time.Since(started), 5*time.Second, "the server would need as long to miss the ghost")
	waitEvent(t, atAlice, "the second bob", func(e crvideo.UserEnterMeeting) bool { return e.UID == "bob" })
	var order []crvideo.Event
	for _, e := range atAlice.all() {
		switch e.(type) {
		case crvideo.UserLeftMeeting, crvideo.UserEnterMeeting:
			order = append(order, e)
		}
	}
	assert.Equal(t, []crvideo.Event{crvideo.UserLeftMeeting{UID: "bob", Reason: "extrude"}, crvideo.UserEnterMeeting{UID: "bob"}}, order)
	assert.Len(t, second.GetAllMembers(), 2)

	atGhost.waitFor(t, crvideo.LineOff{Code: crvideo.CodeKicked})
	assert.Empty(t, ghost.UID())
	assert.Equal(t, "bob", second.UID())
}
