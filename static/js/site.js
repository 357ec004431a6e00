// Enhancement only: every page does its whole work without this file.

const HELD_MS = 10000;

function focusErrorSummary() {
  document.querySelector(".error-summary")?.focus();
}

function letGo(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

// The button is marked, not disabled: a disabled one would lose its own name and value, and the focus.
function holdSecondSubmit(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
  setTimeout(letGo, HELD_MS, form);
}

// The browser's Back brings the page as it was left, held buttons and all.
function letAllGo() {
  for (const form of document.querySelectorAll("form[data-sent]")) letGo(form);
}

// Browsers keep nothing of staff's pages: Back to the answer to a form opens the form anew, instead of failing.
function letBackReopen() {
  if (document.querySelector("[data-reopens]")) history.replaceState(null, "", location.href);
}

function openTopics(event) {
  const details = event.target.closest?.("[data-area]")?.querySelector("details");
  if (details && event.target.matches("[data-area-box]")) details.open = event.target.checked || hasTicked(details);
}

function hasTicked(details) {
  return details.querySelector("input:checked") !== null;
}

function offerCopying(box) {
  const button = box.querySelector("button");
  const input = box.querySelector("input");
  const said = box.querySelector("[role=status]");
  if (!navigator.clipboard) return;
  button.hidden = false;
  input.addEventListener("focus", () => input.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(input.value);
      said.textContent = button.dataset.done;
    } catch {
      input.focus();
    }
  });
}

focusErrorSummary();
letBackReopen();
document.addEventListener("submit", holdSecondSubmit);
document.addEventListener("change", openTopics);
window.addEventListener("pageshow", letAllGo);
for (const box of document.querySelectorAll("[data-copy]")) offerCopying(box);
