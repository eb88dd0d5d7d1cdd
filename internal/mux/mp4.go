package mux

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/Eyevinn/mp4ff/avc"
	"github.com/Eyevinn/mp4ff/bits"
	"github.com/Eyevinn/mp4ff/mp4"
)

const (
	videoRate = 90000 // Hz, the time scale of pictures
	movieRate = 1000  // Hz, of the whole file
)

// mp4Writer writes ISO/IEC 14496-12 with movie fragments. H.264 keeps its parameter sets in the key frames, too, since
// the size may change in the middle of a track.
type mp4Writer struct {
	file   File
	tracks []Track
	init   *mp4.InitSegment
	number uint32
}

func newMP4(file File, tracks []Track) (*mp4Writer, error) {
	w := &mp4Writer{file: file, tracks: tracks, init: mp4.CreateEmptyInit()}
	w.init.Moov.Mvhd.Timescale = movieRate
	w.init.Moov.Mvex.AddChild(&mp4.MehdBox{Version: 1})
	for i, t := range tracks {
		if err := w.addTrack(t); err != nil {
			return nil, fmt.Errorf("track %d: %w", i, err)
		}
	}
	return w, writeWhole(file, w.init.Encode)
}

func (w *mp4Writer) addTrack(t Track) error {
	if t.Codec == Opus {
		w.init.AddEmptyTrack(opusRate, "audio", "und")
		trak := w.init.Moov.Traks[len(w.init.Moov.Traks)-1]
		trak.Mdia.Minf.Stbl.Stsd.AddChild(mp4.CreateAudioSampleEntryBox("Opus", opusChannels, 16, opusRate, dOps{}))
		return nil
	}
	w.init.AddEmptyTrack(videoRate, "video", "und")
	trak := w.init.Moov.Traks[len(w.init.Moov.Traks)-1]
	sps, pps := avc.GetParameterSetsFromByteStream(t.Key)
	if len(sps) == 0 || len(pps) == 0 {
		return errors.New("the first picture has no parameter sets")
	}
	if err := trak.SetAVCDescriptor("avc1", sps, pps, true); err != nil {
		return err
	}
	turn(trak, t.Rotation)
	return nil
}

func (w *mp4Writer) Write(samples []Sample) error {
	if len(samples) == 0 {
		return nil
	}
	perTrack := make([][]Sample, len(w.tracks))
	var ids []uint32
	for _, s := range samples {
		if len(perTrack[s.Track]) == 0 {
			ids = append(ids, uint32(s.Track)+1)
		}
		perTrack[s.Track] = append(perTrack[s.Track], s)
	}
	w.number++
	f, err := mp4.CreateMultiTrackFragment(w.number, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := w.addSamples(f, id, perTrack[id-1]); err != nil {
			return err
		}
	}
	return writeWhole(w.file, f.Encode)
}

// addSamples adds the samples of one track.
func (w *mp4Writer) addSamples(f *mp4.Fragment, id uint32, samples []Sample) error {
	video, rate := w.tracks[id-1].Codec != Opus, int64(opusRate)
	if video {
		rate = videoRate
	}
	for i, s := range samples {
		at, end := ticks(s.PTS, rate), ticks(s.PTS+s.Duration, rate)
		if i+1 < len(samples) {
			end = ticks(samples[i+1].PTS, rate)
		}
		data, flags := s.Data, mp4.SyncSampleFlags
		if video {
			data = avc.ConvertByteStreamToNaluSample(bytes.Clone(data)) // it may change what it is given
			if !s.Key {
				flags = mp4.NonSyncSampleFlags
			}
		}
		err := f.AddFullSampleToTrack(mp4.FullSample{
			Sample:     mp4.NewSample(flags, uint32(max(end-at, 0)), uint32(len(data)), 0),
			DecodeTime: uint64(max(at, 0)),
			Data:       data,
		}, id)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *mp4Writer) Finish(length time.Duration) error {
	w.init.Moov.Mvex.Mehd.FragmentDuration = length.Milliseconds()
	var b bytes.Buffer // as long as it was
	if err := w.init.Encode(&b); err != nil {
		return err
	}
	_, err := w.file.WriteAt(b.Bytes(), 0)
	return err
}

// dOps is the box of an Opus track ("Encapsulation of Opus in ISO Base Media File Format", 4.3.2).
type dOps struct{}

func (dOps) Type() string { return "dOps" }
func (dOps) Size() uint64 { return 8 + 11 }

func (d dOps) Encode(w io.Writer) error {
	sw := bits.NewFixedSliceWriter(int(d.Size()))
	if err := d.EncodeSW(sw); err != nil {
		return err
	}
	_, err := w.Write(sw.Bytes())
	return err
}

func (d dOps) EncodeSW(w bits.SliceWriter) error {
	if err := mp4.EncodeHeaderSW(d, w); err != nil {
		return err
	}
	w.WriteUint8(0) // version
	w.WriteUint8(opusChannels)
	w.WriteUint16(opusPreSkip)
	w.WriteUint32(opusRate)
	w.WriteInt16(0) // gain
	w.WriteUint8(0) // mono or stereo
	return w.AccError()
}

func (d dOps) Info(w io.Writer, _, indent, _ string) error {
	_, err := fmt.Fprintf(w, "%s[%s]\n", indent, d.Type())
	return err
}
