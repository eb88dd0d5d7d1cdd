package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// What bundle knows of JavaScript is what the modules use: imports of one line at the top, exports at the start of a
// line, and names that are used once in all of them.
var (
	imports = regexp.MustCompile(`(?m)^import \{[^}]*\} from '\./([a-z_]+\.js)';\n`)
	exports = regexp.MustCompile(`(?m)^export ((?:async )?(?:const|let|function|class) (\w+))`)
	tops    = regexp.MustCompile(`(?m)^(?:async )?(?:const|let|function|class) (\w+)`)
	typings = regexp.MustCompile(`(?m)^import type \{[^}]*\} from '\./[a-z_]+\.js';\n+`)
)

// groups are the files of the API: sdk/api and those of further groups, in the order of their names.
func groups(files fs.FS, ext string) ([]string, error) {
	names, err := fs.Glob(files, "sdk/api_*"+ext)
	return append([]string{"sdk/api" + ext}, names...), err
}

// bundle joins the modules of the API and everything that they import, each after what it needs, into a classic script that
// makes the API's exports global.
func bundle(files fs.FS) ([]byte, error) {
	entries, err := groups(files, ".js")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	var names, done []string
	taken := make(map[string]string)
	var add func(name string) error
	add = func(name string) error {
		if slices.Contains(done, name) {
			return nil
		}
		done = append(done, name)
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		text := string(raw)
		for _, m := range imports.FindAllStringSubmatch(text, -1) {
			if err := add(path.Join(path.Dir(name), m[1])); err != nil {
				return err
			}
		}
		if slices.Contains(entries, name) {
			for _, m := range exports.FindAllStringSubmatch(text, -1) {
				names = append(names, m[2])
			}
		}
		text = exports.ReplaceAllString(imports.ReplaceAllString(text, ""), "$1")
		if strings.Contains(text, "\nimport ") || strings.Contains(text, "\nexport ") {
			return fmt.Errorf("%s has an import or export that is not of the one form", name)
		}
		for _, m := range tops.FindAllStringSubmatch(text, -1) {
			if before := taken[m[1]]; before != "" {
				return fmt.Errorf("%s is declared in %s and in %s", m[1], before, name)
			}
			taken[m[1]] = name
		}
		fmt.Fprintf(&out, "\n// %s\n\n%s\n", path.Base(name), strings.TrimSpace(text))
		return nil
	}
	for _, entry := range entries {
		if err := add(entry); err != nil {
			return nil, err
		}
	}
	const header = "// The CRVideo client as a classic script: its names become globals. Made of the modules that crvideo.mjs names.\n"
	return fmt.Appendf(nil, "%s(() => {\n'use strict';\n%s\nObject.assign(globalThis, {\n  %s,\n});\n})();\n", header, &out, strings.Join(names, ",\n  ")), nil
}

// module is the ES module that exports the whole API.
func module(files fs.FS) ([]byte, error) {
	entries, err := groups(files, ".js")
	if err != nil {
		return nil, err
	}
	out := []byte("// The CRVideo client as an ES module; crvideo.js is the same as a classic script.\n")
	for _, entry := range entries {
		out = fmt.Appendf(out, "export * from './%s';\n", entry)
	}
	return out, nil
}

// types joins the types of all groups into one file.
func types(files fs.FS) ([]byte, error) {
	entries, err := groups(files, ".d.ts")
	if err != nil {
		return nil, err
	}
	var out []byte
	for i, entry := range entries {
		text, err := fs.ReadFile(files, entry)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, '\n')
		}
		out = append(out, typings.ReplaceAll(text, nil)...)
	}
	return out, nil
}
