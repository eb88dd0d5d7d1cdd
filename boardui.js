'use strict';
const [title, board, page] = ['title', 'board', 'page'].map((id) => document.getElementById(id));
new EventSource('events').onmessage = ({ data }) => {
  const view = JSON.parse(data);
  document.title = title.textContent = view.Title || 'Whiteboard';
  board.className = view.Scaled ? 'scaled' : '';
  for (const [element, style] of [[title, view.TitleStyle], [board, view.BoardStyle]]) {
    element.removeAttribute('style');
    for (const [name, value] of Object.entries(style ?? {})) element.style.setProperty(name, value);
  }
  page.src = `page.svg?${view.Count}`;
};
