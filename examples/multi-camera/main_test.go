package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// All cameras are seen at the same time, each as itself, and the default one is one after the other of them.
func TestGuestSeesEveryCamera(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out := &solo.Until{What: "the guest sees blue as the default camera", Stop: cancel}
	require.NoError(t, run(ctx, out, "", 0))
	require.ErrorIs(t, ctx.Err(), context.Canceled, "%s", out)
	for _, line := range []string{
		"open at once: cameras [50 51 52]\n", "the guest sees red as camera 50\n", "the guest sees green as camera 51\n", "the guest sees blue as camera 52\n",
		"the guest sees red as the default camera\n", "the guest sees green as the default camera\n",
	} {
		assert.Contains(t, out.String(), line)
	}
	assert.Equal(t, 1, strings.Count(out.String(), "as camera 50"), "never anything else")
}
