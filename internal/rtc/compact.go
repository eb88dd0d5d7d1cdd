package rtc

import (
	"iter"
	"slices"
	"strings"
)

// leftOut is what a compact description does without in m-lines that the first of their kind speaks for. Of a bundle
// only the first m-line's transport counts (RFC 8843, 7.1.3), and the codecs' feedback and the header extensions of all our
// m-lines of a kind are the same: pion, of which both ends are made, takes them from the first one.
var leftOut = []string{
	"a=ice-ufrag:", "a=ice-pwd:", "a=setup:", "a=rtcp-rsize", "a=rtcp-fb:", "a=extmap:", "a=candidate:", "a=end-of-candidates",
}

// compactOffer is an offer without what the server does not need of receive slots: two thirds of most of them, which both
// ends would otherwise send, parse and keep for as long as the connection lives.
func compactOffer(sdp string) string {
	return compact(sdp, func(line string) bool { return strings.Contains(line, "\na=recvonly") })
}

// compactAnswer is an answer without what pion does not need.
func compactAnswer(sdp string) string {
	return compact(sdp, func(string) bool { return true })
}

func compact(sdp string, slot func(mLine string) bool) string {
	var out strings.Builder
	out.Grow(len(sdp) / 2)
	seen := make(map[string]bool, 2)
	for section := range sections(sdp) {
		kind, _, _ := strings.Cut(section, " ")
		first := !seen[kind]
		seen[kind] = true
		if !strings.HasPrefix(kind, "m=") || first || !slot(section) {
			out.WriteString(section)
			continue
		}
		for line := range strings.Lines(section) {
			if !superfluous(line) {
				out.WriteString(line)
			}
		}
	}
	return out.String()
}

func superfluous(line string) bool {
	if rest, ok := strings.CutPrefix(line, "a=ssrc:"); ok {
		return !strings.Contains(rest, " cname:") // the others are in a=msid, too, or read by nobody
	}
	return slices.ContainsFunc(leftOut, func(prefix string) bool { return strings.HasPrefix(line, prefix) })
}

// sections gives what comes before the first m-line, and then each m-line with its attributes.
func sections(sdp string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for sdp != "" {
			end := strings.Index(sdp[1:], "\nm=")
			if end < 0 {
				yield(sdp)
				return
			}
			if !yield(sdp[:end+2]) {
				return
			}
			sdp = sdp[end+2:]
		}
	}
}
