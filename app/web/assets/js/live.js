// The live channel: pointers to what changed, and what this page does about each.
//
// A pointer is {at, did, case, post, position, by}, or of a conversation {at, did, conversation,
// message, position, by}, and says where to look, never what is there. One without `at` is a hint
// that nothing depends on.
// The server's list of them (/sync) is the truth; the socket only brings them sooner.
import { io } from "socket.io-client";
import { apply, leave, ring, showCount, shownCases, signedOut } from "./screen.js";
import { applyTalk, watchPresence, watchTalk } from "./talk.js";

const POLL_EVERY = 10000; // while the socket is down
const AT_ONCE = 50; // cases the server looks at in one question
const TAKES_AWAY = ["withdrawn", "comment_withdrawn", "message_withdrawn", "left", "access_changed", "restricted"];
const NEEDS_A_LOOK = ["alerted", "pointed_out", "alert_ended", "looked_into"];
const SAY_AFTER = 4000; // a short break is nobody's business

const applied = new Set();
// Everything up to here has been applied; a page that does not say begins with now.
let known = Number(document.body.dataset.at ?? NaN);
let asking = false, again = false, down, poll;

const socket = io({
  transports: ["websocket"],
  timeout: POLL_EVERY,
  reconnectionDelay: 500,
  reconnectionDelayMax: POLL_EVERY,
  randomizationFactor: 0.5,
});
socket.on("changed", (pointer) => {
  if (pointer.at === undefined) return applyTalk([pointer]);
  take([pointer]);
  // What takes something away may take notices with it, and only the server knows which; and only
  // it counts the children who need a look.
  if ([...TAKES_AWAY, ...NEEDS_A_LOOK].includes(pointer.did)) catchUp();
});
watchTalk(socket);
watchPresence(socket);
socket.on("resync", catchUp);
socket.on("connect", () => {
  restored();
  catchUp();
});
socket.on("disconnect", lost);
socket.on("connect_error", lost);
// Coming back to a tab, or to the network, is a reason to look at once.
document.addEventListener("visibilitychange", () => document.hidden || catchUp());
addEventListener("pageshow", (event) => event.persisted && catchUp());
addEventListener("online", () => socket.connected || (socket.connect(), catchUp()));

function take(pointers) {
  const fresh = pointers.filter(({ at }) => !(at <= known) && !applied.has(at));
  for (const { at } of fresh) applied.add(at);
  ring(fresh.filter(({ notices }) => notices).length);
  const said = fresh.filter((each) => each.conversation);
  if (said.length) applyTalk(said);
  if (said.length < fresh.length) apply(fresh.filter((each) => !each.conversation));
}

// One question at a time; asked meanwhile, it is asked once more.
async function catchUp() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  do {
    again = false;
    await ask();
  } while (again);
  asking = false;
}

async function ask() {
  try {
    let more = true;
    const shown = shownCases();
    while (more) {
      const asked = new URLSearchParams();
      if (!isNaN(known)) asked.set("after", known);
      for (const each of shown.splice(0, AT_ONCE)) asked.append("case", each);
      const response = await fetch(`/sync?${asked}`, { redirect: "manual" });
      if (response.type === "opaqueredirect" || response.status === 401) return end();
      if (response.status === 403) return stop(); // an account that sees no case
      if (!response.ok) return;
      const answer = await response.json();
      take(answer.changed);
      known = answer.at;
      for (const at of applied) if (at <= known) applied.delete(at);
      leave(answer.gone);
      showCount("notices", answer.notices);
      showCount("hotspots", answer.hotspots);
      more = answer.more || shown.length > 0;
    }
  } catch {
    // No signal: the next connection, or the next turn, asks again.
  }
}

function lost() {
  if (poll) return;
  poll = setInterval(() => document.hidden || catchUp(), POLL_EVERY);
  down = setTimeout(() => say("Live updates are paused. This page asks for news every ten seconds."), SAY_AFTER);
  catchUp();
}

function restored() {
  clearInterval(poll);
  clearTimeout(down);
  poll = null;
  say("");
}

function stop() {
  socket.disconnect();
  restored();
}

function end() {
  stop();
  signedOut();
}

function say(sentence) {
  let place = document.getElementById("live-state");
  if (!place && !sentence) return;
  if (!place) {
    place = document.createElement("p");
    place.id = "live-state";
    place.className = "kith-muted";
    place.setAttribute("role", "status");
    document.getElementById("content")?.prepend(place);
  }
  place.hidden = !sentence;
  place.textContent = sentence;
}
