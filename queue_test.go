package crvideo_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server"
)

func init() {
	verbs = append(verbs, []verb{
		{"InitQueueDat", false, func(ctx context.Context, c *crvideo.Client) error { return c.InitQueueDat(ctx) }},
		{"RefreshAllQueueStatus", false, func(ctx context.Context, c *crvideo.Client) error { return c.RefreshAllQueueStatus(ctx) }},
		{"GetQueueStatus", false, func(ctx context.Context, c *crvideo.Client) error { return second(c.GetQueueStatus(ctx, 1)) }},
		{"StartQueuing", false, func(ctx context.Context, c *crvideo.Client) error { return c.StartQueuing(ctx, 1, "") }},
		{"StopQueuing", false, func(ctx context.Context, c *crvideo.Client) error { return c.StopQueuing(ctx) }},
		{"StartService", false, func(ctx context.Context, c *crvideo.Client) error { return c.StartService(ctx, 1, 0) }},
		{"StopService", false, func(ctx context.Context, c *crvideo.Client) error { return c.StopService(ctx, 1) }},
		{"ReqAssignUser", false, func(ctx context.Context, c *crvideo.Client) error { return second(c.ReqAssignUser(ctx)) }},
		{"AcceptAssignUser", false, func(ctx context.Context, c *crvideo.Client) error { return c.AcceptAssignUser(ctx, 1, "x") }},
		{"RejectAssignUser", false, func(ctx context.Context, c *crvideo.Client) error { return c.RejectAssignUser(ctx, 1, "x") }},
	}...)
	maps.Copy(occasions, map[string]occasion{
		"AutoAssignUser":     saying(wire.NotifyAssigned, wire.QueueUser{ID: 1, UID: "bob"}),
		"QueuingInfoChanged": saying(wire.NotifyQueuingInfo, wire.QueuingInfo{ID: 1, Position: 1}),
		"QueueStatusChanged": saying(wire.NotifyQueueStatus, wire.QueueStatusResult{Status: []wire.QueueStatus{{ID: 1, Waiting: 1}}}),
	})
}

// callCentre is a server with two queues behind a network that can be hurt.
func callCentre(t *testing.T) (n *crvideotest.Network, join func(uid string) (*crvideo.Client, *recorder)) {
	srv := newServer(t, func(cfg *server.Config) {
		cfg.Queues = []server.Queue{{AppID: crvideotest.AppID, ID: 1, Prio: 1, Name: "sales", Desc: "who wants to buy"}, {AppID: crvideotest.AppID, ID: 2}}
	})
	n = srv.Network()
	return n, func(uid string) (*crvideo.Client, *recorder) {
		c := loggedIn(t, srv, uid, func(p *crvideo.SDKParams) { p.ServerAddr, p.NoMedia = n.URL(), true })
		return c, record(t, c)
	}
}

// next waits for the agent to have been offered somebody so many times.
func offers(t *testing.T, at *recorder, uid string, times int) {
	t.Helper()
	count := 0
	eventually(t, uid+" is offered", func() bool {
		count = 0
		for _, e := range at.all() {
			if o, ok := e.(crvideo.AutoAssignUser); ok && o.UID == uid {
				count++
			}
		}
		return count >= times
	})
	require.Equal(t, times, count)
}

// answers has an agent call a customer, who accepts.
func answersCall(t *testing.T, agent, customer *crvideo.Client, uid string, atCustomer, atAgent *recorder) string {
	t.Helper()
	id, err := agent.Call(testContext(t), uid, crvideo.MeetInfo{ID: 12345678, Password: "pass"}, "")
	require.NoError(t, err)
	waitEvent(t, atCustomer, "call", func(e crvideo.NotifyCallIn) bool { return e.CallID == id })
	require.NoError(t, customer.AcceptCall(testContext(t), id, crvideo.MeetInfo{}, ""))
	waitEvent(t, atAgent, "accepted", func(e crvideo.NotifyCallAccepted) bool { return e.CallID == id })
	return id
}

