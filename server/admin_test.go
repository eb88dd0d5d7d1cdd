package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

func withAdmin(cfg *Config) { cfg.Admin = true }

// boss asks the admin API of an app.
type boss struct {
	t     *testing.T
	s     *Server
	token string
}

func adminToken(t *testing.T, app, secret string, change func(*token.Claims)) string {
	claims := token.Claims{AppID: app, UID: "boss", Expires: time.Now().Add(time.Hour), Admin: true}
	if change != nil {
		change(&claims)
	}
	raw, err := token.Mint(secret, claims)
	require.NoError(t, err)
	return raw
}

func newBoss(t *testing.T, s *Server) *boss { return &boss{t, s, adminToken(t, "app", "secret", nil)} }

// ask sends a request and gives its answer.
func (b *boss) ask(method, path, body string) (status int, answer []byte) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, "http://"+b.s.Addr().String()+adminPath+path, strings.NewReader(body))
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	client := &http.Client{Timeout: bound, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(b.t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return response.StatusCode, answer
}

func (b *boss) must(method, path string, body, into any) {
	b.t.Helper()
	text := ""
	if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(b.t, err)
		text = string(raw)
	}
	status, answer := b.ask(method, path, text)
	require.Less(b.t, status, 300, string(answer))
	if into == nil {
		require.Equal(b.t, http.StatusNoContent, status)
		require.Empty(b.t, answer)
		return
	}
	require.NoError(b.t, json.Unmarshal(answer, into), string(answer))
}

func (b *boss) fails(status int, code wire.Code, method, path, body string) {
	b.t.Helper()
	got, answer := b.ask(method, path, body)
	var refused adminError
	require.NoError(b.t, json.Unmarshal(answer, &refused), string(answer))
	require.Equal(b.t, status, got, string(answer))
	require.Equal(b.t, code, refused.Error.Code, string(answer))
	require.NotEmpty(b.t, refused.Error.Message)
}

func TestAdminRooms(t *testing.T) {
	s := start(t, withAdmin)
	b := newBoss(t, s)
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{Subject: "tea", Password: "p"})
	p := enterParams(room.ID)
	p.Password = "p"
	ann.must(wire.MethodEnterMeeting, p, nil)
	ann.openMic()
	ann.openVideo(1, "1")
	kept := ann.create(wire.CreateMeetingParams{Regular: true}).ID
	odd := "b/b ö?"
	bob := enter(t, s, odd, kept)
	var rooms adminRooms
	b.must("GET", "/rooms", nil, &rooms)
	require.Len(t, rooms.Rooms, 2)
	assert.False(t, rooms.More)
	assert.Less(t, rooms.Rooms[0].ID, rooms.Rooms[1].ID)
	b.must("GET", "/rooms?limit=1", nil, &rooms)
	assert.True(t, rooms.More)
	b.must("GET", fmt.Sprint("/rooms?after=", rooms.Rooms[0].ID), nil, &rooms)
	assert.Len(t, rooms.Rooms, 1)
	var got adminRoom
	b.must("GET", fmt.Sprint("/rooms/", room.ID), nil, &got)
	assert.WithinDuration(t, time.Now(), got.Created, time.Minute)
	got.Created = time.Time{}
	assert.Equal(t, adminRoom{
		adminRoomInfo: adminRoomInfo{ID: room.ID, Subject: "tea", Password: true, Members: 1},
		List:          []adminMember{{UID: "ann", Nickname: "Nick ann", Num: 1, Mic: int(wire.StatusOpen), Cameras: 1}},
	}, got)

	b.must("POST", fmt.Sprint("/rooms/", kept, "/messages"), adminMessage{Text: "closing soon"}, nil)
	m := note[wire.RoomMsg](bob, wire.NotifyRoomMsg)
	assert.Equal(t, []any{"boss", "closing soon"}, []any{m.UID, m.Text})
	b.fails(404, wire.CodeInvalidUser, "DELETE", fmt.Sprint("/rooms/", kept, "/members/nobody"), "")
	b.must("DELETE", fmt.Sprint("/rooms/", kept, "/members/", url.PathEscape(odd)), nil, nil)
	assert.Equal(t, wire.MemberLeft{UID: odd, Reason: wire.LeftKick}, note[wire.MemberLeft](bob, wire.NotifyMemberLeft))
	bob.enter(kept)
	b.must("POST", fmt.Sprint("/rooms/", kept, "/stop"), nil, nil)
	assert.Equal(t, wire.MeetingEnded{MeetID: kept, By: "boss"}, note[wire.MeetingEnded](bob, wire.NotifyMeetingEnded))
	bob.enter(kept)
	b.must("DELETE", fmt.Sprint("/rooms/", kept), nil, nil)
	note[wire.MeetingEnded](bob, wire.NotifyMeetingEnded)
	bob.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(kept))
	stored, err := s.cfg.Store.Rooms(t.Context())
	require.NoError(t, err)
	assert.Empty(t, stored)
	b.fails(404, wire.CodeRoomAbsent, "DELETE", fmt.Sprint("/rooms/", kept), "")
}

