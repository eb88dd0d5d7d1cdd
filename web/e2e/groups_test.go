//go:build browser

package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// heard gives the next event of a Go client's of a type.
func heard[E any](t testing.TB, events <-chan E) E {
	t.Helper()
	select {
	case e := <-events:
		return e
	case <-testContext(t).Done():
		var e E
		require.Fail(t, "no event", "%T", e)
		return e
	}
}

// to makes a channel of a Go client's events.
func to[E any](on func(func(E))) <-chan E {
	events := make(chan E, 100)
	on(func(e E) { events <- e })
	return events
}

// withScript is a room with a Go member and a scripted page.
func withScript(t testing.TB, srv *crvideotest.Server, addr string) (ann *crvideo.Client, tab *chromiumtest.Tab, room int64) {
	t.Helper()
	ann = goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{Subject: "tea"})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	tab = scripted(t, chromiumtest.Start(t, chromiumtest.Devices...), srv, "grace", addr)
	enters(t, tab, info.ID)
	return ann, tab, info.ID
}

type object = map[string]any

// TestAttributes: attributes of room and members are the same for Go and JavaScript.
func TestAttributes(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, tab, _ := withScript(t, srv, srv.Addr().String())
	ctx := testContext(t)
	ofRoom, ofUsers := to(ann.OnNotifyMeetingAttrsChanged), to(ann.OnNotifyUserAttrsChanged)
	loudly := object{"notifyAll": 1}

	succeeds(t, tab, "SetMeetingAttrs", object{"topic": "tea", "phase": "1"}, loudly)
	e := heard(t, ofRoom)
	assert.Equal(t, "tea", e.Adds["topic"].Value)
	assert.Equal(t, "grace", e.Adds["topic"].LastModifyUserID)
	mine := told(t, tab, "NotifyMeetingAttrsChanged")
	assert.Equal(t, "1", mine[0].(object)["phase"].(object)["value"])
	assert.EqualValues(t, e.Adds["topic"].LastModifyTs, mine[0].(object)["topic"].(object)["lastModifyTs"])

	require.NoError(t, ann.AddOrUpdateMeetingAttrs(ctx, map[string]string{"phase": "2", "__proto__": "x"}, crvideo.MeetingAttrOptions{NotifyAll: true}))
	theirs := told(t, tab, "NotifyMeetingAttrsChanged")
	assert.Equal(t, "2", theirs[1].(object)["phase"].(object)["value"])
	assert.Equal(t, "x", theirs[0].(object)["__proto__"].(object)["value"])
	succeeds(t, tab, "AddOrUpdateMeetingAttrs", `{"phase":"3"}`, `{"notifyAll":1}`) // as JSON, which the documentation says
	assert.Equal(t, "2", heard(t, ofRoom).Updates["phase"].Value)
	assert.Equal(t, "3", heard(t, ofRoom).Updates["phase"].Value)
	succeeds(t, tab, "DelMeetingAttrs", []string{"topic", "nothing"}, loudly)
	assert.Equal(t, []string{"topic"}, heard(t, ofRoom).DelKeys)
	got := succeeds(t, tab, "GetMeetingAttrs", []string{"phase", "topic"})[0].(object)
	assert.Len(t, got, 1)
	assert.Equal(t, "grace", got["phase"].(object)["lastModifyUserID"])
	assert.Len(t, succeeds(t, tab, "GetMeetingAllAttrs")[0], 2)
	assert.Empty(t, succeeds(t, tab, "GetMeetingAttrs", []string{})[0])
	succeeds(t, tab, "ClearMeetingAttrs", object{})
	all, err := ann.GetMeetingAllAttrs(ctx)
	require.NoError(t, err)
	assert.Empty(t, all)

	succeeds(t, tab, "SetUserAttrs", "ann", object{"seat": "1"}, loudly)
	seat := heard(t, ofUsers)
	assert.Equal(t, "ann", seat.UID)
	assert.Equal(t, "1", seat.Adds["seat"].Value)
	succeeds(t, tab, "AddOrUpdateUserAttrs", "grace", object{"hand": "up", "seat": "2"}, loudly)
	succeeds(t, tab, "DelUserAttrs", "grace", []string{"hand"}, loudly)
	users := succeeds(t, tab, "GetUserAttrs", []string{"ann", "grace", "nobody"}, []string{})[0].(object)
	assert.Len(t, users, 2)
	assert.Len(t, users["grace"], 1)
	require.NoError(t, ann.SetUserAttrs(ctx, "grace", map[string]string{"seat": "3"}, crvideo.MeetingAttrOptions{NotifyAll: true}))
	for range 3 {
		told(t, tab, "NotifyUserAttrsChanged")
	}
	last := told(t, tab, "NotifyUserAttrsChanged")
	assert.Equal(t, "grace", last[0])
	assert.Equal(t, "3", last[2].(object)["seat"].(object)["value"])
	succeeds(t, tab, "ClearUserAttrs", "grace", object{})
	succeeds(t, tab, "ClearAllUserAttrs", object{})
	left, err := ann.GetUserAttrs(ctx, []string{"ann", "grace"}, nil)
	require.NoError(t, err)
	assert.Empty(t, left)

	assert.Equal(t, crvideo.CodeBadParameter, code(t, tab, "SetMeetingAttrs", object{"k": strings.Repeat("x", 8193)}, object{}))
	assert.Equal(t, crvideo.CodeBadParameter, code(t, tab, "SetMeetingAttrs", "no JSON", object{}))
	assert.Equal(t, crvideo.CodeBadParameter, code(t, tab, "SetMeetingAttrs", object{"k": 1}, object{}))
	assert.Equal(t, crvideo.CodeBadParameter, code(t, tab, "DelMeetingAttrs", "k", object{}))
	assert.Equal(t, crvideo.CodeInvalidUser, code(t, tab, "SetUserAttrs", "nobody", object{"k": "v"}, object{}))
	tab.Eval(t, `sdk.CRVideo_ExitMeeting()`, nil)
	assert.Equal(t, crvideo.CodeNoRoom, code(t, tab, "GetMeetingAllAttrs"))
}

