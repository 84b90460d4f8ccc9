// What a pointer does to the page on the screen. What is being read never moves by itself.

// These add a row to the case's stream; what they say is fetched when somebody asks to see it.
const ADDS = ["published", "joined", "left", "lead_changed", "status_changed", "closed", "reopened", "restricted", "unrestricted", "break_glass", "looked_into"];

// These change what is said of a case that needs a look.
const LOOKS = ["alerted", "pointed_out", "alert_ended", "looked_into"];

const stream = document.querySelector("[data-stream]");
const streamCase = Number(stream?.dataset.case) || null;
const pageCase = streamCase ?? caseOfPage();
const me = Number(document.body.dataset.person);
// Whatever names a case says which, so that it goes with the case; a whole page of one is cleared.
const NAMES = "main [data-case]:not([data-stream], [data-composer])";
const MANY = 50; // as many as the server answers at once; beyond that the page is made anew
export const GONE = false; // what `read` answers for a page that is not hers
const waiting = new Map(); // the new rows not shown yet: activity → post

export function apply(pointers) {
  const changed = new Map();
  let looks = false;
  for (const pointer of pointers) {
    if (pointer.did === "withdrawn") withdraw(pointer);
    else if (ADDS.includes(pointer.did)) add(pointer);
    else if (card(pointer.post)) changed.set(pointer.post, pointer.case);
    if (pointer.did === "comment_withdrawn") dropFound(`comments-${pointer.post}`);
    if (pointer.did === "look_up") showAsking();
    if (LOOKS.includes(pointer.did)) looks ||= !streamCase || pointer.case === streamCase;
    if (pointer.did === "left" || pointer.did === "access_changed") check(pointer.case);
  }
  drawFresh();
  if (looks) drawLooks();
  if (changed.size) refresh(changed);
  // For a page with a script of its own.
  document.dispatchEvent(new CustomEvent("kith-changed", { detail: pointers }));
}

function add(pointer) {
  const shown = pointer.position !== null && (card(pointer.post) || pointer.position <= newestPosition(pointer.case));
  if (!shown && belongsHere(pointer)) waiting.set(pointer.at, pointer.post);
  if (pointer.did === "published" && pointer.by !== me && !shown) count(pointer.case, 1);
}

async function drawLooks() {
  const place = document.querySelector("[data-looks]");
  const html = place && (await read(place.dataset.looks));
  if (typeof html !== "string") return;
  const fresh = parse(html);
  if (fresh.textContent.trim() === place.textContent.trim()) return;
  if (place.contains(document.activeElement)) document.getElementById("content").focus();
  place.replaceChildren(fresh);
  announce(place.querySelector("h2")?.textContent ?? "Nothing needs a look any more.");
}

// Only those who may lead are pointed to it; who asks and why stands on the page made anew.
function showAsking() {
  const line = document.querySelector("[data-asking]");
  if (!line) return;
  line.hidden = false;
  announce(line.textContent);
}

function withdraw(pointer) {
  for (const [at, post] of waiting) if (post === pointer.post) waiting.delete(at);
  const gone = card(pointer.post);
  if (gone) remove(gone, "An update was withdrawn.");
  for (const each of ["post", "comments"]) dropFound(`${each}-${pointer.post}`);
}

// What a search has found, and its author has taken back.
export function dropFound(name) {
  for (const row of document.querySelectorAll(`[data-found="${name}"]`)) drop(row);
}

// The page of one post, or another page of a case: its details, its network.
function caseOfPage() {
  const path = /^\/(?:cases|quick)\/(\d+)/.exec(location.pathname);
  const said = path?.[1] ?? document.body.dataset.case;
  return Number(said ?? (stream ? 0 : document.querySelector("main [data-post]")?.dataset.case)) || null;
}

function belongsHere(pointer) {
  if (!stream) return false;
  return streamCase ? pointer.case === streamCase : pointer.did === "published";
}

function card(post) {
  return post && document.querySelector(`[data-post="${post}"]`);
}

function newestPosition(caseId) {
  if (caseId !== streamCase) return 0;
  const positions = [...stream.querySelectorAll("[data-position]")].map((each) => Number(each.dataset.position));
  return Math.max(Number(stream.dataset.position ?? 0), ...positions);
}

// The bar

