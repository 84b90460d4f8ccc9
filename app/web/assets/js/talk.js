// What a pointer does to a conversation on the screen, and to the counts of all of them.
import { announce, GONE, clear, dropFound, parse, read } from "./screen.js";

const talk = document.querySelector("[data-talk]");
const here = Number(talk?.dataset.talk) || null;
const me = Number(document.body.dataset.person);
const form = document.querySelector("[data-write]");
const fresh = document.querySelector("[data-fresh-talk]");
const NEAR = 240; // pixels from the end, within which one reads along
const SAY_EVERY = 10000; // milliseconds: a screen reader is told of news, and not of each message
const COUNT_AFTER = 300;
const RECEIPTS_AFTER = 1500;
const TYPING_EVERY = 3000, TYPING_FOR = 6000;
const HERE_EVERY = 25000;
const CHANGES = ["message_changed", "message_edited", "message_named", "keep_asked", "keep_declined"];

let askPresence = () => {};
let waiting = 0, fetching = false, again = false, counting, receipts, said = 0, unsaid = 0;

export function applyTalk(pointers) {
  const changed = new Set();
  let more = false;
  for (const pointer of pointers) {
    if (pointer.did === "message_withdrawn") dropFound(`message-${pointer.message}`);
    if (pointer.conversation !== here) continue;
    if (pointer.did === "message_withdrawn") {
      drop(card(pointer.message));
      for (const each of quoting(pointer.message)) changed.add(each);
      if (replying() === String(pointer.message)) answerNothing();
    } else if (CHANGES.includes(pointer.did)) {
      for (const each of [pointer.message, ...quoting(pointer.message)]) changed.add(each);
    }
    else if (pointer.did === "read") laterReceipts(pointer.by);
    else if (pointer.did === "typing") showTyping(pointer.by);
    else if (pointer.did === "here") askPresence();
    else if (pointer.did === "said") {
      more ||= !card(pointer.message);
      if (pointer.by === typist) hideTyping();
    } else more = true;
  }
  if (more) fetchNew();
  if (changed.size) refresh([...changed]);
  if (pointers.every((each) => each.did === "typing" || each.did === "here")) return;
  clearTimeout(counting);
  counting = setTimeout(count, COUNT_AFTER);
}

// What is new

async function fetchNew() {
  if (!talk) return;
  if (!("newest" in talk.dataset)) return drawFresh(waiting + 1); // a page of earlier messages
  if (fetching) return void (again = true);
  fetching = true;
  do {
    again = false;
    const html = await read(`/conversations/${here}/fragments?after=${talk.dataset.last}`);
    if (html === GONE) leave();
    else if (html !== null) append(parse(html));
  } while (again);
  fetching = false;
}

function append(rows) {
  const along = isNearEnd() && !document.hidden;
  for (const row of rows.querySelectorAll("[data-message]")) if (card(row.dataset.message)) row.remove();
  const messages = [...rows.querySelectorAll("[data-message]")];
  if (!messages.length) return;
  const days = talk.querySelectorAll("h2");
  const first = rows.querySelector("h2");
  if (first && days.length && days[days.length - 1].textContent === first.textContent) first.remove();
  talk.append(rows);
  document.querySelector(".kith-empty")?.remove();
  talk.dataset.last = messages[messages.length - 1].dataset.position;
  stopAtOne();
  const others = messages.filter((each) => !("mine" in each.dataset)).length;
  if (along || !others) {
    messages[messages.length - 1].scrollIntoView({ block: "nearest" });
    if (others) markRead();
  } else drawFresh(waiting + others);
  if (others) tell(others);
  const vain = messages.map((each) => each.querySelector("[data-in-vain]")).find(Boolean);
  if (vain) announce(vain.textContent);
}

function isNearEnd() {
  const end = talk.getBoundingClientRect().bottom;
  return end < innerHeight + NEAR;
}

function markRead() {
  post(`/conversations/${here}/read`, { position: talk.dataset.last });
}

