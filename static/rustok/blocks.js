// Blocks of a page: show the fields of the chosen kind only. Without this all fields are shown.

function fieldRow(form, name) {
  const input = form.querySelector(`[name$="-${name}"]`);
  return input && (input.closest(`.field-${name}`) || input.closest(".form-row") || input.parentElement);
}

function followKind(select) {
  if (select.dataset.followed || select.name.includes("__prefix__")) return;
  select.dataset.followed = "1";
  const fields = JSON.parse(select.dataset.blockFields);
  const all = new Set(Object.values(fields).flat());
  const form = select.closest(".inline-related, .last-related, tr") || select.form;
  const show = () => {
    for (const name of all) {
      const row = fieldRow(form, name);
      if (row) row.style.display = (fields[select.value] || []).includes(name) ? "" : "none";
    }
  };
  select.addEventListener("change", show);
  show();
}

function followKinds(root) {
  root.querySelectorAll("select[data-block-fields]").forEach(followKind);
}

document.addEventListener("DOMContentLoaded", () => followKinds(document));
document.addEventListener("formset:added", (event) => followKinds(event.target));
