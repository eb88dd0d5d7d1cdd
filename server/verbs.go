package server

import (
	"context"
	"encoding/json"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server/internal/queue"
	"github.com/crvideo/crvideo-go/token"
)

// call is one request that is being handled.
type call struct {
	ctx    context.Context // ends with the session, or after the server timeout
	conn   *conn
	sess   *session
	id     uint64
	method string
	params json.RawMessage

	answered bool
}

// reply answers the request. It never waits and may be called under a room's lock: an answer that describes a state
// is queued before the notifications about its next change.
func (c *call) reply(result any) {
	c.answer(result, func() (any, *wire.Error) { return result, nil })
}

// refuse answers the request with its failure.
func (c *call) refuse(failed *wire.Error) {
	c.answered = true
	c.sess.answers.keep(c.id, func() (any, *wire.Error) { return nil, failed })
	c.conn.send(&outgoing{id: c.id, failed: failed})
}

// answer is reply with what is said if the client repeats the request after a resume. again is kept for as long as the
// session may last, and so is what it refers to.
func (c *call) answer(result any, again keptAnswer) {
	c.answered = true
	c.sess.answers.keep(c.id, again)
	c.conn.send(&outgoing{id: c.id, result: result})
}

// verb is what handles one method.
type verb struct {
	needs  token.Permission // "": none
	inRoom bool             // only for members of a room
	run    func(c *call) *wire.Error
}

// params decodes and validates the parameters for a handler. A handler that returns nil without having replied
// answers with an empty result.
func params[P any](fn func(c *call, p *P) *wire.Error) func(*call) *wire.Error {
	return func(c *call) *wire.Error {
		var p P
		if err := wire.DecodeParams(c.params, &p); err != nil {
			return err
		}
		return fn(c, &p)
	}
}

