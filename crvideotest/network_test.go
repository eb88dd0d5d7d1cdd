package crvideotest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

func TestNetworkRelaysACallUnhurt(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	_, bob := call(t, n)
	moving(t, bob)
	heard(t, bob)
	for _, d := range []crvideotest.Direction{crvideotest.ToServer, crvideotest.ToClient} {
		count := n.MediaCount(d)
		assert.Greater(t, count.Datagrams, 20, d) // media takes no way around the relay
		assert.Zero(t, count.Lost+count.Duplicated+count.Reordered, d)
	}
}

func TestNetworkIsOneForTheServer(t *testing.T) {
	srv := crvideotest.NewServer(t)
	first := srv.Network()
	assert.Same(t, first, srv.Network())
}

func TestNetworkWithTLS(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	c := loggedIn(t, n.SecureURL(), "ann", func(p *crvideo.SDKParams) { p.TLSConfig = n.TLSConfig() })
	_, err := c.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)

	distrustful := newClient(t, n.SecureURL())
	require.ErrorIs(t, distrustful.Login(testContext(t), loginParams("bob")), crvideo.CodeConnectFailed)
}

func TestNetworkRelaysPlainHTTP(t *testing.T) {
	n := crvideotest.NewServer(t).Network()
	url := strings.Replace(strings.TrimSuffix(n.URL(), "/signal"), "ws://", "http://", 1) + "/healthz"
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusOK, answer.StatusCode)
}