func TestQueue(t *testing.T) {
	_, join := callCentre(t)
	ctx := testContext(t)
	ann, atAnn := join("ann")
	bob, atBob := join("bob")
	cat, atCat := join("cat")
	assert.Empty(t, ann.GetAllQueueInfo())
	require.NoError(t, ann.InitQueueDat(ctx))
	assert.Equal(t, []crvideo.QueueInfo{{QueID: 2}, {QueID: 1, Prio: 1, Name: "sales", Desc: "who wants to buy"}}, ann.GetAllQueueInfo())
	require.NoError(t, bob.StartQueuing(ctx, 1, "about tea"))
	atBob.waitFor(t, crvideo.QueuingInfoChanged{QueuingInfo: crvideo.QueuingInfo{QueID: 1, Position: 1}})
	atAnn.waitFor(t, crvideo.QueueStatusChanged{QueStatus: crvideo.QueStatus{QueID: 1, WaitNum: 1}})
	require.NoError(t, cat.StartQueuing(ctx, 1, ""))
	waitEvent(t, atCat, "second", func(e crvideo.QueuingInfoChanged) bool { return e.QueID == 1 && e.Position == 2 })
	assert.Equal(t, 2, cat.GetQueuingInfo().Position)
	require.ErrorIs(t, cat.StartQueuing(ctx, 2, ""), crvideo.CodeInQueue)
	require.ErrorIs(t, cat.StartQueuing(ctx, 3, ""), crvideo.CodeBadQueue)
	require.ErrorIs(t, cat.StartQueuing(ctx, 1, strings.Repeat("x", 8193)), crvideo.CodeBadParameter)
	require.ErrorIs(t, ann.StartService(ctx, 1, -1), crvideo.CodeBadParameter)
	require.ErrorIs(t, second(ann.ReqAssignUser(ctx)), crvideo.CodeNotServing)

	require.NoError(t, ann.StartService(ctx, 2, 0))
	require.NoError(t, ann.StartService(ctx, 1, 0))
	assert.Equal(t, []int{1, 2}, ann.GetServingQueues())
	offer := waitEvent(t, atAnn, "bob", func(e crvideo.AutoAssignUser) bool { return e.UID == "bob" })
	offer.QueuingTime = 0
	assert.Equal(t, crvideo.QueUser{QueID: 1, UID: "bob", Nickname: "nick of bob", UsrExtDat: "about tea"}, offer.QueUser)
	require.ErrorIs(t, ann.AcceptAssignUser(ctx, 1, "cat"), crvideo.CodeUserCanceled)
	require.NoError(t, ann.AcceptAssignUser(ctx, 1, "bob"))
	waitEvent(t, atBob, "accepted", func(e crvideo.QueuingInfoChanged) bool { return e.QueID == 1 && e.Position == 0 })
	call := answersCall(t, ann, bob, "bob", atBob, atAnn)
	atBob.waitFor(t, crvideo.QueuingInfoChanged{})
	assert.Equal(t, crvideo.QueuingInfo{}, bob.GetQueuingInfo())
	assert.Equal(t, crvideo.SessionInfo{CallID: call, PeerID: "bob", PeerName: "nick of bob", CallAccepted: true, MeetingID: 12345678, MeetingPswd: "pass"}, ann.GetSessionInfo())
	assert.Equal(t, crvideo.SessionInfo{CallID: call, PeerID: "ann", PeerName: "nick of ann", CallAccepted: true, MeetingID: 12345678, MeetingPswd: "pass"}, bob.GetSessionInfo())
	status, err := cat.GetQueueStatus(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, crvideo.QueStatus{QueID: 1, AgentNum: 1, WaitNum: 1, SrvNum: 1}, status)
	require.NoError(t, bob.HangupCall(ctx, call, ""))
	assert.Equal(t, crvideo.SessionInfo{}, bob.GetSessionInfo())
	offers(t, atAnn, "cat", 1)

	require.NoError(t, cat.StopQueuing(ctx))
	atAnn.waitFor(t, crvideo.CancelAssignUser{QueID: 1, UID: "cat"})
	require.ErrorIs(t, ann.AcceptAssignUser(ctx, 1, "cat"), crvideo.CodeUserCanceled)
	require.ErrorIs(t, second(ann.ReqAssignUser(ctx)), crvideo.CodeNobodyWaits)
	require.NoError(t, ann.SetDNDStatus(ctx, 1))
	require.NoError(t, cat.StartQueuing(ctx, 1, "again"))
	user, err := ann.ReqAssignUser(ctx)
	require.NoError(t, err)
	assert.Equal(t, "again", user.UsrExtDat)
	require.ErrorIs(t, second(ann.ReqAssignUser(ctx)), crvideo.CodeInCall)
	require.NoError(t, ann.RejectAssignUser(ctx, 1, "cat"))
	offers(t, atAnn, "cat", 1)
	require.NoError(t, ann.StopService(ctx, 1))
	require.ErrorIs(t, ann.StopService(ctx, 1), crvideo.CodeNotServing)
	assert.Equal(t, []int{2}, ann.GetServingQueues())
	require.NoError(t, cat.RefreshAllQueueStatus(ctx))
	atCat.waitFor(t, crvideo.QueueStatusChanged{QueStatus: crvideo.QueStatus{QueID: 1, WaitNum: 1}})
	atCat.waitFor(t, crvideo.QueueStatusChanged{QueStatus: crvideo.QueStatus{QueID: 2, AgentNum: 1}})
}

