package server

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

func put(pairs ...string) wire.AttrsChange {
	p := wire.AttrsChange{Put: map[string]string{}, NotifyAll: true}
	for i := 0; i < len(pairs); i += 2 {
		p.Put[pairs[i]] = pairs[i+1]
	}
	return p
}

// values leaves out who changed what when.
func values(attrs wire.Attrs) map[string]string {
	v := make(map[string]string)
	for key, a := range attrs {
		v[key] = a.Value
	}
	return v
}

func (c *client) roomAttrs(keys ...string) map[string]string {
	c.t.Helper()
	var r wire.AttrsResult
	c.must(wire.MethodGetRoomAttrs, wire.RoomAttrsParams{Keys: keys}, &r)
	return values(r.Attrs)
}

func (c *client) userAttrs(uids ...string) map[string]map[string]string {
	c.t.Helper()
	var r wire.UserAttrsResult
	c.must(wire.MethodGetUserAttrs, wire.UserAttrsParams{UIDs: uids}, &r)
	all := make(map[string]map[string]string)
	for uid, attrs := range r.Users {
		all[uid] = values(attrs)
	}
	return all
}

func TestRoomAttributes(t *testing.T) {
	s := start(t)
	ann, bob, _ := two(t, s)
	began := time.Now().UnixMicro()
	var r wire.AttrsChangeResult
	ann.must(wire.MethodChangeRoomAttrs, put("a", "1", "b", "2"), &r)
	assert.GreaterOrEqual(t, int64(r.Version), began)
	assert.LessOrEqual(t, int64(r.Version), time.Now().UnixMicro()+1)
	attr := func(v string) wire.Attr { return wire.Attr{Value: v, By: "ann", Version: r.Version} }
	for _, c := range []*client{ann, bob} {
		assert.Equal(t, wire.AttrsChanged{By: "ann", Adds: wire.Attrs{"a": attr("1"), "b": attr("2")}}, note[wire.AttrsChanged](c, wire.NotifyAttrsChanged))
	}
	bob.must(wire.MethodChangeRoomAttrs, wire.AttrsChange{Put: map[string]string{"b": "3", "c": "4"}, Delete: []string{"a", "x"}}, &r)
	assert.Equal(t, map[string][]string{"": {"a"}}, r.Deleted)
	ann.quiet() // it was not wanted
	bob.quiet()
	assert.Equal(t, map[string]string{"b": "3", "c": "4"}, ann.roomAttrs())
	assert.Equal(t, map[string]string{"c": "4"}, ann.roomAttrs("c", "x"))

	change := put("c", "5", "d", "6")
	change.Clear = true
	ann.must(wire.MethodChangeRoomAttrs, change, &r)
	got := note[wire.AttrsChanged](bob, wire.NotifyAttrsChanged)
	assert.Equal(t, wire.AttrsChanged{By: "ann", Adds: wire.Attrs{"d": attr("6")}, Updates: wire.Attrs{"c": attr("5")}, DelKeys: []string{"b"}}, got)
	bob.must(wire.MethodChangeRoomAttrs, wire.AttrsChange{Clear: true, NotifyAll: true}, nil)
	assert.Equal(t, []string{"c", "d"}, note[wire.AttrsChanged](bob, wire.NotifyAttrsChanged).DelKeys)
	bob.must(wire.MethodChangeRoomAttrs, wire.AttrsChange{Clear: true, NotifyAll: true}, nil)
	bob.quiet() // nothing to tell
	assert.Empty(t, ann.roomAttrs())
}

