// What is typed is kept on the server a moment later, so that a lost page loses nothing.
import { say } from "./composer.js";

const AFTER = 1500; // milliseconds without a key
const AGAIN = 10000; // after a save that failed
const NOT_KEPT = ["csrf_token", "key", "files"]; // a file is kept when it is sent
const LISTS = ["also", "people", "agencies", "excluded", "attachments", "score_measure", "score_value", "score_rater"];

export function keepDraft(form) {
  const { draftSrc } = form.dataset;
  if (!draftSrc || !form.elements.body) return;
  let timer, waiting, kept = snapshot(form);

  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  async function save(options = {}) {
    clearTimeout(timer);
    const words = snapshot(form);
    if (words === kept || form.dataset.sent) return;
    waiting?.abort();
    waiting = new AbortController();
    const answer = await put(draftSrc, form, words, { signal: waiting.signal, ...options });
    if (answer === "aborted") return;
    if (answer === "saved") kept = words;
    say(form, SENTENCES[answer](form));
    if (answer === "no signal") later(AGAIN);
  }

  const typed = () => later(AFTER);
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("submit", () => {
    // A save that arrives after the post would bring the words back as a draft.
    clearTimeout(timer);
    waiting?.abort();
  });
  form.addEventListener("sent", () => (kept = snapshot(form)));
  addEventListener("online", () => save());
  addEventListener("pagehide", () => save({ keepalive: true }));
}

const SENTENCES = {
  saved,
  "no signal": () => "Not saved: no signal. Trying again.",
  refused: () => "Not saved: this draft is too long.",
  "signed out": () => "Not saved: you have been signed out. Copy your words before you leave.",
};

async function put(address, form, words, options) {
  try {
    const response = await fetch(address, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token?.value ?? "" },
      body: words,
      redirect: "manual",
      ...options,
    });
    if (response.ok) return "saved";
    if (response.status === 422 || response.status === 413) return "refused";
    if (response.status >= 500 || response.status === 429) return "no signal";
    return "signed out";
  } catch (error) {
    return error.name === "AbortError" ? "aborted" : "no signal";
  }
}

// A browser gives a page no file back, so it is said before somebody relies on it.
function saved(form) {
  const files = left(form);
  const isEmpty = form.matches("[data-write]") && !form.elements.body.value.trim() && !form.elements.reply_to;
  if (isEmpty) return files ? "A file is kept only when you send it." : "";
  if (!files) return `Draft saved ${clock()}`;
  const [what, them] = files === 1 ? ["file", "it"] : ["files", "them"];
  return `Draft saved ${clock()}, without the ${what} you chose: if you leave, choose ${them} again.`;
}

// How many files no draft keeps: those chosen here, and in a message those that came back with it.
function left(form) {
  const came = form.querySelectorAll("[data-write] [name=attachments]:checked");
  return (form.elements.files?.files.length ?? 0) + came.length;
}

function snapshot(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (NOT_KEPT.includes(name)) continue;
    if (LISTS.includes(name)) (fields[name] ??= []).push(value);
    else fields[name] = value;
  }
  if (left(form)) fields.chosen = left(form);
  return JSON.stringify(fields);
}

function clock() {
  return new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });
}
