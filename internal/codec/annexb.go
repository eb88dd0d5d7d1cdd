package codec

import "bytes"

// H.264 NAL unit types (ITU-T H.264, table 7-1).
const (
	nalSlice       = 1
	nalPartitionA  = 2
	nalPartitionC  = 4
	nalIDR         = 5
	nalSPS         = 7
	nalPPS         = 8
	nalHeaderBytes = 1
)

var startCode = []byte{0, 0, 0, 1}

// nextNAL returns the first NAL unit of an Annex B stream without its start code, and what follows it. Without a start code
// there is none.
func nextNAL(b []byte) (nal, rest []byte) {
	i := bytes.Index(b, startCode[1:])
	if i < 0 {
		return nil, nil
	}
	b = b[i+3:]
	end := bytes.Index(b, startCode[1:])
	if end < 0 {
		return trimZeros(b), nil
	}
	return trimZeros(b[:end]), b[end:]
}

// trimZeros cuts trailing zeros off: they belong to the next start code or are padding. The result is never nil.
func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}
