// The back office: small helps that need no library. Everything works without them.

document.addEventListener("DOMContentLoaded", () => {
  followTitles();
  sendOnce();
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
