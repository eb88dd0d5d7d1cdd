package mux

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"
	"github.com/at-wat/ebml-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A key frame of 640x360 and a picture after it, as far as files look at them.
var (
	keyFrame = []byte("\x00\x00\x00\x01\x67\x42\xc0\x1e\x8c\x8d\x40\x50\x17\xfc\xb0\x0f\x08\x84\x6a\x00\x00\x00\x01\x68\xce\x3c\x80\x00\x00\x00\x01\x65\x88\x84")
	delta    = []byte("\x00\x00\x00\x01\x41\x9a\x11")
)

func tracks() []Track {
	return []Track{{Codec: H264, Key: keyFrame}, {Codec: Opus}}
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// pieces are two: in the second one the sound has a gap of 100 ms.
func pieces() [][]Sample {
	return [][]Sample{
		{
			{Track: 0, Data: keyFrame, PTS: ms(5), Duration: ms(40), Key: true}, {Track: 0, Data: delta, PTS: ms(45), Duration: ms(33)},
			{Track: 1, Data: []byte{0xf8, 1}, PTS: 0, Duration: ms(20)}, {Track: 1, Data: []byte{0xf8, 2}, PTS: ms(21), Duration: ms(20)},
		},
		{
			{Track: 1, Data: []byte{0xf8, 3}, PTS: ms(141), Duration: ms(20)},
			{Track: 0, Data: delta, PTS: ms(78), Duration: ms(33)},
		},
	}
}

func write(t *testing.T, f Format) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	file, err := os.Create(name)
	require.NoError(t, err)
	w, err := New(f, file, tracks())
	require.NoError(t, err)
	for _, p := range pieces() {
		require.NoError(t, w.Write(p))
	}
	require.NoError(t, w.Write(nil))
	require.NoError(t, w.Finish(ms(161)))
	require.NoError(t, file.Close())
	return name
}

func TestMP4(t *testing.T) {
	f, err := mp4.ReadMP4File(write(t, MP4))
	require.NoError(t, err)
	moov := f.Init.Moov
	assert.EqualValues(t, 161, moov.Mvex.Mehd.FragmentDuration)
	assert.EqualValues(t, 1000, moov.Mvhd.Timescale)
	require.Len(t, moov.Traks, 2)
	assert.Equal(t, "avc1", moov.Traks[0].Mdia.Minf.Stbl.Stsd.Children[0].Type())
	assert.EqualValues(t, 640<<16, moov.Traks[0].Tkhd.Width)
	assert.Equal(t, "Opus", moov.Traks[1].Mdia.Minf.Stbl.Stsd.Children[0].Type())
	var got []mp4.FullSample
	for _, s := range f.Segments {
		for _, frag := range s.Fragments {
			for _, traf := range frag.Moof.Trafs {
				one := *frag
				one.Moof = &mp4.MoofBox{Mfhd: frag.Moof.Mfhd, Traf: traf, Trafs: []*mp4.TrafBox{traf}, StartPos: frag.Moof.StartPos}
				samples, err := one.GetFullSamples(nil)
				require.NoError(t, err)
				got = append(got, samples...)
			}
		}
	}
	type sample struct {
		at  uint64
		dur uint32
		key bool
	}
	var seen []sample
	for _, s := range got {
		seen = append(seen, sample{s.DecodeTime, s.Dur, s.IsSync()})
	}
	assert.Equal(t, []sample{
		{450, 3600, true}, {4050, 2970, false}, {0, 1008, true}, {1008, 960, true},
		{6768, 960, true}, {7020, 2970, false},
	}, seen, "in units of 1/90000 and 1/48000 s")
	assert.Equal(t, append([]byte{0, 0, 0, 3}, delta[4:]...), got[1].Data, "lengths instead of start codes")
	assert.Equal(t, []byte{0xf8, 3}, got[4].Data)
}

