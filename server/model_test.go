package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// watcher keeps a picture of the room from the answer to enterMeeting and the notifications after it.
type watcher struct {
	*client
	room    int64
	members map[string]*wire.Member // nil outside
}

// catchUp applies the notifications that have come.
func (w *watcher) catchUp() {
	for _, n := range w.notes {
		if w.members != nil {
			w.apply(n)
		}
	}
	w.notes = nil
}

func (w *watcher) apply(n *wire.Message) {
	var p struct {
		wire.MicStatus
		Member  wire.Member  `json:"member"`
		VideoID int          `json:"videoID"`
		On      bool         `json:"on"`
		New     string       `json:"new"`
		Devices wire.Devices `json:"devices"`
	}
	require.NoError(w.t, json.Unmarshal(n.Params, &p))
	if n.Method == wire.NotifyMemberEntered {
		require.NotContains(w.t, w.members, p.Member.UID, "entered twice")
		w.members[p.Member.UID] = &p.Member
		return
	}
	m := w.members[p.UID]
	require.NotNil(w.t, m, "%s of somebody who is not there", n.Method)
	switch n.Method {
	case wire.NotifyMemberLeft:
		if delete(w.members, p.UID); p.UID == w.uid {
			w.members = nil
		}
	case wire.NotifyMicStatus:
		m.Audio, m.AudioStream = p.Status, p.Stream
	case wire.NotifyVideoStatus:
		for i := range m.Videos {
			if m.Videos[i].ID == p.VideoID {
				m.Videos[i].Stream = p.Stream
			}
		}
	case wire.NotifyDefaultVideoChanged:
		m.DefaultVideo = p.VideoID
	case wire.NotifyMultiVideoChanged:
		m.MultiVideo = p.On
	case wire.NotifyNicknameChanged:
		m.Nickname = p.New
	case wire.NotifyDevicesChanged:
		m.Videos, m.DefaultVideo, m.MultiVideo = p.Devices.Videos, p.Devices.DefaultVideo, p.Devices.MultiVideo
	default:
		w.t.Fatalf("unexpected %s", n.Method)
	}
}

// begin sends a random request, and gives what its success changes in the own picture.
func (w *watcher) begin(random *rand.Rand, others []string) (id uint64, success func(*wire.Message)) {
	other := others[random.IntN(len(others))]
	camera := 1 + random.IntN(2)
	if w.members == nil {
		return w.send(wire.MethodEnterMeeting, enterParams(w.room)), func(m *wire.Message) {
			var result wire.EnterMeetingResult
			require.NoError(w.t, json.Unmarshal(m.Result, &result))
			w.members = make(map[string]*wire.Member)
			for i := range result.Members {
				w.members[result.Members[i].UID] = &result.Members[i]
			}
		}
	}
	own := func(change func(m *wire.Member, s *wire.Stream)) func(*wire.Message) {
		return func(answer *wire.Message) {
			var result wire.OpenResult
			require.NoError(w.t, json.Unmarshal(answer.Result, &result))
			if w.members != nil {
				change(w.members[w.uid], result.Stream)
			}
		}
	}
	switch random.IntN(10) {
	case 0:
		return w.send(wire.MethodExitMeeting, nil), func(*wire.Message) { w.members = nil }
	case 1, 2:
		return w.send(wire.MethodOpenMic, wire.OpenMicParams{UID: w.uid, Mid: "0", Codec: "audio/opus"}),
			own(func(m *wire.Member, s *wire.Stream) { m.Audio, m.AudioStream = wire.StatusOpen, s })
	case 3, 4:
		return w.send(wire.MethodOpenVideo, wire.OpenVideoParams{UID: w.uid, VideoID: camera, Mid: fmt.Sprint(camera), Codec: "video/VP8"}),
			own(func(m *wire.Member, s *wire.Stream) { m.Videos[camera-1].Stream = s })
	case 5:
		return w.send(wire.MethodCloseMic, wire.UIDParams{UID: other}), func(*wire.Message) {}
	case 6:
		return w.send(wire.MethodSetDefaultVideo, wire.VideoParams{UID: other, VideoID: camera}), func(*wire.Message) {}
	case 7:
		return w.send(wire.MethodSetMultiVideo, wire.MultiVideo{UID: other, On: camera == 1}), func(*wire.Message) {}
	case 8:
		return w.send(wire.MethodSetNickname, wire.SetNicknameParams{UID: other, Nickname: fmt.Sprint(random.Int())}), func(*wire.Message) {}
	}
	return w.send(wire.MethodKickout, wire.UIDParams{UID: other}), func(*wire.Message) {}
}

// TestEverybodySeesTheSame: many members do random things at the same time; whatever the order was, everybody's
// picture, made of the answer to enterMeeting and what followed, is the one that a newcomer gets.
func TestEverybodySeesTheSame(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.MessagesPerSecond = 1e6 }))
	random := rand.New(rand.NewPCG(1, 2))
	room := login(t, s, "host").create(wire.CreateMeetingParams{Regular: true}).ID
	uids := []string{"a", "b", "c", "d", "e", "f"}
	watchers := make([]*watcher, len(uids))
	others := func(uid string) []string { // only others: what one does to oneself is not notified to oneself
		var list []string
		for _, u := range uids {
			if u != uid {
				list = append(list, u)
			}
		}
		return list
	}
	for i, uid := range uids {
		watchers[i] = &watcher{client: login(t, s, uid), room: room}
	}
	for round := range 300 {
		ids := make([]uint64, len(uids))
		successes := make([]func(*wire.Message), len(uids))
		for i, w := range watchers { // all at once, on the server's side
			ids[i], successes[i] = w.begin(random, others(w.uid))
		}
		for i, w := range watchers {
			m := w.answer(ids[i])
			w.catchUp()
			if m.Error == nil {
				successes[i](m)
			}
		}
		if round%20 != 0 {
			continue
		}
		newcomer := login(t, s, "newcomer")
		want := newcomer.enter(room).Members
		for _, w := range watchers {
			w.must(wire.MethodPing, nil, nil)
			w.catchUp()
			if w.members == nil {
				continue
			}
			require.Len(t, w.members, len(want), "%s in round %d", w.uid, round)
			for _, m := range want {
				assert.Equal(t, m, *w.members[m.UID], "%s seen by %s in round %d", m.UID, w.uid, round)
			}
		}
		newcomer.must(wire.MethodExitMeeting, nil, nil)
	}
}
