import { Code, CRError } from './errors.js';
import { Link } from './link.js';

const firstDelay = 100; // ms
const maxDelay = 1000; // in the first minute
const lateDelay = 5000; // after it
const lateAfter = 60000;
const stableAfter = 1000; // a connection that lived so long was a good one
const maxStrikes = 5; // broken numberings without a notification between them

// Close codes that end the session, and what they mean.
const finalCloses = new Map([[4010, Code.Kicked], [4011, Code.Kicked], [4018, Code.TokenExpired]]);

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Backoff spaces attempts: the first at once, then from 100 ms to 1 s, with jitter, since many clients of a server come back together. */
export class Backoff {
  #delay = 0;
  #from = performance.now();

  constructor(delay = 0) { this.#delay = delay; }

  get away() { return performance.now() - this.#from; }

  async wait() {
    const wait = this.#delay;
    this.#delay = Math.min(Math.max(2 * wait, firstDelay), this.away > lateAfter ? lateDelay : maxDelay);
    if (wait > 0) await sleep(wait / 2 + Math.random() * (wait / 2));
  }
}

/**
 * Session is one login. It outlives its connections: after a cut it resumes, gets the notifications that it missed and
 * repeats the requests that were not answered. Handlers: onNotify(method, params) in order; onEnd(error) once, unless
 * close was called; onFrame(buffer) what is no message; onBack() after a resume; error.forgotten tells that the server does not know the session any more; onLink(up) for the curious.
 */
export class Session {
  #url;
  #handlers;
  #timeout;
  #link = null;
  #id = 0;
  #seq = 0;
  #strikes = 0;
  #proof = null; // session and key
  #calls = new Map();
  #hello = null;
  #ended = null;
  #closing = false;

  constructor(url, timeout, handlers) {
    this.#url = url;
    this.#timeout = timeout;
    this.#handlers = handlers;
  }

  /** login makes the session. It tries once. */
  async login(params) {
    const result = await this.#connect('login', params);
    this.#proof = { session: result.session, key: result.key };
    return result;
  }

  async #connect(method, params) {
    let link;
    const lost = (code) => this.#lost(link, code);
    link = await Link.open(this.#url, { nextId: () => ++this.#id, onMessage: (data) => this.#message(link, data), onLost: lost });
    if (this.#closing) {
      link.close();
      throw new CRError(Code.NotLoggedIn, 'logged out');
    }
    const id = ++this.#id;
    const result = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new CRError(Code.Timeout, 'the server does not answer')), 5000);
      this.#hello = {
        link, id,
        settle: (error, value) => { clearTimeout(timer); this.#hello = null; if (error) reject(error); else resolve(value); },
      };
      link.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    }).catch((error) => { link.close(); throw error; });
    this.#link = link;
    link.watch();
    this.#handlers.onLink?.(true);
    return result;
  }

  /** request sends a request and gives its result. It is repeated after a cut, and fails with 205 after the server timeout. */
  request(method, params) {
    if (this.#ended || this.#closing) return Promise.reject(this.#ended ?? new CRError(Code.NotLoggedIn, 'logged out'));
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(id);
        reject(new CRError(Code.Timeout, `no answer to ${method}`));
      }, this.#timeout);
      const text = JSON.stringify({ jsonrpc: '2.0', id, method, params });
      this.#calls.set(id, { text, resolve, reject, timer });
      this.#link?.send(text);
    });
  }

  /** check makes the session look at its connection now. */
  check() { this.#link?.check(); }

  /** sendFrame sends a frame if there is a connection. It is not repeated. */
  sendFrame(frame) { this.#link?.send(frame); }

  get buffered() { return this.#link?.buffered ?? 0; }

  #message(link, data) {
    if (typeof data !== 'string') {
      if (this.#link === link) this.#handlers.onFrame?.(data);
      return;
    }
    let m;
    try {
      m = JSON.parse(data);
    } catch {
      link.close(1002, 'not JSON');
      return;
    }
    if (m.method !== undefined) {
      this.#notification(link, m);
      return;
    }
    const error = m.error && new CRError(m.error.code, m.error.message);
    if (this.#hello?.link === link && m.id === this.#hello.id) {
      this.#hello.settle(error, m.result);
      return;
    }
    const call = this.#calls.get(m.id);
    if (!call) return; // a ping's answer, or one that came twice
    this.#calls.delete(m.id);
    clearTimeout(call.timer);
    if (error) call.reject(error);
    else call.resolve(m.result);
  }

  #notification(link, m) {
    if (m.seq <= this.#seq) return; // again, after a resume
    if (m.seq !== this.#seq + 1) { // only another resume can bring what is missing
      this.#strikes++;
      link.close(1002, 'a notification is missing');
      return;
    }
    this.#seq = m.seq;
    this.#strikes = 0;
    if (m.method === 'goingAway') { // another server, or the next process, takes us
      const end = new CRError(Code.GoingAway, 'the server ends soon');
      end.forgotten = true;
      this.#finish(end);
    } else if (m.method === 'lineOff') this.#finish(new CRError(m.params?.code || Code.Socket, 'the server ended the login'));
    else this.#handlers.onNotify(m.method, m.params ?? {});
  }

  #lost(link, code) {
    if (this.#hello?.link === link) {
      this.#hello.settle(new CRError(finalCloses.get(code) ?? Code.ConnectFailed, `the connection was closed with ${code}`));
      return;
    }
    if (this.#link !== link) return;
    this.#link = null;
    this.#handlers.onLink?.(false);
    if (this.#closing || this.#ended) return;
    if (finalCloses.has(code)) this.#finish(new CRError(finalCloses.get(code), `the server closed the connection with ${code}`));
    else if (this.#strikes >= maxStrikes) this.#finish(new CRError(Code.Socket, 'the server keeps breaking the protocol'));
    else this.#comeBack(performance.now() - link.since < stableAfter ? firstDelay : 0);
  }

  async #comeBack(delay) {
    const backoff = new Backoff(delay);
    while (!this.#ended && !this.#closing) {
      await backoff.wait();
      if (backoff.away > this.#timeout) {
        this.#finish(new CRError(Code.Timeout, 'the connection did not come back'));
        return;
      }
      if (this.#ended || this.#closing) return;
      try {
        await this.#connect('resume', { ...this.#proof, lastSeq: this.#seq });
        for (const id of [...this.#calls.keys()].sort((a, b) => a - b)) this.#link.send(this.#calls.get(id).text);
        this.#handlers.onBack?.();
        return;
      } catch (error) {
        switch (error.code) {
          case Code.ConnectFailed: case Code.Timeout: case Code.TooFast: case Code.GoingAway: case Code.ServiceFailure: case Code.Internal:
            continue;
          case Code.Kicked: case Code.TokenExpired:
            this.#finish(error);
            return;
        }
        const end = new CRError(Code.Socket, `the session cannot be resumed: ${error.message}`);
        end.forgotten = error.code === Code.NoSession;
        this.#finish(end);
        return;
      }
    }
  }

  #finish(error) {
    if (this.#ended) return;
    this.#ended = error;
    const link = this.#link;
    this.#link = null;
    link?.close();
    for (const call of this.#calls.values()) {
      clearTimeout(call.timer);
      call.reject(error);
    }
    this.#calls.clear();
    if (!this.#closing) this.#handlers.onEnd(error);
  }

  /** close logs out. What is in flight fails with 12. */
  close() {
    if (this.#closing || this.#ended) return;
    this.#closing = true;
    const link = this.#link;
    link?.send(JSON.stringify({ jsonrpc: '2.0', id: ++this.#id, method: 'logout' }));
    this.#link = null;
    this.#finish(new CRError(Code.NotLoggedIn, 'logged out'));
    if (link) setTimeout(() => link.close(), 1000); // the server closes after its answer
  }
}
