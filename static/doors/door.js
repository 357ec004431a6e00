// A door that works without a network: the list and the unsent scans are kept on the device. The forms of the page
// do the same without this file, with a network.

import { Camera, findReader } from "./camera.js";
import { People } from "./people.js";
import { addScan, dropScans, forgetList, forgetOldLists, loadList, loadQueue, saveList } from "./store.js";

const SEND_EVERY_MS = 5000;
const ASK_EVERY_MS = 30000;
const BATCH = 100;
const LONGEST_LOG = 30;
const TONES = { in: "good", out: "good", already_in: "wait", not_in: "wait" };

const page = document.getElementById("door-page");
const words = JSON.parse(page.dataset.words);
const event = Number(page.dataset.event);
const part = { select: page.querySelector("#part") };
// The clocks of the event's place, as on every page; a device may come from the other shore.
const clocks = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.dataset.zone,
});
const box = (name) => page.querySelector(`[data-${name}]`);
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

let people = null;
let queue = [];
let etag = "";
let isSending = false;
let hasEnded = false;
let log = [];

const partId = () => Number(part.select?.value) || null;
const isPaper = () => page.querySelector("#paper").checked;

function makeKey() {
  const octets = crypto.getRandomValues(new Uint8Array(20));
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

function make(name, text, className = "") {
  const one = document.createElement(name);
  one.textContent = text;
  one.className = className;
  return one;
}

function showState() {
  const state = box("state");
  const lines = [navigator.onLine ? (queue.length ? "" : words.online) : words.offline];
  if (queue.length) lines.push(say(words.waiting, { count: queue.length }));
  if (!people) lines.push(words.no_list);
  const text = hasEnded ? [words.ended, queue.length ? say(words.lost, { count: queue.length }) : ""] : lines;
  const told = text.filter(Boolean).join(" ");
  if (state.textContent !== told) state.textContent = told;
  const tone = hasEnded ? "bad" : navigator.onLine && !queue.length ? "calm" : "wait";
  state.className = `note tone-${tone}`;
  state.dataset.waiting = String(queue.length);
  state.hidden = false;
}

function showCount() {
  if (people) box("count").textContent = say(words.counted, people.count(partId()));
}

function drawPerson(person) {
  const isIn = people.isIn(person, partId());
  const item = document.createElement("li");
  const who = document.createElement("span");
  who.append(make("strong", person.name || words.no_name), document.createElement("br"), make("span", person.org, "soft"));
  const button = make("button", isIn ? words.undo : words.let_in, `button button-small${isIn ? " button-quiet" : ""}`);
  button.type = "button";
  button.dataset.person = person.id;
  button.dataset.kind = isIn ? "undo" : "in";
  button.append(make("span", ` ${person.name}`, "sr"));
  item.append(who, make("span", isIn ? words.inside : words.outside, `tag tone-${isIn ? "good" : "calm"}`), button);
  return item;
}

function showPeople() {
  if (!people) return;
  const text = page.querySelector("#text").value;
  const found = people.find(text, isPaper());
  const focused = document.activeElement?.dataset.person;
  box("people").replaceChildren(...found.people.map(drawPerson));
  if (focused) box("people").querySelector(`[data-person="${focused}"]`)?.focus();
  const note = text.trim() && !found.people.length ? words.nobody : "";
  box("found").textContent = found.isCut ? words.more : note;
}

function showLog() {
  box("log").hidden = !log.length;
  box("log").querySelector("ol").replaceChildren(
    ...log.map(({ scan, code, name }) => {
      const item = document.createElement("li");
      const isSent = !queue.some((one) => one.client_key === scan.client_key);
      const told = isSent ? words[code] : `${words[code]} (${words.unsent})`;
      const clock = `${clocks.format(scan.at)} ${page.dataset.clocks}`;
      item.append(make("span", `${clock} ${name || scan.badge_code}`), make("span", told, `tag tone-${TONES[code] ?? "bad"}`));
      return item;
    }),
  );
}

function showAll() {
  showState();
  showCount();
  showPeople();
  showLog();
}

function tell(code, name) {
  const told = box("told");
  told.hidden = false;
  told.className = `note tone-${TONES[code] ?? "bad"}`;
  told.textContent = name ? `${name}: ${words[code]}` : words[code];
}

function note(scan, code, person) {
  log = [{ scan, code, name: person?.name }, ...log.filter((one) => one.scan.client_key !== scan.client_key)];
  log = log.slice(0, LONGEST_LOG);
}

async function see({ code = "", person = null, kind = "in", proof }) {
  const door = page.querySelector("#door").value;
  const scan = { client_key: makeKey(), event, badge_code: code.toUpperCase(), person, part: partId(), kind, proof, door, at: Date.now() };
  // On the device first: a page that is closed in the next moment has lost nothing.
  await addScan(scan);
  queue.push(scan);
  const judged = people?.judge(scan) ?? { code: "unknown" };
  if (judged.person) people.apply(judged.code, judged.person.id, scan.part);
  note(scan, judged.code, judged.person);
  tell(judged.code, judged.person?.name);
  showAll();
  send();
}

async function ended() {
  hasEnded = true;
  people = null;
  log = [];
  await forgetList(event);
  await caches.delete("doors");
  box("people").replaceChildren();
  box("log").hidden = box("told").hidden = true;
  box("count").textContent = "";
  showState();
}

async function ask(address, options = {}) {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", ...options });
  if (answer.status === 404 || answer.status === 410) await ended();
  return answer;
}

function hear(answer) {
  const scan = queue.find((one) => one.client_key === answer.client_key);
  if (!scan) return;
  const person = people?.byId.get(answer.person);
  if (person) people.apply(answer.code, person.id, scan.part);
  note(scan, answer.code, person);
}

async function send() {
  if (isSending || hasEnded || !queue.length) return;
  isSending = true;
  try {
    while (queue.length && !hasEnded) {
      const scans = queue.slice(0, BATCH);
      const body = JSON.stringify({ scans });
      const answer = await ask(page.dataset.scansUrl, { method: "POST", body, headers: { "Content-Type": "application/json" } });
      if (!answer.ok) break;
      const { answers } = await answer.json();
      answers.forEach(hear);
      const done = new Set(answers.map((one) => one.client_key));
      await dropScans([...done]);
      queue = queue.filter((one) => !done.has(one.client_key));
      if (!done.size) break;
    }
  } catch {
    // No network: they stay where they are.
  } finally {
    isSending = false;
    if (!hasEnded) showAll();
  }
}

function use(list) {
  people = new People(list);
  for (const scan of queue) {
    const judged = people.judge(scan);
    if (judged.person) people.apply(judged.code, judged.person.id, scan.part);
  }
}

async function refresh() {
  if (hasEnded || queue.length) return;
  try {
    const answer = await ask(page.dataset.peopleUrl, etag ? { headers: { "If-None-Match": etag } } : {});
    if (!answer.ok || answer.status === 304) return;
    const list = await answer.json();
    if (queue.length || isSending) return; // scanned meanwhile: the next list knows of it
    etag = answer.headers.get("ETag") ?? "";
    // The end of the list on the clock of this device, however wrong that is.
    list.ends += Date.now() - Date.parse(answer.headers.get("Date") ?? new Date().toUTCString());
    await saveList(list);
    use(list);
    showAll();
  } catch {
    // No network: the list that is here goes on.
  }
}

// The page and its files, so that the worker can answer with them.
async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(page.dataset.worker);
    const cache = await caches.open("doors");
    const files = performance.getEntriesByType("resource").map((one) => new URL(one.name));
    const own = files.filter((one) => one.origin === location.origin && one.pathname.startsWith("/static/"));
    await cache.addAll([location.pathname, ...new Set(own.map((one) => one.pathname))]);
    page.dataset.kept = "yes";
  } catch {
    // No network, or the browser keeps nothing for this site: what was kept before stays.
  }
}

