// Everything that the page says.
const en = {
  title: 'Meet', otherLanguage: '中文', preview: 'Camera preview',
  yourName: 'Your name', roomNumber: 'Room number', roomHelp: 'Leave it empty to make a new room.',
  password: 'Room password', token: 'Token', tokenHelp: 'This server wants to know who you are: paste the token that you were given.',
  join: 'Join', make: 'Make a room', rejoin: 'Join again',
  camera: 'Camera', microphone: 'Microphone', speaker: 'Speaker', systemDefault: 'Default of the system',
  micOn: 'Microphone on', micOff: 'Microphone off', cameraOn: 'Camera on', cameraOff: 'Camera off',
  mute: 'Mute', unmute: 'Unmute', stopCamera: 'Stop camera', startCamera: 'Start camera',
  share: 'Share screen', stopShare: 'Stop sharing', devices: 'Devices', leave: 'Leave', done: 'Done', controls: 'Controls', people: 'People',
  room: (n) => `Room ${n}`, persons: (n) => (n === 1 ? '1 person' : `${n} people`), you: (name) => `${name} (you)`,
  copyLink: 'Copy link', copied: 'Link copied',
  net: ['Network: no connection', 'Network: poor', 'Network: fair', 'Network: good'], netUnknown: 'Network: not known yet',
  speaking: 'is speaking', noCamera: 'camera off', noMic: 'microphone off', sharing: 'shows a screen',
  came: (name) => `${name} came in`, left: (name) => `${name} left`, timedOut: (name) => `${name} lost the connection`,
  connecting: 'Connecting …', entering: 'Entering the room …', making: 'Making a room …',
  reconnecting: 'The connection was lost. Reconnecting …', back: 'Connected again',
  tapToHear: 'Your browser waits for a click before it plays sound.', hear: 'Turn sound on',
  startingCamera: 'Starting the camera …', cameraIsOff: 'Your camera is off',
  bye: 'You have left the room.',
  needName: 'Please tell your name first.', needNumber: 'A room number has 8 digits.', needToken: 'This server lets nobody in without a token.', badToken: 'This is no token.',
  insecure: 'Camera and microphone work only on pages that come by https. You can still watch and listen.',
  deviceErrors: {
    mic: { 8002: 'The microphone is blocked. Allow it at the left of the address bar, then turn it on again.', 8008: 'No microphone was found.', 8004: 'The microphone works only on pages that come by https.', 8007: 'The microphone cannot be opened. Another program may be using it.', 816: 'There are too many open microphones in this room.', 21: 'You may not speak in this room.', 0: 'The microphone cannot be opened.' },
    camera: { 8002: 'The camera is blocked. Allow it at the left of the address bar, then turn it on again.', 8008: 'No camera was found.', 8004: 'The camera works only on pages that come by https.', 8007: 'The camera cannot be opened. Another program may be using it.', 21: 'You may not show a picture in this room.', 0: 'The camera cannot be opened.' },
  },
  shareFailed: 'The screen cannot be shared.',
  errors: {
    5: 'The server does not accept the name or the number.', 7: 'Wrong app secret.', 8: 'The server has a fault. Try again in a while.',
    10: 'You joined from another window or device. This one was disconnected.', 18: 'Your token has expired. Get a new one.', 19: 'The server does not accept this token.',
    20: 'The token names an app that this server does not have.', 21: 'Your token does not permit this.', 201: 'No server address is known.',
    203: 'The server cannot be reached. Is it running?', 204: 'The connection was lost.', 205: 'The server did not come back. Check your network.',
    800: 'There is no such room: it was never made, or it has ended.', 801: 'Wrong password for this room.', 802: 'The room is full.', 803: 'No more rooms can be made on this server.',
    808: 'You are in this room already.', 1202: 'Too many attempts. Wait a minute, then try again.', 1203: 'The server is shutting down. Try again in a while.',
    8006: 'This browser has no WebRTC. Use a current Chrome, Edge, Firefox or Safari.',
    kicked: 'You were put out of the room.', ended: 'The room was closed.', dropped: 'The room was lost.', guests: 'The server gives out no guest tokens just now.',
    other: (code) => `It did not work (code ${code}).`,
  },
};

