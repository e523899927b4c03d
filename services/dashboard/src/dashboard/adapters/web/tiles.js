const clockText = (milliseconds) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000)), two = (n) => String(n).padStart(2, "0");
  const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24;
  const clock = `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days ? `${days}d ${clock}` : clock;
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tiles");
  clearInterval(root.ticking);
  const started = performance.now();
  data.tiles.forEach((tile, index) => {
    let node = root.children[index];
    if (!node) {
      node = make("div", "tile");
      node.append(make("div", "label"), make("div", "value"), make("div", "note"));
      root.append(node);
    }
    const [label, value, note] = node.children;
    node.title = tile.title || tile.note;
    label.textContent = tile.label;
    note.textContent = tile.note;
    value.className = `value ${tone(tile.tone)}`;
    if (!tile.countdown) { value.textContent = tile.value; return; }
    const tick = () => {
      const left = tile.countdown.milliseconds - (performance.now() - started) * tile.countdown.speed;
      value.textContent = left > 0 ? clockText(left) : "due now";
    };
    tick();
    root.ticking = setInterval(tick, 250);
  });
  while (root.children.length > data.tiles.length) root.lastChild.remove();
  return () => clearInterval(root.ticking);
}
