// Blocks of a page: show the fields of the chosen kind only. Without this all fields are shown.

function fieldRow(select, name) {
  const input = document.getElementsByName(select.name.replace(/type$/, name))[0];
  return input && (input.closest(`.field-${name}`) || input.closest(".form-row") || input.parentElement);
}

function followKind(select) {
  if (select.dataset.followed || select.name.includes("__prefix__")) return;
  select.dataset.followed = "1";
  const fields = JSON.parse(select.dataset.blockFields);
  const all = new Set(Object.values(fields).flat());
  const show = () => {
    for (const name of all) {
      const row = fieldRow(select, name);
      if (row) row.style.display = (fields[select.value] || []).includes(name) ? "" : "none";
    }
  };
  select.addEventListener("change", show);
  show();
}

function followKinds(root) {
  root.querySelectorAll("select[data-block-fields]").forEach(followKind);
}

/** Open a folded block. */
function open(row) {
  const first = row.querySelector("select[data-block-fields]");
  const title = row.querySelector("h3 strong");
  if (title && first && first.getClientRects().length === 0) title.click();
}

/** Open the blocks in which something is wrong. */
function openWrong() {
  for (const select of document.querySelectorAll("select[data-block-fields]")) {
    const row = select.closest(".inline-related, [x-data]");
    if (row && row.querySelector(".errorlist")) open(row);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  followKinds(document);
  setTimeout(openWrong, 300); // after the page's own scripts have folded the blocks
});
document.addEventListener("formset:added", (event) => {
  followKinds(event.target);
  setTimeout(() => open(event.target), 50);
});
