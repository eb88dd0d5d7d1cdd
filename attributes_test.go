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

type kv = map[string]string

var loudly = crvideo.MeetingAttrOptions{NotifyAll: true}

// valuesOf leaves out who changed what when.
func valuesOf(attrs crvideo.MeetingAttrs) kv {
	values := kv{}
	for key, a := range attrs {
		values[key] = a.Value
	}
	return values
}

func allAttrs(t *testing.T, c *crvideo.Client) kv {
	t.Helper()
	attrs, err := c.GetMeetingAllAttrs(testContext(t))
	require.NoError(t, err)
	return valuesOf(attrs)
}

func TestMeetingAttributes(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ctx := testContext(t)
	atAlice, atBob := record(t, alice), record(t, bob)
	require.NoError(t, alice.SetMeetingAttrs(ctx, kv{"topic": "tea", "phase": "1"}, loudly))
	for _, seen := range []*recorder{atAlice, atBob} {
		e := waitEvent(t, seen, "adds", func(crvideo.NotifyMeetingAttrsChanged) bool { return true })
		assert.Equal(t, kv{"topic": "tea", "phase": "1"}, valuesOf(e.Adds))
		assert.Equal(t, "alice", e.Adds["topic"].LastModifyUserID)
		assert.InDelta(t, time.Now().Unix(), e.Adds["topic"].LastModifyTs, 60)
	}
	require.NoError(t, bob.AddOrUpdateMeetingAttrs(ctx, kv{"phase": "2", "place": "hall"}, loudly))
	e := waitEvent(t, atAlice, "updates", func(e crvideo.NotifyMeetingAttrsChanged) bool { return len(e.Updates) > 0 })
	assert.Equal(t, kv{"phase": "2"}, valuesOf(e.Updates))
	assert.Equal(t, kv{"place": "hall"}, valuesOf(e.Adds))
	require.NoError(t, alice.DelMeetingAttrs(ctx, []string{"topic", "nothing"}, loudly))
	e = waitEvent(t, atBob, "deletes", func(e crvideo.NotifyMeetingAttrsChanged) bool { return len(e.DelKeys) > 0 })
	assert.Equal(t, []string{"topic"}, e.DelKeys)
	some, err := bob.GetMeetingAttrs(ctx, "place", "topic")
	require.NoError(t, err)
	assert.Equal(t, kv{"place": "hall"}, valuesOf(some))
	none, err := bob.GetMeetingAttrs(ctx)
	require.NoError(t, err)
	assert.Empty(t, none)
	require.NoError(t, alice.ClearMeetingAttrs(ctx, crvideo.MeetingAttrOptions{}))
	assert.Empty(t, allAttrs(t, bob))
	assert.Len(t, relevant(atBob), 3, "nobody is told unless it is wanted")

	assert.ErrorIs(t, alice.SetMeetingAttrs(ctx, kv{"": "x"}, loudly), crvideo.CodeBadParameter)
	assert.ErrorIs(t, alice.SetMeetingAttrs(ctx, kv{"k": strings.Repeat("x", 8193)}, loudly), crvideo.CodeBadParameter)
	assert.ErrorIs(t, alice.DelMeetingAttrs(ctx, []string{strings.Repeat("x", 65)}, loudly), crvideo.CodeBadParameter)
	_, err = alice.GetMeetingAttrs(ctx, "")
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
}

