// Invitations to the room that one is in.
import { tell } from './current.js';
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';
import { meetInfo } from './meetinfo.js';
import { answerRing, beginRing, ringEnded, ringIn } from './rings.js';

function toldInvite(name, id, cookie, promise) {
  tell(promise, () => emit(`${name}Success`, id, cookie), (code) => emit(`${name}Fail`, id, code, cookie));
}

/** CRVideo_Invite invites a user, who is told the room that we are in and its password. */
export const CRVideo_Invite = (invitedUserID, userExtDat, cookie) => {
  const [id, began] = beginRing(true, invitedUserID, null, userExtDat);
  toldInvite('Invite', id, cookie, began);
};
export const CRVideo_AcceptInvite = (inviteID, userExtDat, cookie) => toldInvite('AcceptInvite', inviteID, cookie, answerRing('acceptInvite', inviteID, null, userExtDat));
export const CRVideo_RejectInvite = (inviteID, userExtDat, cookie) => toldInvite('RejectInvite', inviteID, cookie, answerRing('rejectInvite', inviteID, null, userExtDat));
export const CRVideo_CancelInvite = (inviteID, userExtDat, cookie) => toldInvite('CancelInvite', inviteID, cookie, answerRing('cancelInvite', inviteID, null, userExtDat));

export const CRVideo_InviteSuccess = slot('InviteSuccess');
export const CRVideo_InviteFail = slot('InviteFail');
export const CRVideo_AcceptInviteSuccess = slot('AcceptInviteSuccess');
export const CRVideo_AcceptInviteFail = slot('AcceptInviteFail');
export const CRVideo_RejectInviteSuccess = slot('RejectInviteSuccess');
export const CRVideo_RejectInviteFail = slot('RejectInviteFail');
export const CRVideo_CancelInviteSuccess = slot('CancelInviteSuccess');
export const CRVideo_CancelInviteFail = slot('CancelInviteFail');
export const CRVideo_NotifyInviteIn = slot('NotifyInviteIn');
export const CRVideo_NotifyInviteAccepted = slot('NotifyInviteAccepted');
export const CRVideo_NotifyInviteRejected = slot('NotifyInviteRejected');
export const CRVideo_NotifyInviteCanceled = slot('NotifyInviteCanceled');

addGroup({
  on: {
    inviteIn(p) {
      ringIn(true, p);
      emit('NotifyInviteIn', p.id, p.from, p.data ?? '', meetInfo(p.meet));
    },
    inviteAccepted(p) {
      ringEnded(p.id);
      emit('NotifyInviteAccepted', p.id, p.data ?? '');
    },
    inviteRejected(p) {
      ringEnded(p.id);
      emit('NotifyInviteRejected', p.id, p.reason ?? '', p.data ?? '');
    },
    inviteCanceled(p) {
      ringEnded(p.id);
      emit('NotifyInviteCanceled', p.id, p.reason ?? '', p.data ?? '');
    },
  },
});
