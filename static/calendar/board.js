// Enhancement only: a board to drag in, laid over the table of a week or a day. The table stays what is complete:
// one press brings it back. All times here are wall times of the zone that is shown, so that the board, which knows
// no zones of places, is right in a week when the clocks change, too; the server makes instants of them.

import { addHost, draggedHost, leadToMove, readAt } from "./days.js";

const VIEWS = { week: "timeGridWeek", day: "timeGridDay", rows: "resourceTimelineWeek" };
const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const QUARTER = 15 * 60000;
const DAY = 24 * 60 * 60000;
const KEY = "calendar-table";

const sheet = document.getElementById("sheet");
const words = JSON.parse(sheet.dataset.words);
const lang = document.documentElement.lang;
const language = lang === "en" ? "en-GB" : lang;
const tables = [...sheet.children];
const isRows = sheet.dataset.view === "rows";
const wall = (date) => date.toISOString().slice(0, 16);
const say = (key, values = {}) => (status.textContent = words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]));
const format = (options) => (date) => new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(date);
const dayName = format({ weekday: "short", day: "numeric", month: "short" });

const status = Object.assign(document.createElement("p"), { className: "soft" });
status.setAttribute("role", "status");
const place = Object.assign(document.createElement("div"), { className: "board" });
place.setAttribute("role", "group");
place.setAttribute("aria-label", words.board);

let calendar = null;
let taken = null; // The stop that the arrow keys move, with its time before.

function readEvents() {
  const seen = new Set();
  const found = [];
  for (const element of sheet.querySelectorAll("[data-slot]")) {
    const id = element.dataset.slot;
    if (seen.has(id)) continue;
    seen.add(id);
    const { starts, ends, minutes, zone } = readAt(element);
    // In the night when the clocks go back an end may read earlier than its start.
    const end = ends > starts ? ends : wall(new Date(Date.parse(`${starts}Z`) + minutes * 60000));
    found.push({
      id, start: starts, end, editable: "moves" in element.dataset,
      resourceIds: isRows ? [element.closest("[data-row]").dataset.row] : undefined,
      extendedProps: { node: copy(element), zone, minutes },
    });
  }
  return found;
}

// What the table shows of a stop, once more; its address stays with the table's.
function copy(element) {
  const box = document.createElement("div");
  box.className = `entry ${[...element.classList].filter((name) => name !== "entry").join(" ")}`;
  if (element.matches("tr")) {
    for (const cell of element.querySelectorAll("[data-shown]")) box.append(...cell.cloneNode(true).childNodes, " ");
  } else {
    box.append(...element.cloneNode(true).childNodes);
  }
  for (const one of box.querySelectorAll("[id]")) one.removeAttribute("id");
  box.dataset.entry = element.dataset.slot;
  return box;
}

function readRows() {
  return [...sheet.querySelectorAll("tr[data-row]")].map((row) => ({
    id: row.dataset.row,
    title: row.querySelector(".row-name span")?.textContent ?? "",
  }));
}

function show() {
  calendar = window.EventCalendar.create(place, {
    view: VIEWS[sheet.dataset.view], date: sheet.dataset.date, timeZone: "UTC", firstDay: 1, locale: language,
    headerToolbar: { start: "", center: "", end: "" }, allDaySlot: false, editable: true, slotEventOverlap: false,
    slotMinTime: "07:00", slotMaxTime: "19:00", flexibleSlotTimeLimits: true,
    slotDuration: isRows ? "02:00" : "00:30", snapDuration: "00:15", slotHeight: 36, slotWidth: 56,
    dayHeaderFormat: dayName, slotLabelFormat: format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    resources: isRows ? readRows() : [], events: readEvents(),
    eventContent: ({ event }) => ({ domNodes: [event.extendedProps.node.cloneNode(true)] }),
    eventDrop: dropped,
    eventResize: ({ event }) => lead(event, { isResized: true }),
    eventAllUpdated: settle,
  });
  settle();
  if (isRows) requestAnimationFrame(() => place.querySelector(".ec-event")?.scrollIntoView({ block: "nearest", inline: "center" }));
}

// The board is no table for those who read by ear: theirs is one press away, and each stop has its links here.
function settle() {
  for (const element of place.querySelectorAll("[role]")) {
    if (/^(table|row|rowgroup|columnheader|rowheader|cell|gridcell)$/.test(element.getAttribute("role"))) {
      element.removeAttribute("role");
      element.removeAttribute("aria-colindex");
      element.removeAttribute("aria-rowindex");
    }
  }
}