// Whatever is cut, a customer is offered once, accepted once and served once.
func TestQueueThroughCuts(t *testing.T) {
	t.Parallel()
	n, join := callCentre(t)
	ctx := testContext(t)
	ann, atAnn := join("ann")
	bob, atBob := join("bob")
	require.NoError(t, ann.StartService(ctx, 1, 0))
	cuts := []func(crvideotest.Message) bool{
		crvideotest.Method(toServer, "startQueuing").Of("bob").Nth(1), crvideotest.Method(toClient, "startQueuing").Of("bob").Nth(1),
		crvideotest.Method(toClient, "assigned").Of("ann").Nth(1), crvideotest.Method(toClient, "queuingInfo").Of("bob").Nth(1),
		crvideotest.Method(toServer, "acceptAssign").Of("ann").Nth(1), crvideotest.Method(toClient, "acceptAssign").Of("ann").Nth(1),
		crvideotest.Method(toClient, "queuingInfo").Of("bob").Nth(2), crvideotest.Method(toServer, "call").Of("ann").Nth(1),
		crvideotest.Method(toClient, "callIn").Of("bob").Nth(1), crvideotest.Method(toClient, "queuingInfo").Of("bob").Nth(3),
		crvideotest.Method(toServer, "hangupCall").Of("ann").Nth(1), crvideotest.Method(toClient, "assignEnded").Of("ann").Nth(1),
	}
	for i, cut := range cuts {
		rule := n.CutAtMessage(cut)
		require.NoError(t, bob.StartQueuing(ctx, 1, ""))
		offers(t, atAnn, "bob", i+1)
		require.NoError(t, ann.AcceptAssignUser(ctx, 1, "bob"))
		id := answersCall(t, ann, bob, "bob", atBob, atAnn)
		require.NoError(t, ann.HangupCall(ctx, id, ""))
		atBob.waitFor(t, crvideo.NotifyCallHangup{CallID: id})
		wait(t, "cut", rule.Hit())
	}
	for _, e := range atAnn.all() {
		_, cancelled := e.(crvideo.CancelAssignUser)
		assert.False(t, cancelled)
	}
	outs := 0
	for _, e := range atBob.all() {
		if e == (crvideo.QueuingInfoChanged{}) {
			outs++
		}
	}
	assert.Equal(t, len(cuts), outs, "the wait has ended so often")
	status, err := bob.GetQueueStatus(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, crvideo.QueStatus{QueID: 1, AgentNum: 1}, status)
}

// An agent that is lost gives its customer back, who keeps its place; a customer that is lost is told to its agent.
func TestQueueWithoutASide(t *testing.T) {
	n, join := callCentre(t)
	ctx := testContext(t)
	ann, atAnn := join("ann")
	dan, atDan := join("dan")
	bob, _ := join("bob")
	cat, atCat := join("cat")
	require.NoError(t, ann.StartService(ctx, 1, 0))
	require.NoError(t, bob.StartQueuing(ctx, 1, ""))
	offers(t, atAnn, "bob", 1)
	require.NoError(t, cat.StartQueuing(ctx, 1, ""))
	require.NoError(t, ann.AcceptAssignUser(ctx, 1, "bob"))
	require.NoError(t, dan.StartService(ctx, 1, 1))
	offers(t, atDan, "cat", 1)
	require.NoError(t, ann.Logout(ctx))
	require.NoError(t, dan.RejectAssignUser(ctx, 1, "cat"))
	offers(t, atDan, "bob", 1)
	require.NoError(t, bob.Close())
	atDan.waitFor(t, crvideo.CancelAssignUser{QueID: 1, UID: "bob"})
	assert.Equal(t, 1, cat.GetQueuingInfo().QueID)
	waitEvent(t, atCat, "first", func(e crvideo.QueuingInfoChanged) bool { return e.Position == 1 })
	assert.Zero(t, n.Cut("nobody"))
}

