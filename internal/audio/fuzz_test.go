package audio

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzJitter lets packets of any content come in any order at any time, and pulls in between.
func FuzzJitter(f *testing.F) {
	f.Add([]byte("\x00\x01\x03\xc0\x00\x01\x14abcdef\x00\x02\x07\x80\x00\x01\x14abcdef\x01\x09\x00\x00\x02\x01\xffxyz"))
	f.Add(make([]byte, 300))
	format := Format{Rate: 8000, Channels: 1, Frame: 10 * time.Millisecond}
	f.Fuzz(func(t *testing.T, in []byte) {
		var count Counters
		j, err := NewJitter(format, &count)
		require.NoError(t, err)
		defer func() { require.NoError(t, j.Close()) }()
		o, err := NewOrdered(format, &count)
		require.NoError(t, err)
		defer func() { require.NoError(t, o.Close()) }()
		now := time.Unix(1, 0)
		pcm := make([]int16, format.FrameSamples())
		for len(in) >= 8 {
			seq, ts := binary.BigEndian.Uint16(in), uint32(binary.BigEndian.Uint16(in[2:]))*240
			length, pulls, ssrc, n := time.Duration(in[4])*2500*time.Microsecond, int(in[5]&3), uint32(in[5]>>7), min(int(in[6]), len(in)-8)
			data := in[8 : 8+n]
			j.Push(ssrc, seq, ts, length, data, now)
			o.Decode(data, ts, length, int(in[7]))
			for range pulls {
				j.Pull(pcm, now)
				now = now.Add(format.Frame)
			}
			in = in[8+n:]
			require.LessOrEqual(t, len(j.held), maxHeld)
			c := count.Read()
			require.GreaterOrEqual(t, min(c.Concealed, c.Recovered, c.Shortened), time.Duration(0))
			require.LessOrEqual(t, c.Delay, timeOf(maxDelay))
		}
		for range 1000 { // it falls silent in the end
			if !j.Pull(pcm, now) && len(j.held) == 0 {
				return
			}
			now = now.Add(format.Frame)
		}
		require.Empty(t, j.held)
	})
}
