package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestGuestSeesEveryCamera(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out := &solo.Until{What: "the guest sees blue", Stop: cancel}
	require.NoError(t, run(ctx, out, "", 0))
	require.ErrorIs(t, ctx.Err(), context.Canceled, "%s", out)
	assert.Contains(t, out.String(), "the guest sees red")
	assert.Contains(t, out.String(), "the guest sees green")
}
