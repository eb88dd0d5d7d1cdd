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

// The guest hears one answer to its end, and interrupts the next one.
func TestConversation(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out := &solo.Until{What: "interrupted: true", Stop: cancel}
	require.NoError(t, run(ctx, out, "", 0))
	require.ErrorIs(t, ctx.Err(), context.Canceled, "%s", out)
	assert.Regexp(t, `(?s)the guest hears the answer\nthe agent said 3s, interrupted: false\n.*the agent is interrupted: .*the agent said (\d+ms|[12](\.\d+)?s), interrupted: true`, out.String())
}
