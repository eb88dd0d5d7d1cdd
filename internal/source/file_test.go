package source

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFilesOfAnotherKindAreRefused(t *testing.T) {
	for _, loop := range []bool{false, true} {
		for _, content := range []string{"", "hello", strings.Repeat("no media ", 10000), "\x00\x00\x00\x01", "\x00\x00\x01\x09\xf0\x00\x00\x01"} {
			_, err := NewH264File(strings.NewReader(content), 30, loop)
			assert.Error(t, err)
			_, err = NewOggOpusFile(strings.NewReader(content), loop)
			assert.Error(t, err)
		}
	}
	_, err := NewOggOpusFile(bytes.NewReader(page(0, []byte("\x80theora"))), false)
	assert.ErrorContains(t, err, "not Opus")
	_, err = NewH264File(strings.NewReader("\x00\x00\x01\x65\x88"), 0, false)
	assert.Error(t, err, "no frame rate")
	_, err = NewH264File(io.MultiReader(), 30, true)
	assert.ErrorContains(t, err, "io.Seeker")
}

func TestSlicesAreKeptTogether(t *testing.T) {
	stream := []byte("junk\x00\x00\x00\x01\x67\x42\x00\x00\x01\x68\xce\x00\x00\x01\x65\x88\x11\x00\x00\x01\x65\x33\x22" +
		"\x00\x00\x00\x01\x41\x9a\x33\x00\x00\x00\x01\x06\x01\x80\x00\x00\x01\x41\x9a\x44")
	want := []string{
		"\x00\x00\x00\x01\x67\x42\x00\x00\x00\x01\x68\xce\x00\x00\x00\x01\x65\x88\x11\x00\x00\x00\x01\x65\x33\x22",
		"\x00\x00\x00\x01\x41\x9a\x33",
		"\x00\x00\x00\x01\x06\x01\x80\x00\x00\x00\x01\x41\x9a\x44",
	}
	var frame int64
	r := newH264Reader(bytes.NewReader(stream), 30, &frame)
	for i, w := range want {
		s, err := r.next()
		require.NoError(t, err)
		assert.Equal(t, w, string(s.Data))
		assert.Equal(t, i == 0, s.Key)
	}
	_, err := r.next()
	assert.ErrorIs(t, err, io.EOF)
}

// page returns an Ogg page; a packet of a multiple of 255 bytes that is the last one goes on in the next page.
func page(flags byte, packets ...[]byte) []byte {
	var lacing, body []byte
	for i, p := range packets {
		body = append(body, p...)
		n := len(p)
		for ; n >= 255; n -= 255 {
			lacing = append(lacing, 255)
		}
		if n > 0 || i < len(packets)-1 {
			lacing = append(lacing, byte(n))
		}
	}
	header := make([]byte, oggHeaderBytes)
	copy(header, "OggS")
	header[5] = flags
	header[26] = byte(len(lacing))
	return append(append(header, lacing...), body...)
}

func TestOggPacketsAreTakenOutOfPages(t *testing.T) {
	const celt20ms = 0xf8
	long := append([]byte{celt20ms}, bytes.Repeat([]byte{7}, 599)...)
	file := bytes.Join([][]byte{
		page(2, []byte("OpusHead")), page(0, []byte("OpusTags")),
		page(0, []byte{celt20ms, 1}, []byte{celt20ms, 2}, long[:510]),
		page(oggContinued, long[510:], []byte{celt20ms | 1, 3}),
		page(2, []byte("OpusHead")), page(0, []byte("OpusTags")), // a chained file
		page(oggContinued, []byte{9, 9, 9}, []byte{celt20ms, 4}), // a beginning that is missing
		page(0, []byte{celt20ms, 5})[:oggHeaderBytes+2],          // and an end
	}, nil)
	synctest.Test(t, func(t *testing.T) {
		s, err := NewOggOpusFile(bytes.NewReader(file), true)
		require.NoError(t, err)
		defer s.Close()
		start := time.Now()
		for range 2 {
			for i, want := range [][]byte{{celt20ms, 1}, {celt20ms, 2}, long, {celt20ms | 1, 3}, {celt20ms, 4}} {
				got, err := s.Next(t.Context())
				require.NoError(t, err)
				assert.Equal(t, want, got.Data, "packet %d", i)
				assert.True(t, got.Key)
			}
		}
		assert.Equal(t, 11*20*time.Millisecond, time.Since(start), "the fourth packet holds 40 ms")
	})
}

func TestOggOfAnotherWriter(t *testing.T) {
	var file bytes.Buffer
	w, err := oggwriter.NewWith(&file, 48000, 2)
	require.NoError(t, err)
	for i := range 5 {
		require.NoError(t, w.WriteRTP(&rtp.Packet{Header: rtp.Header{Timestamp: uint32(960 * i)}, Payload: []byte{0xf8, byte(i)}}))
	}
	require.NoError(t, w.Close())
	r := &oggOpusReader{in: newOggPackets(&file)}
	for i := range 5 {
		s, err := r.next()
		require.NoError(t, err)
		assert.Equal(t, []byte{0xf8, byte(i)}, s.Data)
	}
	_, err = r.next()
	assert.ErrorIs(t, err, io.EOF)
}

func TestOpusDurations(t *testing.T) {
	for want, packet := range map[time.Duration][]byte{
		0:                        {},
		2500 * time.Microsecond:  {16 << 3},
		10 * time.Millisecond:    {0},
		20 * time.Millisecond:    {31 << 3},
		40 * time.Millisecond:    {31<<3 | 1},
		60 * time.Millisecond:    {3 << 3},
		120 * time.Millisecond:   {3<<3 | 2},
		100 * time.Millisecond:   {31<<3 | 3, 5},
		12500 * time.Microsecond: {16<<3 | 3, 5},
	} {
		assert.Equal(t, want, opusDuration(packet), "% x", packet)
	}
	assert.Zero(t, opusDuration([]byte{31<<3 | 3, 63}), "longer than the format allows")
	assert.Zero(t, opusDuration([]byte{3}), "no count")
}

type closeCounter struct {
	*bytes.Reader
	closed int
}

func (c *closeCounter) Close() error { c.closed++; return nil }

func TestCloseClosesTheFileOnce(t *testing.T) {
	f := &closeCounter{Reader: bytes.NewReader([]byte("\x00\x00\x01\x65\x88\x11"))}
	s, err := NewH264File(f, 30, true)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	assert.Equal(t, 1, f.closed)
	_, err = s.Next(t.Context())
	assert.ErrorIs(t, err, ErrClosed)
}

func FuzzFiles(f *testing.F) {
	f.Add([]byte("\x00\x00\x01\x65\x88\x11\x00\x00\x01\x41\x9a"))
	f.Add(bytes.Join([][]byte{page(2, []byte("OpusHead")), page(0, []byte{0xf8, 1}), page(oggContinued, []byte{0xf8, 2})}, nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		var frame int64
		for _, r := range []reader{newH264Reader(bytes.NewReader(file), 30, &frame), &oggOpusReader{in: newOggPackets(bytes.NewReader(file))}} {
			for n := 0; ; n++ {
				s, err := r.next()
				if err != nil {
					break
				}
				if len(s.Data) == 0 || s.Duration <= 0 || n > len(file) {
					t.Fatalf("sample %d: %d bytes, %v", n, len(s.Data), s.Duration)
				}
			}
		}
	})
}
