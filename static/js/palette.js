// Enhancement only: the palette does what /staff/find and the links of the page do.

const ASK_AFTER_MS = 180;
const SHORTEST = 2;
const OFF = "shortcuts-off";

const palette = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
const said = palette.querySelector("[role=status]");
const help = document.getElementById("shortcuts");
const isOn = document.getElementById("shortcuts-on");
let options = [];
let chosen = 0;
let asked = 0;
let timer = 0;
let cameFrom = null;

function fold(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}

function wordsOf(element) {
  const label = element.labels?.[0] ?? element;
  return label.textContent.replace(/\s+/g, " ").trim();
}

// Only links and fields: nothing is sent from the palette without its page being seen.
function listHere() {
  const found = document.querySelectorAll(".staff-main :is(.next-step a, .care-acts a, .on-page a, .jump a, .section-head a, [data-key])");
  return [...found].map((element) => ({ kind: palette.dataset.here, label: wordsOf(element), detail: "", run: () => follow(element) }));
}

function listPages() {
  const found = document.querySelectorAll(".staff-nav ul a");
  return [...found].map((link) => ({ kind: palette.dataset.page, label: wordsOf(link), detail: "", run: () => link.click() }));
}

function follow(element) {
  const target = element.hash && element.pathname === location.pathname ? document.getElementById(element.hash.slice(1)) : null;
  if (target) {
    location.hash = element.hash;
    target.focus();
  } else if (element.matches("a")) element.click();
  else element.focus();
}

function fits(option) {
  const wanted = fold(input.value.trim());
  return wanted === "" || fold(option.label).includes(wanted);
}

function draw(found) {
  options = found;
  chosen = 0;
  list.replaceChildren(...options.map(drawOption));
  input.setAttribute("aria-expanded", String(options.length > 0));
  said.textContent = options.length ? `${palette.dataset.count} ${options.length}` : palette.dataset.none;
  mark();
}

function drawOption(option, number) {
  const row = document.createElement("li");
  row.id = `palette-${number}`;
  row.setAttribute("role", "option");
  const words = document.createElement("span");
  words.textContent = option.detail ? `${option.label} · ${option.detail}` : option.label;
  const kind = document.createElement("span");
  kind.className = "soft";
  kind.textContent = option.kind;
  row.append(words, " ", kind);
  row.addEventListener("click", () => run(number));
  return row;
}

function mark() {
  for (const [number, row] of [...list.children].entries()) row.setAttribute("aria-selected", String(number === chosen));
  const row = list.children[chosen];
  if (row) {
    input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function run(number) {
  const option = options[number];
  if (!option) return;
  cameFrom = null;
  palette.close();
  option.run();
}

async function look() {
  const own = [...listHere(), ...listPages()].filter(fits);
  const number = ++asked;
  const text = input.value.trim();
  draw(own);
  if (text.length < SHORTEST) return;
  try {
    const answer = await fetch(`${palette.dataset.url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { results } = await answer.json();
    const found = results.map((one) => ({ ...one, run: () => location.assign(one.url) }));
    if (number === asked) draw([...found, ...own]);
  } catch {
    // Offline: what is on the page is still found.
  }
}

function move(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key === "Enter") {
    event.preventDefault();
    run(chosen);
  } else if (event.key in steps && options.length) {
    event.preventDefault();
    chosen = (chosen + steps[event.key] + options.length) % options.length;
    mark();
  }
}

function open(dialog) {
  cameFrom = document.activeElement;
  dialog.showModal();
}

function openPalette() {
  input.value = "";
  open(palette);
  input.focus();
  look();
}

// The browser gives the focus back when a dialog closes, and tells of it later: by then it may be elsewhere.
function goBack() {
  if (document.activeElement === document.body) cameFrom?.focus?.();
  cameFrom = null;
}

function openHelp() {
  const rows = help.querySelector("dl");
  for (const row of rows.querySelectorAll("[data-own]")) row.remove();
  for (const element of document.querySelectorAll("[data-key]")) {
    const row = document.createElement("div");
    row.dataset.own = "";
    const key = document.createElement("dt");
    const kbd = document.createElement("kbd");
    kbd.textContent = element.dataset.key.toUpperCase();
    key.append(kbd);
    const words = document.createElement("dd");
    words.textContent = wordsOf(element);
    row.append(key, words);
    rows.append(row);
  }
  isOn.checked = !localStorage.getItem(OFF);
  open(help);
}

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null;
}

function press(event) {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (palette.open) palette.close();
    else if (!help.open) openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || isTyping(event.target)) return;
  if (localStorage.getItem(OFF)) return;
  const element = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (event.key === "?") openHelp();
  else if (element && !event.shiftKey) follow(element);
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", press);
input.addEventListener("keydown", move);
input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, ASK_AFTER_MS);
});
for (const dialog of [palette, help]) {
  dialog.addEventListener("close", goBack);
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
}
isOn.addEventListener("change", () => {
  if (isOn.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
});
for (const link of document.querySelectorAll("[data-palette]")) {
  // Without a script the key does nothing, so the page does not name it.
  link.setAttribute("aria-keyshortcuts", "Control+K Meta+K");
  link.querySelector("kbd").hidden = false;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openPalette();
  });
}
for (const button of document.querySelectorAll("[data-shortcuts]")) {
  button.hidden = false;
  button.addEventListener("click", openHelp);
}
