// While one types a search, what may be meant is offered. Without signal, or refused, nothing is.
import { afterPause, chooseUnder, words } from "./choosing.js";

const PAUSE = 200;

export function suggest(field) {
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");

  const list = chooseUnder(field, {
    id: `${field.id}-offered`,
    label: "What may be meant",
    className: "kith-offered",
    draw: ({ label, note }) => [words(label), ...(note ? [words(note, "kith-offered__note")] : [])],
    take: ({ href, written }) => {
      if (href) return location.assign(href);
      field.value = written;
      ask();
    },
  });

  const ask = afterPause(async (isLast) => {
    const offered = await answers(`${field.dataset.suggest}?${new URLSearchParams({ q: field.value })}`);
    if (isLast() && document.activeElement === field) list.show(offered);
  }, PAUSE);

  field.addEventListener("input", (event) => {
    // What is typed has moved on: nothing is chosen that was offered for less.
    if (!field.value.trim()) list.close();
    if (!event.isComposing) ask();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && field.getAttribute("aria-expanded") === "false") ask();
  });
  field.form.addEventListener("submit", list.close);
}

async function answers(address) {
  try {
    const answer = await fetch(address, { redirect: "error" });
    return answer.ok ? (await answer.json()).suggestions : [];
  } catch {
    return [];
  }
}

// The people a form offers, narrowed as one types a name; what is ticked stays.
export function narrowPeople(field) {
  const choices = field.form.querySelector("[data-choices]");
  const ask = afterPause(async (isLast) => {
    const asked = new URLSearchParams({ words: field.value });
    for (const person of new FormData(field.form).getAll("people")) asked.append("people", person);
    try {
      const answer = await fetch(`${field.dataset.narrows}&${asked}`, { redirect: "error" });
      const html = answer.ok ? await answer.text() : null;
      if (html === null || !isLast()) return;
      const drawn = new DOMParser().parseFromString(html, "text/html").body;
      const ticked = new Set(new FormData(field.form).getAll("people"));
      for (const box of drawn.querySelectorAll("input")) box.checked = ticked.has(box.value);
      choices.replaceChildren(...drawn.childNodes);
      const many = choices.querySelectorAll("input").length;
      document.getElementById("announce").textContent = many === 1 ? "1 person" : `${many || "No"} people`;
    } catch {
      // No signal: those that are shown can be chosen still.
    }
  }, PAUSE);
  field.addEventListener("input", ask);
}
