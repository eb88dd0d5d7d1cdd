package crvideo_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateDocs = flag.Bool("update-docs", false, "write the tables of the migration guides anew")

// idiomLine is how a Go program does what has no method of the mirror's name.
type idiomLine struct{ vars, line string }

var idiomLines = map[string]idiomLine{
	"Init":                {"var params crvideo.SDKParams", "c, err := crvideo.New(params)"},
	"Uninit":              {"", "err := c.Close()"},
	"GetSDKVersion":       {"", "version := crvideo.GetSDKVersion()"},
	"LoginByToken":        {"var token, uid, nickname string", "err := c.Login(ctx, crvideo.LoginParams{Token: token, UID: uid, Nickname: nickname})"},
	"CreateMeeting2":      {"", "info, err := c.CreateMeeting(ctx, crvideo.CreateParams{})"},
	"OnOpenMicFailed":     {"", "err := c.OpenMic(ctx, \"\")"},
	"OnOpenVideoFailed":   {"", "err := c.OpenVideo(ctx, \"\")"},
	"StartGetAudioPCM":    {"var uid string", "audio, err := c.Audio(uid) // then audio.ReadPCM"},
	"StopGetAudioPCM":     {"var audio *crvideo.AudioReader", "err := audio.Close()"},
	"OnNotifyAudioPCMDat": {"var audio *crvideo.AudioReader\nvar samples []int16", "n, err := audio.ReadPCM(ctx, samples)"},
	"AddStreamCam":        {"var open crvideo.SourceFunc\nvar name string", "videoID, err := c.AddCamera(ctx, name, open)"},
	"RemoveStreamVideo":   {"var videoID int", "err := c.RemoveCamera(ctx, videoID)"},
	"RemoveCanvasVCam":    {"var videoID int", "err := c.RemoveCamera(ctx, videoID)"},
	"OnSendProgress":      {"var progress func(sent, size int64)", "option := crvideo.WithProgress(progress) // of c.SendFile and c.SendBuffer"},
}

// goLines writes lines of Go from the signatures of the package.
type goLines struct {
	fset  *token.FileSet
	funcs map[string]*ast.FuncType // Function, Type.Method
	types map[string]bool          // that are exported
}

func readGoLines(t *testing.T) *goLines {
	t.Helper()
	g := &goLines{token.NewFileSet(), map[string]*ast.FuncType{}, map[string]bool{}}
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(g.fset, path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			names := map[string]bool{}
			collect(decl, names)
			for name := range names {
				if f, is := decl.(*ast.FuncDecl); is {
					g.funcs[name] = f.Type
				} else {
					g.types[name] = true
				}
			}
		}
	}
	return g
}

// typeText is a type as another package writes it.
func (g *goLines) typeText(expr ast.Expr) string {
	var out bytes.Buffer
	if err := printer.Fprint(&out, g.fset, expr); err != nil {
		panic(err)
	}
	return regexp.MustCompile(`(^|[^.\w])([A-Z]\w*)`).ReplaceAllStringFunc(out.String(), func(m string) string {
		name := strings.TrimLeft(m, "[]*() ,.{")
		if !g.types[name] {
			return m
		}
		return strings.TrimSuffix(m, name) + "crvideo." + name
	})
}

// call is a line that calls a function of a receiver, and what it needs to compile.
func (g *goLines) call(receiver, name string, signature *ast.FuncType) (vars, line string) {
	var args, declared []string
	for _, field := range signature.Params.List {
		for _, id := range field.Names {
			kind, arg := g.typeText(field.Type), id.Name
			if arg == "_" {
				arg = "value"
			}
			if rest, variadic := field.Type.(*ast.Ellipsis); variadic {
				kind, arg = "[]"+g.typeText(rest.Elt), arg+"..."
			}
			args = append(args, arg)
			if arg != "ctx" {
				declared = append(declared, fmt.Sprintf("var %s %s", strings.TrimSuffix(arg, "..."), kind))
			}
		}
	}
	var results []string
	if signature.Results != nil {
		for _, field := range signature.Results.List {
			names := field.Names
			if len(names) == 0 {
				names = []*ast.Ident{{Name: "result" + strings.Repeat("2", len(results))}}
				if g.typeText(field.Type) == "error" {
					names[0].Name = "err"
				}
			}
			for _, id := range names {
				results = append(results, id.Name)
			}
		}
	}
	line = fmt.Sprintf("%s.%s(%s)", receiver, name, strings.Join(args, ", "))
	if len(results) > 0 {
		line = strings.Join(results, ", ") + " := " + line
	}
	return strings.Join(declared, "\n"), line
}

