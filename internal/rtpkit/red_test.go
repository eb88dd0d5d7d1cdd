package rtpkit

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestREDRoundTrip(t *testing.T) {
	var w REDWriter
	packets := [][]byte{{1, 1, 1}, {2}, bytes.Repeat([]byte{3}, 300), bytes.Repeat([]byte{4}, 40)}
	for i, p := range packets {
		timestamp := uint32(1<<32 - 960 + i*960) // wraps
		r, ok := ParseRED(w.Write(p, timestamp, 111, 2, 1160))
		require.True(t, ok)
		assert.Equal(t, p, r.Primary())
		assert.EqualValues(t, 111, r.PayloadType())
		require.Equal(t, min(i, 2), r.Len())
		for k := range r.Len() {
			offset, payload := r.Earlier(k)
			back := r.Len() - k
			assert.EqualValues(t, 960*back, offset)
			assert.Equal(t, packets[i-back], payload)
		}
	}
	r, _ := ParseRED(w.Write([]byte{5}, 4*960, 111, 1, 1160))
	assert.Equal(t, 1, r.Len(), "no more than is wanted")
	r, _ = ParseRED(w.Write([]byte{6}, 5*960, 111, 2, 20))
	assert.Equal(t, 1, r.Len(), "no more than there is room for")
	r, _ = ParseRED(w.Write([]byte{7}, 5*960+redOffset, 111, 2, 1160))
	assert.Equal(t, 0, r.Len(), "too long ago")
	_ = w.Write(bytes.Repeat([]byte{8}, redLength), 6*960+redOffset, 111, 2, 1160)
	r, _ = ParseRED(w.Write([]byte{9}, 7*960+redOffset, 111, 2, 3000))
	assert.Equal(t, 0, r.Len(), "too long")
	w.Reset()
	r, _ = ParseRED(w.Write([]byte{9}, 8*960+redOffset, 111, 2, 1160))
	assert.Equal(t, 0, r.Len())
}

func TestREDOfOthers(t *testing.T) {
	for _, bad := range [][]byte{nil, {111}, {0x80 | 111}, {0x80 | 111, 0, 0, 1}, {0x80 | 111, 0, 0, 1, 111}, {0x80 | 111, 0, 0, 1, 111, 5}, bytes.Repeat([]byte{0xff}, 100)} {
		_, ok := ParseRED(bad)
		assert.False(t, ok, "%v", bad)
	}
	r, ok := ParseRED([]byte{0x80 | 111, 0x0f, 0x00, 1, 111, 5, 6}) // as a browser sends it
	require.True(t, ok)
	offset, payload := r.Earlier(0)
	assert.EqualValues(t, 960, offset)
	assert.Equal(t, []byte{5}, payload)
	assert.Equal(t, []byte{6}, r.Primary())
}

func TestREDCostsNoAllocation(t *testing.T) {
	var w REDWriter
	p := bytes.Repeat([]byte{1}, 80)
	timestamp := uint32(0)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		timestamp += 960
		r, ok := ParseRED(w.Write(p, timestamp, 111, 2, 1160))
		for i := range r.Len() {
			_, earlier := r.Earlier(i)
			ok = ok && len(earlier) == 80
		}
		if !ok || len(r.Primary()) != 80 {
			panic("wrong")
		}
	}))
}

func FuzzRED(f *testing.F) {
	var w REDWriter
	for i := range 4 {
		f.Add(bytes.Clone(w.Write([]byte{1, byte(i)}, uint32(i)*960, 111, 2, 1160)))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		r, ok := ParseRED(payload)
		if !ok {
			return
		}
		require.NotEmpty(t, r.Primary())
		size := 1 + len(r.Primary())
		for i := range r.Len() {
			offset, earlier := r.Earlier(i)
			require.Less(t, offset, uint32(redOffset))
			size += redHeader + len(earlier)
		}
		require.Equal(t, len(payload), size, "every byte is of one packet")
	})
}
