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
export function listen() {
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
document.addEventListener("htmx:beforeRequest", () => (busy = true));
document.addEventListener("htmx:afterRequest", () => {
  busy = false;
  tell(0);
});
