// Calls between users, who need not be in a room.
import { tell } from './current.js';
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';
import { meetInfo } from './meetinfo.js';
import { answerRing, beginRing, ringAccepted, ringEnded, ringIn } from './rings.js';

function toldCall(name, id, cookie, promise) {
  tell(promise, () => emit(`${name}Success`, id, cookie), (code) => emit(`${name}Fail`, id, code, cookie));
}

/** CRVideo_Call calls a user. CRVideo_CallSuccess tells that it rings there; the answer is one of the NotifyCall events. */
export const CRVideo_Call = (calledUID, MeetInfoObj, userExtDat, cookie) => {
  const [id, began] = beginRing(false, calledUID, MeetInfoObj, userExtDat);
  toldCall('Call', id, cookie, began);
};
export const CRVideo_AcceptCall = (callID, MeetInfoObj, userExtDat, cookie) => toldCall('AcceptCall', callID, cookie, answerRing('acceptCall', callID, MeetInfoObj, userExtDat));
export const CRVideo_RejectCall = (callID, userExtDat, cookie) => toldCall('RejectCall', callID, cookie, answerRing('rejectCall', callID, null, userExtDat));
export const CRVideo_HangupCall = (callID, userExtDat, cookie) => toldCall('HangupCall', callID, cookie, answerRing('hangupCall', callID, null, userExtDat));

export const CRVideo_CallSuccess = slot('CallSuccess');
export const CRVideo_CallFail = slot('CallFail');
export const CRVideo_AcceptCallSuccess = slot('AcceptCallSuccess');
export const CRVideo_AcceptCallFail = slot('AcceptCallFail');
export const CRVideo_RejectCallSuccess = slot('RejectCallSuccess');
export const CRVideo_RejectCallFail = slot('RejectCallFail');
export const CRVideo_HangupCallSuccess = slot('HangupCallSuccess');
export const CRVideo_HangupCallFail = slot('HangupCallFail');
export const CRVideo_NotifyCallIn = slot('NotifyCallIn');
export const CRVideo_NotifyCallAccepted = slot('NotifyCallAccepted');
export const CRVideo_NotifyCallRejected = slot('NotifyCallRejected');
export const CRVideo_NotifyCallHangup = slot('NotifyCallHangup');

addGroup({
  on: {
    callIn(p) {
      ringIn(false, p);
      emit('NotifyCallIn', p.id, meetInfo(p.meet), p.from, p.data ?? '');
    },
    callAccepted(p, c) {
      ringAccepted(p.id, c, p.meet);
      emit('NotifyCallAccepted', p.id, meetInfo(p.meet), p.data ?? '');
    },
    callRejected(p) {
      ringEnded(p.id);
      emit('NotifyCallRejected', p.id, p.code, p.data ?? '');
    },
    callHangup(p) {
      ringEnded(p.id);
      emit('NotifyCallHangup', p.id, p.data ?? '');
    },
  },
});