// TestMessages: all members see all messages in one order, and who comes later may ask for them.
func TestMessages(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, tab, room := withScript(t, srv, srv.Addr().String())
	atAnn := to(ann.OnNotifyMeetingCustomMsg)
	for i := range 5 {
		require.NoError(t, ann.SendMeetingCustomMsg(testContext(t), fmt.Sprint("ann ", i)))
		succeeds(t, tab, "SendMeetingCustomMsg", fmt.Sprint("grace ", i, " 你好"))
	}
	for i := range 5 {
		for _, text := range []string{fmt.Sprint("ann ", i), fmt.Sprint("grace ", i, " 你好")} {
			e := heard(t, atAnn)
			uid := strings.Fields(text)[0]
			assert.Equal(t, crvideo.NotifyMeetingCustomMsg{UID: uid, Msg: text}, e)
			assert.Equal(t, []any{uid, text, false}, told(t, tab, "NotifyMeetingCustomMsg"))
		}
	}
	assert.Equal(t, crvideo.CodeBadParameter, code(t, tab, "SendMeetingCustomMsg", strings.Repeat("x", 8193)))
	tab.Eval(t, fmt.Sprintf(`(sdk.CRVideo_ExitMeeting(), sdk.CRVideo_EnterMeeting3(%d, '', {recentMessages: 3}))`, room), nil)
	for _, text := range []string{"grace 3 你好", "ann 4", "grace 4 你好"} {
		assert.Equal(t, []any{strings.Fields(text)[0], text, true}, told(t, tab, "NotifyMeetingCustomMsg"))
	}
}

