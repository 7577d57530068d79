// The back office: small helps that need no library. Everything works without them.

document.addEventListener("DOMContentLoaded", () => {
  followTitles();
  sendOnce();
  setFocalPoint();
});

/** Let an empty handle follow the title as it is typed, until somebody types a handle. */
function followTitles() {
  for (const field of document.querySelectorAll("input[data-follows]")) {
    const title = document.getElementById(field.dataset.follows);
    if (!title || field.value) continue;
    const follow = () => { field.value = slug(title.value); };
    title.addEventListener("input", follow);
    field.addEventListener("input", () => title.removeEventListener("input", follow), { once: true });
  }
}

function slug(text) {
  const plain = text.replace(/ß/g, "ss").normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 120);
}

/** Send a button's form once only, however often it is clicked. */
function sendOnce() {
  for (const form of document.querySelectorAll(".rt-actions form, .rt-ask")) {
    form.addEventListener("submit", () => {
      setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
    });
  }
}

/** Show an image's focal point, and let a click move it. */
function setFocalPoint() {
  for (const frame of document.querySelectorAll(".rt-focal")) {
    const inputs = ["id_focal_x", "id_focal_y"].map((id) => document.getElementById(id));
    const mark = frame.appendChild(document.createElement("i"));
    const place = ([x, y]) => { mark.style.left = `${x}%`; mark.style.top = `${y}%`; };
    place(frame.dataset.focal.split(","));
    if (inputs.includes(null)) continue;
    frame.addEventListener("click", (event) => {
      const box = frame.getBoundingClientRect();
      const point = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      const percent = point.map((part) => Math.round(Math.min(Math.max(part, 0), 1) * 100));
      inputs.forEach((input, axis) => { input.value = percent[axis]; });
      place(percent);
    });
  }
}
