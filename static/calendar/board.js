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
// "2027-03-16T09:00" and back, counted as if there were no zones: the browser's own must not come in between.
const wall = (number) => new Date(number).toISOString().slice(0, 16);
const count = (text) => Date.parse(`${text}Z`);
const length = ({ days, seconds }) => days * DAY + seconds * 1000;
const say = (key, values = {}) => (status.textContent = words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]));
const DAY_WORDS = { weekday: "short", day: "numeric", month: "short" };
const format = (options) => (date) => new Intl.DateTimeFormat(language, options).format(date);
const dayName = format({ ...DAY_WORDS, timeZone: "UTC" });

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
    const end = ends > starts ? ends : wall(count(starts) + minutes * 60000);
    // What lasts for days, as a fair, stands above the hours.
    const allDay = minutes > 24 * 60;
    // All three: the library asks whether anything may be dragged before it asks whether this one may be changed.
    const editable = "moves" in element.dataset;
    found.push({
      id, start: starts, end: allDay ? wall(count(end) + DAY).slice(0, 10) : end, allDay,
      editable, startEditable: editable, durationEditable: editable,
      resourceIds: isRows ? [element.closest("[data-row]").dataset.row] : undefined,
      extendedProps: { node: copy(element), zone, starts, ends: end },
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
  const events = readEvents();
  calendar = window.EventCalendar.create(place, {
    view: VIEWS[sheet.dataset.view], date: sheet.dataset.date, timeZone: "UTC", firstDay: 1, locale: language,
    headerToolbar: { start: "", center: "", end: "" }, allDaySlot: events.some((one) => one.allDay), allDayContent: words.days, editable: true, slotEventOverlap: false,
    slotMinTime: "07:00", slotMaxTime: "19:00", flexibleSlotTimeLimits: true,
    slotDuration: isRows ? "02:00" : "00:30", snapDuration: "00:15", slotHeight: 36, slotWidth: 150,
    dayHeaderFormat: format(DAY_WORDS), slotLabelFormat: format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    resources: isRows ? readRows() : [], events,
    eventContent: ({ event }) => ({ domNodes: [event.extendedProps.node.cloneNode(true)] }),
    eventDrop: dropped,
    eventResize: resized,
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
  // What scrolls is reached by keyboard also where no stop stands.
  for (const box of place.querySelectorAll(".ec-main")) box.tabIndex = 0;
}

function dropped({ event, delta, newResource, revert }) {
  if (newResource) {
    revert();
    say("keeps");
    return;
  }
  lead(event, { start: count(event.extendedProps.starts) + length(delta) });
}

function resized({ event, endDelta }) {
  const { starts, ends } = event.extendedProps;
  lead(event, { start: count(starts), end: count(ends) + length(endDelta) });
}

// Without an end it stays as long as it is.
function lead(event, { start, end }) {
  const [day, starts] = wall(start).split("T");
  leadToMove(event.id, { day, starts, zone: event.extendedProps.zone, until: end ? wall(end) : "" });
}

// By keyboard: M on a stop takes it, arrows move it, Enter leads on as dropping does.
function press(event) {
  const box = event.target.closest?.("[data-entry]");
  if (taken) return steer(event);
  if (!box || event.key.toLowerCase() !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = calendar.getEventById(box.dataset.entry);
  if (!found.editable) return;
  const { starts, ends } = found.extendedProps;
  taken = { id: found.id, start: count(starts), end: count(ends), isResized: false };
  event.preventDefault();
  mark();
  say("move");
}

function steer(event) {
  const found = calendar.getEventById(taken.id);
  if (event.key === "Enter") {
    event.preventDefault();
    lead(found, { start: taken.start, end: taken.isResized ? taken.end : undefined });
  } else if (event.key === "Escape" || event.key === "Tab") {
    change(count(found.extendedProps.starts), count(found.extendedProps.ends));
    taken = null;
    mark();
    say("stays");
  } else if (event.key in STEPS) {
    event.preventDefault();
    step(event);
  }
}

function step(event) {
  const [days, quarters] = isRows ? [0, STEPS[event.key][0] || STEPS[event.key][1]] : STEPS[event.key];
  const by = days * DAY + quarters * QUARTER;
  const start = taken.start + (event.shiftKey ? 0 : by);
  const end = taken.end + (event.shiftKey ? quarters * QUARTER : by);
  if (end - start < QUARTER) return;
  taken = { id: taken.id, start, end, isResized: taken.isResized || event.shiftKey };
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
  const [day, at] = wall(+point.date - point.date.getTimezoneOffset() * 60000).split("T");
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
const arrived = /^#slot-(\d+)$/.exec(location.hash)?.[1];
if (arrived && !place.hidden) keepFocus(arrived, 40);

// The library draws its entries later, and once more when it knows its width: the focus would be lost with the first.
function keepFocus(id, tries) {
  const free = document.activeElement === document.body || !document.activeElement;
  if (free) focusEntry(id);
  if (tries) setTimeout(keepFocus, 50, id, tries - 1);
}
