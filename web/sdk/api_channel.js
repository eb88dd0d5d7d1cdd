// The transparent channel: commands, buffers and files from user to user, in a room or not.
import { here, tell } from './current.js';
import { Code, CRError } from './errors.js';
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';
import { ReceivedTransfer, SentTransfer, blobOf, maxTransferBytes, readFrame } from './transfers.js';

const maxCmdBytes = 65536;
const senderTime = 45000; // ms that what was coming waits for its sender after a restart of the server
const keptTasks = 1024;

const sentTasks = new Map();
const receivedTasks = new Map();
const settledTasks = new Map(); // what came from others, and its code
const seenCmds = new Set();

const newTaskID = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

function keep(tasks) {
  if (tasks.size > keptTasks) tasks.delete(tasks.keys().next().value);
}

/** CRVideo_SendCmd sends a text of at most 64 KiB, and gives the taskID of its SendCmdRslt. */
export function CRVideo_SendCmd(UID, data, cookie) {
  const id = newTaskID();
  const text = String(data ?? '');
  tell(here().then((c) => {
    if (new TextEncoder().encode(text).length > maxCmdBytes) throw new CRError(1100, 'the command is too large');
    return c.request('sendCmd', { id, uid: String(UID ?? ''), data: text });
  }), () => emit('SendCmdRslt', id, 0, cookie), (code) => emit('SendCmdRslt', id, code, cookie));
  return id;
}

function sendTask(event, kind, UID, data, name, cookie) {
  const id = newTaskID();
  const ended = (code) => {
    sentTasks.delete(id);
    emit(event, id, code, cookie);
  };
  tell(here().then((c) => {
    if (!c.loggedIn) throw new CRError(Code.NotLoggedIn, 'not logged in');
    const blob = blobOf(data);
    const size = blob.size;
    if (kind === 'buffer' && size > maxTransferBytes) throw new CRError(1101, 'the data is too large');
    const task = new SentTransfer(c, { id, uid: String(UID ?? ''), kind, name, size }, blob, {
      ended, progress: (sent) => emit('SendProgress', id, sent, size, cookie),
    });
    sentTasks.set(id, task);
    task.propose();
  }), () => {}, ended);
  return id;
}

/** CRVideo_SendBuffer sends a text, or bytes, of at most 100 MiB, and gives the taskID of its SendBufferRslt and SendProgress. */
export const CRVideo_SendBuffer = (UID, data, cookie) => sendTask('SendBufferRslt', 'buffer', UID, data, undefined, cookie);

/** CRVideo_SendFile sends a File (or a Blob, with a name), and gives the taskID of its SendFileRslt and SendProgress. */
export const CRVideo_SendFile = (UID, file, cookie) => sendTask('SendFileRslt', 'file', UID, file, file?.name || 'file', cookie);

/** CRVideo_CancelSend ends a transfer, whoever sends it: both sides get 1204. */
export function CRVideo_CancelSend(taskID) {
  sentTasks.get(taskID)?.cancel(Code.TransferGone);
  receivedTasks.get(taskID)?.end(Code.TransferGone);
}

const plainName = (name) => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).replace(/[\p{C}<>:"|?*]/gu, '') || 'file';

function offered(p, c) {
  const info = { name: '', size: 0, ...p };
  const key = `${info.id} ${info.from}`;
  if (settledTasks.has(key)) { // the sender has not heard of it
    c.request('endTransfer', { id: info.id, code: settledTasks.get(key) }, { bound: true }).catch(() => {});
    return;
  }
  const known = receivedTasks.get(info.id);
  if (known) {
    if (known.info.from === info.from) known.accept();
    return;
  }
  const isFile = info.kind === 'file';
  const refused = !slot(isFile ? 'NotifyFileData' : 'NotifyBufferData').callback ? Code.Refused : info.size > maxTransferBytes ? 1101 : 0;
  const task = new ReceivedTransfer(c, refused ? { ...info, size: 0 } : info, {
    complete: (bytes) => {
      if (isFile) emit('NotifyFileData', info.from, bytes.buffer, plainName(info.name));
      else emit('NotifyBufferData', info.from, new TextDecoder().decode(bytes), bytes.buffer);
    },
    settled: (code) => {
      receivedTasks.delete(info.id);
      settledTasks.set(key, code);
      keep(settledTasks);
    },
  });
  receivedTasks.set(info.id, task);
  if (refused) task.end(refused);
  else task.accept();
}

function dropTask(task) {
  task.drop();
  receivedTasks.delete(task.info.id);
}

addGroup({
  on: {
    cmdIn(p) {
      const key = `${p.id} ${p.from}`;
      if (seenCmds.has(key)) return;
      seenCmds.add(key);
      keep(seenCmds);
      emit('NotifyCmdData', p.from, p.data ?? '');
    },
    transferIn: offered,
    transferAccepted(p) { sentTasks.get(p.id)?.accepted(p); },
    transferEnded(p) {
      sentTasks.get(p.id)?.finish(p.code ?? 0);
      const task = receivedTasks.get(p.id);
      if (task) dropTask(task);
    },
  },
  frame(buffer) {
    const f = readFrame(buffer);
    if (f) (sentTasks.get(f.id) ?? receivedTasks.get(f.id))?.frame(f);
  },
  back() { for (const task of receivedTasks.values()) task.back(); },
  renewed(c) {
    for (const task of [...receivedTasks.values()]) {
      if (task.epoch === c.epoch) dropTask(task); // the same process: it has told the sender that we are gone
      else task.timer ??= setTimeout(() => dropTask(task), senderTime);
    }
    return Promise.all([...sentTasks.values()].map((task) => {
      if (task.epoch === c.epoch) {
        task.finish(Code.NoSession);
        return null;
      }
      task.forgotten();
      return task.propose(true);
    }));
  },
  ended() {
    for (const task of [...sentTasks.values()]) task.finish(Code.NotLoggedIn);
    for (const task of [...receivedTasks.values()]) dropTask(task);
  },
});

export const CRVideo_SendCmdRslt = slot('SendCmdRslt');
export const CRVideo_SendBufferRslt = slot('SendBufferRslt');
export const CRVideo_SendFileRslt = slot('SendFileRslt');
export const CRVideo_SendProgress = slot('SendProgress');
export const CRVideo_NotifyCmdData = slot('NotifyCmdData');
export const CRVideo_NotifyBufferData = slot('NotifyBufferData');
export const CRVideo_NotifyFileData = slot('NotifyFileData');
