// Streamlit asks for a module once: where it did not arrive, an error stays until the page is loaded
// again. That is done here as soon as the server answers; where it did not help, ten minutes later.
(() => {
  const rest = 600_000, memory = "loaded-again";
  const pause = (time) => new Promise((done) => setTimeout(done, time));
  const answers = () =>
    fetch("/_stcore/health", { cache: "no-store" }).then((answer) => answer.ok, () => false);
  let due = false;
  const again = async () => {
    if (due) return;
    due = true;
    const lately = Date.now() - Number(sessionStorage.getItem(memory)) < rest;
    await pause(lately ? rest : 500);
    while (!(await answers())) await pause(1_000);
    sessionStorage.setItem(memory, Date.now());
    location.reload();
  };
  const ours = (from) => from instanceof HTMLScriptElement && from.src.startsWith(location.origin);
  addEventListener("vite:preloadError", again);
  addEventListener("error", (event) => { if (ours(event.target)) again(); }, true);
})();
