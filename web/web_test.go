package web

import (
	"fmt"
	"io/fs"
	"maps"
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
		"/":             "text/html; charset=utf-8",
		"/crvideo.js":   "text/javascript; charset=utf-8",
		"/crvideo.mjs":  "text/javascript; charset=utf-8",
		"/crvideo.d.ts": "text/plain; charset=utf-8",
		"/sdk/api.js":   "text/javascript; charset=utf-8",
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

// TestNames: module, classic script and types have the same names, which are CRVideo's but for a few that are marked. What is
// done in Go is here, too.
func TestNames(t *testing.T) {
	entries, err := groups(files, ".js")
	require.NoError(t, err)
	exported := make(map[string]bool)
	for _, entry := range entries {
		text, err := files.ReadFile(entry)
		require.NoError(t, err)
		assert.Equal(t, names(string(text), `(?m)^export (?:const|function|async function|class) (\w+)`), names(string(text), `(?m)^export .*?(CRVideo_\w+)`), "%s exports CRVideo names and nothing else", entry)
		maps.Copy(exported, names(string(text), `(?m)^export .*?(CRVideo_\w+)`))
		assert.Contains(t, get(t, "/crvideo.mjs").Body.String(), fmt.Sprintf("export * from './%s';\n", entry))
	}
	typed := get(t, "/crvideo.d.ts").Body.String()
	assert.Equal(t, exported, names(typed, `(?m)^export (?:const|function) (CRVideo_\w+)`))
	assert.NotRegexp(t, `(?m)^import`, typed)
	_, globals, _ := strings.Cut(get(t, "/crvideo.js").Body.String(), "Object.assign(globalThis, {")
	assert.Equal(t, exported, names(globals, `(CRVideo_\w+),`))

	table, err := os.ReadFile("../testdata/crvideo-api.tsv")
	require.NoError(t, err)
	methods := methodsOf(t)
	known, done := make(map[string]bool), make(map[string]bool)
	for line := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 5 {
			continue
		}
		known[f[2]], done[f[2]] = true, f[4] == "done"
		there := exported[f[2]] || methods[strings.TrimPrefix(f[2], "CRVideo_")]
		why, excepted := onlyInGo[f[2]]
		assert.True(t, f[4] != "done" || there || excepted, "%s is done in Go (%s) and has no twin in JavaScript", f[2], f[3])
		assert.False(t, there && excepted, "%s is in JavaScript, too: %s", f[2], why)
	}
	for name := range onlyInGo {
		assert.True(t, done[name], "%s is not done in Go", name)
	}
	t.Logf("%d names, %d of the Go side are its own", len(exported), len(onlyInGo))
	own := make(map[string]bool)
	for _, entry := range entries {
		text, err := files.ReadFile(strings.TrimSuffix(entry, ".js") + ".d.ts")
		require.NoError(t, err)
		_, marked, _ := strings.Cut(string(text), "// Not of CRVideo's API")
		maps.Copy(own, names(marked, `(CRVideo_\w+)`))
	}
	for name := range exported {
		assert.True(t, known[name] || own[name] || sdkNames[name], "%s is no CRVideo name", name)
	}
}

// onlyInGo are the names that make no sense in a browser, and why.
var onlyInGo = map[string]string{}

// methodsOf finds the objects of the API: Class.method of each class of the modules.
func methodsOf(t *testing.T) map[string]bool {
	t.Helper()
	found := make(map[string]bool)
	modules, err := fs.Glob(files, "sdk/*.js")
	require.NoError(t, err)
	for _, module := range modules {
		text, err := files.ReadFile(module)
		require.NoError(t, err)
		for _, class := range regexp.MustCompile(`(?ms)^export class (\w+) .*?^}`).FindAllStringSubmatch(string(text), -1) {
			for method := range names(class[0], `(?m)^  (?:async )?(\w+)\(`) {
				found[class[1]+"."+method] = true
			}
		}
	}
	return found
}

// sdkNames are those that CRVideo's own SDK exports and its documentation, the table, lacks.
var sdkNames = names(`CRVideo_CreateMeeting CRVideo_ERR_DEF CRVideo_GetAudioSubscribeMode CRVideo_GetMeetInfo CRVideo_GetSpeakerMute
	CRVideo_MicDeviceChanged CRVideo_NotifyAutoPlayFailed CRVideo_NotifyMeetEnded CRVideo_SetAudioSubscribeList CRVideo_SetAudioSubscribeMode
	CRVideo_SetSpeakerMute CRVideo_StopMeeting CRVideo_UpdateTokenRslt`, `(CRVideo_\w+)`)

func TestBundle(t *testing.T) {
	ok := fstest.MapFS{
		"sdk/api.js": {Data: []byte("import { b } from './b.js';\n\nexport const CRVideo_A = () => b;\n")},
		"sdk/b.js":   {Data: []byte("export const b = 1;\n")},

		"sdk/api_more.js": {Data: []byte("import { b } from './b.js';\n\nexport function CRVideo_B() { return b; }\n")},
	}
	script, err := bundle(ok)
	require.NoError(t, err)
	assert.Regexp(t, `(?s)const b = 1;.*const CRVideo_A = .*globalThis, \{\s+CRVideo_A,\s+CRVideo_B,`, string(script))
	assert.NotRegexp(t, `(?m)^(import|export)`, string(script))

	both, err := module(ok)
	require.NoError(t, err)
	assert.Contains(t, string(both), "export * from './sdk/api.js';\nexport * from './sdk/api_more.js';\n")

	for why, module := range map[string]string{
		"declared": "const CRVideo_A = 1;\n",
		"form":     "\nimport x from 'y';\n",
	} {
		bad := fstest.MapFS{"sdk/api.js": ok["sdk/api.js"], "sdk/b.js": {Data: []byte(module)}}
		_, err := bundle(bad)
		assert.ErrorContains(t, err, why)
	}
	_, err = bundle(fstest.MapFS{})
	assert.Error(t, err)
}
