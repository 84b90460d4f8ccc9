// A list to choose from under a field one types in: by arrows and Enter, a finger or a mouse.
// ARIA calls it a combobox; the focus stays in the field.

// `draw` makes the words of one thing, `take` is called with what is chosen. With `first` the first
// is chosen already, so that Enter and Tab take it.
export function chooseUnder(field, { id, label, className, itemClass = "", draw, take, first = false }) {
  const list = makeList(field, id, label, className);
  let offered = [], chosen = -1;

  const close = () => {
    offered = [];
    chosen = -1;
    list.replaceChildren();
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
    if (field.role === "combobox") field.setAttribute("aria-expanded", "false");
  };

  const choose = (place) => {
    chosen = place;
    [...list.children].forEach((option, its) => option.setAttribute("aria-selected", String(its === chosen)));
    const option = list.children[chosen];
    if (!option) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  // Round and round; where nothing need be chosen, past the end back to what is typed.
  const move = (by) => {
    const least = first ? 0 : -1;
    const many = offered.length - least;
    choose(least + ((chosen - least + by + many) % many));
  };

  const show = (things) => {
    if (!things.length) return close();
    offered = things;
    list.replaceChildren(...things.map((thing, place) => option(`${id}-${place}`, itemClass, draw(thing))));
    list.hidden = false;
    if (field.role === "combobox") field.setAttribute("aria-expanded", "true");
    choose(first ? 0 : -1);
  };

  const takeAt = (place) => {
    const thing = offered[place];
    close();
    take(thing);
  };

  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (!offered.length || event.isComposing || event.ctrlKey || event.metaKey) return;
    const act = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Enter: chosen >= 0 && (() => takeAt(chosen)),
      Tab: first && (() => takeAt(chosen)),
      Escape: close,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  });
  // The field would lose the focus at the press, and the list with it; a swipe scrolls it.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const place = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (place >= 0) takeAt(place);
  });
  return { show, close };
}

function makeList(field, id, label, className) {
  const list = document.createElement("ul");
  list.id = id;
  list.className = className;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", id);
  field.setAttribute("aria-haspopup", "listbox");
  return list;
}

function option(id, className, words) {
  const item = document.createElement("li");
  item.id = id;
  item.className = className;
  item.setAttribute("role", "option");
  item.append(...words);
  return item;
}

export function words(text, className = "") {
  const span = document.createElement("span");
  span.textContent = text;
  span.className = className;
  return span;
}

// What is done once one pauses; whatever came of an earlier call, `isLast` says whether it is late.
export function afterPause(act, wait) {
  let timer, call = 0;
  return () => {
    const mine = ++call;
    clearTimeout(timer);
    timer = setTimeout(() => act(() => mine === call), wait);
  };
}