// mirror is a row's line on the default client.
func (g *goLines) mirror(r parityRow) (vars, line string) {
	if kind, method, is := strings.Cut(r.goName, "."); is {
		vars, line = g.call("ui", method, g.funcs[r.goName])
		return vars + "\nvar ui *crvideo." + kind, line
	}
	if r.kind == "event" {
		return "", fmt.Sprintf("crvideo.%s(func(e crvideo.%s) {})", r.goName, strings.TrimPrefix(r.goName, "On"))
	}
	return g.call("crvideo", r.goName, g.funcs[r.goName])
}

// idiom is a row's line on a Client; calls tells whose result it is, where there is no line of its own.
func (g *goLines) idiom(r parityRow) (vars, line, calls string) {
	method := g.funcs["Client."+r.goName]
	switch {
	case idiomLines[r.goName].line != "":
		own := idiomLines[r.goName]
		return own.vars, own.line, ""
	case strings.Contains(r.goName, "."):
		vars, line = g.mirror(r)
		return vars, line, ""
	case method != nil && r.kind == "event":
		return "", fmt.Sprintf("c.%s(func(e crvideo.%s) {})", r.goName, strings.TrimPrefix(r.goName, "On")), ""
	case method != nil:
		vars, line = g.call("c", r.goName, method)
		return vars, line, ""
	}
	of := strings.TrimPrefix(r.goName, "On")
	for _, end := range []string{"Success", "Fail", "Rslt"} {
		of = strings.TrimSuffix(of, end)
	}
	for _, name := range []string{of, strings.Replace(of, "ResponseAssignUser", "AcceptAssignUser", 1)} {
		if g.funcs["Client."+name] != nil {
			return "", "", name
		}
	}
	return "", "", ""
}