// TestCalls: a page and a Go client call each other, by every way in which that ends.
func TestCalls(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	ctx := testContext(t)
	in, accepted, rejected, hungUp := to(ann.OnNotifyCallIn), to(ann.OnNotifyCallAccepted), to(ann.OnNotifyCallRejected), to(ann.OnNotifyCallHangup)
	tab := scripted(t, chromiumtest.Start(t), srv, "grace", srv.Addr().String())

	id := succeeds(t, tab, "Call", "ann", object{"ID": 12345678, "pswd": "p"}, "come")[0].(string)
	ringing := heard(t, in)
	assert.Equal(t, crvideo.NotifyCallIn{CallID: id, MeetInfo: crvideo.MeetInfo{ID: 12345678, Password: "p"}, CallerID: "grace", UserExtDat: "come"}, ringing)
	assert.Equal(t, crvideo.CodeInCall, code(t, tab, "Call", "ann", nil, ""))
	require.NoError(t, ann.AcceptCall(ctx, id, crvideo.MeetInfo{ID: 87654321}, "yes"))
	assert.Equal(t, []any{id, object{"ID": 87654321.0, "pswd": "", "subject": "", "pubMeetUrl": ""}, "yes"}, told(t, tab, "NotifyCallAccepted"))
	assert.Equal(t, []any{id}, succeeds(t, tab, "HangupCall", id, "bye"))
	assert.Equal(t, crvideo.NotifyCallHangup{CallID: id, UserExtDat: "bye"}, heard(t, hungUp))

	id, err := ann.Call(ctx, "grace", crvideo.MeetInfo{Subject: "tea"}, "hello")
	require.NoError(t, err)
	called := told(t, tab, "NotifyCallIn")
	assert.Equal(t, []any{id, "ann", "hello"}, []any{called[0], called[2], called[3]})
	assert.Equal(t, "tea", called[1].(object)["subject"])
	succeeds(t, tab, "AcceptCall", id, object{"ID": 11111111}, "here")
	assert.Equal(t, crvideo.NotifyCallAccepted{CallID: id, MeetInfo: crvideo.MeetInfo{ID: 11111111}, UserExtDat: "here"}, heard(t, accepted))
	require.NoError(t, ann.HangupCall(ctx, id, ""))
	assert.Equal(t, []any{id, ""}, told(t, tab, "NotifyCallHangup"))

	id, err = ann.Call(ctx, "grace", crvideo.MeetInfo{}, "")
	require.NoError(t, err)
	told(t, tab, "NotifyCallIn")
	succeeds(t, tab, "RejectCall", id, "busy")
	assert.Equal(t, crvideo.NotifyCallRejected{CallID: id, Code: crvideo.CodeCallRefused, UserExtDat: "busy"}, heard(t, rejected))
	id = succeeds(t, tab, "Call", "ann", nil, "")[0].(string)
	heard(t, in)
	require.NoError(t, ann.RejectCall(ctx, id, "no"))
	assert.Equal(t, []any{id, float64(crvideo.CodeCallRefused), "no"}, told(t, tab, "NotifyCallRejected"))
	assert.Equal(t, crvideo.CodeOffline, code(t, tab, "Call", "nobody", nil, ""))
	assert.Equal(t, crvideo.CodeBadCall, code(t, tab, "AcceptCall", "no such call", nil, ""))
	assert.Equal(t, crvideo.CodeBadParameter, code(t, tab, "HangupCall", "", ""))
}

