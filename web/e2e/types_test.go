//go:build browser

package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/web"
)

// program uses the SDK as an application in TypeScript does.
const program = `import * as sdk from './crvideo.mjs';

sdk.CRVideo_LoginSuccess.callback = (uid, cookie) => { sdk.CRVideo_CreateMeeting({ meetSubject: uid, isRegular: 1 }, cookie); };
sdk.CRVideo_CreateMeetingSuccess.callback = (info) => { sdk.CRVideo_EnterMeeting3(info.ID, { any: 'cookie' }, { password: info.pswd }); };
sdk.CRVideo_NotifyCallIn.callback = (id, meet, from, data) => { sdk.CRVideo_AcceptCall(id, meet, data + from.length + meet.subject); };
sdk.CRVideo_NotifyMeetingAttrsChanged.callback = (adds, updates, gone) => { console.log(adds['k'].lastModifyTs + gone.length, updates); };
const view: sdk.VideoObj = sdk.CRVideo_CreatVideoObj({ width: 320 });
document.body.append(view.handler());
export const ready: Promise<void> = sdk.CRVideo_Init({ videoCodec: 'video/VP8' });
// @ts-expect-error: a callback has the arguments of its event
sdk.CRVideo_LineOff.callback = (code: string) => code;
// @ts-expect-error: there is no such codec
void sdk.CRVideo_Init({ videoCodec: 'video/H265' });
`

// typescript runs the compiler without output of code, and gives what it complains of.
func typescript(t *testing.T, args ...string) string {
	t.Helper()
	compiler := os.Getenv("CRVIDEO_TSC")
	if compiler == "" {
		t.Skip("CRVIDEO_TSC does not name tsc.js; web/e2e/run fetches it")
	}
	args = append([]string{compiler, "--noEmit", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--module", "nodenext"}, args...)
	out, err := exec.Command("node", args...).CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil {
		require.ErrorAs(t, err, &exit, "%s", out)
	}
	return string(out)
}

// TestTypes: the types that the server gives out are TypeScript, and a program can be written with them.
func TestTypes(t *testing.T) {
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/crvideo.d.ts", nil))
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "crvideo.d.mts"), w.Body.Bytes(), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "program.mts"), []byte(program), 0o600))
	assert.Empty(t, typescript(t, "--strict", filepath.Join(dir, "program.mts")))
	parts, err := filepath.Glob("../sdk/*.d.ts")
	require.NoError(t, err)
	assert.Empty(t, typescript(t, append([]string{"--strict"}, parts...)...))
}

// TestModules: no module uses a name that it neither declares nor imports, which the classic script would hide.
func TestModules(t *testing.T) {
	modules, err := filepath.Glob("../sdk/*.js")
	require.NoError(t, err)
	pages, err := filepath.Glob("../page/*.js")
	require.NoError(t, err)
	out := typescript(t, append([]string{"--allowJs", "--checkJs"}, append(modules, pages...)...)...)
	const unknown = `(?m)^.*error TS(2304|2305|2552|2724): .*` // no such name, no such export
	assert.Empty(t, regexp.MustCompile(unknown).FindAllString(out, -1))
}
