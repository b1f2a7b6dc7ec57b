/* Files: pasted, dropped or chosen, sent at once; the words get a link, and an image is asked what it shows. */

export function start({ form, writing, body, insert, note }) {
  const list = writing.querySelector("[data-files-here]");
  const chooser = writing.querySelector("[data-chooser]");

  /* Put `text` where the placeholder stands now, or at the caret if somebody took it away. */
  function replace(placeholder, text) {
    const at = body.value.indexOf(placeholder);
    if (at < 0) return;
    const caret = body.selectionStart;
    const focused = document.activeElement;
    insert(body, text, at, at + placeholder.length);
    const moved = caret > at ? caret + text.length - placeholder.length : caret;
    body.setSelectionRange(Math.max(0, moved), Math.max(0, moved));
    if (focused !== body) focused?.focus();
  }

  function send(file, told) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const data = new FormData();
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      data.set("file", file);
      request.open("POST", writing.dataset.upload);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) told.textContent = `${Math.round((100 * event.loaded) / event.total)} %`;
      });
      request.addEventListener("loadend", () => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // not from us: said below
        }
        resolve(request.status === 201 ? answer : { error: answer.error ?? writing.dataset.sayNotSent });
      });
      request.send(data);
    });
  }

  async function upload(file) {
    const row = note(writing, "file");
    const told = row.querySelector("[data-progress]");
    row.querySelector("[data-name]").textContent = file.name;
    list.append(row);
    const placeholder = `![${file.name.replace(/[[\]\n]/g, " ")} …]()`;
    const written = body.value.slice(0, body.selectionStart); // a paragraph of its own
    const before = !written.trim() || written.endsWith("\n\n") ? "" : written.endsWith("\n") ? "\n" : "\n\n";
    insert(body, `${before}${placeholder}\n\n`);
    const answer = await send(file, told);
    if (answer.error) {
      replace(placeholder, "");
      told.textContent = answer.error;
      told.classList.add("error");
      return;
    }
    replace(placeholder, answer.markdown);
    if (!answer.width) {
      row.remove();
      return;
    }
    told.textContent = "";
    describe(row, answer);
  }

  /* Alternative text, asked for right there. */
  function describe(row, answer) {
    const asked = note(writing, "alt");
    const input = asked.querySelector("input");
    const [label] = asked.getElementsByTagName("label");
    let markdown = answer.markdown;
    label.htmlFor = input.id = `alt-${answer.id}`;
    input.value = answer.alt ?? "";
    row.append(asked);
    const keep = async () => {
      const alt = input.value.trim();
      const fresh = markdown.replace(/!\[[^\]]*\]/, `![${alt.replace(/[[\]\\]/g, "\\$&")}]`);
      replace(markdown, fresh);
      markdown = fresh;
      const data = new FormData();
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      data.set("alt", alt);
      await fetch(`/files/${answer.id}/describe`, { method: "POST", headers: { Accept: "application/json" }, body: data }).catch(() => null);
      row.remove();
      body.focus();
    };
    asked.querySelector("button").addEventListener("click", keep);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      keep();
    });
    input.addEventListener("input", (event) => event.stopPropagation());
  }

  async function all(files) {
    for (const file of files) await upload(file);
  }

  body.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    all(files);
  });
  writing.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    writing.classList.add("dropping");
  });
  writing.addEventListener("dragleave", () => writing.classList.remove("dropping"));
  writing.addEventListener("drop", (event) => {
    writing.classList.remove("dropping");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    all([...event.dataTransfer.files]);
  });
  chooser.addEventListener("change", () => {
    const files = [...chooser.files];
    chooser.value = ""; // sent at once: not a second time with the form
    all(files);
  });
  return { file: () => chooser.click() };
}
