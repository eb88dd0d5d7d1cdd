// What the page says about itself: a banner for what must be seen, and words for screen readers.
const box = document.getElementById('banner');
const news = document.getElementById('news');
let timer = 0;

/** banner shows a message of a kind ('', 'bad' or 'fine'), for so many seconds or until the next one. */
export function banner(kind, message, { seconds = 0, action = '', onAction = null } = {}) {
  clearTimeout(timer);
  box.className = kind;
  const [words, button] = box.children;
  words.textContent = message;
  button.textContent = action;
  button.onclick = onAction;
  button.hidden = !action;
  box.hidden = false;
  if (seconds) timer = setTimeout(hideBanner, 1000 * seconds);
}

export function hideBanner() {
  clearTimeout(timer);
  box.hidden = true;
}

/** say tells screen readers. */
export function say(message) { news.textContent = message; }
