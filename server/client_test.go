package server

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// client is a raw peer of the server. It reads only when asked to.
type client struct {
	t       *testing.T
	ws      *websocket.Conn
	uid     string
	session wire.LoginResult
	lastID  uint64
	lastSeq uint64
	notes   []*wire.Message // that came while an answer was waited for
	frames  []wire.Frame    // that came while something else was waited for
}

// dial connects without logging in.
func dial(t *testing.T, s *Server) *client {
	t.Helper()
	c, resp, err := tryDial(t, s, nil)
	require.NoError(t, err)
	_ = resp.Body.Close()
	return c
}

func tryDial(t *testing.T, s *Server, header http.Header) (*client, *http.Response, error) {
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: bound}
	ws, resp, err := dialer.Dial(s.URL(), header)
	if err != nil {
		return nil, resp, err
	}
	t.Cleanup(func() { _ = ws.Close() })
	return &client{t: t, ws: ws}, resp, nil
}

func secretMD5(secret string) string {
	sum := md5.Sum([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func loginParams(uid string) *wire.LoginParams {
	return &wire.LoginParams{AppID: "app", SecretMD5: secretMD5("secret"), UID: uid, Nickname: "Nick " + uid}
}

// login connects and logs in with the secret.
func login(t *testing.T, s *Server, uid string) *client {
	t.Helper()
	return loginWith(t, s, loginParams(uid))
}

func loginWith(t *testing.T, s *Server, p *wire.LoginParams) *client {
	t.Helper()
	c := dial(t, s)
	c.uid = p.UID
	c.must(wire.MethodLogin, p, &c.session)
	return c
}

// enter logs in and enters a room with a microphone and two cameras, the first being the default one.
func enter(t *testing.T, s *Server, uid string, room int64) *client {
	t.Helper()
	c := login(t, s, uid)
	c.enter(room)
	return c
}

func allDevices() wire.Devices {
	return wire.Devices{Mic: true, Videos: []wire.Video{{ID: 1, Name: "front"}, {ID: 2, Name: "back"}}, DefaultVideo: 1}
}

func enterParams(room int64) *wire.EnterMeetingParams {
	return &wire.EnterMeetingParams{MeetID: room, Offer: "offer", Devices: allDevices()}
}

func (c *client) enter(room int64) wire.EnterMeetingResult {
	c.t.Helper()
	var result wire.EnterMeetingResult
	c.must(wire.MethodEnterMeeting, enterParams(room), &result)
	return result
}

// create makes a room.
func (c *client) create(p wire.CreateMeetingParams) wire.MeetInfo {
	c.t.Helper()
	var info wire.MeetInfo
	c.must(wire.MethodCreateMeeting, p, &info)
	return info
}

func (c *client) openMic() wire.Stream {
	c.t.Helper()
	var r wire.OpenResult
	c.must(wire.MethodOpenMic, wire.OpenMicParams{UID: c.uid, Mid: "0", Codec: "audio/opus"}, &r)
	require.NotNil(c.t, r.Stream)
	return *r.Stream
}

func (c *client) openVideo(id int, mid string) wire.Stream {
	c.t.Helper()
	var r wire.OpenResult
	c.must(wire.MethodOpenVideo, wire.OpenVideoParams{UID: c.uid, VideoID: id, Mid: mid, Codec: "video/H264"}, &r)
	require.NotNil(c.t, r.Stream)
	return *r.Stream
}

// send writes a request and returns its ID.
func (c *client) send(method string, params any) uint64 {
	c.t.Helper()
	c.lastID++
	m, err := wire.Request(c.lastID, method, params)
	require.NoError(c.t, err)
	data, err := wire.Encode(m)
	require.NoError(c.t, err)
	c.write(string(data))
	return c.lastID
}

func (c *client) write(text string) {
	c.t.Helper()
	require.NoError(c.t, c.ws.WriteMessage(websocket.TextMessage, []byte(text)))
}

// read gives the next message, or the error that ended the connection.
func (c *client) read() (*wire.Message, error) {
	c.t.Helper()
	_ = c.ws.SetReadDeadline(time.Now().Add(bound)) // a pipe that is closed says so here
	kind, data, err := c.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	if kind == websocket.BinaryMessage {
		f, failed := wire.DecodeFrame(data)
		require.Nil(c.t, failed)
		c.frames = append(c.frames, f)
		return c.read()
	}
	m, err := wire.Decode(data)
	require.NoError(c.t, err, string(data))
	if m.IsNotification() {
		require.Equal(c.t, c.lastSeq+1, m.Seq, "notifications must be numbered without a gap")
		c.lastSeq = m.Seq
	}
	return m, nil
}

// answer waits for the answer to a request, or the error without an ID if id is 0. Notifications are kept.
func (c *client) answer(id uint64) *wire.Message {
	c.t.Helper()
	for {
		m, err := c.read()
		require.NoError(c.t, err)
		if m.IsNotification() {
			c.notes = append(c.notes, m)
			continue
		}
		require.Equal(c.t, id, m.ID)
		return m
	}
}

// must calls and expects success.
func (c *client) must(method string, params, result any) {
	c.t.Helper()
	m := c.answer(c.send(method, params))
	require.Nil(c.t, m.Error, method)
	if result != nil {
		require.NoError(c.t, json.Unmarshal(m.Result, result))
	}
}

// fails calls and expects a refusal.
func (c *client) fails(code wire.Code, method string, params any) {
	c.t.Helper()
	m := c.answer(c.send(method, params))
	require.NotNil(c.t, m.Error, "%s was not refused", method)
	require.Equal(c.t, code, m.Error.Code, "%s: %s", method, m.Error.Message)
	require.NotEmpty(c.t, m.Error.Message)
}

// next gives the next notification, which must be this one.
func (c *client) next(method string, params any) {
	c.t.Helper()
	var m *wire.Message
	if len(c.notes) > 0 {
		m, c.notes = c.notes[0], c.notes[1:]
	} else {
		var err error
		m, err = c.read()
		require.NoError(c.t, err, "while waiting for %s", method)
	}
	require.Equal(c.t, method, m.Method, string(m.Params))
	if params != nil {
		require.NoError(c.t, json.Unmarshal(m.Params, params))
	}
}

// note is next with the notification's type.
func note[P any](c *client, method string) P {
	c.t.Helper()
	var p P
	c.next(method, &p)
	return p
}

// skip drops notifications that another test looks at.
func (c *client) skip(n int) {
	c.t.Helper()
	for range n {
		if len(c.notes) > 0 {
			c.notes = c.notes[1:]
			continue
		}
		m, err := c.read()
		require.NoError(c.t, err)
		require.True(c.t, m.IsNotification())
	}
}

// quiet checks that no notification is waiting: what was sent before the answer to a ping has come before it.
func (c *client) quiet() {
	c.t.Helper()
	c.must(wire.MethodPing, nil, nil)
	require.Empty(c.t, c.notes)
}

// closed expects the end of the connection with this code; notifications before it are kept.
func (c *client) closed(code int) {
	c.t.Helper()
	for {
		m, err := c.read()
		if err == nil {
			c.notes = append(c.notes, m)
			continue
		}
		var end *websocket.CloseError
		require.ErrorAs(c.t, err, &end)
		require.Equal(c.t, code, end.Code, end.Text)
		return
	}
}

// cut breaks the connection without a goodbye.
func (c *client) cut() { _ = c.ws.NetConn().Close() }

// back connects anew and resumes the session.
func (c *client) back(s *Server) {
	c.t.Helper()
	fresh := dial(c.t, s)
	c.ws = fresh.ws
	c.must(wire.MethodResume, wire.ResumeParams{Session: c.session.Session, Key: c.session.Key, LastSeq: c.lastSeq}, nil)
}
