package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestHandler(t *testing.T) {
	for path, contentType := range map[string]string{
		"/":            "text/html; charset=utf-8",
		"/crvideo.js":  "text/javascript; charset=utf-8",
		"/crvideo.mjs": "text/javascript; charset=utf-8",
		"/sdk/api.js":  "text/javascript; charset=utf-8",
	} {
		w := get(t, path)
		assert.Equal(t, http.StatusOK, w.Code, path)
		assert.Equal(t, contentType, w.Header().Get("Content-Type"), path)
		assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), path)
	}
	assert.Equal(t, "*", get(t, "/crvideo.mjs").Header().Get("Access-Control-Allow-Origin"), "other sites load the SDK")
	assert.Contains(t, get(t, "/").Header().Get("Content-Security-Policy"), "default-src 'self'")
	for _, path := range []string{"/nothing", "/sdk", "/../web.go", "/web.go", "/page/none.js"} {
		assert.Equal(t, http.StatusNotFound, get(t, path).Code, path)
	}
}

// names finds what a text declares.
func names(text, pattern string) map[string]bool {
	found := make(map[string]bool)
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}

// TestNames: module, classic script and types have the same names, and all that the Go side has of the CRVideo API in
// the groups that this face covers.
func TestNames(t *testing.T) {
	api, err := files.ReadFile("sdk/api.js")
	require.NoError(t, err)
	types, err := files.ReadFile("crvideo.d.ts")
	require.NoError(t, err)
	script, err := Script()
	require.NoError(t, err)
	exported := names(string(api), `(?m)^export (?:const|function) (CRVideo_\w+)`)
	assert.Equal(t, exported, names(string(types), `(?m)^export (?:const|function) (CRVideo_\w+)`))
	_, globals, _ := strings.Cut(string(script), "Object.assign(globalThis, {")
	assert.Equal(t, exported, names(globals, `(CRVideo_\w+),`))

	table, err := os.ReadFile("../testdata/crvideo-api.tsv")
	require.NoError(t, err)
	covered := names("Init / Uninit\nBasics\nLogin, logout, line-off\nRoom management\nEnter and leave a room\nMembers\nAudio\nVideo\n", `(?m)^(.+)$`)
	for line := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 5 && f[4] == "done" && covered[f[1]] && !exported[f[2]] {
			t.Errorf("%s is done in Go (%s) and has no twin in JavaScript", f[2], f[3])
		}
	}
}

func TestBundle(t *testing.T) {
	ok := fstest.MapFS{
		"sdk/api.js": {Data: []byte("import { b } from './b.js';\n\nexport const CRVideo_A = () => b;\n")},
		"sdk/b.js":   {Data: []byte("export const b = 1;\n")},
	}
	script, err := bundle(ok, "sdk/api.js")
	require.NoError(t, err)
	assert.Regexp(t, `(?s)const b = 1;.*const CRVideo_A = .*globalThis, \{\s+CRVideo_A,`, string(script))
	assert.NotRegexp(t, `(?m)^(import|export)`, string(script))

	for why, module := range map[string]string{
		"declared": "const CRVideo_A = 1;\n",
		"form":     "\nimport x from 'y';\n",
	} {
		bad := fstest.MapFS{"sdk/api.js": ok["sdk/api.js"], "sdk/b.js": {Data: []byte(module)}}
		_, err := bundle(bad, "sdk/api.js")
		assert.ErrorContains(t, err, why)
	}
	_, err = bundle(fstest.MapFS{}, "sdk/api.js")
	assert.Error(t, err)
}
