package crvideotest

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// redirect makes media go through the relay: the candidates in the server's answers become ports of the relay, and
// those in clients' offers are taken out, since the server would go to them directly.
func (r *mediaRelay) redirect(m Message, parsed *wire.Message) []byte {
	var edited bool
	if m.Direction == ToServer {
		parsed.Params, edited = editSDP(parsed.Params, "offer", func(sdp string) string {
			r.learn(m.UID, sdp)
			return editCandidates(sdp, func([]string) bool { return false })
		})
	} else {
		parsed.Result, edited = editSDP(parsed.Result, "answer", func(sdp string) string {
			return editCandidates(sdp, r.replace)
		})
	}
	if !edited {
		return m.Text
	}
	text, err := wire.Encode(parsed)
	if err != nil {
		return m.Text
	}
	return text
}

// editCandidates lets edit change the words of each candidate line, or take it out.
func editCandidates(sdp string, edit func(words []string) (keep bool)) string {
	var out strings.Builder
	for line := range strings.SplitAfterSeq(sdp, "\n") {
		body := strings.TrimRight(line, "\r\n")
		value, found := strings.CutPrefix(body, "a=candidate:")
		if found {
			words := strings.Fields(value) // foundation component protocol priority address port ...
			if len(words) < 6 || !edit(words) {
				continue
			}
			line = "a=candidate:" + strings.Join(words, " ") + line[len(body):]
		}
		out.WriteString(line)
	}
	return out.String()
}

// replace puts the relay's address into a candidate of the server.
func (r *mediaRelay) replace(words []string) bool {
	ip, err := netip.ParseAddr(words[4])
	port, portErr := strconv.ParseUint(words[5], 10, 16)
	if err != nil || portErr != nil {
		return false
	}
	server := netip.AddrPortFrom(ip.Unmap(), uint16(port))
	var local netip.AddrPort
	switch strings.ToLower(words[2]) {
	case "udp":
		local, err = r.udp(server)
	case "tcp":
		local, err = r.tcp(server)
	default:
		return false
	}
	if err != nil {
		r.net.tb.Errorf("crvideotest: media relay for %v: %v", server, err)
		return false
	}
	words[4], words[5] = local.Addr().String(), strconv.Itoa(int(local.Port()))
	return true
}

// learn remembers by which name (ICE user fragment) a user's packets are known.
func (r *mediaRelay) learn(uid, sdp string) {
	for line := range strings.Lines(sdp) {
		if name, found := strings.CutPrefix(strings.TrimSpace(line), "a=ice-ufrag:"); found {
			r.mu.Lock()
			r.users[strings.Clone(name)] = uid // or the whole description would be kept
			r.mu.Unlock()
		}
	}
}
