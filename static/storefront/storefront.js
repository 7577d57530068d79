// Small comforts on top of pages that work without it.
"use strict";

const root = document.documentElement;
root.classList.add("js");

const wide = matchMedia("(width >= 62rem)");
const openWhenWide = () => {
  for (const box of document.querySelectorAll("[data-open-when-wide]")) box.open = wide.matches;
};
wide.addEventListener("change", openWhenWide);
openWhenWide();

// Light, dark or as the system says: kept in a cookie, so that the server paints the next page right.
const currentMode = () => root.dataset.theme || "auto";

function setMode(mode) {
  if (mode === "auto") delete root.dataset.theme;
  else root.dataset.theme = mode;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `mode=${mode}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  showMode();
}

function showMode() {
  const glyph = { auto: "auto", light: "sun", dark: "moon" }[currentMode()];
  for (const use of document.querySelectorAll("[data-theme-toggle] use")) {
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${glyph}`));
  }
}

showMode();

function step(button) {
  const input = button.closest("[data-stepper]").querySelector("input");
  const before = input.value;
  if (Number(button.dataset.step) > 0) input.stepUp();
  else input.stepDown();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
}

function showPicture(link) {
  const picture = document.querySelector(link.hash);
  const smooth = matchMedia("(prefers-reduced-motion: no-preference)").matches;
  picture.parentElement.scrollTo({ left: picture.offsetLeft - picture.parentElement.offsetLeft, behavior: smooth ? "smooth" : "auto" });
  markPicture(link);
}

function markPicture(link) {
  for (const other of link.closest(".thumbs").querySelectorAll("a")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
}

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const drawer = document.getElementById("drawer");
  if (hit("[data-theme-toggle]")) {
    const order = ["auto", "light", "dark"];
    setMode(order[(order.indexOf(currentMode()) + 1) % 3]);
  } else if (hit("[data-mode]")) {
    event.preventDefault();
    setMode(hit("[data-mode]").dataset.mode);
  } else if (hit("[data-step]")) {
    step(hit("[data-step]"));
  } else if (hit(".thumbs a")) {
    event.preventDefault();
    showPicture(hit(".thumbs a"));
  } else if (hit("[data-close]") || event.target === drawer) {
    drawer.close();
  }
});

// One press is enough: the button of an order rests while the order is on its way.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "true";
  event.target.querySelector("button").setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) delete form.dataset.sent;
});

// A control outside its form (the sort order) changes the form all the same.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("hx-get") && !form.contains(event.target)) form.dispatchEvent(new Event("change"));
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  for (const [name, value] of [...event.detail.formData.entries()]) {
    if (value === "") event.detail.formData.delete(name);
  }
});

// A choice that has a picture of its own turns the gallery to it.
function showChosen() {
  const wanted = document.getElementById("buy")?.dataset.picture;
  const link = wanted && document.querySelector(`.thumbs a[href="${wanted}"]`);
  if (link && !link.hasAttribute("aria-current")) showPicture(link);
}

showChosen();
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "buy") showChosen();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const drawer = document.getElementById("drawer");
  if (event.detail.target !== drawer || drawer.open) return;
  drawer.showModal();
  document.getElementById("live").textContent = drawer.querySelector("h2").textContent;
});

// A refusal that comes as a page is still worth showing; only a failed connection falls back to the plain form.
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 400 && status < 500) event.detail.shouldSwap = true;
});
document.addEventListener("htmx:sendError", (event) => {
  const form = event.detail.elt.closest("form");
  if (form) form.submit();
});

for (const gallery of document.querySelectorAll("[data-gallery]")) {
  const track = gallery.querySelector(".track");
  const links = gallery.querySelectorAll(".thumbs a");
  if (!track || !links.length) continue;
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) markPicture(gallery.querySelector(`.thumbs a[href="#${entry.target.id}"]`));
      }
    },
    { root: track, threshold: 0.6 },
  );
  for (const picture of track.children) seen.observe(picture);
}