func TestAdminUsers(t *testing.T) {
	s := start(t, withAdmin)
	b := newBoss(t, s)
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	bob := enter(t, s, "bob", room)
	ann.skip(1)
	ann.must(wire.MethodSetDND, wire.DNDParams{DND: 7}, nil)
	var users adminUsers
	b.must("GET", "/users?limit=1", nil, &users)
	require.True(t, users.More)
	require.WithinDuration(t, time.Now(), users.Users[0].Since, time.Minute)
	users.Users[0].Since = time.Time{}
	assert.Equal(t, []adminUser{{UID: "ann", Nickname: "Nick ann", Status: wire.UserInRoom, DND: 7, Room: room, Connected: true}}, users.Users)
	b.must("GET", "/users?after=ann", nil, &users)
	assert.Equal(t, "bob", users.Users[0].UID)
	bob.cut()
	require.Eventually(t, s.userSession(userKey{"app", "bob"}).isCut, bound, tick)
	var one adminUser
	b.must("GET", "/users/bob", nil, &one)
	assert.False(t, one.Connected)
	b.must("DELETE", "/users/bob", nil, nil)
	assert.Equal(t, wire.MemberLeft{UID: "bob", Reason: wire.LeftKick}, note[wire.MemberLeft](ann, wire.NotifyMemberLeft))
	b.fails(404, wire.CodeOffline, "DELETE", "/users/bob", "")
	b.fails(404, wire.CodeOffline, "GET", "/users/bob", "")
	b.must("DELETE", "/users/ann", nil, nil)
	assert.Equal(t, wire.LineOff{Code: wire.CodeKicked}, note[wire.LineOff](ann, wire.NotifyLineOff))
	ann.closed(wire.CloseSuperseded)
}

