package crvideo_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
)

// Whatever an agent or customer calls, while assignments come and go and connections break in the middle of them: each call
// ends with its one event and its cookie.
func TestQueueCallsEndOnceInAStorm(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	srv := newServer(t, func(cfg *server.Config) {
		cfg.Queues = []server.Queue{{AppID: crvideotest.AppID, ID: 1}, {AppID: crvideotest.AppID, ID: 2}}
	})
	n := srv.Network()
	through := func(p *crvideo.SDKParams) { p.ServerAddr, p.NoMedia = n.URL(), true }
	mirrored(t, nil)
	jar := &cookieJar{back: map[int]int{}}
	crvideo.OnInitQueueDatRslt(func(e crvideo.InitQueueDatRslt) { jar.take(e.Cookie) })
	crvideo.OnGetQueueStatusRslt(func(e crvideo.GetQueueStatusRslt) { jar.take(e.Cookie) })
	crvideo.OnStartQueuingRslt(func(e crvideo.StartQueuingRslt) { jar.take(e.Cookie) })
	crvideo.OnStopQueuingRslt(func(e crvideo.StopQueuingRslt) { jar.take(e.Cookie) })
	crvideo.OnStartServiceRslt(func(e crvideo.StartServiceRslt) { jar.take(e.Cookie) })
	crvideo.OnStopServiceRslt(func(e crvideo.StopServiceRslt) { jar.take(e.Cookie) })
	crvideo.OnReqAssignUserRslt(func(e crvideo.ReqAssignUserRslt) { jar.take(e.Cookie) })
	crvideo.OnResponseAssignUserRslt(func(e crvideo.ResponseAssignUserRslt) { jar.take(e.Cookie) })
	cut := make(chan int, 1)
	crvideo.OnAutoAssignUser(func(e crvideo.AutoAssignUser) {
		select {
		case cut <- n.Cut("agent", e.UID):
		default:
			n.Cut("agent", e.UID)
		}
	})
	defer func() {
		crvideo.OnInitQueueDatRslt(nil)
		crvideo.OnGetQueueStatusRslt(nil)
		crvideo.OnStartQueuingRslt(nil)
		crvideo.OnStopQueuingRslt(nil)
		crvideo.OnStartServiceRslt(nil)
		crvideo.OnStopServiceRslt(nil)
		crvideo.OnReqAssignUserRslt(nil)
		crvideo.OnResponseAssignUserRslt(nil)
		crvideo.OnAutoAssignUser(nil)
	}()
	customers := []string{"bob", "cat", "dan"}
	for _, uid := range customers {
		c := loggedIn(t, srv, uid, through)
		c.OnQueuingInfoChanged(func(e crvideo.QueuingInfoChanged) {
			if e.QueID != 0 && e.Position == 0 {
				_ = c.StopQueuing(context.Background())
				_ = c.StartQueuing(context.Background(), e.QueID, "")
			}
		})
		require.NoError(t, c.StartQueuing(testContext(t), 1+random.IntN(2), ""))
	}
	require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: n.URL(), NoMedia: true}))
	require.NoError(t, crvideo.Default().Login(testContext(t), loginParams("agent")))
	done, cookie := crvideo.Default().Done(), 2
	crvideo.StartService(1, 0, 1)
	crvideo.StartService(2, 0, 2)
	require.Positive(t, receive(t, cut), "there are assignments, and they are cut")
	for step := range 400 {
		cookie++
		queue, uid := 1+random.IntN(3), customers[random.IntN(len(customers))]
		switch random.IntN(12) {
		case 0:
			crvideo.InitQueueDat(cookie)
		case 1:
			crvideo.GetQueueStatus(queue, cookie)
		case 2:
			crvideo.StartQueuing(queue, "", cookie)
		case 3:
			crvideo.StopQueuing(cookie)
		case 4, 5:
			crvideo.StartService(queue, random.IntN(3)-1, cookie)
		case 6:
			crvideo.StopService(queue, cookie)
		case 7:
			crvideo.ReqAssignUser(cookie)
		case 8, 9:
			crvideo.AcceptAssignUser(queue, uid, cookie)
		case 10:
			crvideo.RejectAssignUser(queue, uid, cookie)
		case 11:
			crvideo.StopQueuing(cookie)
			if step > 250 && random.IntN(4) == 0 {
				n.RestartFresh(0)
			} else {
				n.Cut(uid)
			}
		}
		time.Sleep(time.Duration(random.IntN(3)) * time.Millisecond) // the pace of the storm
	}
	crvideo.Uninit()
	receive(t, done)
	jar.mu.Lock()
	defer jar.mu.Unlock()
	require.Len(t, jar.back, cookie, "cookies that came back by the time of Done")
	for which, times := range jar.back {
		require.Equal(t, 1, times, "cookie %d", which)
	}
}