function drawFresh() {
  const bar = document.querySelector("[data-fresh]");
  if (!bar) return;
  bar.querySelector("[data-fresh-count]").textContent = waiting.size;
  bar.querySelector("[data-fresh-noun]").textContent = waiting.size === 1 ? "update" : "updates";
  if (bar.hidden && waiting.size) announce("There are new updates.");
  bar.hidden = waiting.size === 0;
}

document.querySelector("[data-fresh]")?.addEventListener("click", async (event) => {
  // A page of older updates, or a filtered one, has no place for the newest: the link leads there.
  if (!streamCase || location.search || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const link = event.target.closest("a");
  const html = await read(`/cases/${streamCase}/fragments?after=${newestPosition(streamCase)}`);
  if (html === null) return location.assign(link.href);
  const rows = parse(html);
  if (rows.querySelectorAll("[data-post]").length >= MANY) return location.assign(link.href);
  waiting.clear();
  drawFresh();
  insert(rows);
});

function insert(rows) {
  for (const row of rows.querySelectorAll("[data-post]")) if (card(row.dataset.post)) row.remove();
  const posts = [...rows.querySelectorAll("[data-post]")];
  if (!posts.length) return;
  for (const post of posts) markNew(post);
  const lastDay = [...rows.querySelectorAll(".kith-stream__day")].pop();
  const firstDay = stream.firstElementChild;
  if (firstDay && !document.getElementById("read-line")) firstDay.before(readLine());
  else if (firstDay && firstDay.textContent === lastDay?.textContent) firstDay.remove();
  stream.prepend(rows);
  posts[0].tabIndex = -1;
  posts[0].focus({ preventScroll: true });
  posts[0].scrollIntoView({ block: "center" });
  announce(posts.length === 1 ? "1 new update is shown." : `${posts.length} new updates are shown.`);
  markRead(posts);
}

function readLine() {
  const line = paragraph("You have read everything below this line");
  line.id = "read-line";
  line.className = "kith-line";
  return line;
}

function markRead(posts) {
  const mine = posts.filter((post) => post.querySelector(`[href$="/edit"]`)).length;
  count(streamCase, mine - posts.length);
  // A page with this form has left something unread further down, and the person decides.
  if (document.querySelector("form[action$='/read']")) return;
  fetch(`/cases/${streamCase}/read`, {
    method: "POST",
    headers: { "X-CSRFToken": document.querySelector("[name=csrf_token]")?.value ?? "" },
    body: new URLSearchParams({ position: newestPosition(streamCase) }),
    redirect: "manual",
  }).catch(() => {});
}

function markNew(post) {
  const when = post.querySelector(".kith-post__when");
  if (!when || when.querySelector(".kith-new")) return;
  const badge = document.createElement("span");
  badge.className = "kith-new";
  badge.textContent = "New";
  when.append(" ", badge);
}

// Cards that changed

async function refresh(changed) {
  const inStream = [...changed].filter(([post]) => card(post).closest("[data-stream]"));
  if (inStream.length < changed.size) refreshPage();
  for (const caseId of new Set(inStream.map(([, each]) => each))) {
    const posts = inStream.filter(([, each]) => each === caseId).map(([post]) => post);
    const html = await read(`/cases/${caseId}/fragments?ids=${posts.join()}`);
    if (html === null) continue;
    const rows = parse(html);
    for (const post of posts) replace(card(post), rows.querySelector(`[data-post="${post}"]`));
  }
}

// A post's own page: the card, what was said under it and who has read it; the form stays.
async function refreshPage() {
  const html = await read(location.pathname);
  if (html === null) return;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of ["main [data-post]", "#comments > .kith-comments, #comments > .kith-muted", "#readers"]) {
    const [old, made] = [document.querySelector(part), fresh.querySelector(part)];
    if (old && made) old.replaceWith(made);
  }
}

function replace(old, fresh) {
  if (!old) return;
  if (!fresh) return remove(old);
  // What only this page knows stays: that it is new, and in the feed whose it is.
  for (const kept of old.querySelectorAll(":scope > .kith-post__child")) {
    if (!fresh.querySelector(".kith-post__child")) fresh.prepend(kept);
  }
  if (old.querySelector(".kith-new")) markNew(fresh);
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  old.replaceWith(fresh);
  if (focused) fresh.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}