func TestUserAttributes(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	ctx := testContext(t)
	seen := record(t, bob)
	require.NoError(t, alice.SetUserAttrs(ctx, "alice", kv{"hand": "up", "seat": "1"}, loudly))
	require.NoError(t, alice.AddOrUpdateUserAttrs(ctx, "bob", kv{"seat": "2"}, loudly))
	require.NoError(t, alice.DelUserAttrs(ctx, "alice", []string{"hand"}, loudly))
	e := waitEvent(t, seen, "deletes", func(e crvideo.NotifyUserAttrsChanged) bool { return len(e.DelKeys) > 0 })
	assert.Equal(t, "alice", e.UID)
	assert.Equal(t, "bob", relevant(seen)[1].(crvideo.NotifyUserAttrsChanged).UID)
	got, err := bob.GetUserAttrs(ctx, []string{"alice", "bob", "nobody"}, nil)
	require.NoError(t, err)
	assert.Len(t, got, 2)
	assert.Equal(t, kv{"seat": "1"}, valuesOf(got["alice"]))
	got, err = bob.GetUserAttrs(ctx, []string{"bob"}, []string{"seat", "hand"})
	require.NoError(t, err)
	assert.Equal(t, kv{"seat": "2"}, valuesOf(got["bob"]))
	require.NoError(t, bob.ClearUserAttrs(ctx, []string{"alice"}, loudly))
	require.NoError(t, bob.ClearAllUserAttrs(ctx, loudly))
	got, err = alice.GetUserAttrs(ctx, []string{"alice", "bob"}, nil)
	require.NoError(t, err)
	assert.Empty(t, got)
	assert.ErrorIs(t, bob.SetUserAttrs(ctx, "", kv{"k": "v"}, loudly), crvideo.CodeBadParameter)
	assert.ErrorIs(t, bob.ClearUserAttrs(ctx, nil, loudly), crvideo.CodeBadParameter)
	assert.ErrorIs(t, bob.SetUserAttrs(ctx, "nobody", kv{"k": "v"}, loudly), crvideo.CodeInvalidUser)
	_, err = bob.GetUserAttrs(ctx, nil, nil)
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
}

// Fifty members' attributes do not fit into one message.
func TestAttributesOfMany(t *testing.T) {
	srv := newServer(t)
	light := func(p *crvideo.SDKParams) { p.NoMedia = true }
	first := loggedIn(t, srv, "user0", light)
	room := newRoom(t, first).ID
	require.NoError(t, first.EnterMeeting(testContext(t), room))
	clients, uids := []*crvideo.Client{first}, []string{"user0"}
	for i := 1; i < 50; i++ {
		uids = append(uids, fmt.Sprint("user", i))
		clients = append(clients, entered(t, srv, uids[i], room, light))
	}
	big := kv{}
	for i := range 6 {
		big[fmt.Sprint(i)] = strings.Repeat("x", 8<<10)
	}
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			assert.NoError(t, c.AddOrUpdateMeetingAttrs(testContext(t), kv{uids[i]: "here"}, loudly))
			assert.NoError(t, c.SetUserAttrs(testContext(t), uids[i], big, crvideo.MeetingAttrOptions{}))
		})
	}
	all.Wait()
	for _, c := range []*crvideo.Client{clients[0], clients[49]} {
		assert.Len(t, allAttrs(t, c), 50)
		got, err := c.GetUserAttrs(testContext(t), uids, nil)
		require.NoError(t, err)
		require.Len(t, got, 50)
		for _, uid := range uids {
			assert.Equal(t, big, valuesOf(got[uid]))
		}
	}
}

// A change that is cut is made once, and everybody who is told is told once.
func TestAttributesThroughCuts(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	seen := record(t, bob)
	var want []string
	for i := range 20 {
		switch i % 4 {
		case 1:
			n.CutAtMessage(crvideotest.Method(toServer, "changeRoomAttrs").Of("alice").Nth(1))
		case 2:
			n.CutAtMessage(crvideotest.Method(toClient, "changeRoomAttrs").Of("alice").Nth(1))
		case 3:
			n.CutAtMessage(crvideotest.Method(toClient, "attrsChanged").Of("bob").Nth(1))
		}
		value := fmt.Sprint(i)
		require.NoError(t, alice.AddOrUpdateMeetingAttrs(testContext(t), kv{"count": value}, loudly))
		want = append(want, value)
	}
	waitEvent(t, seen, "the last", func(e crvideo.NotifyMeetingAttrsChanged) bool { return e.Updates["count"].Value == "19" })
	var got []string
	for _, e := range relevant(seen) {
		e := e.(crvideo.NotifyMeetingAttrsChanged)
		got = append(got, e.Adds["count"].Value+e.Updates["count"].Value)
	}
	assert.Equal(t, want, got)
}

