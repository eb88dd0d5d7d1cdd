package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// logBuffer is a log that may be written by many.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestNoSecretsInTheLog runs through everything that deals with secrets, refusals and broken messages included, with
// media and all levels of the log, and looks for them there, in their several forms.
func TestNoSecretsInTheLog(t *testing.T) {
	var log logBuffer
	const appSecret = "topsecret"
	s := start(t, withSFU, withLimits(func(l *Limits) { l.FailuresPerMinute, l.TooFastTolerated = 1000, 5 }), func(cfg *Config) {
		cfg.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
		cfg.Apps = []App{{ID: "app", Secret: appSecret}}
		cfg.PageApp = "app"
	})
	secrets := map[string]string{"app secret": appSecret, "its md5": secretMD5(appSecret)}

	right, wrong := loginParams("ann"), loginParams("ann")
	right.SecretMD5 = secretMD5(appSecret)
	wrong.SecretMD5 = secretMD5("guess")
	secrets["guess"] = wrong.SecretMD5
	ann := loginWith(t, s, right)
	secrets["session key"] = ann.session.Key
	eve := dial(t, s)
	eve.fails(wire.CodeWrongSecret, wire.MethodLogin, wrong)
	right.AuthCode = "authcode-of-ann"
	secrets["auth code"] = right.AuthCode
	eve.fails(codeAuthUnexpected, wire.MethodLogin, right)
	eve.fails(wire.CodeNoSession, wire.MethodResume, wire.ResumeParams{Session: ann.session.Session, Key: ann.session.Key[:40]})
	secrets["half a key"] = ann.session.Key[:40]

	minted := func(secret, uid string, life time.Duration) string {
		raw := mint(t, secret, token.Claims{AppID: "app", UID: uid, Expires: time.Now().Add(life)})
		secrets["token "+secret+uid+life.String()] = raw
		secrets["its signature "+secret+uid+life.String()] = raw[strings.LastIndex(raw, ".")+1:]
		return raw
	}
	bob := loginWith(t, s, &wire.LoginParams{Token: minted(appSecret, "bob", time.Hour), UID: "bob", Nickname: "b"})
	secrets["bob's session key"] = bob.session.Key
	bob.must(wire.MethodUpdateToken, wire.UpdateTokenParams{Token: minted(appSecret, "bob", 2*time.Hour)}, nil)
	bob.fails(wire.CodeAuthData, wire.MethodUpdateToken, wire.UpdateTokenParams{Token: minted("guess", "bob", time.Hour)})
	bob.fails(wire.CodeTokenExpired, wire.MethodUpdateToken, wire.UpdateTokenParams{Token: minted(appSecret, "bob", -time.Hour)})
	_, guest := ask(t, s, http.MethodPost, "/page/token", `{"token":"`+minted(appSecret, "web-1", time.Hour)+`"}`)
	secrets["guest's token"] = guest["token"].(string)

	room := ann.create(wire.CreateMeetingParams{Password: "roompassword", Regular: true}).ID
	made := ann.create(wire.CreateMeetingParams{NeedPassword: true})
	secrets["room password"], secrets["guessed room password"] = "roompassword", "guessedpassword"
	secrets["password that the server made"] = `"` + made.Password + `"`
	p := enterParams(room)
	p.Password = "guessedpassword"
	bob.fails(wire.CodeRoomPassword, wire.MethodEnterMeeting, p)
	pc, _ := mediaPeerOf(t)
	offer, err := pc.CreateOffer(nil)
	require.NoError(t, err)
	require.NoError(t, pc.SetLocalDescription(offer))
	p.Offer, p.Password, p.Ticket = offer.SDP, "roompassword", "ticket-of-bob"
	var entered wire.EnterMeetingResult
	bob.must(wire.MethodEnterMeeting, p, &entered)
	secrets["wrong ticket"], secrets["ticket"] = p.Ticket, entered.Ticket
	secrets["ICE password of bob"], secrets["ICE password of the server"] = icePassword(t, offer.SDP), icePassword(t, entered.Answer)
	require.NoError(t, pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: entered.Answer}))
	bob.openMic()
	require.Eventually(t, func() bool { return strings.Contains(log.String(), `"state":"connected"`) }, bound, tick)

	// messages that cannot be understood, are too many or too late
	bob.write(`{"jsonrpc":"2.0","id":"x","method":"login","params":{"secretMD5":"` + secretMD5(appSecret) + `"}}`)
	bob.answer(0)
	bob.fails(wire.CodeNoMethod, appSecret, map[string]string{"secretMD5": secretMD5(appSecret)})
	bob.fails(wire.CodeBadParameter, wire.MethodUpdateToken, map[string]any{"token": []string{secretMD5(appSecret)}})
	bob.back(s)
	ann.back(s)
	ann.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room}, nil)
	ann.must(wire.MethodLogout, nil, nil)
	dial(t, s).cut()
	stop(t, s)

	text := log.String()
	for _, known := range []string{ann.session.Session, "login refused", "resume refused", "entered the room", "session ended"} {
		assert.Contains(t, text, known, "the log is not the one that is meant")
	}
	for name, secret := range secrets {
		if assert.NotEmpty(t, secret, name) {
			assert.NotContains(t, text, secret, name)
		}
	}
}

func icePassword(t *testing.T, sdp string) string {
	t.Helper()
	_, after, ok := strings.Cut(sdp, "a=ice-pwd:")
	require.True(t, ok)
	password, _, _ := strings.Cut(after, "\r")
	return password
}
