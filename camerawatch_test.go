package crvideo_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

// meteredSource gives a sample for each that it is fed.
type meteredSource struct {
	*silentSource
	feed chan []byte
}

func (s *meteredSource) Next(ctx context.Context) (crvideo.Sample, error) {
	select {
	case data := <-s.feed:
		return crvideo.Sample{Data: data, Key: true}, nil
	case <-ctx.Done():
		return crvideo.Sample{}, ctx.Err()
	}
}

func onePicture(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
	feed := make(chan []byte, 1)
	feed <- []byte{0, 0, 0, 1, 0x65}
	return &meteredSource{newSilentSource("video/H264"), feed}, nil
}

const long, short = time.Hour, 50 * time.Millisecond

// A camera that is never ready is told of, and so is one that is open and shows nothing; both may go on later.
func TestCameraWithoutPictures(t *testing.T) {
	for name, open := range map[string]crvideo.SourceFunc{"not open": waiting, "silent": silent("video/H264")} {
		t.Run(name, func(t *testing.T) {
			c, conn := scripted(t)
			crvideo.SetPictureTimes(c, short, long)
			id, err := c.AddCamera(testContext(t), name, open)
			require.NoError(t, err)
			oblige(t, conn, nil)
			require.NoError(t, c.EnterMeeting(testContext(t), scriptedRoom))
			seen := record(t, c)
			opened := inBackground(func() error { return c.OpenVideo(testContext(t), "") })
			seen.waitFor(t, crvideo.OpenVideoTimeout{VideoID: id})
			assert.NotEqual(t, crvideo.StatusClosed, c.GetVideoStatus(""))
			require.NoError(t, c.CloseVideo(testContext(t), ""))
			_ = receive(t, opened) // one of them was open
		})
	}
}

func TestCameraThatStopsGivingPictures(t *testing.T) {
	c, conn := scripted(t)
	crvideo.SetPictureTimes(c, long, short)
	feed := make(chan []byte)
	id, err := c.AddCamera(testContext(t), "metered", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		return &meteredSource{newSilentSource("video/H264"), feed}, nil
	})
	require.NoError(t, err)
	oblige(t, conn, nil)
	require.NoError(t, c.EnterMeeting(testContext(t), scriptedRoom))
	exceptions, one := make(chan crvideo.VideoEncodeException, 2), []byte{0, 0, 0, 1, 0x65}
	c.OnVideoEncodeException(func(e crvideo.VideoEncodeException) { exceptions <- e })
	require.NoError(t, c.OpenVideo(testContext(t), ""))
	for range 2 { // told again after it went on in between
		feed <- one
		assert.Equal(t, crvideo.VideoEncodeException{VideoID: id}, receive(t, exceptions))
	}
	assert.Equal(t, crvideo.StatusOpen, c.GetVideoStatus(""))
}
