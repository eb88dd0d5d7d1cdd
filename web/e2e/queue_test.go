//go:build browser

package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

func withQueues(cfg *server.Config) {
	cfg.AllowedOrigins = []string{"*"} // the page may come through a network
	cfg.Queues = []server.Queue{{AppID: server.DemoApp, ID: 1, Prio: 3, Name: "sales"}, {AppID: server.DemoApp, ID: 2, Desc: "urgent"}}
}

// status is an answered call's numbers of a queue.
func status(queue, agents, waiting, serving int) object {
	return object{"queID": float64(queue), "agent_num": float64(agents), "wait_num": float64(waiting), "srv_num": float64(serving)}
}

// TestQueueOfAPage: a page is served by a Go agent.
func TestQueueOfAPage(t *testing.T) {
	srv := crvideotest.NewServer(t, withQueues)
	ann := goClient(t, srv, "ann")
	ctx := testContext(t)
	offers, accepted := to(ann.OnAutoAssignUser), to(ann.OnNotifyCallAccepted)
	tab := scripted(t, chromiumtest.Start(t), srv, "grace", srv.Addr().String())
	succeeds(t, tab, "InitQueueDat")
	var list []object
	tab.Eval(t, `sdk.CRVideo_GetAllQueueInfo()`, &list)
	assert.Equal(t, []object{{"queID": 2.0, "prio": 0.0, "name": "", "desc": "urgent"}, {"queID": 1.0, "prio": 3.0, "name": "sales", "desc": ""}}, list)
	succeeds(t, tab, "StartQueuing", 1, "about tea")
	place := told(t, tab, "QueuingInfoChanged")[0].(object)
	assert.Equal(t, []any{1.0, 1.0}, []any{place["queID"], place["position"]})
	assert.Equal(t, []any{status(1, 0, 1, 0)}, told(t, tab, "QueueStatusChanged"))
	assert.Equal(t, crvideo.CodeInQueue, code(t, tab, "StartQueuing", 2, ""))
	assert.Equal(t, crvideo.CodeBadQueue, code(t, tab, "StartQueuing", 7, ""))
	require.NoError(t, ann.StartService(ctx, 1, 0))
	offer := heard(t, offers)
	assert.Equal(t, []any{1, "grace", "about tea"}, []any{offer.QueID, offer.UID, offer.UsrExtDat})
	require.NoError(t, ann.AcceptAssignUser(ctx, 1, "grace"))
	assert.Zero(t, told(t, tab, "QueuingInfoChanged")[0].(object)["position"])
	_, err := ann.Call(ctx, "grace", crvideo.MeetInfo{ID: 12345678, Password: "p"}, "")
	require.NoError(t, err)
	id := told(t, tab, "NotifyCallIn")[0]
	succeeds(t, tab, "AcceptCall", id, nil, "")
	heard(t, accepted)
	assert.Equal(t, object{"queID": 0.0, "position": 0.0, "queuingTime": 0.0}, told(t, tab, "QueuingInfoChanged")[0])
	var session object
	tab.Eval(t, `sdk.CRVideo_GetSessionInfo()`, &session)
	session["duration"] = 0.0
	assert.Equal(t, object{"callID": id, "peerID": "ann", "peerName": "ann", "bCallAccepted": 1.0, "meetingID": 12345678.0, "meetingPswd": "p", "duration": 0.0}, session)
	_, got := asks(t, tab, "GetQueueStatus", 1)
	assert.Equal(t, []any{status(1, 1, 0, 1), 0.0}, got)
	assert.Equal(t, crvideo.CodeBadQueue, code(t, tab, "GetQueueStatus", 7))
	succeeds(t, tab, "HangupCall", id, "")
	succeeds(t, tab, "StartQueuing", 2, "")
	succeeds(t, tab, "StopQueuing")
	tab.Eval(t, `(seen.length = 0, sdk.CRVideo_RefreshAllQueueStatus(true))`, nil)
	assert.Equal(t, []any{status(2, 0, 0, 0)}, told(t, tab, "QueueStatusChanged"))
}

// TestAgentIsAPage: a page serves Go customers, and goes on after a restart of the server.
func TestAgentIsAPage(t *testing.T) {
	srv := crvideotest.NewServer(t, withQueues)
	n := srv.Network()
	ctx := testContext(t)
	bob, cat := goClient(t, srv, "bob", through(n)), goClient(t, srv, "cat", through(n))
	in, hungUp := to(bob.OnNotifyCallIn), to(bob.OnNotifyCallHangup)
	tab := scripted(t, chromiumtest.Start(t), srv, "grace", n.URL())
	_, got := asks(t, tab, "ReqAssignUser")
	assert.Equal(t, []any{403.0, nil}, got)
	require.NoError(t, bob.StartQueuing(ctx, 1, "tea"))
	_, got = asks(t, tab, "StartService", 1, 4)
	assert.Equal(t, []any{1.0, 0.0}, got)
	offer := told(t, tab, "AutoAssignUser")[0].(object)
	assert.Equal(t, []any{1.0, "bob", "bob", "tea"}, []any{offer["queID"], offer["UID"], offer["nickname"], offer["usrExtDat"]})
	assert.Equal(t, crvideo.CodeUserCanceled, code(t, tab, "AcceptAssignUser", 1, "cat"))
	succeeds(t, tab, "RejectAssignUser", 1, "bob")
	_, got = asks(t, tab, "ReqAssignUser")
	assert.Equal(t, "bob", got[1].(object)["UID"])
	require.NoError(t, bob.StopQueuing(ctx))
	assert.Equal(t, []any{1.0, "bob"}, told(t, tab, "CancelAssignUser"))
	require.NoError(t, bob.StartQueuing(ctx, 1, ""))
	told(t, tab, "AutoAssignUser")
	succeeds(t, tab, "AcceptAssignUser", 1, "bob")
	id := succeeds(t, tab, "Call", "bob", nil, "")[0].(string)
	require.NoError(t, bob.AcceptCall(ctx, heard(t, in).CallID, crvideo.MeetInfo{}, ""))
	told(t, tab, "NotifyCallAccepted")
	require.NoError(t, cat.StartQueuing(ctx, 1, ""))

	n.RestartFresh(100 * time.Millisecond)
	require.Eventually(t, func() bool {
		s, err := cat.GetQueueStatus(ctx, 1)
		u, err2 := cat.GetOneUserStatus(ctx, "bob")
		return err == nil && err2 == nil && s == crvideo.QueStatus{QueID: 1, AgentNum: 1, WaitNum: 1, SrvNum: 1} && u.UserStatus == crvideo.UserBusy
	}, chromiumtest.Patience, poll, "as it was")
	succeeds(t, tab, "HangupCall", id, "")
	heard(t, hungUp)
	assert.Equal(t, "cat", told(t, tab, "AutoAssignUser")[0].(object)["UID"])
	n.RestartFresh(100 * time.Millisecond)
	assert.Equal(t, []any{1.0, "cat"}, told(t, tab, "CancelAssignUser"))
	assert.Equal(t, "cat", told(t, tab, "AutoAssignUser")[0].(object)["UID"])
	_, got = asks(t, tab, "StopService", 1)
	assert.Equal(t, []any{1.0, 0.0}, got)
	var serves []int
	tab.Eval(t, `sdk.CRVideo_GetServingQueues()`, &serves)
	assert.Empty(t, serves)
}
