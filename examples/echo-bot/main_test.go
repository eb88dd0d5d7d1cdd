package main

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const bound = 60 * time.Second // ends a test that would hang

func TestGuestHearsItself(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	out := &solo.Until{What: "hears a tone of 477 Hz, its own is 477 Hz", Stop: cancel}
	require.NoError(t, run(ctx, out, "", 0))
	require.ErrorIs(t, ctx.Err(), context.Canceled, "%s", out)
}

func TestNoSuchRoom(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	err := run(ctx, io.Discard, crvideotest.NewServer(t).URL(), 10000000)
	assert.ErrorIs(t, err, crvideo.CodeNoRoom)
}
