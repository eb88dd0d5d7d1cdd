package savefile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestName(t *testing.T) {
	for hostile, want := range map[string]string{
		"tea.txt": "tea.txt", "Überweisung 3.pdf": "Überweisung 3.pdf", "茶.txt": "茶.txt", "a.tar.gz": "a.tar.gz",
		"../../etc/passwd": "passwd", "/etc/passwd": "passwd", `..\..\boot.ini`: "boot.ini", `C:\boot.ini`: "boot.ini", "C:boot.ini": "C_boot.ini",
		"..": "file", ".": "file", "": "file", "...": "file", "/": "file", `a\`: "file", "   ": "file", ". .": "file",
		".bashrc": "_bashrc", "..hidden": "_.hidden", "-rf": "-rf", "file.txt::$DATA": "file.txt__$DATA",
		"CON": "_CON", "con.txt": "_con.txt", "LPT1": "_LPT1", "com¹.log": "_com¹.log", "COM10": "COM10", "NUL .txt": "_NUL .txt", "console": "console",
		"evil\x00.txt": "evil.txt", "two\nlines": "twolines", "gpj.\u202eexe": "gpj.exe", "a\u200bb": "ab", "bad\xff\xfe": "bad", "~": "~",
		"trailing. . ": "trailing", " tea ": "tea", "a\u3000b": "a b", `what?*<>|"`: "what______",
	} {
		assert.Equal(t, want, Name(hostile), "%q", hostile)
	}
	long := Name(strings.Repeat("茶", 100) + ".txt")
	assert.LessOrEqual(t, len(long), maxName)
	assert.True(t, strings.HasSuffix(long, "茶.txt"), long)
}

// FuzzName: whatever somebody calls a file, it is a plain name in the folder, and stays what it is.
func FuzzName(f *testing.F) {
	for _, name := range []string{"", "..", "../x", `a\b`, "nul.txt", ".\u202e.", strings.Repeat("ä", 150) + ".x", "a. .b", "com1 .x"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, hostile string) {
		name := Name(hostile)
		switch {
		case name == "" || len(name) > maxName || !utf8.ValidString(name):
			t.Fatalf("%q became %q", hostile, name)
		case !filepath.IsLocal(name) || filepath.Base(name) != name || strings.ContainsAny(name, "/\\:\x00"):
			t.Fatalf("%q became %q, which leads elsewhere", hostile, name)
		case isDevice(name) || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
			t.Fatalf("%q became %q", hostile, name)
		case Name(name) != name:
			t.Fatalf("%q became %q, and that %q", hostile, name, Name(name))
		}
	})
}

func save(t *testing.T, dir, name, content string) string {
	t.Helper()
	f, err := Create(dir, "id")
	require.NoError(t, err)
	_, err = f.Write([]byte(content))
	require.NoError(t, err)
	path, err := f.Commit(name)
	require.NoError(t, err)
	return path
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func TestFilesDoNotOverwrite(t *testing.T) {
	dir := t.TempDir()
	for i, want := range []string{"tea.txt", "tea (1).txt", "tea (2).txt"} {
		path := save(t, dir, "../tea.txt", want)
		assert.Equal(t, filepath.Join(dir, want), path)
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, want, string(got), i)
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "cup"), 0o700))
	assert.Equal(t, filepath.Join(dir, "cup (1)"), save(t, dir, "cup", ""))
	assert.Equal(t, []string{"cup", "cup (1)", "tea (1).txt", "tea (2).txt", "tea.txt"}, entries(t, dir), "and nothing else")
}

func TestLinksAreNotFollowed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	dir, outside := t.TempDir(), t.TempDir()
	victim := filepath.Join(outside, "victim")
	require.NoError(t, os.WriteFile(victim, []byte("mine"), 0o600))
	require.NoError(t, os.Symlink(victim, filepath.Join(dir, "tea")))
	require.NoError(t, os.Symlink(filepath.Join(outside, "new"), filepath.Join(dir, "cup")))
	require.NoError(t, os.Symlink(victim, filepath.Join(dir, ".crvideo-bad.part")))
	assert.Equal(t, filepath.Join(dir, "tea (1)"), save(t, dir, "tea", "theirs"))
	assert.Equal(t, filepath.Join(dir, "cup (1)"), save(t, dir, "cup", "theirs"))
	_, err := Create(dir, "bad")
	require.Error(t, err)
	got, err := os.ReadFile(victim)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(got))
	assert.Equal(t, []string{"victim"}, entries(t, outside))
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f, err := Create(dir, "id")
	require.NoError(t, err)
	_, err = f.Write([]byte("half"))
	require.NoError(t, err)
	require.NoError(t, f.Discard())
	assert.Empty(t, entries(t, dir))
	_, err = Create(filepath.Join(dir, "nowhere"), "id")
	require.Error(t, err)
}

// Without hard links the file gets its name in another way, with the same promises.
func TestWithoutLinks(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []string{"tea", "tea (1)"} {
		f, err := Create(dir, "id")
		require.NoError(t, err)
		f.link = func(string, string) error { return errors.ErrUnsupported }
		_, err = f.Write([]byte(want))
		require.NoError(t, err)
		path, err := f.Commit("tea")
		require.NoError(t, err)
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	assert.Equal(t, []string{"tea", "tea (1)"}, entries(t, dir))

	f, err := Create(dir, "id")
	require.NoError(t, err)
	require.NoError(t, f.root.Remove(f.part)) // then neither way is one
	_, err = f.Commit("cup")
	require.Error(t, err)
	assert.Equal(t, []string{"tea", "tea (1)"}, entries(t, dir))
}
