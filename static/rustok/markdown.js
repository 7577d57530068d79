// Markdown fields: buttons that write the marks, and a preview that the server makes. Without this it is a text area.

const MARKS = {
  bold: { icon: "format_bold", around: "**" },
  italic: { icon: "format_italic", around: "*" },
  heading: { icon: "title", before: "## " },
  link: { icon: "link", link: true },
  list: { icon: "format_list_bulleted", before: "- " },
  quote: { icon: "format_quote", before: "> " },
};

function dress(area) {
  if (area.dataset.dressed || area.name.includes("__prefix__")) return;
  area.dataset.dressed = "1";
  const bar = document.createElement("div");
  bar.className = "md-bar";
  bar.setAttribute("role", "toolbar");
  for (const [name, mark] of Object.entries(MARKS)) {
    bar.append(button(area.dataset[`label${name[0].toUpperCase()}${name.slice(1)}`], mark.icon, () => write(area, mark)));
  }
  const shown = document.createElement("div");
  shown.className = "md-preview";
  shown.hidden = true;
  const toggle = button(area.dataset.labelPreview, null, () => preview(area, shown, toggle));
  toggle.classList.add("md-preview-button");
  toggle.setAttribute("aria-pressed", "false");
  bar.append(toggle);
  area.before(bar);
  area.after(shown);
}

function button(label, icon, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.title = label;
  if (icon) {
    made.innerHTML = '<span class="material-symbols-outlined" aria-hidden="true"></span>';
    made.firstChild.textContent = icon;
    made.setAttribute("aria-label", label);
  } else {
    made.textContent = label;
  }
  made.addEventListener("click", act);
  return made;
}

/** Put marks around the selection, or before each of its lines. */
function write(area, mark) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  let text;
  if (mark.around) text = mark.around + (chosen || "…") + mark.around;
  else if (mark.link) text = `[${chosen || "…"}](https://)`;
  else text = (chosen || "…").split("\n").map((line) => mark.before + line).join("\n");
  if (mark.before && start > 0 && value[start - 1] !== "\n") text = `\n\n${text}`;
  area.setRangeText(text, start, end, "select");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

async function preview(area, shown, toggle) {
  if (!shown.hidden) return show(area, shown, toggle, false);
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(area.dataset.markdown, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ body: area.value }),
  });
  const said = await answer.json();
  if (answer.ok) shown.innerHTML = said.html; // sanitised by the server, as on the site
  else shown.textContent = said.detail;
  show(area, shown, toggle, true);
}

function show(area, shown, toggle, on) {
  shown.hidden = !on;
  area.hidden = on;
  area.style.display = on ? "none" : "";
  toggle.setAttribute("aria-pressed", String(on));
  toggle.textContent = on ? area.dataset.labelWrite : area.dataset.labelPreview;
}

function dressAll(root) {
  root.querySelectorAll("textarea[data-markdown]").forEach(dress);
}

document.addEventListener("DOMContentLoaded", () => dressAll(document));
document.addEventListener("formset:added", (event) => dressAll(event.target));
