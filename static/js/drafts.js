/* Drafts: kept on the server while somebody types, and in this browser until the server has them. */

const PAUSE = 900; // milliseconds without a key
const LONGEST = 6000; // milliseconds that somebody who never pauses waits at most
const SAID = ["to", "subject", "title", "body", "tags"]; // by which two versions are told apart
const OURS = ["csrfmiddlewaretoken", "as", "seen", "key", "version", "preview", "files", "confirmed"];

export function start({ form, writing, note }) {
  const fields = form.elements;
  const place = `draft:${fields.as?.value ?? ""}:${writing.dataset.place}`;
  const notes = writing.querySelector("[data-notes]");
  const saved = form.querySelector("[data-saved]");
  let timer = 0;
  let since = 0;
  let busy = false;
  let again = false;
  let newer = null; // what another device has kept meanwhile

  const say = (text) => saved && (saved.textContent = text);
  const hints = writing.querySelector("[data-hints]");
  /* What is said of the words so far; what is said already is not read out again. */
  const hint = (sentences) => {
    if (sentences.join("\n") === [...hints.children].map((line) => line.textContent).join("\n")) return;
    hints.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("p"), { textContent: sentence })));
  };
  const read = (name) => JSON.parse(localStorage.getItem(name) ?? "null");
  const write = (name, value) => {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {
      // full, or switched off: the server has it
    }
  };

  function words() {
    const said = {};
    for (const [name, value] of new FormData(form)) {
      if (OURS.includes(name) || typeof value !== "string") continue;
      said[name] = name in said ? [said[name], value].flat() : value;
    }
    return said;
  }

  function state() {
    return { time: Date.now(), seen: fields.seen.value, key: fields.key?.value, version: fields.version?.value, words: words() };
  }

  function text(of) {
    return SAID.map((name) => (of[name] ?? "").trimEnd()).join("\0");
  }

  /* Nothing of a conversation's beginning is written: at most it is addressed as the page was asked for. */
  function isBlank(of) {
    const address = new URLSearchParams(writing.dataset.place).get("conversation");
    const untouched = ["", address].includes(of.to?.trim());
    return address !== null && untouched && !of.subject.trim() && !of.body.trim();
  }

  function fill(from) {
    for (const [name, value] of Object.entries(from.words)) {
      const field = fields[name];
      if (!field) continue;
      if (field instanceof RadioNodeList || field.type === "checkbox") {
        for (const one of field.length ? field : [field]) one.checked = [value].flat().includes(one.value);
      } else {
        field.value = value;
      }
    }
    if (from.key && fields.key) fields.key.value = from.key;
    if (from.version && fields.version) fields.version.value = from.version;
  }

  async function ask(data = new FormData(form)) {
    data.delete("files");
    const answer = await fetch(`${writing.dataset.keep}?${writing.dataset.place}`, { method: "POST", body: data });
    const type = answer.headers.get("Content-Type") ?? "";
    return { status: answer.status, ...(type.includes("json") ? await answer.json() : {}) };
  }

  /* Keep it on the server; what it did not take stays here. */
  async function keep() {
    clearTimeout(timer);
    since = 0;
    if (busy || newer) {
      again = true;
      return {};
    }
    busy = true;
    const sent = text(words());
    let answer = {};
    try {
      answer = await ask();
    } catch {
      answer = { status: 0 };
    }
    busy = false;
    if (answer.status === 200) {
      fields.seen.value = answer.seen;
      if (sent === text(words())) localStorage.removeItem(place);
      say(answer.saved);
      hint(answer.hints ?? []);
    } else if (answer.status === 409) {
      differ(answer);
    } else if (isBlank(words())) {
      localStorage.removeItem(place);
      say("");
    } else {
      write(place, state());
      say(answer.saved ?? writing.dataset.sayHere);
    }
    if (again && !newer) {
      again = false;
      changed();
    }
    return answer;
  }

  function changed() {
    write(place, state());
    since ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(keep, Math.min(PAUSE, Math.max(0, since + LONGEST - Date.now())));
  }

  /* Two devices: both versions stay until somebody chooses, and the other one stays in this browser after that. */
  function differ(answer) {
    newer = answer;
    const theirs = { words: { title: answer.title, body: answer.body, tags: answer.tags } };
    const shown = note(writing, "elsewhere");
    shown.querySelector("[data-other]").textContent = [answer.title, answer.body].filter(Boolean).join("\n\n");
    shown.querySelector("[data-mine]").addEventListener("click", () => settle(theirs));
    shown.querySelector("[data-theirs]").addEventListener("click", () => {
      const mine = state();
      fill(theirs);
      settle(mine);
    });
    notes.replaceChildren(shown);
  }

  function settle(other) {
    write(`${place}:other`, other);
    fields.seen.value = newer.seen;
    newer = null;
    notes.replaceChildren();
    offer();
    fields.body.focus();
    keep();
  }

  /* Another version of the same words, kept in this browser: shown, to be taken or put away. */
  function offer() {
    const other = read(`${place}:other`);
    if (!other) return;
    if (text(other.words) === text(words())) {
      localStorage.removeItem(`${place}:other`);
      return;
    }
    const shown = note(writing, "other");
    shown.querySelector("[data-other]").textContent = [other.words.title, other.words.body].filter(Boolean).join("\n\n");
    shown.querySelector("[data-take]").addEventListener("click", () => {
      const mine = state();
      fill({ words: other.words });
      write(`${place}:other`, mine);
      offer();
      changed();
    });
    shown.querySelector("[data-forget]").addEventListener("click", () => {
      localStorage.removeItem(`${place}:other`);
      shown.remove();
    });
    notes.replaceChildren(shown);
  }

  /* What waits in this browser: the newer of the two wins, the other is offered. */
  async function restore() {
    const here = read(place);
    if (!here || isBlank(here.words) || text(here.words) === text(words())) {
      if (here) localStorage.removeItem(place);
      offer();
      return;
    }
    const there = state();
    const untouched = SAID.every((name) => fields[name]?.value === fields[name]?.defaultValue);
    const goesOn = here.seen === fields.seen.value;
    const isNewer = goesOn || here.time > (fields.seen.value ? Date.parse(fields.seen.value) : 0);
    if (!untouched || !isNewer) {
      write(`${place}:other`, here);
      localStorage.removeItem(place);
      offer();
      return;
    }
    fill(here);
    const answer = await keep();
    if (answer.status === 200 && answer.sent) {
      fill({ ...there, words: { ...there.words } }); // it had been sent: nothing waits
      localStorage.removeItem(place);
      return;
    }
    if (!goesOn && text(there.words).replaceAll("\0", "")) write(`${place}:other`, there);
    if (!newer) {
      notes.replaceChildren(note(writing, "restored"));
      offer();
    }
  }

  /* Conversations begun in this browser to others, and not sent: a link to each. */
  async function offerBegun(line) {
    const begun = `draft:${fields.as.value}:conversation=`;
    const others = (name) => name.startsWith(begun) && name !== place && !name.endsWith(":other");
    for (const name of Object.keys(localStorage).filter(others)) {
      const { key, words: said } = read(name);
      const asked = new FormData();
      asked.set("csrfmiddlewaretoken", fields.csrfmiddlewaretoken.value);
      asked.set("as", fields.as.value);
      asked.set("key", key);
      const { sent } = await ask(asked).catch(() => ({}));
      if (sent) localStorage.removeItem(name);
      const link = document.createElement("a");
      link.href = `?to=${name.slice(begun.length)}`;
      link.textContent = (said.to || said.subject || said.body).slice(0, 60);
      const isThere = [...line.querySelectorAll("a")].some((other) => other.href === link.href);
      if (sent || isThere || !(said.subject + said.body).trim()) continue;
      line.querySelector("ul").appendChild(document.createElement("li")).append(link);
      line.hidden = false;
    }
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    write(place, state()); // until an answer says that it arrived
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const arrived = detail.xhr.getResponseHeader("HX-Retarget") === "#thread";
    if (arrived && detail.requestConfig?.elt === form) localStorage.removeItem(place);
  });
  window.addEventListener("online", () => localStorage.getItem(place) && keep());
  document.addEventListener("visibilitychange", () => document.hidden && since && keep());

  if (!form.querySelector("[aria-invalid=true], .error")) restore();
  const line = document.querySelector("[data-begun]");
  if (line) offerBegun(line);
  if (fields.body.value !== fields.body.defaultValue) changed();
  return {};
}
