package crvideo_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExamples: each group of the API that is there has an Example that is run and uses it.
func TestExamples(t *testing.T) {
	used := map[string]bool{} // names that are selected in Examples with an output
	paths, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			f, is := decl.(*ast.FuncDecl)
			if !is || !strings.HasPrefix(f.Name.Name, "Example") || !isRun(file, f) {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if s, is := n.(*ast.SelectorExpr); is {
					used[s.Sel.Name] = true
				}
				return true
			})
		}
	}
	groups := map[string]bool{}
	for _, r := range readParity(t, "testdata/crvideo-api.tsv") {
		if r.status == "done" {
			_, method, _ := strings.Cut("."+r.goName, ".")
			if _, of, is := strings.Cut(method, "."); is {
				method = of
			}
			groups[r.group] = groups[r.group] || used[method]
		}
	}
	for group, has := range groups {
		assert.True(t, has, "no Example uses %s", group)
	}
}

// isRun tells whether an Example says what it prints: the others are only compiled.
func isRun(file *ast.File, f *ast.FuncDecl) bool {
	for _, c := range file.Comments {
		text := strings.ToLower(c.Text())
		if c.Pos() > f.Body.Lbrace && c.End() < f.Body.Rbrace && (strings.HasPrefix(text, "output:") || strings.HasPrefix(text, "unordered output:")) {
			return true
		}
	}
	return false
}
