//go:build browser

package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

// TestTutorial runs the nine steps of the JavaScript tutorial, on another site's page, with a Go member on the other side.
func TestTutorial(t *testing.T) {
	srv := crvideotest.NewServer(t, func(cfg *server.Config) { cfg.AllowedOrigins = []string{"*"} })
	text, err := os.ReadFile("testdata/tutorial.html")
	require.NoError(t, err)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.ReplaceAll(string(text), "SERVER", "http://"+srv.Addr().String())))
	}))
	t.Cleanup(page.Close)
	settings, err := json.Marshal(map[string]string{"serverAddr": srv.Addr().String(), "appID": server.DemoApp, "appSecret": crvideo.MD5(server.DemoApp)})
	require.NoError(t, err)

	tab := chromiumtest.Start(t, chromiumtest.Devices...).Open(t, "about:blank")
	tab.Prepare(t, keepPlayers)
	tab.Navigate(t, page.URL+"/#"+url.PathEscape(string(settings)))
	tab.Wait(t, `log.includes('video tutorial 4 3') && log.includes('audio tutorial 4 3')`)
	var log []string
	tab.Eval(t, `log`, &log)
	assert.Equal(t, []string{"init", "login tutorial my login", "room my room", "entered 0 my entry", "audio tutorial 0 2", "video tutorial 0 2"}, log[:6])
	tab.Wait(t, `document.querySelector('#of-tutorial video').videoWidth > 0`)

	ann := goClient(t, srv, "ann")
	var meetID int64
	tab.Eval(t, `meetID`, &meetID)
	require.NoError(t, ann.EnterMeeting(testContext(t), meetID))
	publishes(t, ann)
	tab.Wait(t, `document.querySelector('#of-ann video')?.videoWidth === 320`) // a small view gets the small size
	tab.Eval(t, `document.querySelector('#of-ann').style.height = '360px'`, nil)
	tab.Wait(t, `document.querySelector('#of-ann video').videoWidth === 640`)
	member, first := look(t, tab, `document.querySelector('#of-ann video')`)
	assert.EqualValues(t, 2, member)
	tab.Wait(t, `document.querySelector('#of-ann video').currentTime > 1`)
	_, second := look(t, tab, `document.querySelector('#of-ann video')`)
	assert.Greater(t, second, first, "the picture moves")
	hears(t, tab, 2)

	seesFakeCamera(t, ann, "tutorial")
	hearsBeep(t, ann, "tutorial")

	tab.Eval(t, `leave()`, nil)
	require.Eventually(t, func() bool { return !ann.IsUserInMeeting("tutorial") }, chromiumtest.Patience, poll)
	tab.Eval(t, `log`, &log)
	assert.NotContains(t, strings.Join(log, ", "), "failed")
	assert.Contains(t, log, "over")
}
