/* Choosing a square of a picture: drag it, or move the sliders. Without this script three parts are offered. */
(() => {
  const form = document.querySelector("[data-crop]");
  const [width, height] = [Number(form.dataset.width), Number(form.dataset.height)];
  const exact = form.querySelector("[data-exact]");
  const square = exact.querySelector("[data-square]");
  const { left, top, side } = form.elements;
  const least = Math.min(64, width, height);

  exact.hidden = false;
  for (const plain of form.querySelectorAll("[data-plain]")) plain.remove();
  for (const slider of [left, top, side]) slider.disabled = false;
  side.min = least;
  side.max = Math.min(width, height);
  side.value = side.max;
  settle(Math.round((width - side.value) / 2), Math.round((height - side.value) / 2));

  /* Bounds follow the size; the square follows the sliders. */
  function settle(x, y) {
    left.max = width - side.value;
    top.max = height - side.value;
    left.value = Math.max(0, Math.min(x, left.max));
    top.value = Math.max(0, Math.min(y, top.max));
    square.style.left = `${(100 * left.value) / width}%`;
    square.style.top = `${(100 * top.value) / height}%`;
    square.style.width = `${(100 * side.value) / width}%`;
    square.style.height = `${(100 * side.value) / height}%`;
  }

  let before = Number(side.value);
  side.addEventListener("input", () => {
    const half = (Number(side.value) - before) / 2; // the middle of the square stays where it is
    before = Number(side.value);
    settle(Math.round(Number(left.value) - half), Math.round(Number(top.value) - half));
  });
  for (const slider of [left, top]) {
    slider.addEventListener("input", () => settle(Number(left.value), Number(top.value)));
  }

  square.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    square.setPointerCapture(event.pointerId);
    const scale = width / square.parentElement.clientWidth;
    const begun = { x: event.clientX, y: event.clientY, left: Number(left.value), top: Number(top.value) };
    const move = (now) =>
      settle(Math.round(begun.left + (now.clientX - begun.x) * scale), Math.round(begun.top + (now.clientY - begun.y) * scale));
    square.addEventListener("pointermove", move);
    square.addEventListener("lostpointercapture", () => square.removeEventListener("pointermove", move), { once: true });
  });
})();
