// The back office: small helps that need no library. Everything works without them.

document.addEventListener("DOMContentLoaded", () => {
  ownFiles();
  followTitles();
  sendOnce();
  setFocalPoint();
  dragImages();
  offerValues();
  copyTexts();
  capitalLabels();
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

/** Let a button copy what stands on the page. */
function copyTexts() {
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.addEventListener("click", async () => {
      const lines = [...document.querySelectorAll(`${button.dataset.copies} code, code${button.dataset.copies}`)];
      await navigator.clipboard.writeText(lines.map((line) => line.textContent.trim()).join("\n"));
      button.classList.add("rt-copied");
    });
  }
}

/** Begin the headings of a list's cards (phones) with a capital; CSS can only do that to every word. */
function capitalLabels() {
  for (const cell of document.querySelectorAll("[data-label]")) {
    const label = cell.dataset.label;
    cell.dataset.label = label.slice(0, 1).toUpperCase() + label.slice(1);
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

/** Let images be dragged into their order; the numbers follow. */
function dragImages() {
  for (const gallery of document.querySelectorAll(".rt-images")) {
    let held = null;
    gallery.addEventListener("dragstart", (event) => {
      held = event.target.closest("figure");
      held?.classList.add("rt-dragged");
    });
    gallery.addEventListener("dragover", (event) => {
      const over = event.target.closest("figure");
      if (!held || !over || over === held) return;
      event.preventDefault();
      const figures = [...gallery.querySelectorAll("figure")];
      const later = figures.indexOf(held) < figures.indexOf(over);
      over[later ? "after" : "before"](held);
    });
    gallery.addEventListener("drop", (event) => event.preventDefault());
    gallery.addEventListener("dragend", () => {
      held?.classList.remove("rt-dragged");
      held = null;
      gallery.querySelectorAll(".rt-place").forEach((input, index) => { input.value = index + 1; });
    });
  }
}

/** Offer the values of an option while a variant is typed. */
function offerValues() {
  for (const field of document.querySelectorAll("input[data-values]")) {
    const id = field.getAttribute("list");
    if (document.getElementById(id)) continue;
    const list = document.body.appendChild(document.createElement("datalist"));
    list.id = id;
    for (const value of field.dataset.values.split("|")) list.append(new Option(value, value));
  }
}

/** Keep unfold's script, which expects a text field beside every file field, away from ours. */
function ownFiles() {
  document.querySelectorAll(".rt-files").forEach((input) => { input.hasChangeListener = true; });
}
