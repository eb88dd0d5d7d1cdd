package crvideo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// scriptedRenewal is a client in a room, with an open microphone and an attribute that it has set, on a server that says
// what it is told to.
func scriptedRenewal(t *testing.T) (*mocksignal.Server, *crvideo.Client, *mocksignal.Conn) {
	srv := newScript(t)
	c := newQuiet(t, crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true})
	conn := loginScripted(t, c, srv)
	enterWithBob(t, c, conn)
	opened := inBackground(func() error { return c.OpenMic(testContext(t), "") })
	conn.Expect(testContext(t), wire.MethodOpenMic).Reply(streamOf("audio/opus"))
	require.NoError(t, receive(t, opened))
	set := inBackground(func() error {
		return c.AddOrUpdateUserAttrs(testContext(t), "alice", map[string]string{"k": "v"}, crvideo.MeetingAttrOptions{})
	})
	conn.Expect(testContext(t), wire.MethodChangeUserAttrs).Reply(wire.AttrsChangeResult{Version: 1})
	require.NoError(t, receive(t, set))
	return srv, c, conn
}

// forget breaks a connection and takes the client again as a server that does not know it.
func forget(t *testing.T, srv *mocksignal.Server, conn *mocksignal.Conn) *mocksignal.Conn {
	conn.Reset()
	conn = srv.Accept(testContext(t))
	conn.Expect(testContext(t), wire.MethodResume).Fail(wire.CodeNoSession, "who are you?")
	conn.Login(testContext(t))
	return conn
}

// restore answers what a client asks for to be what it was.
func restore(t *testing.T, conn *mocksignal.Conn) {
	letIn(t, conn.Expect(testContext(t), wire.MethodEnterMeeting))
	conn.Expect(testContext(t), wire.MethodOpenMic).Reply(streamOf("audio/opus"))
	conn.Expect(testContext(t), wire.MethodRestoreAttrs).Reply(nil)
}

// A server may forget us again at any moment of our being restored: then all of it is done anew, and what waits for it
// goes on waiting.
func TestForgottenWhileBeingRestored(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]func(*testing.T, *mocksignal.Conn){
		"entering": func(t *testing.T, conn *mocksignal.Conn) { conn.Expect(testContext(t), wire.MethodEnterMeeting) },
		"opening": func(t *testing.T, conn *mocksignal.Conn) {
			letIn(t, conn.Expect(testContext(t), wire.MethodEnterMeeting))
			conn.Expect(testContext(t), wire.MethodOpenMic)
		},
		"attributes": func(t *testing.T, conn *mocksignal.Conn) {
			letIn(t, conn.Expect(testContext(t), wire.MethodEnterMeeting))
			conn.Expect(testContext(t), wire.MethodOpenMic).Reply(streamOf("audio/opus"))
			conn.Expect(testContext(t), wire.MethodRestoreAttrs)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, c, conn := scriptedRenewal(t)
			seen := record(t, c)
			conn = forget(t, srv, conn)
			kicked := inBackground(func() error { return c.Kickout(testContext(t), "bob") })
			until(t, conn)
			conn = forget(t, srv, conn)
			restore(t, conn)
			conn.Expect(testContext(t), wire.MethodKickout).Reply(nil)
			require.NoError(t, receive(t, kicked))
			assert.Equal(t, crvideo.StatusOpen, c.GetAudioStatus(""))
			assert.Len(t, c.GetAllMembers(), 2)
			requireNoEvents(t, seen)
		})
	}
}

// The news that it has forgotten us again may come to who enters again as the end of its request first.
func TestForgottenIsNoRefusal(t *testing.T) {
	srv, c, conn := scriptedRenewal(t)
	seen := record(t, c)
	conn = forget(t, srv, conn)
	conn.Expect(testContext(t), wire.MethodEnterMeeting).Fail(wire.CodeNoSession, "who are you?")
	restore(t, conn)
	requireNext(t, c, conn)
	requireNoEvents(t, seen)
}

// Attributes that a server has no time to take back are told once more.
func TestAttributesAreRestoredInTheEnd(t *testing.T) {
	srv, c, conn := scriptedRenewal(t)
	conn = forget(t, srv, conn)
	letIn(t, conn.Expect(testContext(t), wire.MethodEnterMeeting))
	conn.Expect(testContext(t), wire.MethodOpenMic).Reply(streamOf("audio/opus"))
	conn.Expect(testContext(t), wire.MethodRestoreAttrs).Fail(wire.CodeTooFast, "not now")
	again := conn.Expect(testContext(t), wire.MethodRestoreAttrs)
	var p wire.RestoreAttrsParams
	again.Params(&p).Reply(nil)
	require.Len(t, p.Attrs, 1)
	assert.Equal(t, "v", p.Attrs[0].Value)
	requireNext(t, c, conn)
}
