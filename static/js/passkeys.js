// Passkeys: the browser asks the device, the form carries its answer. Without this file the page says what to do.

const decode = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const asKeys = (list = []) => list.map((one) => ({ ...one, id: decode(one.id) }));

function readOptions(form) {
  const { publicKey } = JSON.parse(form.dataset.options);
  const options = { ...publicKey, challenge: decode(publicKey.challenge) };
  if (publicKey.user) options.user = { ...publicKey.user, id: decode(publicKey.user.id) };
  if (publicKey.excludeCredentials) options.excludeCredentials = asKeys(publicKey.excludeCredentials);
  if (publicKey.allowCredentials) options.allowCredentials = asKeys(publicKey.allowCredentials);
  return options;
}

function write(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  });
}

async function ask(form) {
  const status = form.querySelector("[data-passkey-status]");
  status.textContent = "";
  try {
    const act = form.dataset.passkey === "create" ? "create" : "get";
    const credential = await navigator.credentials[act]({ publicKey: readOptions(form) });
    form.elements.credential.value = write(credential);
    form.submit();
  } catch {
    status.textContent = status.dataset.failed;
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
  for (const words of document.querySelectorAll("[data-passkey-missing]")) words.hidden = true;
}
