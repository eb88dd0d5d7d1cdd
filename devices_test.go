package crvideo_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// A device that is added between the request to enter and its answer is told afterwards.
func TestDeviceAddedWhileEntering(t *testing.T) {
	c, conn := scripted(t, func(p *crvideo.SDKParams) { p.AllowSynthetic = false })
	entered := inBackground(func() error { return c.EnterMeeting(testContext(t), scriptedRoom) })
	request := conn.Expect(testContext(t), wire.MethodEnterMeeting)
	id, err := c.AddCamera(testContext(t), "late", silent("video/H264"))
	require.NoError(t, err)
	letIn(t, request)
	require.NoError(t, receive(t, entered))
	assert.Equal(t, crvideo.StatusClosed, c.GetVideoStatus(""))
	told := conn.Expect(testContext(t), wire.MethodSetDevices)
	var devices wire.Devices
	told.Params(&devices).Reply(nil)
	assert.Equal(t, id, devices.DefaultVideo)
}

// Cameras that are added on many goroutines are all known to the others in the end.
func TestConcurrentAddCamera(t *testing.T) {
	const rounds, cameras = 10, 6
	srv := newServer(t)
	for round := range rounds {
		uid := fmt.Sprint("alice", round)
		alice := loggedIn(t, srv, uid)
		room := newRoom(t, alice)
		require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
		var wg sync.WaitGroup
		for i := range cameras {
			wg.Go(func() {
				_, err := alice.AddCamera(testContext(t), fmt.Sprint(i), silent("video/H264"))
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		bob := entered(t, srv, fmt.Sprint("bob", round), room.ID)
		require.GreaterOrEqual(t, len(bob.GetAllVideoInfo(uid)), cameras, "round %d", round)
	}
}

// However opening and closing come together, we and the others see the same state in the end.
func TestOpenAndCloseOnManyGoroutines(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	_, err := alice.AddMic(testContext(t), "silent", silent("audio/opus"))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 40 {
				if i%2 == 0 {
					_ = alice.OpenMic(testContext(t), "") // fails when it is closed before it is open
				} else {
					assert.NoError(t, alice.CloseMic(testContext(t), ""))
				}
			}
		})
	}
	wg.Wait()
	eventually(t, "the same state", func() bool {
		s := alice.GetAudioStatus("")
		return s != crvideo.StatusOpening && bob.GetAudioStatus("alice") == s
	})
	require.NoError(t, alice.CloseMic(testContext(t), ""))
	eventually(t, "closed", func() bool { return bob.GetAudioStatus("alice") == crvideo.StatusClosed })
}

// A wish that no server would take is refused at once, and spoils no other.
func TestImpossibleWish(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, bob.OpenVideo(testContext(t), ""))
	_, err := alice.Video(string(make([]byte, wire.MaxUIDBytes+1)), crvideo.DefaultCamera)
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	ui, err := alice.CreateVideoObj()
	require.NoError(t, err)
	assert.ErrorIs(t, ui.SetVideo(string(make([]byte, wire.MaxUIDBytes+1)), 1), crvideo.CodeBadParameter)
	for i := range wire.MaxSubscriptions {
		v, err := alice.Video(fmt.Sprint("nobody", i), 1)
		require.NoError(t, err)
		defer func() { require.NoError(t, v.Close()) }()
	}
	require.NoError(t, requireSees(testContext(t), alice, "bob"), "one more than the server takes")
}