// TestInvitations by a page and to one.
func TestInvitations(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, tab, room := withScript(t, srv, srv.Addr().String())
	bob := goClient(t, srv, "bob")
	ctx := testContext(t)
	in, canceled := to(bob.OnNotifyInviteIn), to(bob.OnNotifyInviteCanceled)
	id := succeeds(t, tab, "Invite", "bob", "come")[0].(string)
	invited := heard(t, in)
	assert.Equal(t, []any{id, "grace", "come", room}, []any{invited.InviteID, invited.InviterUserID, invited.UserExtDat, invited.MeetInfo.ID})
	require.NoError(t, bob.AcceptInvite(ctx, id, "gladly"))
	assert.Equal(t, []any{id, "gladly"}, told(t, tab, "NotifyInviteAccepted"))
	id = succeeds(t, tab, "Invite", "bob", "")[0].(string)
	heard(t, in)
	require.NoError(t, bob.RejectInvite(ctx, id, "no"))
	assert.Equal(t, []any{id, "", "no"}, told(t, tab, "NotifyInviteRejected"))
	id = succeeds(t, tab, "Invite", "bob", "")[0].(string)
	heard(t, in)
	succeeds(t, tab, "CancelInvite", id, "never mind")
	assert.Equal(t, crvideo.NotifyInviteCanceled{InviteID: id, UserExtDat: "never mind"}, heard(t, canceled))

	accepted, rejected := to(ann.OnNotifyInviteAccepted), to(ann.OnNotifyInviteRejected)
	id, err := ann.Invite(ctx, "grace", "again")
	require.NoError(t, err)
	asked := told(t, tab, "NotifyInviteIn")
	assert.Equal(t, []any{id, "ann", "again"}, asked[:3])
	assert.EqualValues(t, room, asked[3].(object)["ID"])
	succeeds(t, tab, "AcceptInvite", id, "yes")
	assert.Equal(t, crvideo.NotifyInviteAccepted{InviteID: id, UserExtDat: "yes"}, heard(t, accepted))
	id, err = ann.Invite(ctx, "grace", "")
	require.NoError(t, err)
	succeeds(t, tab, "RejectInvite", id, "")
	assert.Equal(t, crvideo.NotifyInviteRejected{InviteID: id}, heard(t, rejected))
	id, err = ann.Invite(ctx, "grace", "")
	require.NoError(t, err)
	require.NoError(t, ann.CancelInvite(ctx, id, "sorry"))
	assert.Equal(t, []any{id, "", "sorry"}, told(t, tab, "NotifyInviteCanceled"))
	assert.Equal(t, crvideo.CodeOffline, code(t, tab, "Invite", "nobody", ""))
}

// TestUserStatus: a page watches who is there, and does not want to be disturbed.
func TestUserStatus(t *testing.T) {
	srv := crvideotest.NewServer(t)
	tab := scripted(t, chromiumtest.Start(t), srv, "grace", srv.Addr().String())
	succeeds(t, tab, "StartUserStatusNotify")
	ann := goClient(t, srv, "ann")
	ctx := testContext(t)
	is := func(uid string, status, dnd float64) object {
		return object{"UID": uid, "userStatus": status, "DNDType": dnd}
	}
	assert.Equal(t, []any{is("ann", 1, 0)}, told(t, tab, "NotifyUserStatus"))
	require.NoError(t, ann.SetDNDStatus(ctx, 3))
	assert.Equal(t, []any{is("ann", 1, 3)}, told(t, tab, "NotifyUserStatus"))
	assert.Equal(t, []any{[]any{is("ann", 1, 3), is("grace", 1, 0)}}, succeeds(t, tab, "GetUserStatus"))
	event, one := asks(t, tab, "GetOneUserStatus", "nobody")
	assert.Contains(t, event, "Success")
	assert.Equal(t, []any{[]any{is("nobody", 0, 0)}}, one)
	assert.Equal(t, crvideo.CodeCallRefused, code(t, tab, "Call", "ann", nil, ""))
	succeeds(t, tab, "SetDNDStatus", 1)
	_, err := ann.Call(ctx, "grace", crvideo.MeetInfo{}, "")
	assert.ErrorIs(t, err, crvideo.CodeCallRefused)
	assert.Equal(t, crvideo.CodeBadParameter, code(t, tab, "SetDNDStatus", 256))
	assert.Equal(t, []any{is("grace", 1, 1)}, told(t, tab, "NotifyUserStatus"))
	succeeds(t, tab, "StopUserStatusNotify")
	require.NoError(t, ann.SetDNDStatus(ctx, 0))
	succeeds(t, tab, "GetUserStatus") // after which an event would have come
	assert.Zero(t, events(t, tab, "NotifyUserStatus"))
}

