// Paints the elements of a whiteboard's page, as package boardpic does on the Go side: round ends and corners, dashes of four widths
// and gaps of three, text whose lines are 1.2 letters apart.

const lineHeight = 1.2;

/** paintElement draws one element. picture gives its decoded image, or nothing while it is being decoded. */
export function paintElement(brush, el, picture) {
  const { kind, points: p, width = 0 } = el;
  brush.globalAlpha = el.opacity || 1;
  if (kind === 'image') {
    const image = picture(el);
    if (image) brush.drawImage(image, Math.min(p[0], p[2]), Math.min(p[1], p[3]), Math.abs(p[2] - p[0]), Math.abs(p[3] - p[1]));
    return;
  }
  if (kind === 'text') {
    brush.font = `${el.size}px Go, Arial, Helvetica, sans-serif`;
    brush.fillStyle = el.stroke || '#000000';
    (el.text ?? '').split('\n').forEach((line, i) => brush.fillText(line, p[0], p[1] + el.size + i * el.size * lineHeight));
    return;
  }
  brush.beginPath();
  if (kind === 'rect') brush.rect(Math.min(p[0], p[2]), Math.min(p[1], p[3]), Math.abs(p[2] - p[0]), Math.abs(p[3] - p[1]));
  else if (kind === 'ellipse') brush.ellipse((p[0] + p[2]) / 2, (p[1] + p[3]) / 2, Math.abs(p[2] - p[0]) / 2, Math.abs(p[3] - p[1]) / 2, 0, 0, 2 * Math.PI);
  else {
    brush.moveTo(p[0], p[1]);
    for (let i = 2; i < p.length; i += 2) brush.lineTo(p[i], p[i + 1]);
    if (p.length === 2) brush.lineTo(p[0], p[1]); // a dot
  }
  if (el.fill) {
    brush.fillStyle = el.fill;
    brush.fill();
  }
  if (!el.stroke || width === 0) return;
  const dashed = el.line === 3 && p.length > 2;
  Object.assign(brush, { strokeStyle: el.stroke, lineWidth: width, lineJoin: 'round', lineCap: dashed ? 'butt' : 'round' });
  brush.setLineDash(dashed ? [4 * width, 3 * width] : []);
  brush.stroke();
}

/** hexColour turns any CSS colour into #rrggbb and its opacity; nothing for what is none. */
export function hexColour(brush, css) {
  const probe = ['#000000', '#ffffff'].map((before) => {
    brush.fillStyle = before;
    brush.fillStyle = css;
    return brush.fillStyle;
  });
  if (probe[0] !== probe[1]) return null;
  if (probe[0].startsWith('#')) return { colour: probe[0], opacity: 1 };
  const [r, g, b, opacity = 1] = probe[0].match(/[\d.]+/g).map(Number);
  return { colour: `#${[r, g, b].map((v) => Math.round(v).toString(16).padStart(2, '0')).join('')}`, opacity };
}