// Attributes outlive the server: those of a regular room in its store, those of others in who made them.
func TestAttributesAfterARestart(t *testing.T) {
	n, alice, bob := hurtPair(t)
	ctx := testContext(t)
	require.NoError(t, alice.SetMeetingAttrs(ctx, kv{"a": "1", "b": "2", "c": "3", "d": "4"}, crvideo.MeetingAttrOptions{}))
	require.NoError(t, bob.AddOrUpdateMeetingAttrs(ctx, kv{"b": "bob's"}, loudly))
	require.NoError(t, bob.DelMeetingAttrs(ctx, []string{"c"}, crvideo.MeetingAttrOptions{}))
	require.NoError(t, alice.SetUserAttrs(ctx, "alice", kv{"hand": "up"}, loudly))
	require.NoError(t, alice.SetUserAttrs(ctx, "bob", kv{"seat": "2"}, crvideo.MeetingAttrOptions{})) // no event of it is on its way to bob
	atAlice, atBob := record(t, alice), record(t, bob)
	n.Down()
	changed := inBackground(func() error { return bob.AddOrUpdateMeetingAttrs(testContext(t), kv{"d": "new"}, loudly) })
	n.RestartFresh(100 * time.Millisecond)
	require.NoError(t, receive(t, changed))
	want := kv{"a": "1", "b": "bob's", "d": "new"}
	eventually(t, "the attributes as before", func() bool {
		users, err := alice.GetUserAttrs(ctx, []string{"alice", "bob"}, nil)
		return err == nil && assert.ObjectsAreEqual(want, allAttrs(t, bob)) &&
			assert.ObjectsAreEqual(kv{"hand": "up"}, valuesOf(users["alice"])) && assert.ObjectsAreEqual(kv{"seat": "2"}, valuesOf(users["bob"]))
	})
	waitEvent(t, atBob, "his change", func(crvideo.NotifyMeetingAttrsChanged) bool { return true })
	assert.Len(t, relevant(atBob), 1)
	assert.LessOrEqual(t, len(relevant(atAlice)), 1, "who may have come back after it")
}

func TestAttributesOfARegularRoomAfterARestart(t *testing.T) {
	srv := newServer(t)
	n := srv.Network()
	through := func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() }
	alice := loggedIn(t, srv, "alice", through)
	room, err := alice.CreateMeeting(testContext(t), crvideo.CreateParams{Regular: true})
	require.NoError(t, err)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	require.NoError(t, alice.SetMeetingAttrs(testContext(t), kv{"a": "1"}, loudly))
	require.NoError(t, alice.Close())
	n.RestartFresh(0)
	bob := entered(t, srv, "bob", room.ID, through)
	assert.Equal(t, kv{"a": "1"}, allAttrs(t, bob))
}

func TestMirrorAttributes(t *testing.T) {
	srv := newServer(t)
	mirrored(t, srv)
	seen := record(t, crvideo.Default())
	opts := crvideo.MeetingAttrOptions{}
	crvideo.SetMeetingAttrs(kv{"a": "1"}, opts, "too early")
	waitEvent(t, seen, "not logged in", func(e crvideo.SetMeetingAttrsRslt) bool {
		return e.Cookie == "too early" && e.Code == crvideo.CodeNotLoggedIn && e.Err != nil
	})
	require.NoError(t, crvideo.Default().Login(testContext(t), loginParams("alice")))
	require.NoError(t, crvideo.Default().EnterMeeting(testContext(t), newRoom(t, crvideo.Default()).ID))

	crvideo.SetMeetingAttrs(kv{"a": "1", "b": "2", "c": "3"}, opts, 1)
	crvideo.AddOrUpdateMeetingAttrs(kv{"a": "4"}, loudly, 2)
	crvideo.DelMeetingAttrs([]string{"b"}, opts, 3)
	crvideo.GetMeetingAttrs([]string{"a"}, 4)
	crvideo.GetMeetingAllAttrs(5)
	crvideo.ClearMeetingAttrs(opts, 6)
	crvideo.SetUserAttrs("alice", kv{"a": "1", "b": "2"}, opts, 7)
	crvideo.AddOrUpdateUserAttrs("alice", kv{"a": "4"}, loudly, 8)
	crvideo.DelUserAttrs("alice", []string{"b"}, opts, 9)
	crvideo.GetUserAttrs([]string{"alice"}, nil, 10)
	crvideo.ClearUserAttrs([]string{"alice"}, opts, 11)
	crvideo.ClearAllUserAttrs(opts, 12)
	for _, e := range []crvideo.Event{
		crvideo.SetMeetingAttrsRslt{Cookie: 1}, crvideo.AddOrUpdateMeetingAttrsRslt{Cookie: 2}, crvideo.DelMeetingAttrsRslt{Cookie: 3},
		crvideo.ClearMeetingAttrsRslt{Cookie: 6}, crvideo.SetUserAttrsRslt{Cookie: 7}, crvideo.AddOrUpdateUserAttrsRslt{Cookie: 8},
		crvideo.DelUserAttrsRslt{Cookie: 9}, crvideo.ClearUserAttrsRslt{Cookie: 11}, crvideo.ClearAllUserAttrsRslt{Cookie: 12},
	} {
		seen.waitFor(t, e)
	}
	waitEvent(t, seen, "some", func(e crvideo.GetMeetingAttrsSuccess) bool {
		return e.Cookie == 4 && assert.ObjectsAreEqual(kv{"a": "4"}, valuesOf(e.Attrs))
	})
	waitEvent(t, seen, "all", func(e crvideo.GetMeetingAllAttrsSuccess) bool {
		return e.Cookie == 5 && assert.ObjectsAreEqual(kv{"a": "4", "c": "3"}, valuesOf(e.Attrs))
	})
	waitEvent(t, seen, "user's", func(e crvideo.GetUserAttrsSuccess) bool {
		return e.Cookie == 10 && assert.ObjectsAreEqual(kv{"a": "4"}, valuesOf(e.AttrsMap["alice"]))
	})
	crvideo.GetMeetingAttrs([]string{""}, 13)
	waitEvent(t, seen, "bad key", func(e crvideo.GetMeetingAttrsFail) bool { return e.Cookie == 13 && e.Code == crvideo.CodeBadParameter })
	crvideo.GetUserAttrs(nil, nil, 14)
	waitEvent(t, seen, "nobody", func(e crvideo.GetUserAttrsFail) bool { return e.Cookie == 14 && e.Code == crvideo.CodeBadParameter })
	crvideo.ExitMeeting()
	crvideo.GetMeetingAllAttrs(15)
	waitEvent(t, seen, "outside", func(e crvideo.GetMeetingAllAttrsFail) bool { return e.Cookie == 15 && e.Code == crvideo.CodeNoRoom })
}

