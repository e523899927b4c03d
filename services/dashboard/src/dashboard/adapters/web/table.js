const fillers = {
  chip(cell, td) { td.append(make("span", `chip tone-${cell.tone}`, cell.text)); },
  meter(cell, td) {
    const meter = make("span", "meter");
    meter.append(make("span", "", cell.text));
    if (cell.level !== null) {
      const rail = make("i"), filled = make("b");
      filled.style.width = `${Math.round(cell.level * 100)}%`;
      rail.append(filled);
      meter.append(rail);
    }
    td.append(meter);
  },
  heat(cell, td) {
    td.append(make("span", "", cell.text));
    if (cell.level === null) return;
    const strength = Math.min(1, Math.abs(cell.level)) * 0.55;
    td.style.background = `rgba(${cell.level >= 0 ? "54,198,146" : "255,107,119"},${strength.toFixed(3)})`;
  },
  ladder(cell, td) {
    const reach = 0.12, at = (place) => `${((place + reach) / (1 + 2 * reach)) * 100}%`;
    const ladder = make("div", "ladder"), levels = cell.ladder;
    ladder.append(make("span", "rail"));
    const zone = make("span", "zone");
    const near = Math.min(levels.low, levels.high, levels.entry), far = Math.max(levels.chase, levels.high);
    zone.style.left = at(near);
    zone.style.width = `${((far - near) / (1 + 2 * reach)) * 100}%`;
    ladder.append(zone);
    for (const [place, name] of [[0, "stop"], [levels.entry, "entry"], [levels.tp1, "tp"], [1, "tp"]]) {
      const tick = make("span", `tick ${name}`);
      tick.style.left = at(place);
      ladder.append(tick);
    }
    if (levels.mark !== undefined) {
      const mark = make("span", "mark");
      mark.style.left = at(levels.mark);
      ladder.append(mark);
    }
    td.append(ladder);
  },
};

const writeCell = (td, cell, column) => {
  td.replaceChildren();
  td.removeAttribute("style");
  td.className = `kind-${cell.kind} ${cell.kind === "chip" ? "" : tone(cell.tone)} ${cell.kind === "heat" ? "heat" : ""} rank-${column.rank} ${cell.span > 1 ? "" : column.align}`;
  td.colSpan = cell.span;
  td.dataset.label = cell.span > 1 ? "" : column.label;
  td.title = cell.title;
  const fill = fillers[cell.kind];
  if (fill) fill(cell, td);
  else td.append(make("span", "", cell.text));
  if (cell.sub) td.append(make("span", "sub", cell.sub));
};

// Only the mark moves between two refreshes of a ladder: slide it instead of drawing it again.
const slideMark = (td, before, cell) => {
  const mark = td.querySelector(".mark");
  if (!mark || !before || cell.kind !== "ladder" || before.kind !== "ladder") return false;
  if (before.ladder.mark === undefined || cell.ladder.mark === undefined) return false;
  const still = (levels) => JSON.stringify({ ...levels, mark: 0 });
  if (still(before.ladder) !== still(cell.ladder)) return false;
  mark.style.left = `${((cell.ladder.mark + 0.12) / 1.24) * 100}%`;
  return true;
};

const updateRow = (tr, row, columns, pickable, chosen) => {
  tr.className = `${row.tone ? `row-${row.tone}` : ""} ${chosen === row.id ? "chosen" : ""}`;
  tr.dataset.id = row.id;
  if (pickable) { tr.tabIndex = 0; tr.setAttribute("aria-selected", String(chosen === row.id)); }
  const before = tr.cellsBefore || [];
  while (tr.cells.length > row.cells.length) tr.lastChild.remove();
  let place = 0;
  row.cells.forEach((cell, index) => {
    const td = tr.cells[index] || tr.insertCell();
    const column = columns[place] || columns[columns.length - 1];
    if (JSON.stringify(before[index]) !== JSON.stringify(cell) || before.length !== row.cells.length) {
      if (!slideMark(td, before[index], cell)) writeCell(td, cell, column);
    }
    place += cell.span;
  });
  tr.cellsBefore = row.cells;
};

const isKnown = (order) => order !== null && order !== undefined;

const placeOf = (row, index) => {
  let place = 0;
  for (const cell of row.cells) {
    if (place === index) return cell.order;
    place += cell.span;
  }
  return null;
};

const writeHead = (state, root, data, draw) => {
  const head = make("tr");
  data.columns.forEach((column, index) => {
    const th = make("th", `${column.align} rank-${column.rank}`);
    th.scope = "col";
    th.title = column.title;
    if (data.sortable && data.rows.some((row) => isKnown(placeOf(row, index)))) {
      const button = make("button", "", column.label);
      button.onclick = () => {
        const same = state.sort && state.sort.index === index;
        state.sort = !same ? { index, down: true } : state.sort.down ? { index, down: false } : null;
        draw();
      };
      th.append(button);
      if (state.sort && state.sort.index === index) th.append(make("span", "arrow", state.sort.down ? "▼" : "▲"));
    } else th.textContent = column.label;
    head.append(th);
  });
  root.querySelector("thead").replaceChildren(head);
};

const sorted = (rows, sort) => {
  if (!sort) return rows;
  const known = rows.filter((row) => isKnown(placeOf(row, sort.index)));
  const rest = rows.filter((row) => !known.includes(row));
  known.sort((one, other) => {
    const [a, b] = [placeOf(one, sort.index), placeOf(other, sort.index)];
    const order = a < b ? -1 : a > b ? 1 : 0;
    return sort.down ? -order : order;
  });
  return known.concat(rest);
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".wrap");
  const state = (root.scannerState = root.scannerState || { sort: null, rows: new Map() });
  root.style.setProperty("--height", `${data.height}px`);
  root.classList.toggle("limited", data.height > 0);
  root.classList.toggle("pickable", data.pickable);
  const body = root.querySelector("tbody");

  const draw = () => {
    writeHead(state, root, data, draw);
    const rows = sorted(data.rows, state.sort), wanted = new Set(rows.map((row) => row.id));
    for (const [id, tr] of state.rows) if (!wanted.has(id)) { tr.remove(); state.rows.delete(id); }
    rows.forEach((row, index) => {
      const tr = state.rows.get(row.id) || make("tr");
      state.rows.set(row.id, tr);
      updateRow(tr, row, data.columns, data.pickable, data.chosen);
      if (body.children[index] !== tr) body.insertBefore(tr, body.children[index] || null);
    });
    const empty = root.querySelector(".empty");
    empty.textContent = data.empty;
    empty.hidden = rows.length > 0;
  };

  const pick = (tr) => {
    if (!data.pickable || !tr || tr.dataset.id === data.chosen) return;
    for (const other of body.children) other.classList.toggle("chosen", other === tr);
    setTriggerValue("picked", tr.dataset.id);
  };
  body.onclick = (event) => pick(event.target.closest("tr"));
  body.onkeydown = (event) => {
    const tr = event.target.closest("tr");
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(tr); }
    if (event.key === "ArrowDown" && tr.nextElementSibling) { event.preventDefault(); tr.nextElementSibling.focus(); }
    if (event.key === "ArrowUp" && tr.previousElementSibling) { event.preventDefault(); tr.previousElementSibling.focus(); }
  };
  draw();
}
