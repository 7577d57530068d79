// Opens, beside a policy's form, the names of the resource that is chosen, and puts a clicked name into the condition.
(() => {
  const chosen = document.getElementById("id_resource");
  const condition = document.getElementById("id_condition");
  if (!chosen) return;
  const show = () => {
    for (const group of document.querySelectorAll(".rt-names details[data-resource]")) {
      group.hidden = group.dataset.resource !== chosen.value;
      group.open = !group.hidden;
    }
  };
  chosen.addEventListener("change", show);
  show();
  for (const code of document.querySelectorAll(".rt-names code")) {
    code.tabIndex = 0;
    code.setAttribute("role", "button");
    const insert = () => {
      condition.setRangeText(code.textContent, condition.selectionStart, condition.selectionEnd, "end");
      condition.focus();
    };
    code.addEventListener("click", insert);
    code.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), insert()));
  }
})();
