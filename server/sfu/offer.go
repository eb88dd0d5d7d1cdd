package sfu

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// What an offer may contain at most. More is refused, since pion's work grows with the square of some of it.
const (
	maxMediaLines = 256 // m-lines
	maxMidBytes   = 16  // one mid
	maxFormats    = 128 // payload types in one m-line
	maxAttributes = 1024
	maxLineSSRCs  = 16 // SSRCs declared in one m-line
	maxCandidates = 32 // further ones are ignored
)

// offer is a session description that was checked.
type offer struct {
	sdp    string
	lines  []mediaLine
	midExt uint8 // ID of the header extension sdes:mid, 0 if there is none
	cvoExt uint8 // and of the one that tells how pictures are turned

	levelExt uint8 // and of the one that tells how loud sound is
	numExt   uint8 // and of the one that numbers all packets of the transport
	ridExt   uint8 // and of those that name the layer of a packet, and of a repeated one
	repExt   uint8
}

// mediaLine is what the SFU itself needs to know about one m-line of an offer.
type mediaLine struct {
	mid      string
	kind     webrtc.RTPCodecType // 0: data
	formats  string              // payload types, which mean the same in all m-lines (RFC 8843, 9.1)
	sends    bool                // the client may send on it
	receives bool                // the client wants to receive on it
	layers   []layerLine         // one at least if the client sends
}

func badOffer(format string, args ...any) *wire.Error {
	return wire.Errorf(wire.CodeBadParameter, "offer: "+format, args...)
}

// parseOffer checks an offer that comes from anywhere. It takes out what the SFU answers by itself (simulcast) and too
// many candidates.
func parseOffer(raw string) (*offer, *wire.Error) {
	if len(raw) > wire.MaxSDPBytes {
		return nil, badOffer("%d bytes, at most %d are allowed", len(raw), wire.MaxSDPBytes)
	}
	if n := strings.Count(raw, "\nm="); n > maxMediaLines {
		return nil, badOffer("%d media lines, at most %d are allowed", n, maxMediaLines)
	}
	var desc sdp.SessionDescription
	if err := desc.UnmarshalString(raw); err != nil {
		return nil, badOffer("%v", err)
	}
	if len(desc.MediaDescriptions) == 0 {
		return nil, badOffer("no media line")
	}
	for _, key := range []string{"ice-ufrag", "ice-pwd", "fingerprint"} {
		if !hasAttribute(&desc, key) {
			return nil, badOffer("no %s", key)
		}
	}
	o := &offer{sdp: raw}
	mids := make(map[string]bool, len(desc.MediaDescriptions))
	for i, m := range desc.MediaDescriptions {
		line, err := parseMediaLine(&desc, m)
		if err != nil {
			return nil, badOffer("media line %d: %s", i, err.Message)
		}
		if mids[line.mid] {
			return nil, badOffer("mid %q is there twice", line.mid)
		}
		mids[line.mid] = true
		o.lines = append(o.lines, line)
		if o.midExt == 0 {
			o.midExt = extension(m, sdp.SDESMidURI)
		}
		if o.cvoExt == 0 {
			o.cvoExt = extension(m, rtpkit.OrientationURI)
		}
		if o.levelExt == 0 {
			o.levelExt = extension(m, rtpkit.LevelURI)
		}
		if o.numExt == 0 {
			o.numExt = extension(m, rtpkit.TransportURI)
		}
		if o.ridExt == 0 {
			o.ridExt, o.repExt = extension(m, sdp.SDESRTPStreamIDURI), extension(m, sdp.SDESRepairRTPStreamIDURI)
		}
	}
	if !prune(&desc) {
		return o, nil
	}
	pruned, err := desc.Marshal()
	if err != nil {
		return nil, badOffer("%v", err)
	}
	o.sdp = string(pruned)
	return o, nil
}

// hasAttribute looks at the session and all media lines.
func hasAttribute(desc *sdp.SessionDescription, key string) bool {
	if _, ok := desc.Attribute(key); ok {
		return true
	}
	return slices.ContainsFunc(desc.MediaDescriptions, func(m *sdp.MediaDescription) bool {
		_, ok := m.Attribute(key)
		return ok
	})
}

