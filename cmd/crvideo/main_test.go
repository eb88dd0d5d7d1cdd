package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/internal/soak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestUsage(t *testing.T) {
	for line, code := range map[string]int{
		"": 2, "help": 0, "-help": 0, "fly": 2, "soak -help": 0, "soak -frobnicate": 2, "soak now": 2, "soak -bots 1": 2, "soak -for 0s": 2,
	} {
		var stdout, stderr strings.Builder
		assert.Equal(t, code, run(t.Context(), strings.Fields(line), &stdout, &stderr), line)
		assert.NotEmpty(t, stdout.String()+stderr.String(), line)
	}
}

// A few seconds with a few bots; the gate has more.
func TestSoak(t *testing.T) {
	var stdout, stderr strings.Builder
	code := run(t.Context(), strings.Fields("soak -bots 5 -for 5s -seed 7 -json -"), &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	var report soak.Report
	require.NoError(t, json.Unmarshal([]byte(stdout.String()), &report))
	assert.True(t, report.Good())
	assert.EqualValues(t, 7, report.Seed)
	assert.Equal(t, 5, report.Bots)
	assert.NotZero(t, report.Calls)
	assert.NotZero(t, report.Joins)
	assert.NotEmpty(t, report.Ebbs)
	assert.Contains(t, stderr.String(), "all invariants held")
}

func TestReportCannotBeWritten(t *testing.T) {
	require.Error(t, writeJSON(t.TempDir(), io.Discard, &soak.Report{}))
}