async function offerCamera() {
  const Reader = await findReader().catch(() => null);
  if (!Reader) return;
  const camera = new Camera(Reader, box("viewer"), (code) => see({ code, proof: "qr" }));
  const [button] = box("camera").children;
  const show = () => (button.textContent = camera.stream ? words.camera_off : words.camera_on);
  button.addEventListener("click", async () => {
    try {
      await (camera.stream ? camera.stop() : camera.start());
    } catch {
      camera.stop();
      tell("camera_fault");
    }
    show();
  });
  show();
  box("camera").hidden = false;
}

function takeOverForms() {
  box("scan").addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    submitted.stopPropagation();
    const input = page.querySelector("#badge-code");
    const code = input.value.trim();
    input.value = "";
    input.focus();
    if (code) see({ code, proof: "qr" });
  });
  for (const form of [box("search"), box("settings")]) {
    form.addEventListener("submit", (submitted) => submitted.preventDefault());
    form.addEventListener("input", () => (showCount(), showPeople()));
  }
  box("people").addEventListener("click", (clicked) => {
    const button = clicked.target.closest("button[data-person]");
    if (!button) return;
    clicked.preventDefault();
    see({ person: Number(button.dataset.person), kind: button.dataset.kind, proof: isPaper() ? "paper" : "name" });
  });
  box("plain").hidden = true;
  box("paper").hidden = false;
}

async function start() {
  const camera = offerCamera();
  await forgetOldLists(Date.now());
  queue = await loadQueue(event);
  const kept = await loadList(event);
  if (kept) use(kept);
  log = queue.slice(-LONGEST_LOG).map((scan) => ({ scan, ...described(scan) })).reverse();
  takeOverForms();
  showAll();
  await send();
  await refresh();
  await camera; // what it reads with is kept, too
  await keepPage();
  page.dataset.ready = "yes";
}

function described(scan) {
  const person = people && (scan.person ? people.byId.get(scan.person) : people.byCode.get(scan.badge_code));
  return { code: scan.kind === "undo" ? "out" : person && !person.no ? "in" : (person?.no ?? "unknown"), name: person?.name };
}

window.addEventListener("online", () => (showState(), send().then(refresh)));
window.addEventListener("offline", showState);
setInterval(() => (people && people.list.ends < Date.now() ? ended() : send()), SEND_EVERY_MS);
setInterval(refresh, ASK_EVERY_MS);
start();
