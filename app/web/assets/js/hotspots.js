// The board of hotspots: it follows what is pointed out and looked into, and takes a decision
// without leaving. What is being read never moves: news is offered, and what is over folds.
// An address has room for so many numbers; of what is over beyond them, nobody is named.
const AT_ONCE = 300;
const NEEDS_A_LOOK = ["alerted", "pointed_out", "alert_ended", "looked_into"];
const board = document.getElementById("hotspots");
const bar = document.querySelector("[data-new]");
let asking = false, again = false, newest;

document.addEventListener("kith-changed", ({ detail }) => {
  if (board && detail.some(({ did }) => NEEDS_A_LOOK.includes(did))) follow();
});

// One question at a time; asked meanwhile, it is asked once more.
async function follow() {
  again = true;
  if (asking) return;
  asking = true;
  while (again) {
    again = false;
    await ask();
  }
  asking = false;
}

async function ask() {
  const address = new URL(board.dataset.hotspots, location);
  address.searchParams.set("alerts", [...numbers(board)].slice(0, AT_ONCE).join());
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  if (answer?.ok) show(parse(await answer.text()));
}

function show(fresh) {
  const standing = numbers(fresh), known = numbers(board);
  for (const each of board.querySelectorAll("[data-alert]")) {
    const over = fresh.querySelector(`[data-over="${each.dataset.alert}"]`);
    if (!standing.has(each.dataset.alert)) fold(each, over?.textContent ?? "This is over.");
  }
  const parts = [...board.querySelectorAll("[data-part]")].map((each) => each.dataset.part);
  for (const name of ["sum", "at", ...parts]) live(name, document).replaceWith(live(name, fresh).cloneNode(true));
  newest = fresh;
  offer([...standing].filter((each) => !known.has(each)).length);
}

function live(name, within) {
  return within.querySelector(`[data-live="${name}"]`);
}

function numbers(within) {
  return new Set([...within.querySelectorAll("[data-alert]")].map((each) => each.dataset.alert));
}

function fold(reason, sentence) {
  if ("over" in reason.dataset) return;
  const child = reason.closest("li"), had = reason.contains(document.activeElement);
  reason.dataset.over = "";
  reason.replaceChildren(paragraph(sentence));
  const left = child.querySelector("[data-alert]:not([data-over])");
  const acts = child.querySelector(".kith-hotspot__act");
  const lost = had || (!left && acts?.contains(document.activeElement));
  if (!left) child.dataset.folded = "";
  if (lost) child.querySelector("a").focus();
  announce(`${child.querySelector("h3 a").textContent}: ${sentence}`);
}

function offer(many) {
  bar.querySelector("[data-new-count]").textContent = many;
  if (many && bar.hidden) announce(many === 1 ? "There is 1 new card." : `There are ${many} new cards.`);
  bar.hidden = !many;
}

bar?.addEventListener("click", (event) => {
  const isTyping = board.querySelector("[data-disposition]");
  if (isTyping || !newest || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const known = numbers(board);
  board.replaceChildren(...newest.getElementById("hotspots").cloneNode(true).childNodes);
  bar.hidden = true;
  const first = [...board.querySelectorAll("[data-alert]")].find((each) => !known.has(each.dataset.alert));
  const child = first?.closest("li");
  child?.scrollIntoView({ block: "center" });
  child?.querySelector("a").focus({ preventScroll: true });
});

// Deciding on the board

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const look = event.target.closest("a[data-look]"), cancel = event.target.closest("li [data-cancel]");
  if (look) open(look, event);
  if (cancel) close(cancel, event);
});

function open(look, event) {
  event.preventDefault();
  const other = board.querySelector("[data-disposition]");
  // Half a decision is not thrown away, and two forms would have the same fields.
  if (other) return other.querySelector("input[type=radio], a").focus();
  put(look.href, look.closest("li"));
}

async function put(address, child) {
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return location.assign(address);
  const form = disposition(await answer.text());
  child.append(form);
  form.querySelector("input[type=radio], a").focus();
}

function close(cancel, event) {
  event.preventDefault();
  const child = cancel.closest("li");
  cancel.closest("[data-disposition]").remove();
  (child.querySelector("a[data-look]") ?? child.querySelector("a")).focus();
  follow();
}

board?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, child = form.closest("li");
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrf_token.value },
    body: new URLSearchParams(new FormData(form)),
    redirect: "manual",
  }).catch(() => null);
  delete form.dataset.sending;
  if (!answer) return wrong(form, "Not kept: no signal. Send it again when it is back.");
  if ([400, 401].includes(answer.status)) {
    return wrong(form, "Not kept: you have been signed out. Copy your words before you leave.");
  }
  const place = form.closest("[data-disposition]");
  if (answer.type === "opaqueredirect") {
    place.remove();
    child.querySelector("a").focus();
    return follow();
  }
  const fresh = [409, 422].includes(answer.status) && disposition(await answer.text());
  if (!fresh) return location.assign(form.action);
  place.replaceWith(fresh);
  fresh.querySelector("[data-errors]")?.focus();
});

function wrong(form, sentence) {
  form.querySelector("[data-wrong]")?.remove();
  const said = paragraph(sentence);
  said.className = "govuk-error-message";
  said.dataset.wrong = "";
  said.setAttribute("role", "alert");
  form.querySelector(".kith-actions").before(said);
}

function disposition(html) {
  return parse(html).querySelector("[data-disposition]");
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function paragraph(words) {
  const made = document.createElement("p");
  made.textContent = words;
  return made;
}

function announce(sentence) {
  document.getElementById("announce").textContent = sentence;
}