// A wait that is given up before it is known of does not go on, nor does a customer stay with an agent who has given up.
func TestQueueVerbsGivenUp(t *testing.T) {
	n, join := callCentre(t)
	ctx := testContext(t)
	ann, _ := join("ann")
	bob, _ := join("bob")
	givenUp := func(uid, method, back string, call func(context.Context) error) {
		held := n.HoldMessage(crvideotest.Method(toClient, method).Of(uid).Nth(1))
		takenBack := n.WatchMessage(crvideotest.Method(toClient, back).Of(uid).Nth(1))
		ctx, giveUp := context.WithCancel(testContext(t))
		defer giveUp()
		go func() { <-held.Hit(); giveUp() }()
		require.ErrorIs(t, call(ctx), context.Canceled)
		if back != "" {
			<-takenBack.Hit() // before the answer of what it takes back
		}
		held.Release()
	}
	waits := func(queue, agents, waiting, serving int) {
		eventually(t, "status", func() bool {
			s, err := bob.GetQueueStatus(ctx, queue)
			return err == nil && s == crvideo.QueStatus{QueID: queue, AgentNum: agents, WaitNum: waiting, SrvNum: serving}
		})
	}
	givenUp("bob", "startQueuing", "stopQueuing", func(ctx context.Context) error { return bob.StartQueuing(ctx, 1, "") })
	waits(1, 0, 0, 0)
	assert.Zero(t, bob.GetQueuingInfo())
	givenUp("ann", "startService", "stopService", func(ctx context.Context) error { return ann.StartService(ctx, 1, 0) })
	waits(1, 0, 0, 0)
	eventually(t, "ann knows, too", func() bool { return len(ann.GetServingQueues()) == 0 })
	require.NoError(t, ann.SetDNDStatus(ctx, 1))
	require.NoError(t, ann.StartService(ctx, 1, 0))
	require.NoError(t, bob.StartQueuing(ctx, 1, ""))
	givenUp("ann", "reqAssign", "", func(ctx context.Context) error { return second(ann.ReqAssignUser(ctx)) })
	waits(1, 1, 1, 0)
}

// After a restart who waited waits on, with the time that it has waited; agents serve on; a call with a customer goes on; who was
// only offered is given back.
func TestQueueAfterARestart(t *testing.T) {
	n, join := callCentre(t)
	ctx := testContext(t)
	ann, atAnn := join("ann")
	dan, atDan := join("dan")
	bob, atBob := join("bob")
	cat, _ := join("cat")
	eve, _ := join("eve")
	require.NoError(t, eve.InitQueueDat(ctx))
	require.NoError(t, ann.StartService(ctx, 1, 0))
	require.NoError(t, ann.StartService(ctx, 2, 5))
	require.NoError(t, bob.StartQueuing(ctx, 1, "data of bob"))
	offers(t, atAnn, "bob", 1)
	id := answersCall(t, ann, bob, "bob", atBob, atAnn)
	require.NoError(t, cat.StartQueuing(ctx, 1, "data of cat"))
	require.NoError(t, dan.StartService(ctx, 1, 0))
	offers(t, atDan, "cat", 1)
	require.NoError(t, eve.StartQueuing(ctx, 1, ""))
	eventually(t, "time goes by", func() bool { return cat.GetQueuingInfo().QueuingTime >= 2 })

	for round := range 2 {
		n.RestartFresh(100 * time.Millisecond)
		eventually(t, "everything is as it was", func() bool {
			s, err := bob.GetQueueStatus(ctx, 1)
			return err == nil && s == crvideo.QueStatus{QueID: 1, AgentNum: 2, WaitNum: 2, SrvNum: 1}
		})
		offers(t, atDan, "cat", round+2)
	}
	var cancelled int
	for _, e := range atDan.all() {
		switch e := e.(type) {
		case crvideo.CancelAssignUser:
			cancelled++
		case crvideo.AutoAssignUser:
			assert.Equal(t, "cat", e.UID, "who has waited longest")
			assert.Equal(t, "data of cat", e.UsrExtDat)
			if cancelled > 0 {
				assert.GreaterOrEqual(t, e.QueuingTime, 2)
			}
		}
	}
	assert.Equal(t, 2, cancelled)
	assert.Equal(t, []int{1, 2}, ann.GetServingQueues())
	assert.Equal(t, id, bob.GetSessionInfo().CallID)
	require.NoError(t, bob.HangupCall(ctx, id, ""))
	offers(t, atAnn, "eve", 1)
	require.NoError(t, ann.AcceptAssignUser(ctx, 1, "eve"))
	require.NoError(t, dan.AcceptAssignUser(ctx, 1, "cat"))
	for _, e := range atAnn.all() {
		_, cancelled := e.(crvideo.CancelAssignUser)
		assert.False(t, cancelled)
	}
}