function drawFresh(number) {
  waiting = number;
  if (!fresh) return;
  fresh.querySelector("[data-fresh-count]").textContent = number;
  fresh.querySelector("[data-fresh-noun]").textContent = number === 1 ? "message" : "messages";
  fresh.hidden = number === 0;
}

fresh?.addEventListener("click", (event) => {
  if (!("newest" in talk.dataset) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const rows = talk.querySelectorAll("article[data-message]");
  const first = rows[Math.max(0, rows.length - waiting)];
  drawFresh(0);
  first?.scrollIntoView({ block: "start" });
  if (first) {
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }
  markRead();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && waiting && talk && isNearEnd()) {
    drawFresh(0);
    markRead();
  }
});

// A live region that reads every message out would drown who writes one.
function tell(number) {
  unsaid += number;
  const wait = said + SAY_EVERY - Date.now();
  if (wait > 0) {
    if (unsaid === number) setTimeout(() => tell(0), wait);
    return;
  }
  said = Date.now();
  announce(unsaid === 1 ? "1 new message." : `${unsaid} new messages.`);
  unsaid = 0;
}

// What changed

async function refresh(ids) {
  const shown = ids.filter(card).slice(-50);
  if (!shown.length) return;
  const html = await read(`/conversations/${here}/fragments?ids=${shown.join()}`);
  if (html === GONE) return leave();
  if (html === null) return;
  const rows = parse(html);
  for (const id of shown) {
    const [old, made] = [card(id), rows.querySelector(`[data-message="${id}"]`)];
    if (!old) continue;
    if (!made) {
      drop(old);
      continue;
    }
    const focused = old.contains(document.activeElement) && document.activeElement.value;
    made.tabIndex = old.tabIndex;
    const whole = old === document.activeElement;
    old.replaceWith(made);
    if (whole) made.focus({ preventScroll: true });
    if (focused) made.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
  }
}

// Somebody has read on: only the newest of one's own say so at a glance.
function laterReceipts(by) {
  if (by === me || receipts) return;
  receipts = setTimeout(() => {
    receipts = null;
    refresh([...talk.querySelectorAll("[data-mine]")].slice(-10).map((each) => each.dataset.message));
  }, RECEIPTS_AFTER);
}

function drop(row) {
  if (!row) return;
  if (row.contains(document.activeElement)) document.getElementById("content")?.focus();
  row.remove();
  stopAtOne();
  announce("A message was withdrawn.");
}

// Whoever answers a message quotes it, and what it quotes goes and changes with it.
function quoting(id) {
  return [...talk.querySelectorAll(`[data-quotes="${id}"]`)].map((each) => each.dataset.message);
}

function replying() {
  return form?.querySelector("[data-replying] [name=reply_to]")?.value;
}

function card(id) {
  return id && talk?.querySelector(`[data-message="${id}"]`);
}

function leave() {
  clear("This conversation is no longer yours to read.", "/conversations", "Back to messages");
}

// Among all messages Tab stops at one; the arrows go on from there.

const stops = () => [...talk.querySelectorAll("article[data-message]")];

function stopAtOne(chosen) {
  const all = stops();
  const kept = chosen ?? all.find((each) => each.contains(document.activeElement)) ?? all[all.length - 1];
  for (const each of all) each.tabIndex = each === kept ? 0 : -1;
}

function walk(event) {
  const row = event.target.closest("article[data-message]");
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  const inside = event.target !== row;
  if (event.key === "Escape") return inside ? row.focus() : form?.elements.body.focus();
  const all = stops();
  const at = all.indexOf(row);
  const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (inside || next === undefined) return;
  event.preventDefault();
  if (next === all.length) return form?.elements.body.focus();
  stopAtOne(all[Math.max(0, next)]);
  all[Math.max(0, next)].focus();
}

if (talk) {
  stopAtOne();
  talk.addEventListener("keydown", walk);
  talk.addEventListener("focusin", ({ target }) => {
    const row = target.closest("article[data-message]");
    if (row) stopAtOne(row);
  });
}

// Counts