function remove(row, sentence) {
  const page = row.closest("[data-stream]") ? null : row.closest("main");
  if (row.contains(document.activeElement)) document.getElementById("content")?.focus();
  if (page) page.replaceChildren(paragraph("This update is no longer here."), link("/", "Back to the feed"));
  else row.remove();
  if (sentence) announce(sentence);
}

// What she may no longer see

export function leave(caseIds) {
  for (const caseId of caseIds) {
    for (const row of ofCase(caseId)) drop(row);
    if (caseId === pageCase) clear("You no longer see this case, so this page has been cleared.", "/", "Back to the feed");
  }
}

function drop(row) {
  const list = row.closest("ul");
  if (row.contains(document.activeElement)) document.getElementById("content").focus();
  row.remove();
  // A heading over an empty list would say that something stood there.
  if (list && !list.children.length) (list.closest("section") ?? list).remove();
}

// Every case that something on the screen is of; the server says which are hers no more.
export function shownCases() {
  const cases = new Set([...document.querySelectorAll(NAMES)].map((row) => Number(row.dataset.case)));
  if (pageCase) cases.add(pageCase);
  return [...cases];
}

function ofCase(caseId) {
  return [...document.querySelectorAll(NAMES)].filter((row) => Number(row.dataset.case) === caseId);
}

// Somebody left a case that is on the screen; perhaps it was she.
async function check(caseId) {
  if (caseId !== pageCase && !ofCase(caseId).length) return;
  const answer = await read(`/sync?case=${caseId}`);
  if (answer) leave(JSON.parse(answer).gone);
}

// A case that is open in an emergency closes by itself, and nobody is told of that.
for (const banner of document.querySelectorAll("[data-closes]")) {
  setTimeout(() => check(Number(banner.dataset.case) || pageCase), (Number(banner.dataset.closes) + 1) * 1000);
}

export function signedOut() {
  const words = [...document.querySelectorAll("[data-composer] textarea, [data-write] textarea")].map((each) => each.value.trim()).filter(Boolean);
  clear("You have been signed out.", "/sign-in", "Sign in again");
  if (!words.length) return;
  // What was typed is hers; the rest of the page is not any more.
  const kept = document.createElement("textarea");
  kept.className = "govuk-textarea";
  kept.rows = 6;
  kept.readOnly = true;
  kept.setAttribute("aria-label", "What you had typed");
  kept.value = words.join("\n\n");
  document.getElementById("content").append(kept);
}

export function clear(sentence, href, words) {
  document.title = "Kith";
  const content = document.getElementById("content");
  content.replaceChildren(paragraph(sentence), link(href, words));
  content.focus();
  announce(sentence);
}

// Small things

// The HTML at an address; GONE when there is nothing for her, null when nobody answered.
export async function read(address) {
  try {
    const response = await fetch(address, { redirect: "manual" });
    if (response.status === 404) return GONE;
    const notices = response.headers.get("Kith-Notices");
    if (notices !== null) showCount("notices", Number(notices));
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html || "";
  return template.content;
}

function count(caseId, more) {
  const row = document.querySelector(`[data-unread="${caseId}"]`);
  if (row) draw(row, more, " new");
  for (const tab of counters("feed")) draw(tab, more);
}

function counters(name) {
  return document.querySelectorAll(`[data-count="${name}"]`);
}

export function ring(more) {
  if (more) for (const bell of counters("notices")) draw(bell, more);
}

// As many as the server counts now, whatever was counted here.
export function showCount(name, number) {
  for (const each of counters(name)) {
    each.hidden = !number;
    each.firstChild.data = number;
  }
}

function draw(place, more, noun = "") {
  const number = Math.max(0, (parseInt(place.textContent, 10) || 0) + more);
  place.hidden = number === 0;
  if (noun) place.textContent = `${number}${noun}`;
  else place.firstChild.data = number;
}

export function announce(sentence) {
  const place = document.getElementById("announce");
  if (place) place.textContent = sentence;
}

function paragraph(words) {
  const made = document.createElement("p");
  made.textContent = words;
  return made;
}

function link(href, words) {
  const made = document.createElement("a");
  made.href = href;
  made.textContent = words;
  return made;
}
