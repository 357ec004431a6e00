// Enhancement only: a stop of the month's table, or a suggested host, is dragged onto a day. The forms do the same.

const sheet = document.getElementById("sheet");
const suggested = document.getElementById("suggested");

export function leadOn(address, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  location.assign(`${address}?${query}`);
}

export function leadToMove(id, values) {
  leadOn(sheet.dataset.move.replace("/0/", `/${id}/`), { ...values, back: sheet.dataset.back });
}

export function readAt(element) {
  const [starts, ends, minutes, ...zone] = element.dataset.at.split("/");
  return { starts, ends, minutes: Number(minutes), zone: zone.join("/") };
}

export function addHost(host, values) {
  leadOn(suggested.dataset.add, { host, ...values });
}

let dragged = null;

function begin(event) {
  dragged = event.currentTarget;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.host ?? dragged.dataset.slot);
}

function over(event) {
  if (!dragged) return;
  event.preventDefault();
  event.currentTarget.classList.add("drop-here");
}

function leave(event) {
  event.currentTarget.classList.remove("drop-here");
}

function drop(event) {
  leave(event);
  if (!dragged) return;
  event.preventDefault();
  const day = event.currentTarget.dataset.day;
  if (dragged.dataset.host) {
    addHost(dragged.dataset.host, { day });
    return;
  }
  const { starts, zone } = readAt(dragged);
  const [today, clock] = starts.split("T");
  if (day !== today) leadToMove(dragged.dataset.slot, { day, starts: clock, zone });
}

export function draggedHost() {
  return dragged?.dataset.host;
}

function offerDragging(element) {
  element.draggable = true;
  element.addEventListener("dragstart", begin);
  element.addEventListener("dragend", () => (dragged = null));
  // A link would be dragged by itself, as an address.
  for (const link of element.querySelectorAll("a")) link.draggable = false;
}

for (const one of document.querySelectorAll("li[data-moves], [data-host]")) offerDragging(one);
for (const cell of document.querySelectorAll("[data-days] [data-day]")) {
  cell.addEventListener("dragover", over);
  cell.addEventListener("dragleave", leave);
  cell.addEventListener("drop", drop);
}