func parseMediaLine(desc *sdp.SessionDescription, m *sdp.MediaDescription) (mediaLine, *wire.Error) {
	var line mediaLine
	switch strings.ToLower(m.MediaName.Media) {
	case "audio":
		line.kind = webrtc.RTPCodecTypeAudio
	case "video":
		line.kind = webrtc.RTPCodecTypeVideo
	case "application":
	default:
		return line, badOffer("kind %.20q is not known", m.MediaName.Media)
	}
	switch {
	case len(m.MediaName.Formats) > maxFormats:
		return line, badOffer("%d payload types, at most %d are allowed", len(m.MediaName.Formats), maxFormats)
	case len(m.Attributes) > maxAttributes:
		return line, badOffer("%d attributes, at most %d are allowed", len(m.Attributes), maxAttributes)
	}
	line.mid, _ = m.Attribute(sdp.AttrKeyMID)
	if line.mid == "" || len(line.mid) > maxMidBytes {
		return line, badOffer("mid has %d bytes, 1 to %d are allowed", len(line.mid), maxMidBytes)
	}
	if line.kind == 0 {
		return line, nil
	}
	line.formats = strings.Join(m.MediaName.Formats, " ")
	line.sends, line.receives = directions(desc, m)
	ssrcs := declaredSSRCs(m)
	if len(ssrcs) > maxLineSSRCs {
		return line, badOffer("%d SSRCs, at most %d are allowed", len(ssrcs), maxLineSSRCs)
	}
	line.layers = declaredLayers(m, ssrcs)
	return line, nil
}

func directions(desc *sdp.SessionDescription, m *sdp.MediaDescription) (sends, receives bool) {
	if _, bundleOnly := m.Attribute("bundle-only"); m.MediaName.Port.Value == 0 && !bundleOnly {
		return false, false // rejected
	}
	for _, attrs := range [][]sdp.Attribute{m.Attributes, desc.Attributes} {
		for _, a := range attrs {
			switch a.Key {
			case sdp.AttrKeySendRecv:
				return true, true
			case sdp.AttrKeySendOnly:
				return true, false
			case sdp.AttrKeyRecvOnly:
				return false, true
			case sdp.AttrKeyInactive:
				return false, false
			}
		}
	}
	return true, true
}

func declaredSSRCs(m *sdp.MediaDescription) []uint32 {
	var ssrcs []uint32
	for _, a := range m.Attributes {
		if a.Key != sdp.AttrKeySSRC {
			continue
		}
		number, _, _ := strings.Cut(a.Value, " ")
		if n, err := strconv.ParseUint(number, 10, 32); err == nil && !slices.Contains(ssrcs, uint32(n)) {
			if ssrcs = append(ssrcs, uint32(n)); len(ssrcs) > maxLineSSRCs {
				break
			}
		}
	}
	// the retransmissions' SSRC is the second of a group, wherever its lines are
	for _, a := range m.Attributes {
		if f := strings.Fields(a.Value); a.Key == sdp.AttrKeySSRCGroup && len(f) == 3 && f[0] == sdp.SemanticTokenFlowIdentification {
			if n, err := strconv.ParseUint(f[1], 10, 32); err == nil {
				if i := slices.Index(ssrcs, uint32(n)); i > 0 {
					ssrcs[0], ssrcs[i] = ssrcs[i], ssrcs[0]
				}
				break
			}
		}
	}
	return ssrcs
}

// extension finds the ID of a header extension in an m-line, 0 if it is not there.
func extension(m *sdp.MediaDescription, uri string) uint8 {
	for _, a := range m.Attributes {
		if a.Key != sdp.AttrKeyExtMap {
			continue
		}
		f := strings.Fields(a.Value)
		if len(f) < 2 || f[1] != uri {
			continue
		}
		id, _, _ := strings.Cut(f[0], "/")
		if n, err := strconv.ParseUint(id, 10, 8); err == nil && n > 0 {
			return uint8(n)
		}
	}
	return 0
}

// prune takes out simulcast, which pion need not know of, and candidates above the limit. It tells whether it did.
func prune(desc *sdp.SessionDescription) bool {
	changed, candidates := false, 0
	for _, m := range desc.MediaDescriptions {
		before := len(m.Attributes)
		further := furtherSSRCs(m)
		m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
			if a.Key == sdp.AttrKeySSRC || a.Key == sdp.AttrKeySSRCGroup {
				return slices.ContainsFunc(strings.Fields(a.Value), func(f string) bool { return further[f] })
			}
			if a.Key == sdp.AttrKeyCandidate {
				candidates++
			}
			return a.Key == "rid" || a.Key == "simulcast" || a.Key == sdp.AttrKeyCandidate && candidates > maxCandidates
		})
		changed = changed || len(m.Attributes) != before
	}
	return changed
}
