package crvideo_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The bot on the README's first screen is the one that is compiled.
func TestReadmeBotIsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("examples/bot/main.go")
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)A bot:\n\n```go\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, block)
	assert.Contains(t, string(source), strings.TrimSpace(string(block[1])))
}