const zh = {
  title: '视频会议', otherLanguage: 'English', preview: '摄像头预览',
  yourName: '你的名字', roomNumber: '房间号', roomHelp: '留空则创建新房间。',
  password: '房间密码', token: '令牌', tokenHelp: '此服务器需要验证身份：请粘贴你收到的令牌。',
  join: '加入', make: '创建房间', rejoin: '重新加入',
  camera: '摄像头', microphone: '麦克风', speaker: '扬声器', systemDefault: '系统默认',
  micOn: '麦克风已开', micOff: '麦克风已关', cameraOn: '摄像头已开', cameraOff: '摄像头已关',
  mute: '静音', unmute: '取消静音', stopCamera: '关闭摄像头', startCamera: '打开摄像头',
  share: '共享屏幕', stopShare: '停止共享', devices: '设备', leave: '离开', done: '完成', controls: '控制栏', people: '成员',
  room: (n) => `房间 ${n}`, persons: (n) => `${n} 人`, you: (name) => `${name}（你）`,
  copyLink: '复制链接', copied: '链接已复制',
  net: ['网络：无连接', '网络：差', '网络：一般', '网络：良好'], netUnknown: '网络：尚未知晓',
  speaking: '正在说话', noCamera: '摄像头已关', noMic: '麦克风已关', sharing: '正在共享屏幕',
  came: (name) => `${name} 进入了房间`, left: (name) => `${name} 离开了房间`, timedOut: (name) => `${name} 掉线了`,
  connecting: '正在连接…', entering: '正在进入房间…', making: '正在创建房间…',
  reconnecting: '连接已断开，正在重新连接…', back: '已重新连接',
  tapToHear: '浏览器需要你点击一下才能播放声音。', hear: '打开声音',
  startingCamera: '正在打开摄像头…', cameraIsOff: '你的摄像头已关闭',
  bye: '你已离开房间。',
  needName: '请先填写你的名字。', needNumber: '房间号是 8 位数字。', needToken: '没有令牌无法进入此服务器。', badToken: '这不是令牌。',
  insecure: '只有通过 https 打开的页面才能使用摄像头和麦克风。你仍然可以观看和收听。',
  deviceErrors: {
    mic: { 8002: '麦克风被禁止。请在地址栏左侧允许使用，然后重新打开。', 8008: '没有找到麦克风。', 8004: '只有通过 https 打开的页面才能使用麦克风。', 8007: '无法打开麦克风，可能正被其他程序使用。', 816: '此房间打开的麦克风过多。', 21: '你不能在此房间发言。', 0: '无法打开麦克风。' },
    camera: { 8002: '摄像头被禁止。请在地址栏左侧允许使用，然后重新打开。', 8008: '没有找到摄像头。', 8004: '只有通过 https 打开的页面才能使用摄像头。', 8007: '无法打开摄像头，可能正被其他程序使用。', 21: '你不能在此房间显示画面。', 0: '无法打开摄像头。' },
  },
  shareFailed: '无法共享屏幕。',
  errors: {
    5: '服务器不接受此名字或号码。', 7: '应用密钥错误。', 8: '服务器故障，请稍后再试。',
    10: '你已在其他窗口或设备加入，此处已断开。', 18: '令牌已过期，请获取新的令牌。', 19: '服务器不接受此令牌。',
    20: '此服务器没有令牌所指的应用。', 21: '你的令牌没有此权限。', 201: '没有服务器地址。',
    203: '无法连接服务器。服务器在运行吗？', 204: '连接已断开。', 205: '服务器没有恢复，请检查网络。',
    800: '没有这个房间：它从未创建，或已经结束。', 801: '房间密码错误。', 802: '房间已满。', 803: '此服务器无法再创建房间。',
    808: '你已在此房间中。', 1202: '尝试次数过多，请等待一分钟再试。', 1203: '服务器正在关闭，请稍后再试。',
    8006: '此浏览器不支持 WebRTC。请使用新版 Chrome、Edge、Firefox 或 Safari。',
    kicked: '你被移出了房间。', ended: '房间已关闭。', dropped: '已失去房间。', guests: '服务器暂时不提供访客令牌。',
    other: (code) => `操作失败（代码 ${code}）。`,
  },
};

const all = { en, zh };
let language = localStorage.getItem('language') ?? (/^zh/i.test(navigator.language) ? 'zh' : 'en');
if (!all[language]) language = 'en';

/** text is what the page says in the language of its user. */
export const text = () => all[language];

/** translate writes the texts of all marked elements. */
export function translate() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text()[element.dataset.text];
  for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', text()[element.dataset.label]);
  for (const element of document.querySelectorAll('.language')) element.lang = language === 'zh' ? 'en' : 'zh-CN';
}

export function otherLanguage() {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem('language', language);
  translate();
}

/** failure tells what a code means. */
export const failure = (code) => text().errors[code] ?? text().errors.other(code);

/** deviceFailure tells why a microphone ('mic') or camera ('camera') does not open. */
export const deviceFailure = (kind, code) => text().deviceErrors[kind][code] ?? text().deviceErrors[kind][0];