async function count() {
  const answer = await read("/conversations/unread");
  if (!answer) return;
  const { total, conversations } = JSON.parse(answer);
  for (const tab of document.querySelectorAll('[data-count="messages"]')) {
    tab.hidden = total === 0;
    tab.firstChild.data = total;
  }
  for (const row of document.querySelectorAll("[data-unread-talk]")) {
    const news = conversations[row.dataset.unreadTalk] ?? 0;
    row.hidden = news === 0;
    row.textContent = `${news} new`;
    row.closest("li").classList.toggle("kith-talks__one--news", news > 0);
  }
  const listed = document.querySelector("[data-talks]");
  const missing = Object.keys(conversations).some((id) => !listed?.querySelector(`[data-talk-row="${id}"]`));
  if (listed && missing && location.pathname === "/conversations" && !location.search) {
    const page = await read("/conversations");
    const made = page && parse(page).querySelector("[data-talks]");
    if (made) listed.replaceWith(made);
  }
}

// Writing

export function watchTalk(socket) {
  if (!form) return;
  const { body } = form.elements;
  form.addEventListener("submit", send);
  body.addEventListener("keydown", pressed);
  offerEnter();
  let told = 0;
  body.addEventListener("input", () => {
    if (!here || Date.now() - told < TYPING_EVERY) return;
    told = Date.now();
    socket.emit("typing", { conversation: here });
  });
}

// Says every so often that one is here, and hears who else is. Nothing of it is kept.
export function watchPresence(socket) {
  if (!here) return;
  askPresence = () =>
    socket.connected && socket.emit("here", { conversation: here, away: document.hidden }, drawPresence);
  socket.on("connect", askPresence);
  document.addEventListener("visibilitychange", askPresence);
  setInterval(askPresence, HERE_EVERY);
  askPresence();
}

const STATES = { here: "here now", away: "away", out: "out of office" };

function drawPresence(states) {
  const place = document.querySelector("[data-presence]");
  if (!place) return;
  const known = names();
  const said = Object.keys(STATES).flatMap((state) => {
    const who = Object.keys(states).filter((id) => states[id] === state && known[id]);
    if (!who.length) return [];
    return [`${who.length > 3 ? `${who.length} people` : who.map((id) => known[id]).join(", ")} ${STATES[state]}`];
  });
  place.textContent = said.join(" · ");
  place.hidden = !said.length;
}

function names() {
  return JSON.parse(talk?.dataset.names ?? "{}");
}

let typing, typist;
function showTyping(by) {
  const name = names()[by];
  const place = document.querySelector("[data-typing]");
  if (!place) return;
  place.textContent = name ? `${name} is writing…` : "Somebody is writing…";
  place.hidden = false;
  typist = by;
  clearTimeout(typing);
  typing = setTimeout(hideTyping, TYPING_FOR);
}

function hideTyping() {
  document.querySelector("[data-typing]").hidden = true;
}

// The page stays where it is; without this script the same form makes the page anew.
async function send(event) {
  if (!here || !("newest" in talk.dataset)) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  const { body, key } = form.elements;
  if (!body.value.trim() && !hasFiles()) return body.focus();
  form.dataset.sending = "yes";
  const answer = await post(form.getAttribute("action"), new FormData(form));
  delete form.dataset.sending;
  if (answer === null) return wrong("Not sent: no signal. Your words are kept here. Send again when it is back.");
  if (answer.status === 401) return wrong("Not sent: you have been signed out. Copy your words before you leave.");
  if ([400, 403, 404, 409, 422, 429].includes(answer.status)) {
    const page = parse(await answer.text());
    const places = ["#body-error", "#files-error", ".govuk-error-message", ".govuk-error-summary li", "h1 + p"];
    const said = places.map((each) => page.querySelector(each)?.textContent).find(Boolean);
    return wrong(said ?? "Not sent. Try again in a minute.");
  }
  if (answer.type !== "opaqueredirect") return wrong("Not sent. Your words are kept here. Try again.");
  wrong("");
  body.value = "";
  form.querySelector("[data-saved]").textContent = "";
  form.querySelectorAll("[name=files], [name=alt]").forEach((each) => (each.value = ""));
  form.querySelector("#attachments")?.remove();
  form.querySelector("details")?.removeAttribute("open");
  key.value = crypto.randomUUID().replaceAll("-", "");
  form.querySelector("[data-replying]")?.remove();
  form.dispatchEvent(new Event("sent"));
  drawFresh(0);
  await fetchNew();
  body.focus();
}

