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
	imports = regexp.MustCompile(`(?m)^import \{[^}]*\} from '\./([a-z]+\.js)';\n`)
	exports = regexp.MustCompile(`(?m)^export ((?:async )?(?:const|function|class) (\w+))`)
	tops    = regexp.MustCompile(`(?m)^(?:async )?(?:const|let|function|class) (\w+)`)
)

// bundle joins the module sdk/api.js and everything that it imports, each after what it needs, into a classic script that
// makes its exports global.
func bundle(files fs.FS) ([]byte, error) {
	const entry = "sdk/api.js"
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
			if err := add(path.Join(path.Dir(entry), m[1])); err != nil {
				return err
			}
		}
		if name == entry {
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
	if err := add(entry); err != nil {
		return nil, err
	}
	const header = "// The CRVideo client as a classic script: its names become globals. Made of the modules that crvideo.mjs imports.\n"
	return fmt.Appendf(nil, "%s(() => {\n'use strict';\n%s\nObject.assign(globalThis, {\n  %s,\n});\n})();\n", header, &out, strings.Join(names, ",\n  ")), nil
}
