// Streamlit asks for a module once: where it did not arrive, an error stays until the page is loaded
// again. That is done here as soon as the server answers, at most once a minute.
(() => {
  const minute = 60_000, memory = "loaded-again";
  const pause = (time) => new Promise((done) => setTimeout(done, time));
  const answers = () =>
    fetch("/_stcore/health", { cache: "no-store" }).then((answer) => answer.ok, () => false);
  let due = false;
  const again = async () => {
    if (due) return;
    due = true;
    const lately = Date.now() - Number(sessionStorage.getItem(memory)) < minute;
    await pause(lately ? minute : 500);
    while (!(await answers())) await pause(1_000);
    sessionStorage.setItem(memory, Date.now());
    location.reload();
  };
  addEventListener("vite:preloadError", again);
  addEventListener("error", (event) => { if (event.target instanceof HTMLScriptElement) again(); }, true);
})();
