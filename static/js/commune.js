/* What makes staying in place pleasant. Everything here also works without it. */
(() => {
  "use strict";

  /* What helps to write is fetched when somebody is about to write, or when words wait in this browser. */
  const ready = new WeakMap();

  function compose(writing) {
    if (!ready.has(writing)) {
      const started = import(writing.dataset.composer).then((composer) => composer.start(writing));
      started.catch(() => ready.delete(writing)); // away from the network: next time
      ready.set(writing, started);
    }
    return ready.get(writing);
  }

  function composerOf(target) {
    return target.closest?.("form")?.querySelector("[data-composer]");
  }

  for (const sign of ["focusin", "pointerdown", "dragenter"]) {
    document.addEventListener(sign, (event) => {
      const writing = composerOf(event.target);
      if (writing) compose(writing);
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    const writing = button && composerOf(button);
    if (!writing || writing.dataset.ready) return;
    compose(writing).then(() => button.click());
  });

  function restore() {
    for (const writing of document.querySelectorAll("[data-composer]:not([data-ready])")) {
      const as = writing.closest("form").elements.as?.value ?? "";
      const { place } = writing.dataset;
      const kept = `draft:${as}:${place}`;
      const begun = place.startsWith("conversation=") && `draft:${as}:conversation=`; // those to others are offered
      const waits = (name) => name === kept || name === `${kept}:other` || (begun && name.startsWith(begun));
      if (Object.keys(localStorage).some(waits)) compose(writing);
    }
  }

  /* Selected words of a post can be quoted. */
  let selecting = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(selecting);
    selecting = setTimeout(() => {
      const writing = document.querySelector("#reply [data-composer]");
      const node = document.getSelection().anchorNode;
      const words = (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".post .words");
      if (writing && (words || document.querySelector(".quote-this"))) {
        import(writing.dataset.quote).then((quote) => quote.offer(writing, compose));
      }
    }, 250);
  });

  /* "3 new replies": one quiet line at the end of a topic. Events say how far the topic goes, and nothing else. */
  const AGAIN = 60_000; // milliseconds before asking again where there is no answer
  let source = null;
  let timer = 0;
  let busy = false;

  function line() {
    return document.querySelector("[data-live]");
  }

  /* What has come since the last place shown here. */
  function tell(position) {
    const here = line();
    if (!here) return;
    here.dataset.position = Math.max(position, Number(here.dataset.position ?? 0));
    const fresh = Number(here.dataset.position) - Number(here.dataset.last);
    if (fresh < 1 || busy) return;
    const size = Number(here.dataset.size);
    const page = Math.floor(Number(here.dataset.last) / size) + 1;
    const link = document.createElement("a");
    const last = [...document.querySelectorAll("#posts .post:not(.held)")].at(-1);
    link.href = page === Number(here.dataset.page) ? `?page=${page}#${last?.id ?? "posts"}` : `?page=${page}`;
    link.textContent = (fresh === 1 ? here.dataset.one : here.dataset.many).replace("%(n)s", fresh);
    if (page === Number(here.dataset.page)) link.addEventListener("click", (event) => show(event, page));
    here.replaceChildren(link);
  }

  /* Put the new replies below those that are there, and go to the first of them. */
  async function show(event, page) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const here = line();
    const shown = document.querySelectorAll("#posts .post:not(.held)").length;
    busy = true;
    await window.htmx.ajax("GET", `${location.pathname}?page=${page}`, { target: "#posts", swap: "outerHTML" });
    busy = false;
    const posts = [...document.querySelectorAll("#posts .post:not(.held)")];
    here.dataset.last = Number(here.dataset.last) + posts.length - shown;
    here.replaceChildren();
    const first = posts[shown];
    if (first) {
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
      first.scrollIntoView({ block: "nearest" });
    }
    tell(0);
  }

  function close() {
    source?.close();
    source = null;
    clearTimeout(timer);
  }

  /* One connection while the page is looked at; none while it is hidden. */
  function listen() {
    const here = line();
    if (!here) close();
    if (!here || source || document.hidden) return;
    clearTimeout(timer);
    source = new EventSource(here.dataset.live);
    source.addEventListener("message", (event) => tell(Number(event.data)));
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      close();
      timer = setTimeout(listen, AGAIN * (1 + Math.random()));
    });
    tell(0);
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : listen()));
  /* What could not be sent says so, beside the button that was pressed. */
  for (const sign of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(sign, (event) => {
      const saved = event.target.closest?.("form")?.querySelector("[data-away]");
      if (saved) saved.textContent = saved.dataset.away;
    });
  }
  document.addEventListener("htmx:beforeRequest", () => (busy = true));
  document.addEventListener("htmx:afterRequest", () => {
    busy = false;
    tell(0);
  });

  /* A form is sent once. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
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
    restore();
    listen();
    watch();
    const error = event.detail.elt.querySelector?.("[aria-invalid=true], .error");
    if (error) error.scrollIntoView({ block: "center" });
    else if (event.detail.target?.id === "thread" && event.detail.requestConfig?.verb === "post") {
      const mine = [...document.querySelectorAll("#posts .post")].at(-1); // what one has just sent
      mine.tabIndex = -1;
      mine.focus();
    }
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

  /* A post's link is copied, or handed to the device where it can take it. */
  document.addEventListener("click", async (event) => {
    const copied = event.target.closest("[data-copy]");
    const shared = event.target.closest("[data-share]");
    if (shared) navigator.share({ url: shared.dataset.share, title: shared.dataset.title }).catch(() => {});
    if (!copied || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await navigator.clipboard.writeText(copied.dataset.copy);
    copied.textContent = copied.dataset.done;
  });
  document.addEventListener(
    "toggle",
    (event) => {
      if (!navigator.share) return;
      for (const button of event.target.querySelectorAll?.("[hidden] > [data-share]") ?? []) button.parentElement.hidden = false;
    },
    true,
  );

  /* A covered image is shown in its place, once somebody asks for it. */
  document.addEventListener("click", (event) => {
    const cover = event.target.closest("a.covered-image:not(.is-shown)");
    if (!cover || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { alt = "", width, height, srcset } = cover.dataset;
    const image = Object.assign(new Image(), { alt, src: cover.href });
    if (width) Object.assign(image, { width, height });
    if (srcset) Object.assign(image, { sizes: "(min-width: 45rem) 41rem, 92vw", srcset });
    cover.classList.add("is-shown");
    cover.replaceChildren(image);
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

  /* What a field may offer while one types is fetched when somebody is about to type in it. */
  document.addEventListener("focusin", (event) => {
    const holder = event.target.closest?.("[data-offers]");
    if (!holder || holder.dataset.ready) return;
    holder.dataset.ready = "1";
    import(holder.dataset.offers).then((offers) => offers.offer(event.target, holder));
  });

  /* What was on screen is what was read: said once a session, so that opening a page alone reads nothing from then on. */
  for (const field of document.querySelectorAll("[name=by_screen]")) field.value = "1";
  const screen = document.body.dataset.byScreen;
  if (screen) {
    const token = new URLSearchParams({
      csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value,
    });
    fetch(screen, { method: "POST", body: token, keepalive: true, credentials: "same-origin" }).catch(() => {});
  }

  function watch() {
    const here = document.querySelector("[data-reading]");
    if (here) import(here.dataset.reading).then((reading) => reading.watch());
  }

  restore();
  listen();
  watch();
})();