var attributeVerbs = []verb{
	{"GetMeetingAttrs", true, func(ctx context.Context, c *crvideo.Client) error { _, err := c.GetMeetingAttrs(ctx, "k"); return err }},
	{"GetMeetingAttrs of nothing", true, func(ctx context.Context, c *crvideo.Client) error { _, err := c.GetMeetingAttrs(ctx); return err }},
	{"GetMeetingAllAttrs", true, func(ctx context.Context, c *crvideo.Client) error { _, err := c.GetMeetingAllAttrs(ctx); return err }},
	{"SetMeetingAttrs", true, func(ctx context.Context, c *crvideo.Client) error { return c.SetMeetingAttrs(ctx, nil, loudly) }},
	{"AddOrUpdateMeetingAttrs", true, func(ctx context.Context, c *crvideo.Client) error { return c.AddOrUpdateMeetingAttrs(ctx, nil, loudly) }},
	{"DelMeetingAttrs", true, func(ctx context.Context, c *crvideo.Client) error { return c.DelMeetingAttrs(ctx, nil, loudly) }},
	{"ClearMeetingAttrs", true, func(ctx context.Context, c *crvideo.Client) error { return c.ClearMeetingAttrs(ctx, loudly) }},
	{"GetUserAttrs", true, func(ctx context.Context, c *crvideo.Client) error {
		_, err := c.GetUserAttrs(ctx, []string{"nobody"}, nil)
		return err
	}},
	{"SetUserAttrs of another", true, func(ctx context.Context, c *crvideo.Client) error { return c.SetUserAttrs(ctx, "nobody", nil, loudly) }},
	{"AddOrUpdateUserAttrs of another", true, func(ctx context.Context, c *crvideo.Client) error {
		return c.AddOrUpdateUserAttrs(ctx, "nobody", nil, loudly)
	}},
	{"DelUserAttrs of another", true, func(ctx context.Context, c *crvideo.Client) error { return c.DelUserAttrs(ctx, "nobody", nil, loudly) }},
	{"ClearUserAttrs of another", true, func(ctx context.Context, c *crvideo.Client) error {
		return c.ClearUserAttrs(ctx, []string{"nobody"}, loudly)
	}},
	{"ClearAllUserAttrs", true, func(ctx context.Context, c *crvideo.Client) error { return c.ClearAllUserAttrs(ctx, loudly) }},
}

func init() { verbs = append(verbs, attributeVerbs...) }