func TestMatroska(t *testing.T) {
	for format, docType := range map[Format]string{Matroska: "matroska", WebM: "webm"} {
		file, err := os.Create(filepath.Join(t.TempDir(), "file"))
		require.NoError(t, err)
		video := tracks()[0]
		if format == WebM {
			video = Track{Codec: VP8}
		}
		w, err := New(format, file, []Track{video, {Codec: Opus}})
		require.NoError(t, err)
		for _, p := range pieces() {
			require.NoError(t, w.Write(p))
		}
		read := func() (all struct {
			EBML    struct{ EBMLDocType string }
			Segment struct {
				Info    segmentInfo
				Tracks  trackList
				Cluster []cluster
			}
		}) {
			_, err := file.Seek(0, io.SeekStart)
			require.NoError(t, err)
			err = ebml.Unmarshal(file, &all, ebml.WithIgnoreUnknown(true))
			if err != io.EOF {
				require.NoError(t, err)
			}
			return all
		}
		assert.Zero(t, read().Segment.Info.Duration, "not known yet: no element at all")
		require.NoError(t, w.Finish(ms(161)))
		all := read()
		require.NoError(t, file.Close())
		assert.Equal(t, docType, all.EBML.EBMLDocType)
		assert.EqualValues(t, 161, all.Segment.Info.Duration)
		require.Len(t, all.Segment.Tracks.TrackEntry, 2)
		assert.EqualValues(t, 360, all.Segment.Tracks.TrackEntry[0].Video.PixelHeight)
		assert.Equal(t, "A_OPUS", all.Segment.Tracks.TrackEntry[1].CodecID)
		var seen [][3]uint64 // track, time, key
		for _, c := range all.Segment.Cluster {
			for _, b := range c.SimpleBlock {
				key := uint64(0)
				if b.Keyframe {
					key = 1
				}
				seen = append(seen, [3]uint64{b.TrackNumber, c.Timecode + uint64(b.Timecode), key})
			}
		}
		assert.Equal(t, [][3]uint64{{2, 0, 1}, {1, 5, 1}, {2, 21, 1}, {1, 45, 0}, {1, 78, 0}, {2, 141, 1}}, seen)
	}
}

func TestFormats(t *testing.T) {
	for name, want := range map[string]Format{"a.mp4": MP4, "b.MKV": Matroska, "c.x.webm": WebM, "d.mka": Matroska} {
		got, ok := FormatOf(name)
		assert.True(t, ok)
		assert.Equal(t, want, got, name)
	}
	_, ok := FormatOf("mp4")
	assert.False(t, ok)
	assert.True(t, MP4.Holds("video/h264"))
	assert.False(t, MP4.Holds("video/VP8"))
	assert.False(t, WebM.Holds("video/H264"))
	assert.True(t, WebM.Holds("video/VP9"))
	assert.False(t, Matroska.Holds("video/AV1"), "needs more in its header than we know")
	_, err := New(WebM, nil, tracks())
	assert.ErrorContains(t, err, "WebM files cannot hold video/H264")
	for _, f := range []Format{MP4, Matroska} {
		_, err = New(f, nil, []Track{{Codec: H264, Key: delta}})
		assert.ErrorContains(t, err, "parameter sets")
	}
}

func TestLongTimesAreExact(t *testing.T) {
	assert.EqualValues(t, 40*3600*90000+45, ticks(40*time.Hour+500*time.Microsecond, 90000))
	assert.Len(t, noLength, 11)
	assert.Len(t, binary.BigEndian.AppendUint64(bytes.Clone(lengthElement), 0), 11)
}

// How pictures are to be turned is said in both kinds of files.
func TestTurnedPictures(t *testing.T) {
	for degrees, roll := range map[int]float64{90: -90, 180: -180, 270: 90} {
		var out buffer
		_, err := New(Matroska, &out, []Track{{Codec: H264, Key: keyFrame, Rotation: degrees}})
		require.NoError(t, err)
		want := binary.BigEndian.AppendUint64([]byte{0x76, 0x75, 0x88}, math.Float64bits(roll))
		assert.Contains(t, out.String(), string(want), "ProjectionPoseRoll")
	}
	var out buffer
	w, err := New(MP4, &out, []Track{{Codec: H264, Key: keyFrame, Rotation: 90}})
	require.NoError(t, err)
	matrix := "\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x68\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00"
	assert.Contains(t, out.String(), matrix)
	before := out.Len()
	require.NoError(t, w.Finish(time.Second))
	assert.Equal(t, before, out.Len(), "in its place")
	assert.Contains(t, out.String(), matrix)
}

// buffer is a file in memory of which only the beginning is written again.
type buffer struct{ bytes.Buffer }

func (b *buffer) WriteAt(p []byte, at int64) (int, error) { return copy(b.Bytes()[at:], p), nil }