func TestAttributeLimits(t *testing.T) {
	s := start(t)
	ann, _, _ := two(t, s)
	full := wire.AttrsChange{Put: map[string]string{}}
	for i := range wire.MaxAttrs {
		full.Put[fmt.Sprint("k", i)] = "v"
	}
	ann.must(wire.MethodChangeRoomAttrs, full, nil)
	ann.fails(wire.CodeBadParameter, wire.MethodChangeRoomAttrs, put("one more", "v"))
	more := put("one more", "v")
	more.Delete = []string{"k0"}
	ann.must(wire.MethodChangeRoomAttrs, more, nil)
	ann.must(wire.MethodChangeRoomAttrs, wire.AttrsChange{Clear: true}, nil)
	ann.notes = nil

	big := strings.Repeat("v", wire.MaxAttrValueBytes)
	n := 0
	for ann.answer(ann.send(wire.MethodChangeRoomAttrs, wire.AttrsChange{Put: map[string]string{fmt.Sprint(n): big}})).Error == nil {
		n++
	}
	assert.Equal(t, wire.MaxRoomAttrsBytes/(wire.MaxAttrValueBytes+100), n)
	assert.Len(t, ann.roomAttrs(), n) // the answer fits into a message
	n = 0
	for ann.answer(ann.send(wire.MethodChangeUserAttrs, wire.UserAttrsChange{UIDs: []string{"ann"}, AttrsChange: wire.AttrsChange{Put: map[string]string{fmt.Sprint(n): big}}})).Error == nil {
		n++
	}
	assert.Equal(t, wire.MaxUserAttrsBytes/(wire.MaxAttrValueBytes+100), n)
}

func TestUserAttributes(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	ann.must(wire.MethodChangeUserAttrs, wire.UserAttrsChange{UIDs: []string{"ann", "bob"}, AttrsChange: put("hand", "up")}, nil)
	assert.Equal(t, "ann", note[wire.AttrsChanged](bob, wire.NotifyAttrsChanged).UID)
	assert.Equal(t, "bob", note[wire.AttrsChanged](bob, wire.NotifyAttrsChanged).UID)
	ann.fails(wire.CodeInvalidUser, wire.MethodChangeUserAttrs, wire.UserAttrsChange{UIDs: []string{"ann", "eve"}, AttrsChange: put("hand", "down")})
	up := map[string]string{"hand": "up"}
	assert.Equal(t, map[string]map[string]string{"ann": up, "bob": up}, bob.userAttrs("ann", "bob", "eve"))
	var r wire.AttrsChangeResult
	bob.must(wire.MethodChangeUserAttrs, wire.UserAttrsChange{All: true, AttrsChange: wire.AttrsChange{Clear: true}}, &r)
	assert.Equal(t, map[string][]string{"ann": {"hand"}, "bob": {"hand"}}, r.Deleted)
	ann.must(wire.MethodChangeUserAttrs, wire.UserAttrsChange{UIDs: []string{"ann"}, AttrsChange: put("hand", "up")}, nil)
	ann.must(wire.MethodExitMeeting, nil, nil)
	ann.enter(room)
	assert.Empty(t, bob.userAttrs("ann"), "they end with the stay")
}

// Answers about many members come in parts that fit into a message.
func TestUserAttributesInParts(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	uids := []string{"ann", "bob"}
	for i := range 5 {
		uid := fmt.Sprint("user", i)
		enter(t, s, uid, room)
		uids = append(uids, uid)
	}
	change := put()
	for i := range 7 {
		change.Put[fmt.Sprint(i)] = strings.Repeat("v", wire.MaxAttrValueBytes)
	}
	ann.must(wire.MethodChangeUserAttrs, wire.UserAttrsChange{All: true, AttrsChange: change}, nil)
	seen := 0
	for rest := uids; len(rest) > 0; {
		var r wire.UserAttrsResult
		bob.must(wire.MethodGetUserAttrs, wire.UserAttrsParams{UIDs: rest}, &r)
		seen += len(r.Users)
		rest = r.Rest
	}
	assert.Equal(t, len(uids), seen)
}

