package crvideo_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

var errUnplugged = errors.New("unplugged")

// pluggable is a device that fails when it is unplugged.
type pluggable struct {
	name string
	gone chan struct{}
	open crvideo.SourceFunc
	used atomic.Int32
}

func newPluggable(name string, open crvideo.SourceFunc) *pluggable {
	return &pluggable{name: name, gone: make(chan struct{}), open: open}
}

func (p *pluggable) device() crvideo.FakeDevice {
	return crvideo.FakeDevice{Name: p.name, Open: func(ctx context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
		src, err := p.open(ctx, f)
		p.used.Add(1)
		return &unpluggedSource{src, p.gone}, err
	}}
}

type unpluggedSource struct {
	crvideo.Source
	gone <-chan struct{}
}

func (s *unpluggedSource) Next(ctx context.Context) (crvideo.Sample, error) {
	select {
	case <-s.gone:
		return crvideo.Sample{}, errUnplugged
	default:
		return s.Source.Next(ctx)
	}
}

func plug(c *crvideo.Client, cameras, mics []*pluggable) {
	devices := func(list []*pluggable) (all []crvideo.FakeDevice) {
		for _, p := range list {
			all = append(all, p.device())
		}
		return all
	}
	crvideo.Plug(c, devices(cameras), devices(mics))
}

func cameraNamed(t *testing.T, c *crvideo.Client, name string) crvideo.VideoInfo {
	for _, v := range c.GetAllVideoInfo("") {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no camera %q", name)
	return crvideo.VideoInfo{}
}

// Cameras that come and go are told here and to the others, and keep their IDs.
func TestCamerasComeAndGo(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	atAlice, atBob := record(t, alice), record(t, bob)
	desk, lid := newPluggable("desk", crvideo.SyntheticCamera), newPluggable("lid", crvideo.SyntheticCamera)
	bobSees := func(names ...string) {
		t.Helper()
		eventually(t, "cameras at bob", func() bool {
			all := bob.GetAllVideoInfo("alice")
			for i := range all {
				if len(all) != len(names) || all[i].Name != names[i] {
					return false
				}
			}
			return len(all) == len(names)
		})
	}
	plug(alice, []*pluggable{desk}, nil)
	atAlice.waitFor(t, crvideo.VideoDevChanged{UID: "alice"})
	atBob.waitFor(t, crvideo.VideoDevChanged{UID: "alice"})
	first := cameraNamed(t, alice, "desk")
	assert.Equal(t, first.VideoID, alice.GetDefaultVideo(""), "a real camera goes before the synthetic one")
	bobSees("desk")

	plug(alice, []*pluggable{desk, lid}, nil)
	bobSees("desk", "lid")
	second := cameraNamed(t, alice, "lid")
	assert.NotEqual(t, first.VideoID, second.VideoID)

	plug(alice, []*pluggable{lid}, nil)
	bobSees("lid")
	assert.True(t, cameraNamed(t, alice, "desk").Absent)
	assert.ErrorIs(t, alice.SetDefaultVideo(testContext(t), "", first.VideoID), crvideo.CodeNoDevice)
	assert.Equal(t, second.VideoID, alice.GetDefaultVideo(""))

	plug(alice, []*pluggable{lid, desk}, nil)
	bobSees("desk", "lid")
	assert.Equal(t, first, cameraNamed(t, alice, "desk"), "the same as before")
	require.NoError(t, alice.SetNickName(testContext(t), "alice", "first"))
	atAlice.waitFor(t, crvideo.NotifyNickNameChanged{UID: "alice", OldName: "nick of alice", NewName: "first"})
	before := len(atAlice.all())
	plug(alice, []*pluggable{desk, lid}, nil)
	require.NoError(t, alice.SetNickName(testContext(t), "alice", "fence"))
	atAlice.waitFor(t, crvideo.NotifyNickNameChanged{UID: "alice", OldName: "first", NewName: "fence"})
	assert.Len(t, atAlice.all(), before+1, "nothing has changed, so nothing is told")
}

// The next camera takes over from one that is unplugged while it is open, and the others see its pictures.
func TestCameraUnpluggedWhileOpen(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	desk, lid := newPluggable("desk", crvideo.SyntheticCamera), newPluggable("lid", crvideo.SyntheticCamera)
	plug(alice, []*pluggable{desk, lid}, nil)
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	require.NoError(t, requireSees(testContext(t), bob, "alice"))
	require.Equal(t, []int{cameraNamed(t, alice, "desk").VideoID}, alice.GetOpenedVideoIDs(""))
	close(desk.gone)
	plug(alice, []*pluggable{lid}, nil)
	eventually(t, "the other camera", func() bool {
		ids := bob.GetOpenedVideoIDs("alice")
		return len(ids) == 1 && ids[0] == cameraNamed(t, alice, "lid").VideoID
	})
	require.NoError(t, requireSees(testContext(t), bob, "alice"))
	assert.EqualValues(t, 1, lid.used.Load())
}

// The next microphone takes over as well, and the stream goes on: nobody sees a change of state.
func TestMicUnpluggedWhileOpen(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	desk, headset := newPluggable("desk", crvideo.SyntheticMic), newPluggable("headset", crvideo.SyntheticMic)
	plug(alice, nil, []*pluggable{desk, headset})
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	require.NoError(t, requireHears(testContext(t), bob, "alice"))
	seen := record(t, alice)
	plug(alice, nil, []*pluggable{headset})
	seen.waitFor(t, crvideo.MicDeviceChanged{})
	require.NoError(t, requireHears(testContext(t), bob, "alice"))
	assert.EqualValues(t, 1, headset.used.Load())
	for _, e := range seen.all() {
		assert.IsNotType(t, crvideo.AudioStatusChanged{}, e)
	}
	for _, m := range alice.GetAudioMicNames() {
		assert.Equal(t, m.Name == "desk", m.Absent, m.Name)
	}
}

// Without another one an unplugged device is closed, with a clear event.
func TestLastDeviceUnpluggedWhileOpen(t *testing.T) {
	srv := newServer(t)
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.AllowSynthetic = false })
	lid, desk := newPluggable("lid", crvideo.SyntheticCamera), newPluggable("desk", crvideo.SyntheticMic)
	plug(alice, []*pluggable{lid}, []*pluggable{desk})
	require.NoError(t, alice.EnterMeeting(testContext(t), newRoom(t, alice).ID))
	openBoth(t, alice)
	seen := record(t, alice)
	plug(alice, nil, nil)
	close(lid.gone)
	close(desk.gone)
	video := waitEvent(t, seen, "OpenVideoFailed", func(crvideo.OpenVideoFailed) bool { return true })
	assert.Equal(t, crvideo.CodeDeviceFailed, video.Code)
	audio := waitEvent(t, seen, "OpenMicFailed", func(crvideo.OpenMicFailed) bool { return true })
	assert.Equal(t, crvideo.CodeDeviceFailed, audio.Code)
	assert.Equal(t, crvideo.StatusNone, alice.GetVideoStatus(""))
	assert.Equal(t, crvideo.StatusNone, alice.GetAudioStatus(""))
}
