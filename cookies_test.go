package crvideo_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

// cookieJar counts what came back.
type cookieJar struct {
	mu   sync.Mutex
	back map[int]int
}

func (j *cookieJar) take(cookie any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.back[cookie.(int)]++
}

// Whatever is called in whatever state, while the connection breaks and the client ends: each call ends with its one
// event and its cookie, and none comes after Done.
func TestEveryCallEndsOnceInAStorm(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	srv := newServer(t)
	n := srv.Network()
	rooms := []int64{newRoom(t, loggedIn(t, srv, "owner")).ID, 10000001, 1}
	mirrored(t, nil)
	jar := &cookieJar{back: map[int]int{}}
	crvideo.OnLoginSuccess(func(e crvideo.LoginSuccess) { jar.take(e.Cookie) })
	crvideo.OnLoginFail(func(e crvideo.LoginFail) { jar.take(e.Cookie) })
	crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) { jar.take(e.Cookie) })
	crvideo.OnCreateMeetingFail(func(e crvideo.CreateMeetingFail) { jar.take(e.Cookie) })
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) { jar.take(e.Cookie) })
	crvideo.OnDestroyMeetingRslt(func(e crvideo.DestroyMeetingRslt) { jar.take(e.Cookie) })

	cookie := 0
	for range 4 { // lives of the default client
		require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: n.URL(), AllowSynthetic: true}))
		done := crvideo.Default().Done()
		for range 150 {
			next := func() int { cookie++; return cookie }
			switch random.IntN(12) {
			case 0, 1, 2:
				mirrorLogin("alice", next())
			case 3, 4:
				crvideo.CreateMeeting2(next())
			case 5, 6, 7:
				crvideo.EnterMeeting(rooms[random.IntN(len(rooms))], next())
			case 8:
				crvideo.DestroyMeeting(rooms[1+random.IntN(2)], next())
			case 9:
				crvideo.ExitMeeting()
			case 10:
				if random.IntN(3) == 0 {
					crvideo.Logout()
				}
			case 11:
				n.Cut("alice")
			}
			time.Sleep(time.Duration(random.IntN(3)) * time.Millisecond) // the pace of the storm
		}
		crvideo.Uninit()
		receive(t, done)
		jar.mu.Lock()
		require.Len(t, jar.back, cookie, "cookies that came back by the time of Done")
		for which, times := range jar.back {
			require.Equal(t, 1, times, "cookie %d", which)
		}
		jar.mu.Unlock()
	}
}
