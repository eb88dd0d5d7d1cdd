// Event slots: CRVideo_X.callback = function. A slot has one callback; the last one set counts, null takes it away.

const slots = new Map();
const queue = [];
let scheduled = false;

/** slot makes the slot of an event, or finds it. */
export function slot(name) {
  if (!slots.has(name)) slots.set(name, { callback: null });
  return slots.get(name);
}

/** emit queues an event. Callbacks run one after the other, in the order of what happened, and never inside a call of the API. */
export function emit(name, ...args) {
  queue.push([slot(name), args]);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(drain);
}

function drain() {
  try {
    while (queue.length > 0) {
      const [target, args] = queue.shift();
      try {
        target.callback?.(...args);
      } catch (error) {
        setTimeout(() => { throw error; }); // the application's error, for its own window.onerror
      }
    }
  } finally {
    scheduled = false;
  }
}