// TestPCM: a page gets the room's sound and its own as PCM.
func TestPCM(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, tab, _ := withScript(t, srv, srv.Addr().String())
	require.NoError(t, ann.OpenMic(testContext(t), ""))
	const rate = 16000
	tab.Eval(t, fmt.Sprintf(`(window.pcm = [[], []], sdk.CRVideo_NotifyAudioPCMDat.callback = (side, data) => pcm[side].push([...new Int16Array(data)]),
		Promise.all([sdk.CRVideo_StartGetAudioPCM(0), sdk.CRVideo_StartGetAudioPCM(1, 0, {rate: %d, channels: 2, frameMS: 10})]).then(() => 0))`, rate), nil)
	left := func(interleaved []int16) (mono []int16) {
		for i := 0; i < len(interleaved); i += 2 {
			mono = append(mono, interleaved[i])
		}
		return mono
	}
	require.Eventually(t, func() bool {
		var pcm []int16
		tab.Eval(t, fmt.Sprintf(`(pcm[1] = pcm[1].slice(-50), pcm[1].every((f) => f.length === %d) ? pcm[1].flat() : null)`, 2*rate/100), &pcm)
		hz, ok := crvideotest.DetectTone(left(pcm), rate)
		return ok && hz > crvideotest.ToneFrequency(1)-6 && hz < crvideotest.ToneFrequency(1)+6
	}, chromiumtest.Patience, 10*poll, "the tone of the first member")
	var own []int16
	tab.Eval(t, `pcm[0].splice(0).flat()`, &own)
	for _, s := range own {
		require.Zero(t, s, "silence while the microphone is closed")
	}
	tab.Eval(t, `sdk.CRVideo_OpenMic('')`, nil)
	tab.Wait(t, `pcm[0].some((f) => f.length === 320 && f.some((s) => s > 1000)) && pcm[0].slice(-5).every((f) => f.every((s) => Math.abs(s) < 1000))`) // a beep a second
	tab.Eval(t, `(sdk.CRVideo_StopGetAudioPCM(0), pcm[0] = [], 0)`, nil)
	tab.Eval(t, `(pcm[1] = [], 0)`, nil)
	tab.Wait(t, `pcm[1].length > 10`)
	var after, again, bad int
	tab.Eval(t, `pcm[0].length`, &after)
	assert.Zero(t, after)
	tab.Eval(t, `sdk.CRVideo_StartGetAudioPCM(1).then(() => 0, (code) => code)`, &again)
	assert.EqualValues(t, crvideo.CodeLoginState, again)
	tab.Eval(t, `sdk.CRVideo_StartGetAudioPCM(0, 0, {rate: 44100}).then(() => 0, (code) => code)`, &bad)
	assert.EqualValues(t, crvideo.CodeBadParameter, bad)
}

// TestTwoCamerasOfAMember: two video objects show two cameras of one Go member at once, each its own.
func TestTwoCamerasOfAMember(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, tab, _ := withScript(t, srv, srv.Addr().String())
	ctx := testContext(t)
	ids := []int{}
	for n := range 2 {
		id, err := ann.AddCamera(ctx, fmt.Sprint("camera ", n), func(ctx context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
			f.MemberNum = uint32(70 + n)
			return crvideo.SyntheticCamera(ctx, f)
		})
		require.NoError(t, err)
		ids = append(ids, id)
	}
	require.NoError(t, ann.OpenVideo(ctx, ""))
	tab.Eval(t, `sdk.CRVideo_SetEnableMutiVideo('ann', true)`, nil)
	tab.Wait(t, `sdk.CRVideo_GetOpenedVideoIDs('ann').length === 2 && sdk.CRVideo_GetEnableMutiVideo('ann')`)
	for n, id := range ids {
		tab.Eval(t, fmt.Sprintf(`((view) => { document.body.append(view.handler()); view.setVideo('ann', %d); })(sdk.CRVideo_CreatVideoObj({id: 'cam%d'}))`, id, n), nil)
	}
	for n := range ids {
		video := fmt.Sprintf(`document.querySelector('#cam%d video')`, n)
		tab.Wait(t, video+`?.videoWidth > 0 && !`+video+`.paused`)
	}
	tab.Wait(t, `seen.filter((e) => e[0] === 'NotifyVideoStream' && e[1] === 'ann' && e[2].getVideoTracks().length === 1).length >= 2`)
	tab.Wait(t, `seen.some((e) => e[0] === 'NotifyAudioStream' && e[1] === 1 && e[2].getAudioTracks().length === 8)`)
	tab.Eval(t, `sdk.CRVideo_OpenMic('')`, nil)
	tab.Wait(t, `seen.some((e) => e[0] === 'NotifyAudioStream' && e[1] === 0 && e[2].getAudioTracks().length === 1)`)
	for range 2 { // at the same time
		for n := range ids {
			camera, _ := look(t, tab, fmt.Sprintf(`document.querySelector('#cam%d video')`, n))
			assert.EqualValues(t, 70+n, camera)
		}
	}
	var refused int
	tab.Eval(t, `sdk.CRVideo_SetEnableMutiVideo('', true).then(() => 0, (code) => code)`, &refused)
	assert.EqualValues(t, crvideo.CodeNoPlatform, refused)
	tab.Eval(t, `sdk.CRVideo_CloseVideo('ann')`, nil)
	tab.Wait(t, `sdk.CRVideo_GetOpenedVideoIDs('ann').length === 0 && sdk.CRVideo_GetVideoStatus('ann') === 2`)
	assert.Empty(t, ann.GetOpenedVideoIDs(""))
}