func TestAdminQueues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.json")
	store, err := OpenFileStore(path)
	require.NoError(t, err)
	s, clock := startCentre(t, withAdmin, func(cfg *Config) { cfg.Store = store })
	b := newBoss(t, s)
	var all adminQueues
	b.must("GET", "/queues", nil, &all)
	assert.Equal(t, []bool{true, true}, []bool{all.Queues[0].Configured, all.Queues[1].Configured})
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	ann.must(wire.MethodInitQueues, nil, nil)
	made := wire.QueueInfo{ID: 7, Prio: 2, Name: "new"}
	var q adminQueue
	b.must("POST", "/queues", made, &q)
	assert.Equal(t, adminQueue{QueueInfo: made}, q)
	assert.Contains(t, note[wire.QueuesResult](ann, wire.NotifyQueues).Queues, made)
	b.fails(409, codeQueueExists, "POST", "/queues", `{"queID":7,"prio":1}`)
	b.fails(409, codeQueueExists, "POST", "/queues", `{"queID":1,"prio":1}`)
	b.fails(403, wire.CodeAuthFailed, "DELETE", "/queues/1", "")
	b.fails(403, wire.CodeAuthFailed, "PUT", "/queues/1", `{"prio":1}`)
	bob.queue(7)
	login(t, s, "cat").queue(7)
	ann.serve(7, 0)
	require.Equal(t, "bob", ann.offered())
	clock.advance(2 * time.Second)
	var who adminCustomers
	b.must("GET", "/queues/7/customers", nil, &who)
	assert.Equal(t, []adminCustomer{
		{UID: "bob", Nickname: "Nick bob", Position: 1, WaitedMS: 2000, Agent: "ann"}, {UID: "cat", Nickname: "Nick cat", Position: 2, WaitedMS: 2000},
	}, who.Customers)
	ann.must(wire.MethodAcceptAssign, wire.AssignParams{ID: 7, UID: "bob"}, nil)
	b.must("GET", "/queues/7/customers", nil, &who)
	assert.Equal(t, []int{0, 1}, []int{who.Customers[0].Position, who.Customers[1].Position})
	q = adminQueue{}
	b.must("PUT", "/queues/7", adminQueueChange{Prio: 9, Desc: "late"}, &q)
	assert.Equal(t, adminQueue{QueueInfo: wire.QueueInfo{ID: 7, Prio: 9, Desc: "late"}, Agents: 1, Waiting: 1, Serving: 1}, q)

	again, err := OpenFileStore(path)
	require.NoError(t, err)
	next, _ := startCentre(t, withAdmin, func(cfg *Config) { cfg.Store = again })
	q = adminQueue{}
	newBoss(t, next).must("GET", "/queues/7", nil, &q)
	assert.Equal(t, adminQueue{QueueInfo: wire.QueueInfo{ID: 7, Prio: 9, Desc: "late"}}, q, "it is there after a restart")

	b.must("DELETE", "/queues/7", nil, nil)
	only[wire.AssignParams](ann, wire.NotifyAssignCanceled)
	for only[wire.QueuingInfo](bob, wire.NotifyQueuingInfo).ID != 0 {
	}
	bob.fails(wire.CodeBadQueue, wire.MethodStartQueuing, wire.StartQueuingParams{ID: 7})
	b.fails(404, wire.CodeBadQueue, "GET", "/queues/7", "")
	b.fails(404, wire.CodeBadQueue, "GET", "/queues/7/customers", "")
	stored, err := store.Queues(t.Context())
	require.NoError(t, err)
	assert.Empty(t, stored)
	for i := range wire.MaxQueues - 2 {
		b.must("POST", "/queues", wire.QueueInfo{ID: 100 + i}, &q)
	}
	b.fails(400, wire.CodeBadParameter, "POST", "/queues", `{"queID":99,"prio":0}`)
}

// TestAdminRefuses: who is let in, and what is no good request. Every operation is behind the same door.
func TestAdminRefuses(t *testing.T) {
	s := start(t, withAdmin, withLimits(func(l *Limits) { l.FailuresPerMinute = 1000 }))
	room := login(t, s, "ann").create(wire.CreateMeetingParams{}).ID
	b := newBoss(t, s)
	for name, c := range map[string]struct {
		token  string
		status int
		code   wire.Code
	}{
		"none":              {"", 401, wire.CodeAuthData},
		"nonsense":          {"x.y.z", 401, wire.CodeAuthData},
		"too long":          {strings.Repeat("x", wire.MaxTokenBytes+1), 401, wire.CodeAuthData},
		"wrong secret":      {adminToken(t, "app", "guess", nil), 401, wire.CodeAuthData},
		"unknown app":       {adminToken(t, "what", "secret", nil), 401, wire.CodeNoApp},
		"expired":           {adminToken(t, "app", "secret", func(c *token.Claims) { c.Expires = time.Now().Add(-time.Second) }), 401, wire.CodeTokenExpired},
		"no admin's":        {adminToken(t, "app", "secret", func(c *token.Claims) { c.Admin = false }), 403, wire.CodeAuthFailed},
		"for one room only": {adminToken(t, "app", "secret", func(c *token.Claims) { c.Room = room }), 403, wire.CodeAuthFailed},
	} {
		t.Run(name, func(t *testing.T) {
			bad := &boss{t, s, c.token}
			for _, route := range adminRoutes() {
				path := strings.NewReplacer("{room}", fmt.Sprint(room), "{uid}", "ann", "{queue}", "1").Replace(route.path)
				bad.fails(c.status, c.code, route.method, path, "{}")
			}
		})
	}
	assert.NotNil(t, s.userSession(userKey{"app", "ann"}), "nothing was done")

	other := &boss{t, s, adminToken(t, "other", "hidden", nil)}
	var rooms adminRooms
	other.must("GET", "/rooms", nil, &rooms)
	assert.Empty(t, rooms.Rooms, "another app's rooms do not exist")
	other.fails(404, wire.CodeRoomAbsent, "DELETE", fmt.Sprint("/rooms/", room), "")
	other.fails(404, wire.CodeOffline, "DELETE", "/users/ann", "")

	for _, c := range []struct{ method, path, body string }{
		{"GET", "/rooms?limit=0", ""}, {"GET", "/rooms?limit=1001", ""}, {"GET", "/rooms?limit=x", ""}, {"GET", "/rooms?after=x", ""},
		{"GET", "/users?limit=-1", ""}, {"GET", "/rooms/x", ""}, {"POST", "/queues", ""}, {"POST", "/queues", "[]"}, {"POST", "/queues", `{"queID":1} {}`},
		{"POST", "/queues", `{"queID":1,"priority":1}`}, {"POST", "/queues", `{"queID":1,"prio":1001}`},
		{"POST", fmt.Sprint("/rooms/", room, "/messages"), `{"text":""}`}, {"POST", fmt.Sprint("/rooms/", room, "/messages"), "{"},
		{"POST", fmt.Sprint("/rooms/", room, "/messages"), `{"text":"` + strings.Repeat("x", wire.MaxRoomMsgBytes+1) + `"}`},
		{"POST", "/queues", `{"name":"` + strings.Repeat("x", adminBytes) + `"}`},
	} {
		b.fails(400, wire.CodeBadParameter, c.method, c.path, c.body)
	}
	b.fails(404, wire.CodeBadQueue, "POST", "/queues", `{"queID":0}`)
	b.fails(404, wire.CodeBadQueue, "GET", "/queues/x", "")
	b.fails(404, wire.CodeNoMethod, "GET", "/what", "")
	b.fails(404, wire.CodeNoMethod, "PATCH", "/rooms", "")
}

