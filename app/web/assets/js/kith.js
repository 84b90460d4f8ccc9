// What a page needs at once. Everything here is a convenience: each form works without it.
import { watchComposer } from "./composer.js";
import { keepDraft } from "./drafts.js";
import { suggestNames } from "./mentions.js";
import { narrowPeople, suggest } from "./suggestions.js";

focusErrors();
sendOnce();
showSignal();
searchBySlash();
goOn();
for (const form of document.querySelectorAll("form[data-composer]")) {
  watchComposer(form);
  keepDraft(form);
  suggestNames(form);
}
for (const form of document.querySelectorAll("form[data-write]")) {
  keepDraft(form);
  suggestNames(form);
}
for (const field of document.querySelectorAll("[data-suggest]")) suggest(field);
for (const field of document.querySelectorAll("[data-narrows]")) narrowPeople(field);
whenIdle(loadLive);

function focusErrors() {
  const summary = document.querySelector("[data-errors]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    (field.labels?.[0] ?? field.closest("fieldset") ?? field).scrollIntoView();
  });
}

// A second press while the first is on its way would only be refused by the server.
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.querySelector("[data-once]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("[data-once]")) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[data-once]")) button.removeAttribute("aria-disabled");
    }
  });
}

function showSignal() {
  const banner = document.getElementById("offline");
  if (!banner) return;
  const show = () => (banner.hidden = navigator.onLine);
  addEventListener("online", show);
  addEventListener("offline", show);
  // A search would leave for the browser's own error page, and what was typed with it.
  const stay = (event) => {
    if (navigator.onLine || event.target.method !== "get") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    banner.scrollIntoView({ block: "nearest" });
  };
  addEventListener("submit", stay, { capture: true });
  show();
}

// Only for who has chosen it: to who dictates, a single key does what nobody asked for.
function searchBySlash() {
  const field = document.getElementById("search");
  if (!field || !("shortcuts" in document.body.dataset)) return;
  field.setAttribute("aria-keyshortcuts", "/");
  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

// Long work comes in steps; a moment between them, to stop it.
function goOn() {
  const form = document.querySelector("form[data-goes-on]");
  const next = form && setTimeout(() => form.requestSubmit(), 1000);
  addEventListener("click", (event) => event.target.closest("a, button") && clearTimeout(next));
}

function whenIdle(act) {
  // A busy or hidden page has no idle moment, and must hear all the same.
  const soon = () => (window.requestIdleCallback ? requestIdleCallback(act, { timeout: 500 }) : setTimeout(act));
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
}

function loadLive() {
  const { liveSrc, person } = document.body.dataset;
  if (!liveSrc || !person) return;
  const script = document.createElement("script");
  script.src = liveSrc;
  script.addEventListener("error", () => addEventListener("online", loadLive, { once: true }));
  document.head.append(script);
}
