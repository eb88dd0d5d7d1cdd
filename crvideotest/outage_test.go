package crvideotest_test

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// makeRooms creates a regular and an ordinary room.
func makeRooms(r *raw) (regular, ordinary int64) {
	for i, into := range []*int64{&regular, &ordinary} {
		r.ask(uint64(10+i), wire.MethodCreateMeeting, wire.CreateMeetingParams{Regular: i == 0})
		var info wire.MeetInfo
		require.NoError(r.t, json.Unmarshal(r.next().Result, &info))
		*into = info.ID
	}
	return regular, ordinary
}

// enters tells with which code the room can be entered, without media.
func (r *raw) enters(id uint64, room int64) wire.Code {
	r.ask(id, wire.MethodEnterMeeting, wire.EnterMeetingParams{MeetID: room})
	if m := r.next(); m.Error != nil {
		return m.Error.Code
	}
	return wire.CodeOK
}

func (r *raw) resume(s wire.LoginResult) wire.Code {
	r.ask(100, wire.MethodResume, wire.ResumeParams{Session: s.Session, Key: s.Key})
	if m := r.next(); m.Error != nil {
		return m.Error.Code
	}
	return wire.CodeOK
}

func TestRestartWithMemory(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	r, session := rawLogin(t, n, "ann")
	_, ordinary := makeRooms(r)
	addr := strings.Split(n.URL(), "/")[2]

	start, up := time.Now(), make(chan struct{})
	go func() { defer close(up); n.Restart(300 * time.Millisecond) }()
	_, _, err := r.ws.ReadMessage()
	require.ErrorContains(t, err, "reset")
	_, err = net.Dial("tcp", addr)
	require.ErrorContains(t, err, "refused")
	<-up
	assert.GreaterOrEqual(t, time.Since(start), 300*time.Millisecond)

	back := dialRaw(t, n)
	assert.Equal(t, wire.CodeOK, back.resume(session))
	assert.Equal(t, wire.CodeOK, back.enters(101, ordinary))
}

func TestRestartWithoutMemory(t *testing.T) {
	srv := crvideotest.NewServer(t)
	n := srv.Network()
	restarts := map[string]func(){
		"crash":    func() { n.RestartFresh(100 * time.Millisecond) },
		"in order": func() { srv.Restart(100 * time.Millisecond) },
	}
	for name, restart := range restarts {
		t.Run(name, func(t *testing.T) {
			r, session := rawLogin(t, n, "ann")
			regular, ordinary := makeRooms(r)
			addr, media, url, start := srv.Addr().String(), srv.MediaAddr().String(), srv.URL(), time.Now()
			before := srv.Server

			restart()
			assert.GreaterOrEqual(t, time.Since(start), 100*time.Millisecond)
			assert.NotSame(t, before, srv.Server)
			assert.Equal(t, []string{addr, media, url}, []string{srv.Addr().String(), srv.MediaAddr().String(), srv.URL()})
			_, _, err := r.ws.ReadMessage()
			require.Error(t, err)
			back := dialRaw(t, n)
			assert.Equal(t, wire.CodeNoSession, back.resume(session))
			again, _ := rawLogin(t, n, "ann")
			assert.Equal(t, wire.CodeRoomAbsent, again.enters(2, ordinary))
			assert.Equal(t, wire.CodeOK, again.enters(3, regular))
		})
	}
	_, bob := call(t, n)
	moving(t, bob)
}

func TestFreezeAndThaw(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	_, bob := call(t, n)
	moving(t, bob)
	r, _ := rawLogin(t, n, "carol")

	n.Freeze()
	r.ping(2)
	got := r.reading()
	pending(t, got)
	before := [2]crvideotest.MediaCount{n.MediaCount(toServer), n.MediaCount(toClient)}
	eventually(t, "datagrams of ann", func() bool { return n.MediaCount(toServer).Lost > before[0].Lost+20 })
	after := n.MediaCount(toServer)
	assert.Equal(t, after.Datagrams-before[0].Datagrams, after.Lost-before[0].Lost, "something passed")

	n.Thaw()
	assert.Contains(t, receive(t, got), `"id":2`)
	moving(t, bob)
}

func TestMediaFaultsOfOneUser(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	_, bob := call(t, n)
	moving(t, bob)
	n.BlackholeUDP(toServer, "nobody")
	n.BlackholeUDP(toServer, "ann") // her pictures and sound
	eventually(t, "loss", func() bool { return n.MediaCount(toServer).Lost > 20 })
	n.Heal()
	moving(t, bob)
	lost := n.MediaCount(toServer).Lost
	moving(t, bob)
	assert.Equal(t, lost, n.MediaCount(toServer).Lost)
	assert.Equal(t, 2, n.ChangePath("ann")+n.ChangePath("bob"))
}
