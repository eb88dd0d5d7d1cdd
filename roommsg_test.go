package crvideo_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

func init() {
	verbs = append(verbs, verb{"SendMeetingCustomMsg", true, func(ctx context.Context, c *crvideo.Client) error {
		return c.SendMeetingCustomMsg(ctx, "hello")
	}})
}

// messages are those that a member has seen, as "uid: text".
func messages(r *recorder) (seen []string) {
	for _, e := range relevant(r) {
		if m, ok := e.(crvideo.NotifyMeetingCustomMsg); ok {
			seen = append(seen, m.UID+": "+m.Msg)
		}
	}
	return seen
}

// Many talk at once: everybody sees everything once, each sender's in its order, and all of it in one order.
func TestRoomMessagesHaveOneOrder(t *testing.T) {
	const members, each = 10, 20
	srv := newServer(t)
	light := func(p *crvideo.SDKParams) { p.NoMedia = true }
	first := loggedIn(t, srv, "user0", light)
	room := newRoom(t, first).ID
	require.NoError(t, first.EnterMeeting(testContext(t), room))
	clients := []*crvideo.Client{first}
	for i := 1; i < members; i++ {
		clients = append(clients, entered(t, srv, fmt.Sprint("user", i), room, light))
	}
	var seen []*recorder
	for _, c := range clients {
		seen = append(seen, record(t, c))
	}
	var all sync.WaitGroup
	for _, c := range clients {
		all.Go(func() {
			for i := range each {
				assert.NoError(t, c.SendMeetingCustomMsg(testContext(t), fmt.Sprint(i)))
			}
		})
	}
	all.Wait()
	for _, r := range seen {
		eventually(t, "all messages", func() bool { return len(messages(r)) >= members*each })
	}
	order := messages(seen[0])
	require.Len(t, order, members*each)
	for _, r := range seen[1:] {
		assert.Equal(t, order, messages(r))
	}
	next := map[string]int{}
	for _, m := range order {
		uid, text, _ := strings.Cut(m, ": ")
		assert.Equal(t, fmt.Sprint(next[uid]), text)
		next[uid]++
	}
}

func TestRecentMessages(t *testing.T) {
	srv := newServer(t)
	alice, _ := pair(t, srv)
	room := alice.GetMeetInfo().ID
	for i := range 5 {
		require.NoError(t, alice.SendMeetingCustomMsg(testContext(t), fmt.Sprint(i)))
	}
	carol, dave := loggedIn(t, srv, "carol"), loggedIn(t, srv, "dave")
	atCarol, atDave := record(t, carol), record(t, dave)
	require.NoError(t, carol.EnterMeeting(testContext(t), room, crvideo.WithRecentMessages(2)))
	require.NoError(t, dave.EnterMeeting(testContext(t), room))
	require.NoError(t, alice.SendMeetingCustomMsg(testContext(t), "new"))
	for _, r := range []*recorder{atCarol, atDave} {
		r.waitFor(t, crvideo.NotifyMeetingCustomMsg{UID: "alice", Msg: "new"})
	}
	assert.Equal(t, []string{"alice: 3", "alice: 4", "alice: new"}, messages(atCarol))
	atCarol.waitFor(t, crvideo.NotifyMeetingCustomMsg{UID: "alice", Msg: "3", Recent: true})
	assert.Equal(t, []string{"alice: new"}, messages(atDave))
	assert.ErrorIs(t, alice.SendMeetingCustomMsg(testContext(t), strings.Repeat("x", 8<<10+1)), crvideo.CodeBadParameter)
	require.NoError(t, carol.ExitMeeting(testContext(t)))
	assert.ErrorIs(t, carol.EnterMeeting(testContext(t), room, crvideo.WithRecentMessages(101)), crvideo.CodeBadParameter)
}

// Whatever happens to connections and to the server, each message comes once and in order.
func TestRoomMessagesThroughCutsAndRestarts(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	atAlice, atBob := record(t, alice), record(t, bob)
	var want []string
	say := func(text string) {
		require.NoError(t, alice.SendMeetingCustomMsg(testContext(t), text))
		want = append(want, "alice: "+text)
	}
	for i := range 20 {
		switch i % 5 {
		case 1:
			n.CutAtMessage(crvideotest.Method(toServer, "sendRoomMsg").Of("alice").Nth(1))
		case 2:
			n.CutAtMessage(crvideotest.Method(toClient, "sendRoomMsg").Of("alice").Nth(1))
		case 3:
			n.CutAtMessage(crvideotest.Method(toClient, "roomMsg").Of("bob").Nth(1))
		}
		say(fmt.Sprint(i))
	}
	everywhere := func() { // before a server ends: what only its memory has for somebody who is away ends with it
		t.Helper()
		for _, r := range []*recorder{atAlice, atBob} {
			eventually(t, "all messages", func() bool { return len(messages(r)) >= len(want) })
		}
	}
	everywhere()
	lost := n.CutAtMessage(crvideotest.Method(toClient, "sendRoomMsg").Of("alice").Nth(1)) // its effect is on a server that then ends
	go func() { <-lost.Hit(); n.RestartFresh(100 * time.Millisecond) }()
	say("repeated")
	everywhere()
	n.RestartFresh(100 * time.Millisecond)
	say("after the second restart")
	everywhere()
	for _, r := range []*recorder{atAlice, atBob} {
		assert.Equal(t, want, messages(r))
	}
}

func TestMirrorRoomMessage(t *testing.T) {
	srv := newServer(t)
	mirrored(t, srv)
	seen := record(t, crvideo.Default())
	crvideo.SendMeetingCustomMsg("too early", 1)
	waitEvent(t, seen, "not logged in", func(e crvideo.SendMeetingCustomMsgRslt) bool {
		return e.Cookie == 1 && e.Code == crvideo.CodeNotLoggedIn
	})
	require.NoError(t, crvideo.Default().Login(testContext(t), loginParams("alice")))
	require.NoError(t, crvideo.Default().EnterMeeting(testContext(t), newRoom(t, crvideo.Default()).ID))
	got := make(chan crvideo.NotifyMeetingCustomMsg, 1)
	crvideo.OnNotifyMeetingCustomMsg(func(e crvideo.NotifyMeetingCustomMsg) { got <- e })
	t.Cleanup(func() { crvideo.OnNotifyMeetingCustomMsg(nil) })
	crvideo.SendMeetingCustomMsg("hello", "cookie")
	assert.Equal(t, crvideo.NotifyMeetingCustomMsg{UID: "alice", Msg: "hello"}, receive(t, got))
	seen.waitFor(t, crvideo.SendMeetingCustomMsgRslt{Cookie: "cookie"})
}
