// Package savefile writes a file that somebody else has named into a folder, and never outside of it, over another file, or
// half.
package savefile

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName leaves room for what tells two files of the same name apart.
const maxName = 200

// Name makes a name from somewhere else a plain file name that every system takes: without folders, control characters
// and what turns the direction of a text, not hidden, not a device of Windows, of at most 200 bytes. It is never empty, and
// a name that Name has made it leaves as it is.
func Name(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.Trim(shorten(strings.TrimSpace(name)), " ")
	if strings.HasPrefix(name, ".") {
		name = "_" + name[1:]
	}
	if name = strings.TrimRight(name, ". "); name == "" || name == "_" {
		return "file"
	}
	if isDevice(name) {
		name = "_" + name
	}
	return name
}

// shorten cuts a name that is too long, and keeps its ending.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	stem := name[:maxName-1-len(ext)] // one less for a _ before it
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, ". ") + ext
}

// isDevice tells whether Windows takes a name for a device, whatever its ending.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	for _, prefix := range []string{"COM", "LPT"} {
		if number, is := strings.CutPrefix(stem, prefix); is && utf8.RuneCountInString(number) == 1 && strings.ContainsAny(number, "0123456789¹²³") {
			return true
		}
	}
	return false
}