// TestHearing: a page receives the sound that it wants, and plays it or not; a locked room lets nobody in.
func TestHearing(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, tab, room := withScript(t, srv, srv.Addr().String())
	bob := goClient(t, srv, "bob")
	ctx := testContext(t)
	require.NoError(t, bob.EnterMeeting(ctx, room))
	for _, c := range []*crvideo.Client{ann, bob} {
		require.NoError(t, c.OpenMic(ctx, ""))
	}
	hears(t, tab, 1, 3)
	tab.Eval(t, `sdk.CRVideo_SetAudioSubscribeList(['bob']).then(() => sdk.CRVideo_SetAudioSubscribeMode(1))`, nil)
	const packets = `sdk.CRVideo_GetStats().then((all) => [...all.values()].filter((r) => r.type === 'inbound-rtp' && r.kind === 'audio' && r.packetsReceived > 0).map((r) => [r.id, r.packetsReceived]))`
	require.Eventually(t, func() bool {
		var grows float64
		tab.Eval(t, packets+`.then((before) => new Promise((done) => setTimeout(() => `+packets+`.then((after) => {
			const last = new Map(before);
			done(after.filter(([id, n]) => n > (last.get(id) ?? 0)).length);
		}), 300)))`, &grows)
		return grows == 1
	}, chromiumtest.Patience, poll, "only bob's sound comes")
	hears(t, tab, 3)
	tab.Eval(t, `sdk.CRVideo_SetAudioSubscribeMode(2)`, nil)
	hears(t, tab, 1)
	tab.Eval(t, `sdk.CRVideo_SetAudioSubscribeMode(0)`, nil)
	hears(t, tab, 1, 3)
	var codes []int
	tab.Eval(t, `Promise.all([sdk.CRVideo_SetAudioSubscribeMode(3), sdk.CRVideo_SetAudioSubscribeList([''])].map((p) => p.then(() => 0, (code) => code)))`, &codes)
	assert.Equal(t, []int{5, 5}, codes)

	tab.Eval(t, `sdk.CRVideo_SetSpeakerMute(true)`, nil)
	tab.Wait(t, `sdk.CRVideo_GetSpeakerMute() && [...played].filter((p) => p instanceof HTMLAudioElement).every((p) => p.muted)`)
	tab.Eval(t, `sdk.CRVideo_SetSpeakerMute(false)`, nil)
	hears(t, tab, 1, 3)

	tab.Eval(t, `sdk.CRVideo_LockRoom(true)`, nil)
	assert.Equal(t, []any{true}, told(t, tab, "NotifyRoomLocked"))
	require.Eventually(t, ann.IsRoomLocked, chromiumtest.Patience, poll)
	require.NoError(t, bob.ExitMeeting(ctx))
	assert.ErrorIs(t, bob.EnterMeeting(ctx, room), crvideo.CodeRoomLocked)
	require.NoError(t, ann.LockRoom(ctx, false))
	assert.Equal(t, []any{false}, told(t, tab, "NotifyRoomLocked"))
	require.NoError(t, bob.EnterMeeting(ctx, room))
}
