// Line icons on a grid of 24, drawn by this project.
const paths = {
  mic: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21M8.5 21h7',
  camera: 'M4 6.5h9a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15 11l6.5-3.5v9L15 13',
  share: 'M3 5h18v11H3zM8 20h8M12 16v4M12 13V8M9.5 10 12 7.5l2.5 2.5',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4',
  leave: 'M10 4H5v16h5M9 12h11M16 8l4 4-4 4',
};
const crossed = 'M3 3l18 18';
const space = 'http://www.w3.org/2000/svg';

/** icon draws an icon; off crosses it out. */
export function icon(name, off = false) {
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  for (const d of off ? [paths[name], crossed] : [paths[name]]) {
    const path = document.createElementNS(space, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** setIcon puts an icon into a button in place of the one before. */
export function setIcon(button, name, off) {
  button.querySelector('.icon')?.remove();
  button.prepend(icon(name, off));
}
