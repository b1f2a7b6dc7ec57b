/* Names of members and tags, completed while they are typed: a list below the caret, worked by arrows, Enter, Escape. */

const PAUSE = 150; // milliseconds
const WHOLE = { tags: "tag", to: "member", member: "member" }; // fields of nothing but names, with commas between them

/* What is being completed where the caret stands: {what, from, words}, or nothing. */
function asked(field) {
  const before = field.value.slice(0, field.selectionStart);
  if (field.selectionStart !== field.selectionEnd) return null;
  const what = WHOLE[field.name];
  if (what) {
    const typed = before.slice(before.lastIndexOf(",") + 1).trimStart();
    const words = (what === "member" ? typed.replace(/^@/, "") : typed).trim();
    return words ? { what, from: before.length - typed.length, words, end: field.name === "member" ? "" : ", " } : null;
  }
  const found = /(^|[\s(>*_])([@#])([\p{L}\p{N}_-]{0,30})$/u.exec(before);
  if (!found || (found[2] === "#" && !found[3])) return null;
  const from = before.length - found[3].length - 1;
  return { what: found[2] === "@" ? "member" : "tag", from, words: found[3], mark: found[2] };
}

/* Where the caret is, in the field's own box: what stands before it, laid out again out of sight. */
function caret(field, at) {
  const mirror = document.createElement("div");
  const style = getComputedStyle(field);
  for (const name of ["font", "letterSpacing", "lineHeight", "padding", "borderWidth", "borderStyle", "textIndent", "tabSize"]) {
    mirror.style[name] = style[name];
  }
  Object.assign(mirror.style, {
    position: "absolute", visibility: "hidden", boxSizing: "border-box", inlineSize: `${field.offsetWidth}px`,
    whiteSpace: field.tagName === "TEXTAREA" ? "pre-wrap" : "pre", overflowWrap: "break-word",
  });
  const end = document.createElement("span");
  end.textContent = "\u200b";
  mirror.append(field.value.slice(0, at), end);
  field.after(mirror);
  const place = { left: end.offsetLeft - field.scrollLeft, top: end.offsetTop + end.offsetHeight - field.scrollTop };
  mirror.remove();
  return place;
}

function complete(field, { writing, insert }) {
  const list = document.createElement("ul");
  const told = writing.querySelector("[data-told]");
  let wanted = null;
  let timer = 0;
  let request = null;

  list.id = `${field.id}_suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", writing.dataset.saySuggestions);
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
  if (field.tagName === "INPUT") field.setAttribute("role", "combobox");
  const open = (is) => {
    list.hidden = !is;
    if (field.tagName === "INPUT") field.setAttribute("aria-expanded", String(is));
    if (is) field.setAttribute("aria-controls", list.id);
    else ["aria-controls", "aria-activedescendant"].forEach((name) => field.removeAttribute(name));
  };
  open(false);

  function close() {
    clearTimeout(timer);
    request?.abort();
    wanted = null;
    if (!list.hidden) open(false);
  }

  function choose(option) {
    for (const one of list.children) one.setAttribute("aria-selected", String(one === option));
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    const { from, mark = "", end: after } = wanted;
    const text = option.dataset.value;
    const end = field.selectionStart;
    close();
    insert(field, mark ? `${mark}${mark === "#" ? text.replaceAll(" ", "-") : text} ` : text + after, from, end);
  }

  function show({ found, said }) {
    list.replaceChildren(
      ...found.map(({ value, label }, at) => {
        const option = document.createElement("li");
        option.id = `${list.id}_${at}`;
        option.setAttribute("role", "option");
        option.dataset.value = value;
        option.append(label);
        if (wanted.what === "member" && label !== value) {
          const name = document.createElement("span");
          name.textContent = ` @${value}`;
          option.append(name);
        }
        return option;
      }),
    );
    told.textContent = said;
    if (!found.length) {
      open(false);
      return;
    }
    open(true);
    const place = caret(field, wanted.from);
    const room = field.offsetWidth - list.offsetWidth;
    list.style.insetInlineStart = `${field.offsetLeft + Math.max(0, Math.min(place.left, room))}px`;
    list.style.insetBlockStart = `${field.offsetTop + Math.min(place.top, field.offsetHeight) + 4}px`;
    choose(list.firstElementChild);
  }

  async function look() {
    const now = wanted;
    request?.abort();
    request = new AbortController();
    const query = new URLSearchParams(writing.dataset.place);
    query.set("what", now.what);
    query.set("q", now.words);
    try {
      const answer = await fetch(`${writing.dataset.complete}?${query}`, { signal: request.signal });
      if (answer.ok && wanted === now) show(await answer.json());
    } catch {
      close();
    }
  }

  function ask() {
    wanted = asked(field);
    if (!wanted) {
      close();
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  }

  field.addEventListener("input", ask);
  field.addEventListener("blur", close);
  field.addEventListener("click", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden || !wanted || event.isComposing) return;
    const options = [...list.children];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp") choose(options.at(at - 1));
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) take(options[at]);
    else if (event.key === "Escape") close();
    else {
      if (event.key === "Tab" || event.key === "ArrowLeft" || event.key === "ArrowRight") close();
      return;
    }
    event.preventDefault();
  });
}

export function start(composer) {
  complete(composer.body, composer);
  for (const name of Object.keys(WHOLE)) {
    if (composer.form.elements[name]) complete(composer.form.elements[name], composer);
  }
  return {};
}

/* A field that stands alone, and asks for a name. */
export function offer(field, writing) {
  complete(field, { writing, insert: (_field, text, from, to) => field.setRangeText(text, from, to, "end") });
  field.dispatchEvent(new Event("input")); // what was typed while this came
}
