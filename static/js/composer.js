/* The tools of a composer: buttons, keys, lists that go on, a preview. Loaded when somebody is about to write. */

/* Put text in place of a selection, so that the browser's own undo takes it back. */
export function insert(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(from, to);
  if (text === "" ? to > from && !document.execCommand("delete") : !document.execCommand("insertText", false, text)) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/* A copy of one of the page's prepared notes. */
export function note(writing, name) {
  return writing.querySelector(`template[data-note=${name}]`).content.cloneNode(true).firstElementChild;
}

function wrap(body, before, after = before) {
  const [from, to] = [body.selectionStart, body.selectionEnd];
  const chosen = body.value.slice(from, to);
  const around = body.value.slice(from - before.length, from) === before && body.value.startsWith(after, to);
  if (around) {
    insert(body, chosen, from - before.length, to + after.length);
    body.setSelectionRange(from - before.length, to - before.length);
  } else {
    insert(body, before + chosen + after);
    body.setSelectionRange(from + before.length, to + before.length);
  }
}

/* Whole lines with a mark before each, or without it when all have it. */
function prefix(body, mark) {
  const from = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
  const end = body.value.indexOf("\n", body.selectionEnd);
  const to = end < 0 ? body.value.length : end;
  const lines = body.value.slice(from, to).split("\n");
  const off = lines.every((line) => line.startsWith(mark));
  const text = lines.map((line) => (off ? line.slice(mark.length) : mark + line)).join("\n");
  insert(body, text, from, to);
  if (lines.length > 1) body.setSelectionRange(from, from + text.length);
}

function link(body) {
  const [from, to] = [body.selectionStart, body.selectionEnd];
  const chosen = body.value.slice(from, to);
  if (/^https?:\/\/\S+$/.test(chosen)) {
    insert(body, `[](${chosen})`);
    body.setSelectionRange(from + 1, from + 1);
  } else {
    insert(body, `[${chosen}](https://)`);
    const address = from + chosen.length + 3;
    body.setSelectionRange(address, address + 8);
  }
}

function code(body) {
  const chosen = body.value.slice(body.selectionStart, body.selectionEnd);
  if (chosen.includes("\n")) wrap(body, "```\n", "\n```");
  else wrap(body, "`");
}

const TOOLS = {
  bold: (body) => wrap(body, "**"),
  emphasis: (body) => wrap(body, "*"),
  link,
  quote: (body) => prefix(body, "> "),
  list: (body) => prefix(body, "- "),
  code,
  spoiler: (body) => wrap(body, "||"),
};
const KEYS = { b: "bold", i: "emphasis", k: "link" };

/* Enter in a list begins its next point; on an empty point it ends the list. */
function goOn(body) {
  const from = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
  const line = body.value.slice(from, body.selectionStart);
  const point = /^(\s*(?:>\s?)*)(?:([-*+])|(\d{1,9})([.)]))( +)(\[[ xX]\] +)?/.exec(line);
  if (!point || body.selectionStart !== body.selectionEnd) return false;
  if (point[0].length === line.length) {
    insert(body, "", from, body.selectionStart);
    return true;
  }
  const mark = point[2] ?? `${Number(point[3]) + 1}${point[4]}`;
  insert(body, `\n${point[1]}${mark}${point[5]}${point[6] ? "[ ] " : ""}`);
  return true;
}

/* One stop for Tab, arrows inside, as a toolbar is expected to behave. */
function rove(toolbar) {
  const buttons = [...toolbar.querySelectorAll("button")];
  const stop = (chosen) => buttons.forEach((button) => (button.tabIndex = button === chosen ? 0 : -1));
  stop(buttons[0]);
  toolbar.addEventListener("focusin", (event) => stop(event.target.closest("button")));
  toolbar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (step === undefined || at < 0) return;
    event.preventDefault();
    buttons.at(step % buttons.length).focus();
  });
}

function preview({ form, writing, body }) {
  const region = writing.querySelector("[data-preview-here]");
  const [write, look] = ["write", "preview"].map((name) => writing.querySelector(`[data-do=${name}]`));
  if (!look) return {};
  const show = (shown) => {
    write.setAttribute("aria-pressed", String(!shown));
    look.setAttribute("aria-pressed", String(shown));
    writing.classList.toggle("previewing", shown);
    region.hidden = !shown;
  };
  return {
    write() {
      show(false);
      body.focus();
    },
    async preview() {
      region.style.minBlockSize = `${body.offsetHeight}px`; // nothing moves
      region.setAttribute("aria-busy", "true");
      show(true);
      const data = new FormData(form);
      data.delete("files");
      try {
        const answer = await fetch(`${writing.dataset.preview}?${writing.dataset.place}`, { method: "POST", body: data });
        if (answer.ok || answer.status === 422) region.innerHTML = await answer.text();
        else throw new Error(String(answer.status));
      } catch {
        region.replaceChildren(note(writing, "no-preview"));
      }
      region.removeAttribute("aria-busy");
      region.focus();
    },
  };
}

export async function start(writing) {
  const form = writing.closest("form");
  const body = form.elements.body;
  const composer = { form, writing, body, insert, note };
  const tools = { ...TOOLS, ...preview(composer) };
  const parts = ["drafts", "completion", "files"].filter((name) => writing.dataset[name]);
  const loaded = await Promise.all(parts.map((name) => import(writing.dataset[name])));
  if (writing.dataset.ready) return;
  writing.dataset.ready = "1";

  // What this composer listens to first: a list of suggestions takes its keys before the text does.
  for (const part of loaded) Object.assign(tools, part.start(composer));
  writing.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) tools[button.dataset.do]?.(body);
  });
  rove(writing.querySelector("[role=toolbar]"));
  body.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()]) {
      event.preventDefault();
      tools[KEYS[event.key.toLowerCase()]](body);
    } else if (event.key === "Enter" && !command && !event.shiftKey && !event.altKey && goOn(body)) {
      event.preventDefault();
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[data-send]"));
    }
  });
}
