// After an @ the names of those it is for are offered; the page carries them in a <datalist>.

const MOST = 6;

export function suggestNames(form) {
  const body = form.elements.body;
  const known = form.querySelector("datalist[data-people]");
  const people = [...(known?.options ?? [])];
  if (!body || !people.length) return;
  const list = makeList(body, known.dataset.people);
  let offered = [], chosen = -1;

  const close = () => {
    offered = [];
    list.replaceChildren();
    list.hidden = true;
    body.removeAttribute("aria-activedescendant");
  };

  const choose = (place) => {
    chosen = (place + offered.length) % offered.length;
    [...list.children].forEach((option, each) => {
      option.setAttribute("aria-selected", String(each === chosen));
      option.firstChild.style.outline = each === chosen ? "3px solid #0b0c0c" : "";
    });
    body.setAttribute("aria-activedescendant", list.children[chosen].id);
  };

  const offer = () => {
    const word = wordBefore(body);
    offered = word === null ? [] : people.filter((each) => begins(each.value, word)).slice(0, MOST);
    if (!offered.length) return close();
    list.replaceChildren(...offered.map(option));
    list.hidden = false;
    choose(0);
  };

  const take = (place) => {
    const at = body.value.lastIndexOf("@", body.selectionStart - 1);
    body.setRangeText(`@${offered[place].value} `, at, body.selectionStart, "end");
    close();
    body.dispatchEvent(new Event("input", { bubbles: true }));
  };

  body.addEventListener("input", offer);
  body.addEventListener("blur", close);
  body.addEventListener("keydown", (event) => {
    if (!offered.length || event.isComposing) return;
    const act = {
      ArrowDown: () => choose(chosen + 1),
      ArrowUp: () => choose(chosen - 1),
      Enter: () => take(chosen),
      Tab: () => take(chosen),
      Escape: close,
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  });
  // Not "click": the field would lose the focus, and the list with it.
  list.addEventListener("pointerdown", (event) => {
    const place = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (place < 0) return;
    event.preventDefault();
    take(place);
  });
}

function makeList(body, label) {
  const list = document.createElement("ul");
  list.id = "names";
  list.className = "kith-chips";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  body.after(list);
  for (const [name, value] of Object.entries({
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-haspopup": "listbox",
  })) {
    body.setAttribute(name, value);
  }
  return list;
}

function option(person, place) {
  const item = document.createElement("li");
  item.id = `name-${place}`;
  item.className = "kith-chip";
  item.setAttribute("role", "option");
  const words = document.createElement("span");
  words.textContent = person.label && person.label !== person.value ? `${person.value}, ${person.label}` : person.value;
  item.append(words);
  return item;
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
