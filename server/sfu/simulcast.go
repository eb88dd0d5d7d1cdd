package sfu

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

const maxRIDBytes = 16

// declaredLayers reads the layers of an m-line (RFC 8853), and which SSRCs they have if the offer says so; browsers say
// so in packets only. An m-line without simulcast has one layer without a name.
func declaredLayers(m *sdp.MediaDescription, ssrcs []uint32) []layerLine {
	rids := sendRIDs(m)
	if len(rids) < 2 {
		return []layerLine{{ssrcs: ssrcs}}
	}
	layers := make([]layerLine, len(rids))
	groups := ssrcGroups(m)
	for i, rid := range rids {
		layers[i].rid = rid
		if len(groups) == len(rids) {
			layers[i].ssrcs = groups[i]
		}
	}
	return layers
}

// sendRIDs are the names of the layers that the client can send, in the order of the offer. Of alternatives it is the first.
func sendRIDs(m *sdp.MediaDescription) (rids []string) {
	lists := ""
	for _, a := range m.Attributes { // pion repeats the answer's in its next offer
		f := strings.Fields(a.Value)
		if at := slices.Index(f, "send"); a.Key == "simulcast" && at >= 0 && at+1 < len(f) {
			lists = f[at+1]
		}
	}
	if lists == "" {
		return nil
	}
	for _, list := range strings.Split(lists, ";") {
		rid, _, _ := strings.Cut(list, ",")
		rid = strings.TrimPrefix(rid, "~")
		if rid == "" || len(rid) > maxRIDBytes || len(rids) == maxLayers || slices.Contains(rids, rid) {
			return nil
		}
		rids = append(rids, rid)
	}
	return rids
}

// ssrcGroups are the pairs of a stream and its retransmissions, in the order of the offer.
func ssrcGroups(m *sdp.MediaDescription) (groups [][]uint32) {
	for _, a := range m.Attributes {
		f := strings.Fields(a.Value)
		if a.Key != sdp.AttrKeySSRCGroup || len(f) != 3 || f[0] != sdp.SemanticTokenFlowIdentification {
			continue
		}
		main, err := strconv.ParseUint(f[1], 10, 32)
		if err != nil {
			continue
		}
		repair, err := strconv.ParseUint(f[2], 10, 32)
		if err != nil || len(groups) == maxLayers {
			continue
		}
		groups = append(groups, []uint32{uint32(main), uint32(repair)})
	}
	return groups
}

// furtherSSRCs are those of all layers but the first, which pion would take for a mistake.
func furtherSSRCs(m *sdp.MediaDescription) map[string]bool {
	if len(sendRIDs(m)) < 2 {
		return nil
	}
	further := make(map[string]bool)
	for i, group := range ssrcGroups(m) {
		for _, ssrc := range group {
			if i > 0 {
				further[strconv.FormatUint(uint64(ssrc), 10)] = true
			}
		}
	}
	return further
}

// layersOf are the layers of those m-lines of an offer that have several, by mid.
func layersOf(o *offer) map[string][]layerLine {
	found := make(map[string][]layerLine)
	for _, line := range o.lines {
		if len(line.layers) > 1 {
			found[line.mid] = line.layers
		}
	}
	return found
}

// simulcast puts into an answer that the layers of the offer are welcome.
func simulcast(answer string, layered map[string][]layerLine) string {
	if len(layered) == 0 {
		return answer
	}
	var desc sdp.SessionDescription
	if desc.UnmarshalString(answer) != nil {
		return answer
	}
	for _, m := range desc.MediaDescriptions {
		mid, _ := m.Attribute(sdp.AttrKeyMID)
		layers := layered[mid]
		if len(layers) == 0 || m.MediaName.Port.Value == 0 {
			continue
		}
		rids := make([]string, len(layers))
		for i, l := range layers {
			rids[i] = l.rid
			m.WithValueAttribute("rid", l.rid+" recv")
		}
		m.WithValueAttribute("simulcast", "recv "+strings.Join(rids, ";"))
	}
	out, err := desc.Marshal()
	if err != nil {
		return answer
	}
	return string(out)
}
