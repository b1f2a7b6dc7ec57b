/* The queue and its cases by keyboard, and who is on what while one looks. Without it all of this is links, boxes and buttons. */
(() => {
  const KEYS = "123456789abcdef";
  const cases = document.getElementById("cases");
  const decide = document.querySelector("[data-decide]");
  const writes = (target) => target.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");

  /* Measures by their place. */
  const measures = decide ? [...decide.querySelectorAll("[name=measure]")] : [];
  measures.forEach((measure, index) => {
    const key = document.createElement("kbd");
    key.textContent = KEYS[index] ?? "";
    measure.closest("label").append(" ", key);
  });

  decide?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) decide.requestSubmit();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
    const chosen = measures[KEYS.indexOf(event.key)];
    const row = event.target.closest(".case");
    if (chosen) {
      chosen.checked = true;
      chosen.focus();
    } else if (cases && row && event.key === "Enter" && event.target === row) row.querySelector("h3 a").click();
    else if (cases && row && event.key === "x") row.querySelector("[name=case]").click();
    else if (cases && event.key === "b") cases.requestSubmit();
    else if (event.key === "u") document.querySelector("[data-take-back]")?.requestSubmit();
    else return;
    event.preventDefault();
  });

  /* Enter opens the first case at once. */
  const first = cases?.querySelector(".case");
  if (first && document.activeElement === document.body && matchMedia("(hover: hover)").matches) {
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }

  /* Half a minute, then nothing can be taken back like that. */
  const offered = document.querySelector("[data-take-back]");
  if (offered) setTimeout(() => offered.remove(), 30000);

  /* Who is on what: asked while the page is looked at. */
  async function look() {
    if (document.hidden) return;
    const answer = await fetch(cases.dataset.onWhat, { headers: { accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const { waiting } = await answer.json();
    for (const row of cases.querySelectorAll(".case")) {
      const said = waiting[row.id.slice(5)];
      row.classList.toggle("gone", said === undefined);
      let mark = row.querySelector(".mark.on");
      if (!said) mark?.remove();
      else {
        if (!mark) {
          mark = Object.assign(document.createElement("span"), { className: "mark on" });
          row.querySelector(".facts:last-of-type").append(" ", mark);
        }
        mark.textContent = said;
      }
    }
  }
  if (cases?.dataset.onWhat && first && !location.search.includes("who=later")) {
    setInterval(look, 15000);
    document.addEventListener("visibilitychange", look);
  }
})();
