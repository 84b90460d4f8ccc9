// After an @ the names of those it is for are offered; the page carries them in a <datalist>.
import { chooseUnder, words } from "./choosing.js";

const MOST = 6;

export function suggestNames(form) {
  const body = form.elements.body;
  const known = form.querySelector("datalist[data-people]");
  const people = [...(known?.options ?? [])];
  if (!body || !people.length) return;

  const list = chooseUnder(body, {
    id: "names",
    label: known.dataset.people,
    className: "kith-chips",
    itemClass: "kith-chip",
    draw: (person) => {
      const both = person.label && person.label !== person.value;
      return [words(both ? `${person.value}, ${person.label}` : person.value)];
    },
    take: (person) => {
      const at = body.value.lastIndexOf("@", body.selectionStart - 1);
      body.setRangeText(`@${person.value} `, at, body.selectionStart, "end");
      body.dispatchEvent(new Event("input", { bubbles: true }));
    },
    first: true,
  });

  body.addEventListener("input", () => {
    const word = wordBefore(body);
    list.show(word === null ? [] : people.filter((each) => begins(each.value, word)).slice(0, MOST));
  });
}

// The letters after the @ the cursor stands in; null when it stands in none.
function wordBefore(body) {
  const before = body.value.slice(0, body.selectionStart);
  const found = /(?:^|[\s(])@([\p{L}'’-]*(?: [\p{L}'’-]*)?)$/u.exec(before);
  return found ? found[1] : null;
}

function begins(name, word) {
  const wanted = word.toLocaleLowerCase("en-GB");
  const whole = name.toLocaleLowerCase("en-GB");
  return whole !== wanted.trim() && (whole.startsWith(wanted) || whole.split(" ").some((part) => part.startsWith(wanted)));
}
