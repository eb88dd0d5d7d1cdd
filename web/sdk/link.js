import { Code, CRError } from './errors.js';

const pingEvery = 2000; // ms
const deadAfter = 5000; // ms without a message

/** Link is one WebSocket. It pings, and takes a connection for dead that is silent. onLost is called once. */
export class Link {
  #ws;
  #heard = 0;
  #pinged = 0;
  #timer = 0;
  #over = false;
  #nextId;

  constructor(ws, { nextId, onMessage, onLost }) {
    this.#ws = ws;
    ws.binaryType = 'arraybuffer';
    this.#nextId = nextId;
    this.since = performance.now();
    this.#heard = this.#pinged = this.since;
    ws.onmessage = (event) => {
      this.#heard = performance.now();
      if (!this.#over) onMessage(event.data);
    };
    this.#end = (code) => {
      if (this.#over) return;
      this.#over = true;
      clearInterval(this.#timer);
      ws.onmessage = ws.onclose = ws.onerror = null;
      onLost(code);
    };
    ws.onclose = (event) => this.#end(event.code);
  }

  #end;

  /** open connects, or throws within 5 s. */
  static open(url, handlers) {
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(url, 'crvideo.1');
      const failed = (why) => {
        clearTimeout(timer);
        ws.onopen = ws.onclose = null;
        ws.close();
        reject(new CRError(Code.ConnectFailed, `cannot connect to ${url}: ${why}`));
      };
      const timer = setTimeout(() => failed('no answer'), deadAfter);
      ws.onclose = (event) => failed(`closed with ${event.code}`);
      ws.onopen = () => {
        clearTimeout(timer);
        resolve(new Link(ws, handlers));
      };
    });
  }

  /** watch starts the pings: the server takes them after login or resume only. */
  watch() {
    this.#timer = setInterval(() => this.check(), 1000);
  }

  /** check looks at once whether the connection still lives; timers are slow in hidden pages and stop while a machine sleeps. */
  check() {
    const now = performance.now();
    if (now - this.#heard > deadAfter) {
      this.close(4000, 'silent');
    } else if (now - this.#pinged >= pingEvery) {
      this.#pinged = now;
      this.send(JSON.stringify({ jsonrpc: '2.0', id: this.#nextId(), method: 'ping' }));
    }
  }

  /** buffered is how many bytes wait to be sent. */
  get buffered() { return this.#ws.bufferedAmount; }

  send(text) {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(text);
  }

  /** close ends the link at once: the browser may wait for the peer's close as long as it likes. */
  close(code = 1000, reason = '') {
    this.#ws.close(code, reason);
    this.#end(code);
  }
}
