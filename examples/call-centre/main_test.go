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

func TestEverybodyIsServed(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var out strings.Builder
	require.NoError(t, run(ctx, &out, "", "", "", time.Millisecond), out.String())
	for _, uid := range []string{"bob", "cat", "dan"} {
		assert.Contains(t, out.String(), "ann is offered "+uid)
		assert.Contains(t, out.String(), "ann sees "+uid+" in the room")
		assert.Contains(t, out.String(), uid+` meets ann, who says "how can I help you?"`)
		assert.Contains(t, out.String(), uid+" was served: thank you")
	}
}

func TestProgramsOfTheirOwn(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	place, err := solo.Serve("", sales)
	require.NoError(t, err)
	defer func() { require.NoError(t, place.Close()) }()
	work, stop := context.WithCancel(ctx)
	serves := &solo.Until{What: "ann serves", Stop: func() {}}
	ended := make(chan error, 1)
	go func() { ended <- run(work, serves, "agent", place.Addr, "ann", time.Millisecond) }()
	var out strings.Builder
	require.NoError(t, run(ctx, &out, "customer", place.Addr, "bob", 0))
	assert.Contains(t, out.String(), "bob was served")
	stop()
	require.NoError(t, <-ended)
	require.ErrorContains(t, run(ctx, &out, "boss", "", "", 0), "boss")
}
