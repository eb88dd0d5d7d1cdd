package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// ticketed enters a room on one server and gives what is needed to enter it on another.
func ticketed(t *testing.T, s *Server, create wire.CreateMeetingParams) *wire.EnterMeetingParams {
	ann := login(t, s, "ann")
	p := enterParams(ann.create(create).ID)
	p.Password = create.Password
	var in wire.EnterMeetingResult
	ann.must(wire.MethodEnterMeeting, p, &in)
	p.Ticket = in.Ticket
	return p
}

func TestTicketMakesARoomAnew(t *testing.T) {
	for _, regular := range []bool{false, true} {
		old := start(t)
		p := ticketed(t, old, wire.CreateMeetingParams{Subject: strings.Repeat("\x01", wire.MaxSubjectBytes), Password: "pass", Regular: regular})
		require.NotEmpty(t, p.Ticket)
		assert.LessOrEqual(t, len(p.Ticket), wire.MaxTicketBytes)
		assert.NotContains(t, p.Ticket, "pass")

		s := start(t) // which does not know the room
		bob := login(t, s, "bob")
		without := *p
		without.Ticket = ""
		bob.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, without)
		wrong := *p
		wrong.Password = "another"
		bob.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, wrong)

		var in wire.EnterMeetingResult
		bob.must(wire.MethodEnterMeeting, p, &in)
		assert.Equal(t, p.MeetID, in.Meeting.ID)
		assert.Equal(t, strings.Repeat("\x01", wire.MaxSubjectBytes), in.Meeting.Subject)
		assert.Equal(t, regular, in.Meeting.Regular)
		assert.NotEqual(t, p.Ticket, in.Ticket, "from now on this server's own")

		ann := login(t, s, "ann") // comes second
		ann.must(wire.MethodEnterMeeting, p, &in)
		assert.Len(t, in.Members, 2)
		assert.EqualValues(t, 1, in.Num, "her number of before")
		eve := login(t, s, "eve")
		eve.fails(wire.CodeRoomPassword, wire.MethodEnterMeeting, withPassword(without, ""))
		eve.must(wire.MethodEnterMeeting, withPassword(without, "pass"), nil)
	}
}

func TestTicketOfThisServerIsNoWayAroundADestroyedRoom(t *testing.T) {
	s := start(t)
	p := ticketed(t, s, wire.CreateMeetingParams{})
	bob := login(t, s, "bob")
	bob.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: p.MeetID}, nil)
	bob.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, p)
}

func TestTicketThatIsNotGood(t *testing.T) {
	old := start(t)
	p := ticketed(t, old, wire.CreateMeetingParams{})
	other := ticketed(t, old, wire.CreateMeetingParams{})
	strangers := start(t, func(cfg *Config) { cfg.Apps = []App{{ID: "app", Secret: "another secret"}} })
	eve := loginWith(t, strangers, &wire.LoginParams{AppID: "app", SecretMD5: secretMD5("another secret"), UID: "eve", Nickname: "Eve"})
	eve.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, p)

	s := start(t)
	bob := login(t, s, "bob")
	payload, signature, _ := strings.Cut(p.Ticket, ".")
	for _, bad := range []string{other.Ticket, payload, payload + ".", "." + signature, signature + "." + payload, payload + "x." + signature, "?.?", "null." + signature} {
		q := *p
		q.Ticket = bad
		bob.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, q)
	}
	q := *p
	q.Ticket = strings.Repeat("x", wire.MaxTicketBytes+1)
	bob.fails(wire.CodeBadParameter, wire.MethodEnterMeeting, q)
}

func TestNoTicketForWhatAStoreKeeps(t *testing.T) {
	store, err := OpenFileStore(t.TempDir() + "/rooms.json")
	require.NoError(t, err)
	s := start(t, withStore(store))
	assert.Empty(t, ticketed(t, s, wire.CreateMeetingParams{Regular: true}).Ticket)
	assert.NotEmpty(t, ticketed(t, s, wire.CreateMeetingParams{}).Ticket)
}

func withPassword(p wire.EnterMeetingParams, password string) *wire.EnterMeetingParams {
	p.Password = password
	return &p
}