function dropped({ event, newResource, revert }) {
  if (newResource) {
    revert();
    say("keeps");
    return;
  }
  lead(event, { isResized: false });
}

function lead(event, { isResized }) {
  const [day, starts] = wall(event.start).split("T");
  const { zone } = event.extendedProps;
  leadToMove(event.id, { day, starts, zone, until: isResized ? wall(event.end) : "" });
}

// By keyboard: M on a stop takes it, arrows move it, Enter leads on as dropping does.
function press(event) {
  const box = event.target.closest?.("[data-entry]");
  if (taken) return steer(event);
  if (!box || event.key.toLowerCase() !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = calendar.getEventById(box.dataset.entry);
  if (!found.editable) return;
  taken = { id: found.id, start: found.start, end: found.end, isResized: false };
  event.preventDefault();
  mark();
  say("move");
}

function steer(event) {
  const found = calendar.getEventById(taken.id);
  if (event.key === "Enter") {
    event.preventDefault();
    lead(found, taken);
  } else if (event.key === "Escape" || event.key === "Tab") {
    change(taken.start, taken.end);
    taken = null;
    mark();
    say("stays");
  } else if (event.key in STEPS) {
    event.preventDefault();
    step(found, event);
  }
}

function step(found, event) {
  const [days, quarters] = isRows ? [0, STEPS[event.key][0] || STEPS[event.key][1]] : STEPS[event.key];
  const by = days * DAY + quarters * QUARTER;
  const start = event.shiftKey ? found.start : new Date(+found.start + by);
  const end = new Date(+found.end + (event.shiftKey ? quarters * QUARTER : by));
  if (end - start < QUARTER) return;
  taken.isResized ||= event.shiftKey;
  change(start, end);
  say("at", { day: dayName(start), start: wall(start).slice(11), end: wall(end).slice(11) });
}

function change(start, end) {
  const found = calendar.getEventById(taken.id);
  calendar.updateEvent({ ...found, start: wall(start), end: wall(end) });
  requestAnimationFrame(() => (mark(), focusEntry(taken?.id ?? found.id)));
}

function mark() {
  for (const box of place.querySelectorAll("[data-entry]")) {
    box.classList.toggle("is-moving", taken?.id === box.dataset.entry);
  }
}

function focusEntry(id) {
  place.querySelector(`[data-entry="${CSS.escape(id)}"] a`)?.focus();
}

// A suggested host that is dropped here knows the hour as well.
function dropHost(event) {
  const host = draggedHost();
  const point = host && calendar?.dateFromPoint(event.clientX, event.clientY);
  if (!point) return;
  event.preventDefault();
  const [day, at] = wall(point.date).split("T");
  addHost(host, { day, at, zone: sheet.dataset.zone });
}

function button(label, isTable) {
  const one = Object.assign(document.createElement("button"), {
    type: "button", className: "button button-quiet button-small", textContent: label,
  });
  one.addEventListener("click", () => choose(isTable));
  return one;
}

const buttons = [button(words.board, false), button(words.table, true)];

function choose(isTable) {
  localStorage.setItem(KEY, isTable ? "yes" : "");
  put(isTable);
}

function put(isTable) {
  buttons[0].setAttribute("aria-pressed", String(!isTable));
  buttons[1].setAttribute("aria-pressed", String(isTable));
  for (const one of tables) one.hidden = !isTable;
  place.hidden = isTable;
  more.hidden = isTable;
  if (!isTable && !calendar) show();
  status.textContent = isTable ? "" : words.help;
}

// Days that are folded in the table have no more room here: their links stand above.
const more = Object.assign(document.createElement("p"), { className: "cluster" });
for (const link of sheet.querySelectorAll(".more")) {
  const one = link.cloneNode(true);
  one.querySelector(".sr")?.classList.remove("sr");
  more.append(one);
}

const head = Object.assign(document.createElement("div"), { className: "board-head" });
const pair = Object.assign(document.createElement("div"), { className: "board-switch" });
pair.append(...buttons);
head.append(pair, status);
sheet.prepend(head, more, place);
place.addEventListener("keydown", press);
place.addEventListener("dragover", (event) => draggedHost() && event.preventDefault());
place.addEventListener("drop", dropHost);

const isNarrow = !matchMedia("(min-width: 48rem)").matches;
put(isNarrow || localStorage.getItem(KEY) === "yes" || !window.EventCalendar);
// Who comes back from a move goes on where the stop is now.
const back = /^#slot-(\d+)$/.exec(location.hash)?.[1];
if (back && !place.hidden) requestAnimationFrame(() => focusEntry(back));
