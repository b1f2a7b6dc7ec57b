/* "Quote": a small button below words that somebody has selected in a post. It stands after the post's words, so that Tab
   leads to it. */

function selected() {
  const selection = document.getSelection();
  const node = selection.anchorNode;
  const words = (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".post .words");
  if (!words || selection.isCollapsed || !words.contains(selection.focusNode) || !selection.toString().trim()) return null;
  return { selection, words, post: words.closest(".post") };
}

function markdown({ selection, post }) {
  const name = post.querySelector(".author").textContent.trim().replace(/[[\]\\]/g, "\\$&");
  const lines = selection.toString().trim().split("\n").map((line) => `> ${line}`.trimEnd());
  return `> [${name}](/p/${post.id.replace("post-", "")}/):\n>\n${lines.join("\n")}\n\n`;
}

export function offer(writing, compose) {
  const body = writing.closest("form").elements.body;
  const here = selected();
  const old = document.querySelector(".quote-this");
  if (!here) {
    if (old !== document.activeElement) old?.remove();
    return;
  }
  old?.remove();
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quote-this button quiet";
  button.textContent = writing.dataset.sayQuote;
  const text = markdown(here);
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  button.addEventListener("click", async () => {
    button.remove();
    document.getSelection().removeAllRanges();
    await compose(writing);
    const untouched = !body.dataset.visited;
    const at = untouched ? body.value.length : body.selectionStart;
    const gap = at > 0 && !body.value.slice(0, at).endsWith("\n\n") ? "\n\n" : "";
    const { insert } = await import(writing.dataset.composer);
    insert(body, gap + text, at, at);
    body.scrollIntoView({ block: "center" });
  });
  body.addEventListener("focus", () => (body.dataset.visited = "1"), { once: true });
  here.words.after(button);
  const last = [...here.selection.getRangeAt(0).getClientRects()].at(-1);
  const post = here.post.getBoundingClientRect();
  if (last) {
    button.style.insetBlockStart = `${last.bottom - post.top + 6}px`;
    button.style.insetInlineStart = `${Math.max(0, Math.min(last.right - post.left, post.width) - button.offsetWidth)}px`;
  }
}
