// Codes are CRVideo's error codes (ERR_DEF) as far as this client meets them.
export const Code = Object.freeze({
  OK: 0, Unknown: 1, Internal: 3, BadParameter: 5, InvalidData: 6, WrongSecret: 7, ServiceFailure: 8, LoginState: 9, Kicked: 10,
  NotInit: 11, NotLoggedIn: 12, TokenExpired: 18, AuthData: 19, NoApp: 20, AuthFailed: 21, NotTokenLogin: 22,
  NoServerAddr: 201, ConnectFailed: 203, Socket: 204, Timeout: 205,
  BadQueue: 400,
  NoRoom: 800, RoomPassword: 801, RoomFull: 802, NoSuchMember: 806, InRoom: 807, SameIdentity: 808, TooManyMics: 816,
  PermissionUnknown: 8001, PermissionRefused: 8002, Enumeration: 8003, NoAPI: 8004, NoPlatform: 8005, OpenFailed: 8007, NoDevice: 8008,
  NoSession: 1201, TooFast: 1202, GoingAway: 1203, TransferGone: 1204, Refused: 606,
});

/** CRError is what a call fails with: a CRVideo code and a text for people who look for the reason. */
export class CRError extends Error {
  constructor(code, message) {
    super(`${message} (code ${code})`);
    this.name = 'CRError';
    this.code = code;
  }
}

/** codeOf is the CRVideo code of anything that was thrown. */
export const codeOf = (error) => (error instanceof CRError ? error.code : Code.Internal);

/** deviceError turns what getUserMedia throws into a CRError. */
export function deviceError(error) {
  if (error instanceof CRError) return error;
  switch (error?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new CRError(Code.PermissionRefused, 'the browser or its user refused the device');
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new CRError(Code.NoDevice, 'no such device');
    case 'NotReadableError':
    case 'AbortError':
      return new CRError(Code.OpenFailed, 'the device cannot be opened: another program may use it');
  }
  return new CRError(Code.PermissionUnknown, String(error?.message ?? error));
}
