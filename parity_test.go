package crvideo_test

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The size of the mirrored API.
const (
	parityCalls  = 159
	parityEvents = 119
)

// parityRow is one call or event of the CRVideo API.
type parityRow struct {
	kind   string // "call" or "event"
	group  string
	name   string // in CRVideo
	goName string // Function, or Type.Method
	status string // "done" or "todo"
}

// TestParity holds the table of the mirrored API against the package's source: what is marked as done has its Go
// name, and what has its Go name is marked as done.
func TestParity(t *testing.T) {
	rows := readParity(t, "testdata/crvideo-api.tsv")
	exported := exportedNames(t, ".")

	kinds := map[string]int{}
	names := map[string]bool{}
	for _, r := range rows {
		kinds[r.kind]++
		assert.False(t, names[r.name], "%s is listed twice", r.name)
		names[r.name] = true
		switch r.status {
		case "done":
			assert.True(t, exported[r.goName], "%s (%s) is marked as done, but the package has no %s", r.name, r.group, r.goName)
			if event, ok := strings.CutPrefix(r.goName, "On"); ok && r.kind == "event" {
				assert.True(t, exported[event], "event %s has no type %s", r.name, event)
			}
		case "todo":
			assert.False(t, exported[r.goName], "%s is marked as todo, but the package has %s", r.name, r.goName)
		default:
			assert.Fail(t, "unknown status", "%s: %q", r.name, r.status)
		}
	}
	assert.Equal(t, map[string]int{"call": parityCalls, "event": parityEvents}, kinds)
	printParity(t, rows)
}

// printParity tells how far each group is, in the order of the table, and that the README says the same.
func printParity(t *testing.T, rows []parityRow) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	type count struct{ done, all int }
	var groups []string
	counts := map[string]count{}
	total := 0
	for _, r := range rows {
		c, known := counts[r.group]
		if !known {
			groups = append(groups, r.group)
		}
		c.all++
		if r.status == "done" {
			c.done++
			total++
		}
		counts[r.group] = c
	}
	for _, g := range groups {
		fmt.Printf("%3d of %3d  %s\n", counts[g].done, counts[g].all, g)
		assert.Contains(t, string(readme), fmt.Sprintf("| %s | %d of %d |\n", g, counts[g].done, counts[g].all), "README.md")
	}
	fmt.Printf("parity: %d of %d\n", total, len(rows))
}

func readParity(t *testing.T, path string) []parityRow {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	var rows []parityRow
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		cells := strings.Split(lines.Text(), "\t")
		require.Len(t, cells, 5, "line %q", lines.Text())
		rows = append(rows, parityRow{cells[0], cells[1], cells[2], cells[3], cells[4]})
	}
	require.NoError(t, lines.Err())
	return rows
}

// exportedNames collects what a package's source declares: Function, Type and Type.Method.
func exportedNames(t *testing.T, dir string) map[string]bool {
	t.Helper()
	paths, err := fs.Glob(os.DirFS(dir), "*.go")
	require.NoError(t, err)
	names := map[string]bool{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			collect(decl, names)
		}
	}
	return names
}

func collect(decl ast.Decl, names map[string]bool) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() {
			return
		}
		if d.Recv == nil {
			names[d.Name.Name] = true
			return
		}
		receiver := d.Recv.List[0].Type
		if star, ok := receiver.(*ast.StarExpr); ok {
			receiver = star.X
		}
		if id, ok := receiver.(*ast.Ident); ok {
			names[id.Name+"."+d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() {
				names[s.Name.Name] = true
			}
		}
	}
}
