package crvideo_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// valueSource is a source of a type that cannot be compared.
type valueSource struct{ frames [][]byte }

func (valueSource) Codec() string                                { return "video/H264" }
func (valueSource) Next(context.Context) (crvideo.Sample, error) { return crvideo.Sample{}, io.EOF }
func (valueSource) RequestKeyFrame()                             {}
func (valueSource) SetBitrate(int)                               {}
func (valueSource) Close() error                                 { return nil }

func TestSourceOfATypeThatCannotBeCompared(t *testing.T) {
	c, conn := scripted(t)
	_, err := c.AddCamera(testContext(t), "a", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		return valueSource{frames: [][]byte{{1}}}, nil
	})
	require.NoError(t, err)
	enterWithBob(t, c, conn)
	openScripted(t, c, conn)
	conn.Expect(testContext(t), wire.MethodCloseVideo).Reply(nil)
}

func TestSourceFuncThatReturnsNothing(t *testing.T) {
	c, conn := scripted(t)
	_, err := c.AddCamera(testContext(t), "a", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		return nil, nil
	})
	require.NoError(t, err)
	enterWithBob(t, c, conn)
	assert.ErrorIs(t, c.OpenVideo(testContext(t), ""), crvideo.CodeDeviceFailed)
}

// hookedSource runs the test's code where the client calls the application's.
type hookedSource struct {
	*silentSource
	next, closing func()
}

func (s *hookedSource) Next(ctx context.Context) (crvideo.Sample, error) {
	s.next()
	return s.silentSource.Next(ctx)
}

func (s *hookedSource) Close() error {
	s.closing()
	return s.silentSource.Close()
}

// The client's Close may be called in every function of a source, the opening included.
func TestCloseInASource(t *testing.T) {
	t.Parallel()
	nothing := func() {}
	for name, source := range map[string]func(closing func()) crvideo.SourceFunc{
		"Next": func(closing func()) crvideo.SourceFunc {
			return func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
				return &hookedSource{newSilentSource("audio/opus"), closing, nothing}, nil
			}
		},
		"Close": func(closing func()) crvideo.SourceFunc {
			return func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
				s := &hookedSource{newSilentSource("audio/opus"), nothing, closing}
				return s, s.silentSource.Close() // it is at its end at once
			}
		},
		"SourceFunc": func(closing func()) crvideo.SourceFunc {
			return func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
				closing()
				return newSilentSource("audio/opus"), nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, conn := scripted(t)
			ended := make(chan error, 1)
			_, err := c.AddMic(testContext(t), "a", source(func() { ended <- c.Close() }))
			require.NoError(t, err)
			enterWithBob(t, c, conn)
			opened := inBackground(func() error { return c.OpenMic(context.Background(), "") })
			if name != "SourceFunc" {
				conn.Expect(testContext(t), wire.MethodOpenMic).Reply(streamOf("audio/opus"))
			}
			require.NoError(t, receive(t, ended))
			_ = receive(t, opened) // it may have been open by then
			receive(t, c.Done())
		})
	}
}

// A source that ignores everything holds up nobody but Done.
func TestStubbornSource(t *testing.T) {
	c, conn := scripted(t)
	release, reading := make(chan struct{}), make(chan struct{}, 1)
	_, err := c.AddMic(testContext(t), "a", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		return &hookedSource{newSilentSource("audio/opus"), func() { reading <- struct{}{}; <-release }, func() {}}, nil
	})
	require.NoError(t, err)
	enterWithBob(t, c, conn)
	opened := inBackground(func() error { return c.OpenMic(testContext(t), "") })
	conn.Expect(testContext(t), wire.MethodOpenMic).Reply(streamOf("audio/opus"))
	require.NoError(t, receive(t, opened))
	receive(t, reading)
	require.NoError(t, receive(t, inBackground(c.Close)))
	select {
	case <-c.Done():
		t.Error("Done tells of an end while the application's code runs")
	default:
	}
	close(release)
	receive(t, c.Done())
}