function hasFiles() {
  return form.elements.files?.files.length || form.querySelector("[name=attachments]:checked");
}

function wrong(sentence) {
  let place = document.getElementById("body-error");
  if (!place && !sentence) return;
  if (!place) {
    place = document.createElement("p");
    place.id = "body-error";
    place.className = "govuk-error-message";
    place.setAttribute("role", "alert");
    form.elements.body.before(place);
  }
  place.textContent = sentence;
  place.hidden = !sentence;
}

const sendsByEnter = () => {
  try {
    return localStorage.getItem("kith-enter") === "sends";
  } catch {
    return false;
  }
};

function pressed(event) {
  const { body } = form.elements;
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey && (sendsByEnter() || event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Escape") {
    if (replying()) answerNothing();
    else body.blur();
  } else if (event.key === "ArrowUp" && !body.value) {
    const all = talk ? stops() : [];
    if (!all.length) return;
    event.preventDefault();
    all[all.length - 1].focus();
  }
}

// Which of the two is right differs between a desk and a phone, so it is kept on the device.
function offerEnter() {
  const place = form.querySelector("[data-enter]");
  if (!place) return;
  const [box, label] = [document.createElement("input"), document.createElement("label")];
  Object.assign(box, { type: "checkbox", id: "enter-sends", checked: sendsByEnter() });
  Object.assign(label, { htmlFor: "enter-sends", textContent: " Enter sends (else Ctrl and Enter)" });
  box.addEventListener("change", () => {
    try {
      localStorage.setItem("kith-enter", box.checked ? "sends" : "line");
    } catch {
      // A browser that keeps nothing asks again on the next page.
    }
  });
  place.append(box, label);
  place.hidden = false;
}

talk?.addEventListener("click", async (event) => {
  const answer = event.target.closest("[data-reply]");
  const react = event.target.closest(".kith-react[formaction]");
  if (answer && form && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    replyTo(answer.closest("[data-message]"));
  } else if (react) {
    event.preventDefault();
    const { message } = react.closest("[data-message]").dataset;
    await post(react.getAttribute("formaction"), { [react.name]: react.value });
    refresh([message]);
  }
});

function replyTo(message) {
  form.querySelector("[data-replying]")?.remove();
  const line = document.createElement("p");
  line.className = "kith-message__reply";
  line.dataset.replying = "";
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "reply_to", value: message.dataset.message });
  const who = message.querySelector(".kith-message__by strong").textContent;
  const words = message.querySelector(".kith-message__body").textContent.trim();
  const stop = document.createElement("button");
  Object.assign(stop, { type: "button", className: "kith-react", textContent: "Do not answer" });
  stop.dataset.noReply = "";
  line.append(field, `In answer to ${who}: ${words.length > 80 ? `${words.slice(0, 79)}…` : words} `, stop);
  form.prepend(line);
  form.elements.body.focus();
  keepDraft();
}

function answerNothing() {
  form.querySelector("[data-replying]")?.remove();
  keepDraft();
}

// What is answered is part of the draft, and no field in which somebody types.
function keepDraft() {
  form.dispatchEvent(new Event("change"));
}

form?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-no-reply]")) return;
  event.preventDefault();
  answerNothing();
  form.elements.body.focus();
});

async function post(address, fields) {
  try {
    return await fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": document.querySelector("[name=csrf_token]")?.value ?? "" },
      body: fields instanceof FormData ? fields : new URLSearchParams(fields),
      redirect: "manual",
    });
  } catch {
    return null;
  }
}

// It opens where the news begins, and the browser may have chosen another place.
if (talk && !location.hash && !new URLSearchParams(location.search).has("around")) {
  const line = document.getElementById("unread-line");
  if (line) line.scrollIntoView({ block: "start" });
  else if ("newest" in talk.dataset) talk.lastElementChild?.scrollIntoView({ block: "nearest" });
}
