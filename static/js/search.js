/* What one may be about to look for, offered under the search field while one types. */
const WAIT = 180; // milliseconds

export function offer(field) {
  const list = document.getElementById(field.getAttribute("list"));
  let timer = 0;
  let asked = "";
  async function ask() {
    const typed = field.value.trim();
    if (typed.length < 2 || typed === asked) return;
    asked = typed;
    const answer = await fetch(`${field.dataset.complete}?q=${encodeURIComponent(typed)}`).catch(() => null);
    if (!answer?.ok || field.value.trim() !== typed) return;
    const { found } = await answer.json();
    list.replaceChildren(
      ...found.map((value) => {
        const option = document.createElement("option");
        option.value = value;
        return option;
      }),
    );
  }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  ask(); // what was typed while this came
}
