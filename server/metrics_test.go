package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// metricsOf is the page that Prometheus reads.
func metricsOf(t *testing.T, s *Server) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

func TestHealthAndMetrics(t *testing.T) {
	s := start(t)
	two(t, s)
	base := "http://" + s.Addr().String()
	code, body := get(t, base+"/healthz")
	assert.Equal(t, http.StatusOK, code)
	assert.JSONEq(t, `{"status":"ok"}`, body)
	code, body = get(t, base+"/metrics")
	assert.Equal(t, http.StatusOK, code)
	for _, want := range []string{
		"crvideo_connections 2", "crvideo_sessions 2", "crvideo_rooms 1", "crvideo_members 2", `crvideo_logins_total{code="0"} 2`,
		`crvideo_requests_total{code="0",method="enterMeeting"} 2`, "crvideo_request_seconds_bucket", "crvideo_media_packets_in_total 42",
	} {
		assert.Contains(t, body, want)
	}
}

func TestUnknownMethodsAreOneLabel(t *testing.T) {
	s := start(t)
	c := login(t, s, "ann")
	c.fails(wire.CodeNoMethod, "evil-1", nil)
	c.fails(wire.CodeNoMethod, "evil-2", nil)
	_, body := get(t, "http://"+s.Addr().String()+"/metrics")
	assert.NotContains(t, body, "evil")
	assert.Contains(t, body, `crvideo_requests_total{code="-32601",method="unknown"} 2`)
}

// TestMetricsOfTrouble: what somebody looks for who is called at night is there.
func TestMetricsOfTrouble(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	expect := func(lines ...string) {
		t.Helper()
		for _, line := range lines { // some come a moment later: with the end of a connection
			require.Eventually(t, func() bool { return strings.Contains(metricsOf(t, s), line+"\n") }, bound, tick, line)
		}
	}
	expect("crvideo_serving 1", "crvideo_sessions_cut 0", "crvideo_waiting_messages 0")
	bob.cut()
	expect("crvideo_sessions_cut 1", `crvideo_connections_closed_total{code="1000"} 1`)
	bob.back(s)
	dial(t, s).fails(wire.CodeNoSession, wire.MethodResume, wire.ResumeParams{Session: bob.session.Session, Key: "guess"})
	expect("crvideo_sessions_cut 0", `crvideo_resumes_total{code="0"} 1`, `crvideo_resumes_total{code="1201"} 1`)

	ann.must(wire.MethodKickout, wire.UIDParams{UID: "bob"}, nil)
	bob.enter(room)
	login(t, s, "bob").enter(room)
	expect(`crvideo_members_left_total{reason="kick"} 1`, `crvideo_members_left_total{reason="extrude"} 1`,
		`crvideo_sessions_ended_total{reason="elsewhere"} 1`, `crvideo_connections_closed_total{code="4010"} 1`)
	ann.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room}, nil)
	ann.must(wire.MethodLogout, nil, nil)
	expect(`crvideo_members_left_total{reason="ended"} 2`, `crvideo_sessions_ended_total{reason="logout"} 1`)

	_, resp, err := tryDial(t, s, http.Header{"Origin": {"https://evil.example"}})
	require.Error(t, err)
	_ = resp.Body.Close()
	expect(`crvideo_connections_refused_total{limit="upgrade"} 1`)
	stop(t, s)
	expect("crvideo_serving 0")
}

// TestMetricsOfRooms: only the largest have series, and nobody has without the setting.
func TestMetricsOfRooms(t *testing.T) {
	s := start(t)
	two(t, s)
	assert.NotContains(t, metricsOf(t, s), "crvideo_room_")
	s = start(t, func(cfg *Config) { cfg.RoomMetrics = 1 })
	ann, _, large := two(t, s)
	ann.openMic()
	carol := login(t, s, "carol")
	carol.enter(carol.create(wire.CreateMeetingParams{}).ID)
	text := metricsOf(t, s)
	for _, name := range []string{"members", "streams"} {
		assert.Equal(t, 1, strings.Count(text, "crvideo_room_"+name+"{"), name)
	}
	for line, value := range map[string]int{"members": 2, "streams": 1} {
		assert.Contains(t, text, fmt.Sprintf("crvideo_room_%s{app=%q,room=\"%d\"} %d\n", line, "app", large, value))
	}
	_, err := New(Config{RoomMetrics: -1})
	assert.ErrorContains(t, err, "RoomMetrics")
}

// TestStreamsGauge: streams that end because their member leaves are not counted any more.
func TestStreamsGauge(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	ann.openMic()
	bob.openMic()
	bob.openVideo(1, "1")
	assert.InDelta(t, 3, gather(t, s, "crvideo_streams"), 0)
	bob.must(wire.MethodCloseMic, wire.UIDParams{UID: "bob"}, nil)
	assert.InDelta(t, 2, gather(t, s, "crvideo_streams"), 0, "after one was closed")
	bob.must(wire.MethodExitMeeting, nil, nil)
	assert.InDelta(t, 1, gather(t, s, "crvideo_streams"), 0, "after an exit")
	ann.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room}, nil)
	assert.InDelta(t, 0, gather(t, s, "crvideo_streams"), 0, "after the room's end")
}