// newVerbs is the table of all methods that a logged-in client may use. Where a permission depends on whom a call is
// about, the handler checks it.
func newVerbs() map[string]verb {
	return map[string]verb{
		wire.MethodUpdateToken: {run: params(updateToken)},
		wire.MethodLogout:      {run: logout},
		wire.MethodPing:        {run: func(*call) *wire.Error { return nil }}, // answered before it gets here

		wire.MethodCreateMeeting:  {run: params(createMeeting), needs: token.Create},
		wire.MethodDestroyMeeting: {run: params(destroyMeeting), needs: token.Destroy},
		wire.MethodEnterMeeting:   {run: params(enterMeeting), needs: token.Enter},
		wire.MethodExitMeeting:    {run: exitMeeting, inRoom: true},
		wire.MethodKickout:        {run: params(kickout), needs: token.Kick, inRoom: true},
		wire.MethodSetNickname:    {run: params(setNickname), inRoom: true},

		wire.MethodSetMainVideo:     {run: params(setMainVideo), needs: token.Control, inRoom: true},
		wire.MethodSetMainVideoMode: {run: params(setMainVideoMode), needs: token.Control, inRoom: true},
		wire.MethodSwitchToPage:     {run: params(switchToPage), needs: token.Control, inRoom: true},
		wire.MethodLockRoom:         {run: params(lockRoom), needs: token.Control, inRoom: true},
		wire.MethodStopMeeting:      {run: stopMeeting, needs: token.Destroy, inRoom: true},

		wire.MethodCall:         {run: params(callUser), needs: token.Call},
		wire.MethodAcceptCall:   {run: params(answerRing(false, byCalled, wire.NotifyCallAccepted, plain))},
		wire.MethodRejectCall:   {run: params(answerRing(false, byCalled, wire.NotifyCallRejected, refused))},
		wire.MethodHangupCall:   {run: params(answerRing(false, byBoth, wire.NotifyCallHangup, plain))},
		wire.MethodRestoreCall:  {run: params(restoreCall)},
		wire.MethodInvite:       {run: params(invite), needs: token.Call},
		wire.MethodAcceptInvite: {run: params(answerRing(true, byCalled, wire.NotifyInviteAccepted, plain))},
		wire.MethodRejectInvite: {run: params(answerRing(true, byCalled, wire.NotifyInviteRejected, plain))},
		wire.MethodCancelInvite: {run: params(answerRing(true, byCaller, wire.NotifyInviteCanceled, plain))},

		wire.MethodSetDND:          {run: params(setDND)},
		wire.MethodGetUserStatus:   {run: params(getUserStatus), needs: token.Call},
		wire.MethodWatchUserStatus: {run: params(watchUserStatus), needs: token.Call},

		wire.MethodInitQueues:     {run: initQueues},
		wire.MethodGetQueueStatus: {run: params(getQueueStatus)},
		wire.MethodStartQueuing:   {run: params(startQueuing), needs: token.Queue},
		wire.MethodStopQueuing:    {run: stopQueuing},
		wire.MethodStartService:   {run: params(startService), needs: token.Serve},
		wire.MethodStopService:    {run: params(stopService)},
		wire.MethodReqAssign:      {run: reqAssign, needs: token.Serve},
		wire.MethodAcceptAssign:   {run: params(answerAssign((*queue.Engine).Accept))},
		wire.MethodRejectAssign:   {run: params(answerAssign((*queue.Engine).Reject))},
		wire.MethodRestoreServing: {run: params(restoreServing), needs: token.Serve},

		wire.MethodSendCmd:        {run: params(sendCmd), needs: token.Data},
		wire.MethodOfferTransfer:  {run: params(offerTransfer), needs: token.Data},
		wire.MethodAcceptTransfer: {run: params(acceptTransfer)},
		wire.MethodEndTransfer:    {run: params(endTransfer)},

		wire.MethodSendRoomMsg: {run: params(sendRoomMsg), needs: token.Data, inRoom: true},

		wire.MethodGetRoomAttrs:    {run: params(getRoomAttrs), inRoom: true},
		wire.MethodGetUserAttrs:    {run: params(getUserAttrs), inRoom: true},
		wire.MethodChangeRoomAttrs: {run: params(changeRoomAttrs), needs: token.Data, inRoom: true},
		wire.MethodChangeUserAttrs: {run: params(changeUserAttrs), inRoom: true},
		wire.MethodRestoreAttrs:    {run: params(restoreAttrs), inRoom: true},

		wire.MethodCreateBoard:      {run: params(createBoard), needs: token.Data, inRoom: true},
		wire.MethodCloseBoard:       {run: params(closeBoard), inRoom: true},
		wire.MethodSetBoardPage:     {run: params(setBoardPage), needs: token.Data, inRoom: true},
		wire.MethodGetBoardPage:     {run: params(getBoardPage), inRoom: true},
		wire.MethodEditBoard:        {run: params(editBoard), needs: token.Data, inRoom: true},
		wire.MethodUndoBoard:        {run: params(undoBoard), needs: token.Data, inRoom: true},
		wire.MethodRestoreBoards:    {run: params(restoreBoards), needs: token.Data, inRoom: true},
		wire.MethodRestoreBoardPage: {run: params(restoreBoardPage), needs: token.Data, inRoom: true},

		wire.MethodSetDevices:      {run: params(setDevices), inRoom: true},
		wire.MethodOpenMic:         {run: params(openMic), inRoom: true},
		wire.MethodCloseMic:        {run: params(closeMic), inRoom: true},
		wire.MethodOpenVideo:       {run: params(openVideo), inRoom: true},
		wire.MethodCloseVideo:      {run: params(closeVideo), inRoom: true},
		wire.MethodSetDefaultVideo: {run: params(setDefaultVideo), inRoom: true},
		wire.MethodSetMultiVideo:   {run: params(setMultiVideo), inRoom: true},
		wire.MethodSubscribe:       {run: params(subscribe), inRoom: true},
		wire.MethodOffer:           {run: params(offer), inRoom: true},
	}
}

// handle runs a call and sees to it that it is answered exactly once.
func (s *Server) handle(c *call) *wire.Error {
	failed := s.run(c)
	switch {
	case c.answered:
	case failed != nil:
		c.refuse(failed)
	default:
		c.reply(nil)
	}
	return failed
}

// run checks what must hold for every call of its kind, and runs it.
func (s *Server) run(c *call) *wire.Error {
	if isHello(c.method) {
		return wire.Errorf(wire.CodeLoginState, "this connection is logged in already")
	}
	v, ok := s.verbs[c.method]
	switch {
	case !ok:
		return wire.Errorf(wire.CodeNoMethod, "there is no such method")
	case s.now() == closing:
		return goingAway()
	case v.needs != "" && !c.sess.allows(v.needs):
		return notPermitted(v.needs)
	case v.inRoom && c.sess.currentMember() == nil:
		return notInRoom()
	}
	return v.run(c)
}

func notPermitted(p token.Permission) *wire.Error {
	return wire.Errorf(wire.CodeAuthFailed, "the token does not permit %q", string(p))
}

func goingAway() *wire.Error { return wire.Errorf(wire.CodeGoingAway, "the server is shutting down") }

func notInRoom() *wire.Error { return wire.Errorf(wire.CodeRoomAbsent, "not in a room") }
