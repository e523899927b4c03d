export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".lines");
  const wanted = JSON.stringify(data);
  if (root.shown === wanted) return;
  root.shown = wanted;
  const nodes = [];
  if (data.head) {
    const head = make("div", "head");
    head.append(make("span", "title", data.head.title));
    for (const cell of data.head.cells) head.append(make("span", `${cell.kind} ${tone(cell.tone)}`, cell.text));
    if (data.head.note) head.append(make("span", "note", data.head.note));
    nodes.push(head);
  }
  for (const warning of data.warnings) nodes.push(make("div", "warning", `▲ ${warning}`));
  for (const line of data.lines) {
    const node = make("div", "line"), right = make("div");
    right.append(make("div", `value ${tone(line.tone)}`, line.value));
    if (line.note) right.append(make("div", "note", line.note));
    node.append(make("div", "label", line.label), right);
    nodes.push(node);
  }
  root.replaceChildren(...nodes);
}
