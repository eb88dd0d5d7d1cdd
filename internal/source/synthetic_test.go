//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package source

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func TestSyntheticCameraShowsItsMemberAtTheRightPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		camera, err := NewSyntheticCamera(42, codec.VideoParams{Width: 320, Height: 180, FPS: 15, Bitrate: 300_000})
		require.NoError(t, err)
		defer camera.Close()
		assert.Equal(t, codec.H264, camera.Codec())
		decoder, err := codec.NewVideoDecoder(camera.Codec())
		require.NoError(t, err)
		defer decoder.Close()
		start, length := time.Now(), time.Duration(0)
		for n := range 45 {
			if n == 20 {
				camera.RequestKeyFrame()
			}
			s, err := camera.Next(t.Context())
			require.NoError(t, err)
			assert.Equal(t, length, time.Since(start))
			length += s.Duration
			assert.Equal(t, n == 0 || n == 20, s.Key, "frame %d", n)
			img, err := decoder.Decode(s.Data)
			require.NoError(t, err)
			member, counter, ok := testpattern.Read(img)
			require.True(t, ok)
			assert.Equal(t, [2]uint32{42, uint32(n)}, [2]uint32{member, counter})
		}
		assert.Equal(t, 3*time.Second, length)
	})
}

func TestLeftOutFramesStayInTheDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		camera, err := NewSyntheticCamera(1, codec.VideoParams{Bitrate: 20_000})
		require.NoError(t, err)
		defer camera.Close()
		start, length, samples := time.Now(), time.Duration(0), 0
		for length < 5*time.Second {
			s, err := camera.Next(t.Context())
			require.NoError(t, err)
			length += s.Duration
			samples++
			assert.Less(t, length-time.Since(start), 34*time.Millisecond)
		}
		assert.Less(t, samples, 150, "nothing was left out, so nothing was tested")
	})
}

func TestCameraBitrate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		camera, err := NewSyntheticCamera(1, codec.VideoParams{Bitrate: 600_000})
		require.NoError(t, err)
		defer camera.Close()
		second := func() (size int) {
			for length := time.Duration(0); length < time.Second; { // with less to spend there are fewer pictures
				s, err := camera.Next(t.Context())
				require.NoError(t, err)
				length += s.Duration
				size += len(s.Data)
			}
			return size
		}
		second()
		before := second()
		camera.SetBitrate(100_000)
		second()
		assert.Less(t, second(), before/2)
	})
}

func TestSyntheticMicrophoneHearsItsTone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		microphone, err := NewSyntheticMicrophone(9, nil)
		require.NoError(t, err)
		defer microphone.Close()
		assert.Equal(t, codec.Opus, microphone.Codec())
		start := time.Now()
		pcm := hear(t, microphone, 50)
		assert.Equal(t, 49*20*time.Millisecond, time.Since(start))
		hz, ok := testpattern.DetectTone(pcm, 48000)
		require.True(t, ok)
		assert.InDelta(t, testpattern.ToneFrequency(9), hz, 2)
	})
}

// hear decodes some packets and leaves the first ones out, in which the codec settles.
func hear(t *testing.T, s Source, packets int) []int16 {
	t.Helper()
	decoder, err := codec.NewAudioDecoder(s.Codec(), 48000, 1)
	require.NoError(t, err)
	defer decoder.Close()
	var heard []int16
	pcm := make([]int16, codec.MaxAudioSamples)
	for range packets {
		sample, err := s.Next(t.Context())
		require.NoError(t, err)
		n, err := decoder.Decode(sample.Data, pcm)
		require.NoError(t, err)
		require.Equal(t, sample.Duration, time.Duration(n)*time.Second/48000)
		heard = append(heard, pcm[:n]...)
	}
	return heard[len(heard)/5:]
}

func TestCloseEndsNext(t *testing.T) {
	microphone, err := NewSyntheticMicrophone(1, nil)
	require.NoError(t, err)
	camera, err := NewSyntheticCamera(1, codec.VideoParams{Width: 160, Height: 96, FPS: 1})
	require.NoError(t, err)
	for _, s := range []Source{microphone, camera} {
		_, err := s.Next(t.Context())
		require.NoError(t, err)
		ended := make(chan error)
		go func() {
			for {
				if _, err := s.Next(context.Background()); err != nil {
					ended <- err
					return
				}
			}
		}()
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		select {
		case err := <-ended:
			assert.ErrorIs(t, err, ErrClosed)
		case <-time.After(10 * time.Second):
			t.Fatal("Next still waits")
		}
		s.RequestKeyFrame() // harmless
		s.SetBitrate(100_000)
	}
}

func TestH264FilePlaysWhatWasEncoded(t *testing.T) {
	file := recordCamera(t, 20)
	synctest.Test(t, func(t *testing.T) {
		s, err := NewH264File(bytes.NewReader(file), 25, true)
		require.NoError(t, err)
		defer s.Close()
		assert.Equal(t, codec.H264, s.Codec())
		decoder, err := codec.NewVideoDecoder(s.Codec())
		require.NoError(t, err)
		defer decoder.Close()
		start := time.Now()
		for n := range 51 { // two and a half times around
			sample, err := s.Next(t.Context())
			require.NoError(t, err)
			assert.Equal(t, n%20 == 0, sample.Key, "frame %d", n)
			img, err := decoder.Decode(sample.Data)
			require.NoError(t, err)
			member, counter, ok := testpattern.Read(img)
			require.True(t, ok)
			assert.Equal(t, [2]uint32{5, uint32(n % 20)}, [2]uint32{member, counter})
		}
		assert.Equal(t, 2*time.Second, time.Since(start))
	})
}

func TestH264FileEnds(t *testing.T) {
	s, err := NewH264File(bytes.NewReader(recordCamera(t, 3)), 100, false)
	require.NoError(t, err)
	defer s.Close()
	for range 3 {
		_, err = s.Next(t.Context())
		require.NoError(t, err)
	}
	for range 2 {
		_, err = s.Next(t.Context())
		assert.ErrorIs(t, err, io.EOF)
	}
	require.NoError(t, s.Close())
	_, err = s.Next(t.Context())
	assert.ErrorIs(t, err, ErrClosed)
}

// recordCamera returns an Annex B stream with a delimiter before each picture, as many recorders write it.
func recordCamera(t *testing.T, frames int) (file []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		camera, err := NewSyntheticCamera(5, codec.VideoParams{Width: 320, Height: 180, Bitrate: 4_000_000})
		require.NoError(t, err)
		defer camera.Close()
		for range frames {
			s, err := camera.Next(t.Context())
			require.NoError(t, err)
			file = append(append(file, 0, 0, 0, 1, nalDelimiter, 0xf0), s.Data...)
		}
	})
	return file
}
