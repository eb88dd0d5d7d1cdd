package mux

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/Eyevinn/mp4ff/avc"
	"github.com/at-wat/ebml-go"
)

var matroskaIDs = map[string]string{
	"video/h264": "V_MPEG4/ISO/AVC", "video/vp8": "V_VP8", "video/vp9": "V_VP9", "audio/opus": "A_OPUS",
}

// The elements of Matroska (RFC 9559) that are written.
type (
	ebmlHeader struct {
		EBMLVersion, EBMLReadVersion, EBMLMaxIDLength, EBMLMaxSizeLength uint64
		EBMLDocType                                                      string
		EBMLDocTypeVersion, EBMLDocTypeReadVersion                       uint64
	}
	segment struct {
		Info   segmentInfo
		Tracks trackList
	}
	segmentInfo struct {
		TimecodeScale         uint64 // ns
		MuxingApp, WritingApp string
		Duration              float64 // in units of TimecodeScale
	}
	trackList  struct{ TrackEntry []trackEntry }
	trackEntry struct {
		TrackNumber, TrackUID uint64
		CodecID               string
		CodecPrivate          []byte `ebml:",omitempty"`
		CodecDelay            uint64 `ebml:",omitempty"` // ns
		TrackType             uint64
		SeekPreRoll           uint64     `ebml:",omitempty"` // ns
		Audio                 *audioInfo `ebml:",omitempty"`
		Video                 *videoInfo `ebml:",omitempty"`
	}
	audioInfo struct {
		SamplingFrequency float64
		Channels          uint64
	}
	videoInfo struct {
		PixelWidth, PixelHeight uint64
		Projection              *projection `ebml:",omitempty"`
	}
	projection struct {
		ProjectionType     uint64  // 0: a plain picture
		ProjectionPoseRoll float64 // degrees counter-clockwise
	}
	cluster struct {
		Timecode    uint64
		SimpleBlock []ebml.Block
	}
)

// matroskaWriter writes a segment of unknown size, a cluster for each piece.
type matroskaWriter struct {
	file   File
	tracks []Track
	length int64 // where in the file it is
}

// The element with the length, and one of the same size without a meaning (EBML Void) that keeps its place until Finish.
var (
	lengthElement = []byte{0x44, 0x89, 0x88}
	noLength      = []byte{0xec, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0}
)

func newMatroska(file File, tracks []Track, f Format) (*matroskaWriter, error) {
	w := &matroskaWriter{file: file, tracks: tracks}
	header := struct {
		EBML    ebmlHeader
		Segment segment `ebml:",size=unknown"`
	}{
		EBML: ebmlHeader{1, 1, 4, 8, "matroska", 4, 2},
		Segment: segment{
			Info: segmentInfo{uint64(time.Millisecond), "ebml-go", "crvideo", math.MaxFloat64},
		},
	}
	if f == WebM {
		header.EBML.EBMLDocType = "webm"
	}
	for i, t := range tracks {
		entry, err := newTrackEntry(i, t)
		if err != nil {
			return nil, fmt.Errorf("track %d: %w", i, err)
		}
		header.Segment.Tracks.TrackEntry = append(header.Segment.Tracks.TrackEntry, entry)
	}
	var b bytes.Buffer
	if err := ebml.Marshal(&header, &b); err != nil {
		return nil, err
	}
	at := bytes.Index(b.Bytes(), binary.BigEndian.AppendUint64(lengthElement[:3:3], math.Float64bits(math.MaxFloat64)))
	if at < 0 {
		return nil, errors.New("no place for the length")
	}
	copy(b.Bytes()[at:], noLength)
	w.length = int64(at)
	_, err := file.Write(b.Bytes())
	return w, err
}

func newTrackEntry(i int, t Track) (trackEntry, error) {
	e := trackEntry{TrackNumber: uint64(i) + 1, TrackUID: uint64(i) + 1, CodecID: matroskaIDs[strings.ToLower(t.Codec)], TrackType: 1}
	switch t.Codec {
	case Opus:
		e.TrackType = 2
		e.Audio = &audioInfo{opusRate, opusChannels}
		e.CodecDelay = uint64(opusPreSkip * int64(time.Second) / opusRate)
		e.SeekPreRoll = uint64(80 * time.Millisecond)
		head := append([]byte("OpusHead"), 1, opusChannels)
		head = binary.LittleEndian.AppendUint16(head, opusPreSkip)
		head = binary.LittleEndian.AppendUint32(head, opusRate)
		e.CodecPrivate = append(head, 0, 0, 0)
		return e, nil
	case H264:
		sps, pps := avc.GetParameterSetsFromByteStream(t.Key)
		if len(sps) == 0 || len(pps) == 0 {
			return e, errors.New("the first picture has no parameter sets")
		}
		conf, err := avc.CreateAVCDecConfRec(sps, pps, true)
		if err != nil {
			return e, err
		}
		var b bytes.Buffer
		if err := conf.Encode(&b); err != nil {
			return e, err
		}
		e.CodecPrivate = b.Bytes()
	}
	w, h := pictureSize(t.Codec, t.Key)
	e.Video = &videoInfo{PixelWidth: uint64(w), PixelHeight: uint64(h)}
	if t.Rotation != 0 {
		roll := -t.Rotation
		if roll < -180 {
			roll += 360
		}
		e.Video.Projection = &projection{ProjectionPoseRoll: float64(roll)}
	}
	return e, nil
}

func (w *matroskaWriter) Write(samples []Sample) error {
	if len(samples) == 0 {
		return nil
	}
	samples = slices.Clone(samples)
	slices.SortStableFunc(samples, func(a, b Sample) int { return int(a.PTS - b.PTS) })
	first := samples[0].PTS.Milliseconds()
	piece := struct{ Cluster cluster }{cluster{Timecode: uint64(max(first, 0))}}
	for _, s := range samples {
		t := w.tracks[s.Track]
		data := s.Data
		if t.Codec == H264 {
			data = avc.ConvertByteStreamToNaluSample(bytes.Clone(data))
		}
		at := s.PTS.Milliseconds() - first
		if at > math.MaxInt16 {
			return fmt.Errorf("a piece of %d ms", at)
		}
		piece.Cluster.SimpleBlock = append(piece.Cluster.SimpleBlock, ebml.Block{
			TrackNumber: uint64(s.Track) + 1, Timecode: int16(at), Keyframe: s.Key || t.Codec == Opus, Data: [][]byte{data},
		})
	}
	return writeWhole(w.file, func(out io.Writer) error { return ebml.Marshal(&piece, out) })
}

func (w *matroskaWriter) Finish(length time.Duration) error {
	ms := math.Float64bits(float64(length.Milliseconds()))
	_, err := w.file.WriteAt(binary.BigEndian.AppendUint64(lengthElement[:3:3], ms), w.length)
	return err
}
