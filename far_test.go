package crvideo_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// metric reads a figure of the server without labels.
func metric(t *testing.T, srv *crvideotest.Server, name string) float64 {
	t.Helper()
	resp, err := http.Get("http://" + srv.Addr().String() + "/metrics") //nolint:noctx // of this process
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(text)
	require.NotNil(t, found, name)
	value, err := strconv.ParseFloat(string(found[1]), 64)
	require.NoError(t, err)
	return value
}

// repetition is what the server counts about packets that are asked for again, both ways.
type repetition struct{ forwarded, asked, repeated, askedOfSender float64 }

func repetitions(t *testing.T, srv *crvideotest.Server) repetition {
	return repetition{
		metric(t, srv, "crvideo_media_packets_out_total"), metric(t, srv, "crvideo_media_nacks_total"),
		metric(t, srv, "crvideo_media_retransmitted_total"), metric(t, srv, "crvideo_media_nacks_sent_total"),
	}
}

func (r repetition) since(before repetition) repetition {
	return repetition{r.forwarded - before.forwarded, r.asked - before.asked, r.repeated - before.repeated, r.askedOfSender - before.askedOfSender}
}

// distances are from one part of a country to another, across an ocean, and by satellite.
var distances = []far{
	{50 * time.Millisecond, 20 * time.Millisecond}, {150 * time.Millisecond, 30 * time.Millisecond},
	{300 * time.Millisecond, 50 * time.Millisecond},
}

// TestFarMembers has a call over long ways: media connects, each sees and hears the other, nobody sends less because of
// the distance, and nothing is asked for again that is only on its way.
func TestFarMembers(t *testing.T) {
	for _, d := range distances {
		t.Run(fmt.Sprint(d.way), func(t *testing.T) {
			t.Parallel()
			limited, bob := farCall(t, d)
			t.Logf("limited at %.0f %% of all looks", 100*limited)
			eventually(t, "no limit: what the machine was too busy for is over", func() bool { return !bob.GetStats().Limited })
		})
	}
}

// farCall is a call of two at a distance. It tells at which part of all looks somebody sent less because of the network.
func farCall(t *testing.T, d far) (limited float64, bob *crvideo.Client) {
	srv, alice, bob, _, _ := farPair(t, d)
	for _, c := range []*crvideo.Client{alice, bob} {
		require.NoError(t, c.WaitMedia(testContext(t)))
	}
	openBoth(t, alice)
	openBoth(t, bob)
	requireCall(t, alice, bob)
	w, stop := watchPictures(t, bob, "alice")
	defer stop()
	const looks = 100
	times := 0
	for n := range looks {
		eventually(t, "pictures", func() bool { return w.count() > n })
		if alice.GetStats().Limited || bob.GetStats().Limited {
			times++
		}
	}
	stats, r := bob.GetStats(), repetitions(t, srv)
	t.Logf("connected after %v, round trip %v; %+v", stats.Connected, stats.RTT, r)
	require.GreaterOrEqual(t, stats.RTT, 2*d.way)
	require.Less(t, r.asked, r.forwarded/20)
	require.Less(t, r.askedOfSender, r.forwarded/20)
	return float64(times) / looks, bob
}