func TestMirrorQueues(t *testing.T) {
	srv := newServer(t, func(cfg *server.Config) {
		cfg.Queues = []server.Queue{{AppID: crvideotest.AppID, ID: 1, Name: "sales"}}
	})
	mirrored(t, srv)
	seen := record(t, crvideo.Default())
	crvideo.InitQueueDat(1)
	waitEvent(t, seen, "not logged in", func(e crvideo.InitQueueDatRslt) bool { return e.Cookie == 1 && e.Code == crvideo.CodeNotLoggedIn })
	require.NoError(t, crvideo.Default().Login(testContext(t), loginParams("alice")))
	bob := loggedIn(t, srv, "bob")
	ctx := testContext(t)
	crvideo.InitQueueDat(2)
	seen.waitFor(t, crvideo.InitQueueDatRslt{Cookie: 2})
	assert.Equal(t, []crvideo.QueueInfo{{QueID: 1, Name: "sales"}}, crvideo.GetAllQueueInfo())
	crvideo.GetQueueStatus(1, 3)
	seen.waitFor(t, crvideo.GetQueueStatusRslt{QueStatus: crvideo.QueStatus{QueID: 1}, Cookie: 3})
	crvideo.GetQueueStatus(7, 4)
	waitEvent(t, seen, "no queue", func(e crvideo.GetQueueStatusRslt) bool { return e.Cookie == 4 && e.Code == crvideo.CodeBadQueue })
	crvideo.RefreshAllQueueStatus(false)
	seen.waitFor(t, crvideo.QueueStatusChanged{QueStatus: crvideo.QueStatus{QueID: 1}})
	crvideo.StartService(1, 0, 5)
	seen.waitFor(t, crvideo.StartServiceRslt{QueID: 1, Cookie: 5})
	assert.Equal(t, []int{1}, crvideo.GetServingQueues())
	crvideo.ReqAssignUser(6)
	waitEvent(t, seen, "nobody", func(e crvideo.ReqAssignUserRslt) bool { return e.Cookie == 6 && e.Code == crvideo.CodeNobodyWaits })
	require.NoError(t, bob.StartQueuing(ctx, 1, "x"))
	waitEvent(t, seen, "bob", func(e crvideo.AutoAssignUser) bool { return e.UID == "bob" })
	crvideo.AcceptAssignUser(1, "bob", 7)
	seen.waitFor(t, crvideo.ResponseAssignUserRslt{Cookie: 7})
	crvideo.RejectAssignUser(1, "bob", 8)
	seen.waitFor(t, crvideo.ResponseAssignUserRslt{Cookie: 8})
	crvideo.AcceptAssignUser(1, "bob", 9)
	waitEvent(t, seen, "cancelled", func(e crvideo.ResponseAssignUserRslt) bool {
		return e.Cookie == 9 && e.Code == crvideo.CodeUserCanceled
	})
	crvideo.ReqAssignUser(10)
	waitEvent(t, seen, "bob", func(e crvideo.ReqAssignUserRslt) bool { return e.Cookie == 10 && e.QueUser.UID == "bob" && e.Code == 0 })
	assert.Equal(t, crvideo.SessionInfo{}, crvideo.GetSessionInfo())
	crvideo.StopService(1, 11)
	seen.waitFor(t, crvideo.StopServiceRslt{QueID: 1, Cookie: 11})
	crvideo.StopService(1, 12)
	waitEvent(t, seen, "no service", func(e crvideo.StopServiceRslt) bool { return e.Cookie == 12 && e.Code == crvideo.CodeNotServing })
	crvideo.StartQueuing(1, "", 13)
	seen.waitFor(t, crvideo.StartQueuingRslt{Cookie: 13})
	waitEvent(t, seen, "place", func(e crvideo.QueuingInfoChanged) bool { return e.Position == 1 })
	assert.Equal(t, 1, crvideo.GetQueuingInfo().Position)
	crvideo.StopQueuing(14)
	seen.waitFor(t, crvideo.StopQueuingRslt{Cookie: 14})
	crvideo.StartQueuing(7, "", 15)
	waitEvent(t, seen, "no queue", func(e crvideo.StartQueuingRslt) bool { return e.Cookie == 15 && e.Code == crvideo.CodeBadQueue })
}