func TestAdminIsLimited(t *testing.T) {
	s := start(t, withAdmin, withLimits(func(l *Limits) { l.FailuresPerMinute = 3 }))
	guess := &boss{t, s, adminToken(t, "app", "guess", nil)}
	for range 3 {
		guess.fails(401, wire.CodeAuthData, "GET", "/rooms", "")
	}
	guess.fails(429, wire.CodeTooFast, "GET", "/rooms", "")
	newBoss(t, s).fails(429, wire.CodeTooFast, "GET", "/rooms", "")
	many := start(t, withAdmin, withLimits(func(l *Limits) { l.AddressMessagesPerSecond = 1 }))
	require.Eventually(t, func() bool {
		status, _ := newBoss(t, many).ask("GET", "/rooms", "")
		return status == http.StatusTooManyRequests
	}, bound, tick)
}

// Without Config.Admin there is nothing.
func TestNoAdmin(t *testing.T) {
	s := start(t)
	for _, route := range append(adminRoutes(), adminRoute{method: "GET", path: "/openapi.json"}) {
		status, answer := newBoss(t, s).ask(route.method, route.path, "")
		assert.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, status, route.path)
		assert.NotContains(t, string(answer), `"code"`)
	}
}

func TestAdminOfAServerThatEnds(t *testing.T) {
	s := start(t, withAdmin)
	s.advance(draining)
	newBoss(t, s).fails(503, wire.CodeGoingAway, "GET", "/rooms", "")
}

func TestQueueStoreFails(t *testing.T) {
	s := start(t, withAdmin, func(cfg *Config) { cfg.Store = &brokenQueues{Store: NewMemoryStore()} })
	b := newBoss(t, s)
	b.fails(503, wire.CodeServiceFailure, "POST", "/queues", `{"queID":1,"prio":0}`)
	var all adminQueues
	b.must("GET", "/queues", nil, &all)
	assert.Empty(t, all.Queues)
}

func TestAdminAPIServesItsDescription(t *testing.T) {
	status, answer := (&boss{t, start(t, withAdmin), ""}).ask("GET", "/openapi.json", "")
	assert.Equal(t, 200, status)
	assert.True(t, bytes.Equal(openAPI, answer))
	assert.True(t, slices.Contains([]byte{'{'}, answer[0]))
}
