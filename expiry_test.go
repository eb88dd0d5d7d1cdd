package crvideo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// expiring is a client whose token ends soon, in two seconds at most, behind a network.
type expiring struct {
	*crvideo.Client
	srv  *crvideotest.Server
	n    *crvideotest.Network
	seen *recorder
	room crvideo.MeetInfo // of somebody else
}

// newExpiring makes a client that has not logged in yet.
func newExpiring(t *testing.T) expiring {
	srv := newServer(t)
	n := srv.Network()
	owner := loggedIn(t, srv, "owner")
	room := newRoom(t, owner)
	c := newClient(t, srv, func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() })
	return expiring{c, srv, n, record(t, c), room}
}

func (e expiring) login(t *testing.T) <-chan error { return e.loginFor(t, 2*time.Second) }

func (e expiring) loginFor(t *testing.T, life time.Duration) <-chan error {
	p := crvideo.LoginParams{Token: mint(t, "alice", life), UID: "alice", Nickname: "a"}
	return inBackground(func() error { return e.Login(testContext(t), p) })
}

// requireExpired wants the login to end because of the token.
func (e expiring) requireExpired(t *testing.T) {
	t.Helper()
	e.seen.waitFor(t, crvideo.LineOff{Code: crvideo.CodeTokenExpired})
	assert.Empty(t, e.UID())
	assert.Empty(t, e.GetAllMembers())
	for i, event := range e.seen.all() {
		if _, off := event.(crvideo.LineOff); off {
			assert.Equal(t, i, len(e.seen.all())-1, "it is the last event, and the only one of its kind")
		}
	}
}

// The token's end is the login's end in every state, and tells so.
func TestTokenExpiresInEveryState(t *testing.T) {
	for name, test := range map[string]func(*testing.T, expiring){
		"logging in, before the server knows": func(t *testing.T, e expiring) {
			held := e.n.HoldMessage(crvideotest.Method(toServer, "login").Of("alice"))
			end := e.login(t)
			wait(t, "login", held.Hit())
			<-time.After(2 * time.Second) // the token's life
			held.Release()
			assert.ErrorIs(t, receive(t, end), crvideo.CodeTokenExpired)
		},
		"logging in, before the answer": func(t *testing.T, e expiring) {
			e.n.Delay(toClient, 1900*time.Millisecond) // first the connection's own answer, then that of the login
			require.NoError(t, receive(t, e.loginFor(t, 3500*time.Millisecond)), "it was logged in for a while")
			e.requireExpired(t)
		},
		"logged in": func(t *testing.T, e expiring) {
			require.NoError(t, receive(t, e.login(t)))
			e.requireExpired(t)
		},
		"entering": func(t *testing.T, e expiring) {
			require.NoError(t, receive(t, e.login(t)))
			e.n.DropMessage(crvideotest.Method(toClient, "enterMeeting"))
			assert.ErrorIs(t, e.EnterMeeting(testContext(t), e.room.ID), crvideo.CodeTokenExpired)
			e.requireExpired(t)
		},
		"in the room": func(t *testing.T, e expiring) {
			require.NoError(t, receive(t, e.login(t)))
			require.NoError(t, e.EnterMeeting(testContext(t), e.room.ID))
			require.NoError(t, e.OpenMic(testContext(t), ""))
			e.requireExpired(t)
		},
		"during a cut": func(t *testing.T, e expiring) {
			require.NoError(t, receive(t, e.login(t)))
			require.NoError(t, e.EnterMeeting(testContext(t), e.room.ID))
			e.n.RefuseConnections(true)
			e.n.Cut("alice")
			<-time.After(2 * time.Second)
			e.n.RefuseConnections(false)
			e.requireExpired(t)
		},
		"during a restart without memory": func(t *testing.T, e expiring) {
			require.NoError(t, receive(t, e.login(t)))
			require.NoError(t, e.EnterMeeting(testContext(t), e.room.ID))
			e.n.RestartFresh(2 * time.Second)
			e.requireExpired(t)
		},
		"being restored": func(t *testing.T, e expiring) {
			require.NoError(t, receive(t, e.loginFor(t, 4*time.Second)))
			require.NoError(t, e.EnterMeeting(testContext(t), e.room.ID))
			asked := e.n.DropMessage(crvideotest.Method(toServer, "enterMeeting").Of("alice"))
			e.n.RestartFresh(0)
			wait(t, "the request to enter again", asked.Hit())
			e.requireExpired(t)
		},
		"leaving": func(t *testing.T, e expiring) {
			require.NoError(t, receive(t, e.login(t)))
			require.NoError(t, e.EnterMeeting(testContext(t), e.room.ID))
			e.n.DropMessage(crvideotest.Method(toClient, "exitMeeting"))
			require.NoError(t, e.ExitMeeting(testContext(t)), "which waits for no answer")
			e.requireExpired(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newExpiring(t))
		})
	}
}