// jsLines are the calls and events of the JavaScript SDK by name, as its types have them.
func jsLines(t *testing.T) map[string]string {
	t.Helper()
	lines := map[string]string{}
	paths, err := filepath.Glob("web/sdk/api*.d.ts")
	require.NoError(t, err)
	param := regexp.MustCompile(`(\w+)\??: `)
	args := func(text string) string {
		text = regexp.MustCompile(`\{[^{}]*\}|\([^()]*\) => \w+`).ReplaceAllString(text, "x") // what is within a type
		var names []string
		for _, m := range param.FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
		return strings.Join(names, ", ")
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^export function (\w+)\((.*)\): .*;`).FindAllStringSubmatch(string(text), -1) {
			lines[m[1]] = fmt.Sprintf("%s(%s)", m[1], args(m[2]))
		}
		for _, m := range regexp.MustCompile(`(?m)^export const (\w+): Event<\[(.*)\]>;`).FindAllStringSubmatch(string(text), -1) {
			lines[m[1]] = fmt.Sprintf("%s.callback = (%s) => {}", m[1], args(m[2]))
		}
		for _, m := range regexp.MustCompile(`(?ms)^export interface (\w+(?:Obj)) \{\n(.*?)^\}`).FindAllStringSubmatch(string(text), -1) {
			for _, method := range regexp.MustCompile(`(?m)^  (\w+)\((.*)\): `).FindAllStringSubmatch(m[2], -1) {
				for _, name := range []string{m[1] + "." + method[1], "CRVideo_" + m[1] + "." + method[1]} {
					lines[name] = fmt.Sprintf("%s(%s)", strings.TrimPrefix(name, "CRVideo_"), args(method[2]))
				}
			}
		}
	}
	return lines
}

// migrationWords are what is not code in a table, by guide.
var migrationWords = map[string]struct{ head, returned, waiting string }{
	"docs/migration.md":    {"| JavaScript | Go, mirror | Go, idiom |", "what `c.%s` returns", "Not there yet"},
	"docs/migration.zh.md": {"| JavaScript | Go（镜像） | Go（惯用） |", "`c.%s` 的返回值", "尚未提供"},
}

// migrationTable makes the table of a guide.
func migrationTable(t *testing.T, rows []parityRow, g *goLines, guide string) string {
	t.Helper()
	var table strings.Builder
	js, words := jsLines(t), migrationWords[guide]
	group := ""
	var waiting []string
	for _, r := range rows {
		if r.status != "done" {
			waiting = append(waiting, "`"+r.name+"`")
			continue
		}
		if r.group != group {
			group = r.group
			fmt.Fprintf(&table, "\n### %s\n\n%s\n| --- | --- | --- |\n", group, words.head)
		}
		_, mirror := g.mirror(r)
		_, idiom, calls := g.idiom(r)
		switch {
		case idiom != "":
			idiom = "`" + idiom + "`"
		case calls != "":
			idiom = fmt.Sprintf(words.returned, calls)
		default:
			assert.Fail(t, "no idiom", "%s has no line for a Client: add it to idiomLines", r.goName)
		}
		fmt.Fprintf(&table, "| `%s` | `%s` | %s |\n", cmp.Or(js[r.name], r.name), mirror, idiom)
	}
	if len(waiting) > 0 {
		fmt.Fprintf(&table, "\n### %s\n\n%s\n", words.waiting, strings.Join(waiting, ", "))
	}
	return table.String() + "\n"
}

// migrationSources are files of Go in which every line of the tables stands, one for each group: so they compile.
func migrationSources(t *testing.T, rows []parityRow, g *goLines) map[string]string {
	t.Helper()
	groups := map[string]*strings.Builder{}
	for _, r := range rows {
		if r.status != "done" {
			continue
		}
		code := groups[r.group]
		if code == nil {
			code = &strings.Builder{}
			groups[r.group] = code
		}
		vars, mirror := g.mirror(r)
		writeStatement(code, vars, mirror)
		if vars, idiom, _ := g.idiom(r); idiom != "" && idiom != mirror {
			writeStatement(code, vars, idiom)
		}
	}
	files := map[string]string{}
	for group, code := range groups {
		name := strings.Trim(regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.ToLower(group), "_"), "_")
		imports := []string{`"context"`}
		for name, path := range map[string]string{"image.": `"image"`, "io.": `"io"`, "time.": `"time"`, "http.": `"net/http"`} {
			if regexp.MustCompile(`[ \]*]` + regexp.QuoteMeta(name)).MatchString(code.String()) {
				imports = append(imports, path)
			}
		}
		slices.Sort(imports)
		text := fmt.Sprintf("// Code generated by TestMigrationGuide. DO NOT EDIT.\n\npackage migration\n\nimport (\n%s\n\n\"github.com/crvideo/crvideo-go\"\n)\n\nvar _ = func(ctx context.Context, c *crvideo.Client) {\n%s}\n", strings.Join(imports, "\n"), code)
		formatted, err := format.Source([]byte(text))
		require.NoError(t, err, text)
		files[filepath.Join(migrationLines, name+".go")] = string(formatted)
	}
	return files
}

// writeStatement writes a line so that it compiles by itself.
func writeStatement(code *strings.Builder, vars, line string) {
	statement, _, _ := strings.Cut(line, " // ")
	fmt.Fprintf(code, "{\n%s\n%s\n", strings.TrimSpace(vars), statement)
	if results, _, is := strings.Cut(statement, " := "); is {
		for result := range strings.SplitSeq(results, ", ") {
			fmt.Fprintf(code, "_ = %s\n", result)
		}
	}
	code.WriteString("}\n")
}

const migrationLines = "internal/migration"

// TestMigrationGuide: the guides have every call and event that is done, as JavaScript and as Go of both faces. Their tables are
// made of the API's table, of the package's source and of the types of the JavaScript SDK:
//
//	go test -run TestMigrationGuide -update-docs .
func TestMigrationGuide(t *testing.T) {
	const from, to = "<!-- tables: written by TestMigrationGuide -->\n", "<!-- end of tables -->\n"
	rows, g := readParity(t, "testdata/crvideo-api.tsv"), readGoLines(t)
	want := migrationSources(t, rows, g)
	known, err := filepath.Glob(migrationLines + "/*.go")
	require.NoError(t, err)
	for _, path := range known {
		if filepath.Base(path) != "doc.go" {
			assert.Contains(t, want, path, "no such group any more: remove the file")
		}
	}
	for path := range migrationWords {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		before, rest, found := strings.Cut(string(text), from)
		_, after, ended := strings.Cut(rest, to)
		require.True(t, found && ended, path)
		want[path] = before + from + migrationTable(t, rows, g, path) + to + after
	}
	for path, text := range want {
		if *updateDocs {
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		}
		is, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, text, string(is), "%s is not what it must be: go test -run TestMigrationGuide -update-docs .", path)
	}
}

// TestTranslations: what is in two languages has the same blocks of code, and nothing that is code is left out.
func TestTranslations(t *testing.T) {
	block := regexp.MustCompile("(?s)```.*?```")
	for _, paths := range [][2]string{{"README.md", "README.zh.md"}, {"docs/migration.md", "docs/migration.zh.md"}} {
		var blocks [2][]string
		var texts [2]string
		for i, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			blocks[i], texts[i] = block.FindAllString(string(text), -1), block.ReplaceAllString(string(text), "")
		}
		assert.NotEmpty(t, blocks[0], paths[0])
		assert.Equal(t, blocks[0], blocks[1], "%s and %s", paths[0], paths[1])
		for _, span := range regexp.MustCompile("`[^`\n]+`").FindAllString(texts[0], -1) {
			assert.Contains(t, texts[1], span, "%s says what %s does not", paths[0], paths[1])
		}
	}
}
