// Enhancement only: the form beside each stop does the same. A stop is dragged along its day, or moved by keys.

const STEP = 15;
const PIXELS = 12;
const DAY = 24 * 60;

function toMinutes(text) {
  const [hours, minutes] = text.split(":").map(Number);
  return hours * 60 + minutes;
}

function toClock(minutes) {
  const within = Math.min(Math.max(minutes, 0), DAY - STEP);
  return `${String(Math.floor(within / 60)).padStart(2, "0")}:${String(within % 60).padStart(2, "0")}`;
}

function move(item, minutes) {
  const clock = document.getElementById(item.dataset.clock);
  clock.value = toClock(minutes);
  const radios = item.querySelectorAll(`input[name="${item.dataset.what}"]`);
  for (const radio of radios) radio.checked = radio.value === "time";
  item.querySelector("details:has(input)").open = true;
  item.querySelector("output").value = clock.value;
}

function now(item) {
  return toMinutes(document.getElementById(item.dataset.clock).value || "08:00");
}

function addHandle(item) {
  const handle = document.createElement("button");
  handle.type = "button";
  handle.className = "drag-handle";
  handle.textContent = "↕";
  handle.setAttribute("aria-label", item.dataset.label);
  const shown = document.createElement("output");
  item.querySelector(".when").append(handle, shown);
  let from = null;
  handle.addEventListener("pointerdown", (event) => {
    from = { y: event.clientY, minutes: now(item) };
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (from) move(item, from.minutes + Math.round((event.clientY - from.y) / PIXELS) * STEP);
  });
  for (const name of ["pointerup", "pointercancel"]) handle.addEventListener(name, () => (from = null));
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -STEP, ArrowDown: STEP }[event.key];
    if (!by) return;
    event.preventDefault();
    move(item, now(item) + by);
  });
}

for (const item of document.querySelectorAll("li[data-clock]")) addHandle(item);