// Attributes of a regular room are kept, those of other rooms are brought back by who made them.
func TestAttributesAreStored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rooms.json")
	open := func() Store {
		store, err := OpenFileStore(path)
		require.NoError(t, err)
		return store
	}
	var room, destroyed int64
	var made wire.AttrsChangeResult
	t.Run("before", func(t *testing.T) {
		s := start(t, withStore(open()))
		ann := login(t, s, "ann")
		room, destroyed = ann.create(wire.CreateMeetingParams{Regular: true}).ID, ann.create(wire.CreateMeetingParams{Regular: true}).ID
		for _, id := range []int64{destroyed, room} {
			ann.enter(id)
			ann.must(wire.MethodChangeRoomAttrs, put("a", "1", "b", "2"), nil)
			ann.must(wire.MethodChangeRoomAttrs, wire.AttrsChange{Delete: []string{"b"}}, &made)
			ann.must(wire.MethodExitMeeting, nil, nil)
		}
		ann.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: destroyed}, nil)
	})
	s := start(t, withStore(open()))
	ann := login(t, s, "ann")
	ann.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(destroyed))
	ann.enter(room)
	assert.Equal(t, map[string]string{"a": "1"}, ann.roomAttrs())
	ann.must(wire.MethodRestoreAttrs, wire.RestoreAttrsParams{Attrs: []wire.RestoredAttr{
		{Key: "b", Value: "2", Version: made.Version - 1}, {Key: "c", Value: "3", Version: made.Version + 1},
	}}, nil)
	assert.Equal(t, map[string]string{"a": "1", "c": "3"}, ann.roomAttrs(), "only what is newer than the store")
}

func TestAttributesAreRestored(t *testing.T) {
	s := start(t)
	ann, bob, _ := two(t, s)
	restore := func(c *client, attrs ...wire.RestoredAttr) {
		c.must(wire.MethodRestoreAttrs, wire.RestoreAttrsParams{Attrs: attrs}, nil)
	}
	restore(ann, wire.RestoredAttr{Key: "a", Deleted: true, Version: 5}, wire.RestoredAttr{Key: "b", Value: "new", Version: 7},
		wire.RestoredAttr{UID: "bob", Key: "k", Value: "v", Version: 3}, wire.RestoredAttr{UID: "eve", Key: "k", Value: "v", Version: 3})
	restore(bob, wire.RestoredAttr{Key: "a", Value: "old", Version: 4}, wire.RestoredAttr{Key: "b", Value: "old", Version: 6})
	assert.Equal(t, map[string]string{"b": "new"}, bob.roomAttrs())
	assert.Equal(t, map[string]map[string]string{"bob": {"k": "v"}}, bob.userAttrs("bob", "eve"))
	ann.quiet()
	bob.must(wire.MethodChangeRoomAttrs, put("b", "newest"), nil)
	restore(ann, wire.RestoredAttr{Key: "b", Value: "old", Version: 8})
	assert.Equal(t, map[string]string{"b": "newest"}, bob.roomAttrs())

	guest := loginWith(t, s, tokenParams(t, "guest", time.Hour, func(c *token.Claims) { c.Permissions = []token.Permission{token.Enter} }))
	guest.enter(roomOf(s).id)
	restore(guest, wire.RestoredAttr{Key: "c", Value: "v", Version: 1 << 62})
	assert.NotContains(t, bob.roomAttrs(), "c")
}

// roomOf is the one room of a server.
func roomOf(s *Server) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		return r
	}
	return nil
}

// What is kept for a resume is bounded by bytes, too.
func TestReplayBytes(t *testing.T) {
	r := replay{limit: 10, byteLimit: 100}
	for i := range 35 {
		r.add(&notification{params: []byte(strings.Repeat("x", 1+i))})
		assert.LessOrEqual(t, r.bytes, max(100, 1+i))
		assert.LessOrEqual(t, r.kept, 10)
		missed, ok := r.since(r.last - uint64(r.kept))
		require.True(t, ok)
		sum := 0
		for n, m := range missed {
			require.NotNil(t, m.note)
			assert.Len(t, m.note.params, i+1-(r.kept-1-n))
			sum += len(m.note.params)
		}
		assert.Equal(t, r.bytes, sum)
		_, ok = r.since(r.last - uint64(r.kept) - 1)
		assert.False(t, ok)
	}
}
