// Rich text in the back office: fits django-prose-editor into the page. Without it there is a text area with HTML.

const words = {};
const ask = window.gettext ?? ((text) => text);
window.gettext = (text) => words[text] ?? ask(text); // the package's dialogs ask for their words here

document.addEventListener("DOMContentLoaded", warnOfUnsaved);
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  if (losesSomething(editor, textarea)) {
    editor.destroy();
    return;
  }
  const fit = () => { nameButtons(editor, textarea); nameEditor(editor, textarea); };
  if (editor.isInitialized) fit();
  else editor.on("create", fit);
});

const SAME = { b: "strong", i: "em", del: "s", strike: "s", thead: "tbody", tfoot: "tbody" };

/** Tell whether a text has elements that the editor would drop. */
function losesSomething(editor, textarea) {
  const kept = elements(editor.getHTML());
  return [...elements(textarea.value)].some((name) => !kept.has(name));
}

function elements(html) {
  const all = new DOMParser().parseFromString(html, "text/html").body.querySelectorAll("*");
  return new Set([...all].map((element) => SAME[element.localName] ?? element.localName));
}

/** Call the buttons what the page calls them, and leave out those that it has no name for. */
function nameButtons(editor, textarea) {
  const labels = JSON.parse(textarea.dataset.proseLabels);
  Object.assign(words, labels);
  for (const button of textarea.parentElement.querySelectorAll(".prose-menubar button")) {
    const label = labels[button.dataset.name];
    if (!label) {
      button.remove();
      continue;
    }
    button.title = label;
    button.setAttribute("aria-label", label);
  }
}

/** Let the field's label name the editor, and lead to it. */
function nameEditor(editor, textarea) {
  const text = editor.view.dom;
  text.setAttribute("role", "textbox");
  text.setAttribute("aria-multiline", "true");
  text.lang = textarea.lang || document.documentElement.lang;
  const label = textarea.labels[0];
  if (!label) return;
  label.id ||= `${textarea.id}_label`;
  text.setAttribute("aria-labelledby", label.id);
  label.addEventListener("click", () => editor.commands.focus());
}

/** Warn as unfold does, which listens to every field anew whenever the form changes: with an editor, at every key. */
function warnOfUnsaved() {
  const form = document.querySelector("form.warn-unsaved-form:has([data-django-prose-editor-configurable])");
  if (!form) return;
  form.classList.remove("warn-unsaved-form");
  const warn = (event) => event.preventDefault();
  form.addEventListener("input", () => window.addEventListener("beforeunload", warn));
  form.addEventListener("submit", () => window.removeEventListener("beforeunload", warn));
}
