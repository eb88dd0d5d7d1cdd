package crvideo_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// waiting is a camera that is not open before its context ends.
func waiting(ctx context.Context, _ crvideo.SourceFormat) (crvideo.Source, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// switching is a client whose camera a is open and gives way to camera b. The request to close a is not answered yet.
func switching(t *testing.T, b crvideo.SourceFunc) (*crvideo.Client, *mocksignal.Conn, *mocksignal.Request, int) {
	c, conn := scripted(t)
	idA, err := c.AddCamera(testContext(t), "a", silent("video/H264"))
	require.NoError(t, err)
	idB, err := c.AddCamera(testContext(t), "b", b)
	require.NoError(t, err)
	require.NoError(t, c.SetDefaultVideo(testContext(t), "", idA))
	enterWithBob(t, c, conn)
	openScripted(t, c, conn)
	switched := inBackground(func() error { return c.SetDefaultVideo(testContext(t), "", idB) })
	conn.Expect(testContext(t), wire.MethodSetDevices).Reply(nil)
	require.NoError(t, receive(t, switched))
	closing := conn.Expect(testContext(t), wire.MethodCloseVideo)
	requireVideoID(t, closing, idA)
	return c, conn, closing, idB
}

func requireVideoID(t *testing.T, request *mocksignal.Request, id int) {
	t.Helper()
	var p struct{ VideoID int }
	request.Params(&p)
	require.Equal(t, id, p.VideoID)
}

func TestSwitchedCameraOpens(t *testing.T) {
	c, conn, closing, b := switching(t, silent("video/H264"))
	seen := record(t, c)
	closing.Reply(nil)
	opening := conn.Expect(testContext(t), wire.MethodOpenVideo)
	requireVideoID(t, opening, b)
	opening.Reply(streamOf("video/H264"))
	seen.waitFor(t, crvideo.VideoStatusChanged{UID: "alice", OldStatus: crvideo.StatusOpening, NewStatus: crvideo.StatusOpen})
	assert.Equal(t, []int{b}, c.GetOpenedVideoIDs(""))
}

// Whoever closes the camera while it is being switched means the one that would come.
func TestSwitchedCameraStaysClosed(t *testing.T) {
	t.Parallel()
	t.Run("before it is open", func(t *testing.T) {
		c, conn, closing, _ := switching(t, waiting)
		require.NoError(t, c.CloseVideo(testContext(t), ""))
		closing.Reply(nil)
		assert.Equal(t, crvideo.StatusClosed, c.GetVideoStatus(""))
		requireNext(t, c, conn)
	})
	t.Run("before it is published", func(t *testing.T) {
		c, conn, closing, b := switching(t, silent("video/H264"))
		opening := conn.Expect(testContext(t), wire.MethodOpenVideo)
		requireVideoID(t, opening, b)
		closed := inBackground(func() error { return c.CloseVideo(testContext(t), "") })
		second := conn.Expect(testContext(t), wire.MethodCloseVideo)
		requireVideoID(t, second, b)
		closing.Reply(nil)
		opening.Reply(streamOf("video/H264"))
		second.Reply(nil)
		require.NoError(t, receive(t, closed))
		assert.Equal(t, crvideo.StatusClosed, c.GetVideoStatus(""))
		requireNext(t, c, conn)
	})
}

// The switch belongs to the room in which it was made.
func TestSwitchedCameraDoesNotOpenInTheNextRoom(t *testing.T) {
	c, conn, closing, _ := switching(t, waiting)
	left := inBackground(func() error { return c.ExitMeeting(testContext(t)) })
	conn.Expect(testContext(t), wire.MethodExitMeeting).Reply(nil)
	require.NoError(t, receive(t, left))
	enterWithBob(t, c, conn)
	closing.Reply(nil)
	assert.Equal(t, crvideo.StatusClosed, c.GetVideoStatus(""))
	requireNext(t, c, conn)
}

// OpenVideo waits for whichever camera is the default one in the end.
func TestCameraChosenWhileAnotherIsBeingPublished(t *testing.T) {
	c, conn := scripted(t)
	a, err := c.AddCamera(testContext(t), "a", silent("video/H264"))
	require.NoError(t, err)
	enterWithBob(t, c, conn)
	opened := inBackground(func() error { return c.OpenVideo(testContext(t), "") })
	first := conn.Expect(testContext(t), wire.MethodOpenVideo)
	requireVideoID(t, first, a)
	var b int
	chosen := inBackground(func() (err error) {
		if b, err = c.AddCamera(testContext(t), "b", silent("video/H264")); err != nil {
			return err
		}
		return c.SetDefaultVideo(testContext(t), "", b)
	})
	conn.Expect(testContext(t), wire.MethodSetDevices).Reply(nil)
	conn.Expect(testContext(t), wire.MethodSetDevices).Reply(nil)
	require.NoError(t, receive(t, chosen))
	first.Reply(streamOf("video/H264"))
	conn.Expect(testContext(t), wire.MethodCloseVideo).Reply(nil)
	second := conn.Expect(testContext(t), wire.MethodOpenVideo)
	requireVideoID(t, second, b)
	assert.Empty(t, opened, "the camera that was asked for is not open yet")
	second.Reply(streamOf("video/H264"))
	require.NoError(t, receive(t, opened))
	assert.Equal(t, []int{b}, c.GetOpenedVideoIDs(""))
}
