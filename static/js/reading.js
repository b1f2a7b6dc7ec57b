/* "Read up to here" follows what was on screen: the end of a post, for a moment, while the page is looked at. */
const LOOKED_AT = 600; // milliseconds
const PAUSE = 2_000; // between two words to the server

let read = 0;
let said = 0;
let timer = 0;
const waiting = new Map();

function tell() {
  const here = document.querySelector("[data-read]");
  clearTimeout(timer);
  timer = 0;
  if (!here || read <= said) return;
  said = read;
  const data = new URLSearchParams({
    place: read,
    csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value,
  });
  fetch(here.dataset.read, { method: "POST", body: data, keepalive: true, credentials: "same-origin" }).catch(() => {
    said = 0; // away from the network: with the next post
  });
}

function seen(place) {
  read = Math.max(read, place);
  if (read > said && !timer) timer = setTimeout(tell, PAUSE);
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const place = Number(entry.target.closest("[data-place]")?.dataset.place);
    clearTimeout(waiting.get(entry.target));
    if (entry.isIntersecting && place) {
      waiting.set(entry.target, setTimeout(() => document.hidden || seen(place), LOOKED_AT));
    }
  }
});

export function watch() {
  const here = document.querySelector("[data-read]");
  if (!here) return;
  said = Math.max(said, Number(here.dataset.readTo));
  for (const post of here.querySelectorAll("[data-place]")) watcher.observe(post.lastElementChild);
}

document.addEventListener("visibilitychange", () => document.hidden && tell());
window.addEventListener("pagehide", tell);
