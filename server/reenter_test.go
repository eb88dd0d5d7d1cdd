package server

import (
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Who is back before the login that has just ended was put out of the room is let in, and the others are told both.
func TestBackBeforeTheOldLoginHasLeft(t *testing.T) {
	s := start(t)
	bob := login(t, s, "bob")
	info := bob.create(wire.CreateMeetingParams{})
	bob.enter(info.ID)
	ann := enter(t, s, "ann", info.ID)
	bob.skip(1)
	sess, failed := s.session(ann.session.Session, ann.session.Key)
	require.Nil(t, failed)
	sess.mu.Lock() // the first half of session.end
	c := sess.conn
	sess.ended, sess.left, sess.conn, sess.member = true, wire.LeftExit, nil, nil
	sess.timers.stop()
	sess.mu.Unlock()
	sess.cancel()
	s.forget(sess, wire.CodeOK)

	assert.Len(t, login(t, s, "ann").enter(info.ID).Members, 2)
	assert.Equal(t, wire.MemberLeft{UID: "ann", Reason: wire.LeftExit}, note[wire.MemberLeft](bob, wire.NotifyMemberLeft))
	bob.skip(1) // ann has entered

	c.close(websocket.CloseNormalClosure, "logout") // the other half finds her gone
	r, failed := s.room("app", info.ID)
	require.Nil(t, failed)
	r.mu.Lock()
	again := r.members["ann"]
	r.mu.Unlock()
	require.NotNil(t, again)
	assert.NotSame(t, sess, again.sess)
	bob.quiet()
}