// The warning comes 30 s before the end, not at once.
func TestTokenWarningComesInTime(t *testing.T) {
	t.Parallel()
	c := newClient(t, newServer(t))
	seen := record(t, c)
	end := time.Now().Add(32 * time.Second).Truncate(time.Second)
	require.NoError(t, c.Login(testContext(t), crvideo.LoginParams{Token: mint(t, "alice", time.Until(end)), UID: "alice", Nickname: "a"}))
	seen.waitFor(t, crvideo.NotifyTokenWillExpire{})
	assert.InDelta(t, 30, time.Until(end).Seconds(), 0.9)
}

// A token that is replaced interrupts nothing: not the call, and not when the connection is lost meanwhile.
func TestUpdateTokenDuringACut(t *testing.T) {
	t.Parallel()
	e := newExpiring(t)
	bob := entered(t, e.srv, "bob", e.room.ID)
	const life = 15 * time.Second // far more than a busy machine needs to come back in
	end := time.Now().Add(life)
	require.NoError(t, receive(t, e.loginFor(t, life)))
	require.NoError(t, e.EnterMeeting(testContext(t), e.room.ID))
	openBoth(t, e.Client)
	eventually(t, "alice at bob", func() bool { return bob.IsUserInMeeting("alice") })
	e.n.RefuseConnections(true)
	e.n.Cut("alice")
	updated := inBackground(func() error { return e.UpdateToken(testContext(t), mint(t, "alice", time.Hour)) })
	require.NoError(t, requireHears(testContext(t), bob, "alice"))
	e.n.RefuseConnections(false)
	require.NoError(t, receive(t, updated))
	<-time.After(time.Until(end)) // of the first token
	require.NoError(t, requireSees(testContext(t), bob, "alice"))
	assert.Equal(t, "alice", e.UID())
	for _, event := range e.seen.all() {
		assert.IsNotType(t, crvideo.LineOff{}, event)
	}
}

// Who mints tokens may have a clock that is 5 minutes off in either direction; the client's own clock matters nowhere.
func TestClockSkew(t *testing.T) {
	srv := newServer(t)
	for name, skew := range map[string]time.Duration{"minter is behind": -5 * time.Minute, "minter is ahead": 5 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, srv)
			seen := record(t, c)
			login := func(life time.Duration) error {
				return c.Login(testContext(t), crvideo.LoginParams{Token: mint(t, "alice", skew+life), UID: "alice", Nickname: "a"})
			}
			require.NoError(t, login(time.Hour))
			require.NoError(t, c.EnterMeeting(testContext(t), newRoom(t, c).ID))
			require.NoError(t, c.UpdateToken(testContext(t), mint(t, "alice", skew+2*time.Hour)))
			require.NoError(t, c.Logout(testContext(t)))
			if skew < 0 {
				assert.ErrorIs(t, login(-skew-time.Second), crvideo.CodeTokenExpired, "a life as short as the skew")
			}
			for _, event := range seen.all() {
				assert.IsNotType(t, crvideo.NotifyTokenWillExpire{}, event)
			}
		})
	}
}
