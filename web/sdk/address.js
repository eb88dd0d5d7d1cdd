import { Code, CRError } from './errors.js';

const loopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/i;

/**
 * serverURL makes the WebSocket URL of a server from host, host:port, or a URL with ws, wss, http or https. Without a
 * scheme it is wss, or ws with plain and for loopback. Without a path it is /signal.
 */
export function serverURL(addr, plain = false) {
  addr = String(addr ?? '').trim();
  if (addr === '') throw new CRError(Code.NoServerAddr, 'the server address is empty');
  const bad = (why) => new CRError(Code.BadParameter, `server address ${addr.slice(0, 200)}: ${why}`);
  const [, scheme = '', rest] = /^(?:([a-z]+):\/\/)?(.*)$/is.exec(addr);
  let url;
  try {
    url = new URL(`http://${rest}`);
  } catch {
    throw bad('it cannot be parsed');
  }
  if (url.username || url.hash) throw bad('it has a user or a fragment');
  let secure;
  switch (scheme.toLowerCase()) {
    case '': secure = !plain && !loopback.test(url.hostname); break;
    case 'ws': case 'http': secure = false; break;
    case 'wss': case 'https': secure = true; break;
    default: throw bad('its scheme is not ws, wss, http or https');
  }
  // The port is read from the text: URL drops 80, which is not the default of wss.
  const port = /:(\d+)$/.exec(rest.split(/[/?]/)[0])?.[1];
  const path = url.pathname === '/' ? '/signal' : url.pathname;
  return `${secure ? 'wss' : 'ws'}://${url.hostname}${port ? `:${port}` : ''}${path}${url.search}`;
}
