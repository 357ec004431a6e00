// Questions that depend on an answer are shown when it is given. Without this they all stand there, with their condition in words.

function given(form, name) {
  return [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
    .filter((field) => !field.closest("[hidden]"))
    .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
    .map((field) => field.value);
}

function show(form) {
  for (const part of form.querySelectorAll("[data-shown-if]")) {
    const wanted = part.dataset.values.split(" ");
    part.hidden = !given(form, part.dataset.shownIf).some((value) => wanted.includes(value));
  }
}

for (const form of document.querySelectorAll("form:has([data-shown-if])")) {
  form.classList.add("steered");
  form.addEventListener("change", () => show(form));
  show(form);
}
