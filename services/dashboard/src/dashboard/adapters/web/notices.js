export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".notices");
  const wanted = JSON.stringify(data);
  if (root.shown === wanted) return;
  root.shown = wanted;
  root.replaceChildren(...data.notices.map((notice) => {
    const node = make("div", `notice ${notice.simulated ? "simulated" : tone(notice.tone)}`, notice.text);
    if (notice.simulated) node.dataset.testid = "simulated-market";
    return node;
  }));
}
