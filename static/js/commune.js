/* What makes staying in place pleasant. Everything here also works without it. */
(() => {
  "use strict";

  /* Drafts: kept on the server while typing, and in the browser when the server cannot be reached. */
  const delay = 1500;
  const timers = new WeakMap();

  function words(form) {
    const data = new FormData(form);
    data.set("topic", form.dataset.topic || "");
    data.set("forum", form.dataset.forum || "");
    return data;
  }

  function localKey(form) {
    return `draft:${form.dataset.topic || form.dataset.forum}`;
  }

  async function keep(form) {
    const saved = form.querySelector("[data-saved]");
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: words(form) });
      if (!answer.ok) throw new Error(String(answer.status));
      if (saved) saved.textContent = (await answer.json()).saved;
      localStorage.removeItem(localKey(form));
    } catch {
      const body = form.querySelector("textarea[name=body]");
      if (body) localStorage.setItem(localKey(form), body.value);
    }
  }

  function restore(root) {
    for (const form of root.querySelectorAll("form[data-draft]")) {
      const kept = localStorage.getItem(localKey(form));
      const body = form.querySelector("textarea[name=body]");
      if (kept && body && !body.value.trim()) body.value = kept;
    }
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form), delay));
  });

  /* A form is sent once. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    clearTimeout(timers.get(form));
    if (form.dataset.sent && !form.hasAttribute("hx-post")) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  /* What was read when it came back as a fragment gets the focus. */
  document.addEventListener("htmx:afterSwap", (event) => {
    restore(document);
    const error = event.detail.elt.querySelector?.("[aria-invalid=true], .error");
    if (error) error.scrollIntoView({ block: "center" });
  });

  /* Keyboard: only where one is not writing. */
  let after = "";
  function step(by) {
    const rows = [...document.querySelectorAll(".post, .topic, .case")];
    if (!rows.length) return;
    const now = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
    const next = rows[Math.min(rows.length - 1, Math.max(0, now + by))];
    next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const key = event.key;
    if (after === "g" && key === "h") location.assign("/");
    else if (key === "/") document.getElementById("find")?.focus();
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "r") document.querySelector("#reply textarea")?.focus();
    else if (key === "?") location.assign("/help/#keys");
    else {
      after = key;
      return;
    }
    after = "";
    event.preventDefault();
  });

  /* One menu open at a time; Escape closes it. */
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  restore(document);
})();
