package crvideo_test

import (
	"os"
	"path/filepath"
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

// unindented leaves out how far lines are indented.
func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(strings.TrimSpace(text), "")
}

// Every block of Go in the documents stands in a file that is compiled.
func TestDocumentsCompile(t *testing.T) {
	var compiled strings.Builder
	for _, pattern := range []string{"readme_code_test.go", "*example*_test.go", "examples/*/*.go"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			compiled.WriteString(unindented(string(text)))
		}
	}
	for _, path := range []string{"README.md", "docs/migration.md"} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1)
		require.NotEmpty(t, blocks, path)
		for _, block := range blocks {
			assert.Contains(t, compiled.String(), unindented(block[1]), "%s: this is in no file that is compiled:\n%s", path, block[1])
		}
	}
}
