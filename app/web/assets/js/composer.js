// The form an update is written in: opening, the length, who will see it, and no post by accident.

const LONGEST = 20000;
const NEAR = 1000;
const MOST_FILES = 5;

export function watchComposer(form) {
  form.addEventListener("focusin", () => form.classList.add("is-open"), { once: true });
  form.addEventListener("keydown", guardEnter);
  form.addEventListener("submit", guardSignal);
  form.elements.files?.addEventListener("change", guardSize);
  countCharacters(form.elements.body);
  countReaders(form);
}

// Enter in a one-line field would post to a whole network; with Ctrl it is meant.
function guardEnter(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    event.currentTarget.requestSubmit();
  } else if (event.target.matches("input:not([type=radio], [type=checkbox])")) {
    event.preventDefault();
  }
}

// The browser would leave for its own error page, and what was typed with it.
function guardSignal(event) {
  if (navigator.onLine) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say(event.currentTarget, "Not sent: no signal. Press again when it is back.");
}

// What is too large is left out at once: the server would refuse all of it after a long minute.
function guardSize({ target }) {
  const longest = Number(target.dataset.longest);
  const fits = [...target.files].filter((file) => file.size <= longest * 1024 * 1024);
  const large = [...target.files].filter((file) => !fits.includes(file)).map((file) => file.name);
  const kept = new DataTransfer();
  for (const file of fits.slice(0, MOST_FILES)) kept.items.add(file);
  if (kept.files.length < target.files.length) target.files = kept.files;
  const said = large.map((name) => `${name} is larger than ${longest} MB and is left out.`);
  if (fits.length > MOST_FILES) said.push(`Only the first ${MOST_FILES} files go with it.`);
  const place = target.form.querySelector("[data-left-out]");
  if (place) place.textContent = said.join(" ");
}

export function say(form, sentence) {
  const place = form.querySelector("[data-saved]");
  if (place && place.textContent !== sentence) place.textContent = sentence;
}

function countCharacters(body) {
  if (!body) return;
  const left = document.createElement("p");
  left.className = "kith-composer__hint";
  left.setAttribute("role", "status");
  body.after(left);
  const count = () => {
    const room = LONGEST - body.value.length;
    if (room > NEAR) left.textContent = "";
    else if (room >= 0) left.textContent = `${plural(room, "character")} left`;
    else left.textContent = `${plural(-room, "character")} too many`;
  };
  body.addEventListener("input", count);
  count();
}

// Those the update is for. Somebody in the networks of two siblings is one reader, so people are
// counted and not networks.
function countReaders(form) {
  const button = form.querySelector("button[data-sees]");
  if (!button) return;
  // The button's first words, before what a kind adds to them.
  const words = button.firstChild;
  const count = () => {
    const places = [button, ...form.querySelectorAll("input[name=also]:checked")];
    const readers = places.flatMap(readersOf).filter(isFor(form));
    const people = new Set(readers.map(([person]) => person)).size;
    const agencies = new Set(readers.map(([, agency]) => agency)).size;
    words.data = people ? `Post to ${among(people, agencies)}` : "Post";
    sayWho(form, button);
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "audience" && event.target.value === "network") nameNobody(form);
    count();
  });
  count();
}

// As the server says it beside the form it draws.
function sayWho(form, button) {
  const place = form.querySelector("[data-managers]");
  if (!place) return;
  const groups = new Set(readersOf(button).filter(isFor(form)).map(([, agency]) => groupOf(form, agency)));
  const among = `(${[...groups].join(", ")})`;
  const everyone = form.querySelector("[name=excluded]:checked") ? "everyone else" : "everyone";
  if (!groups.size) place.textContent = "Nobody else in this network would see it.";
  else if (isNamed(form)) place.textContent = `Seen by those you ticked ${among}.`;
  else place.textContent = `Seen by ${everyone} in the network ${among} ${place.dataset.managers}.`;
}

function groupOf(form, agency) {
  return form.querySelector(`[name=agencies][value="${agency}"]`)?.dataset.group ?? "others";
}

// Those who see what is posted in a place, as [person, agency].
function readersOf(place) {
  return place.dataset.sees.split(" ").filter(Boolean).map((reader) => reader.split(":"));
}

function isNamed(form) {
  return form.elements.audience?.value === "named";
}

// A post for everyone names nobody: the server refuses what says both.
function nameNobody(form) {
  for (const each of form.querySelectorAll("[name=people]:checked, [name=agencies]:checked")) each.checked = false;
}

function isFor(form) {
  const ticked = (name) => new Set([...form.querySelectorAll(`input[name=${name}]:checked`)].map((each) => each.value));
  const [people, agencies, excluded] = ["people", "agencies", "excluded"].map(ticked);
  const named = isNamed(form);
  return ([person, agency]) => !excluded.has(agency) && (!named || people.has(person) || agencies.has(agency));
}

function among(people, agencies) {
  const readers = people === 1 ? "1 person" : `${people} people`;
  return `${readers} in ${agencies === 1 ? "1 agency" : `${agencies} agencies`}`;
}

function plural(number, noun) {
  return `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;
}
