// Who one is: the token of a guest, given by the server, or one that the user or a link brings.

const link = new URLSearchParams(location.hash.slice(1));

/** fromLink is what the page's address says after the #: room, password, token, name. Only the room stays in it. */
export const fromLink = { room: link.get('room') ?? '', password: link.get('password') ?? '', token: link.get('token') ?? '', name: link.get('name') ?? '' };

/** setRoom writes the room into the address, so that it can be passed on. */
export function setRoom(room, password) {
  const hash = room ? `#room=${room}${password ? `&password=${encodeURIComponent(password)}` : ''}` : '';
  history.replaceState(null, '', location.pathname + location.search + hash);
}

/** server is where signalling is: this page's own server. */
export const server = `${location.protocol}//${location.host}`;

/** guestsAllowed asks whether the server gives tokens to guests. It throws if there is no server. */
export async function guestsAllowed() {
  const answer = await fetch('page/config');
  return answer.ok && (await answer.json()).guests === true;
}

/** userOf reads the user out of a token; empty if it is none. The server is who checks it. */
export function userOf(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).sub ?? '';
  } catch {
    return '';
  }
}

/** guestToken gets a token. Who has one already, in this window, stays the same user. */
export async function guestToken() {
  const answer = await fetch('page/token', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token: sessionStorage.getItem('guest') ?? '' }),
  });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const { token } = await answer.json();
  sessionStorage.setItem('guest', token);
  return token;
}

/** stay is the call that this window is in, so that a reload comes back to it. */
export const stay = {
  get: () => JSON.parse(sessionStorage.getItem('stay') ?? 'null'),
  set: (value) => sessionStorage.setItem('stay', JSON.stringify(value)),
  clear: () => sessionStorage.removeItem('stay'),
};
