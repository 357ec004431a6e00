// Signing out takes the lists of doors off this device. Scans that were not sent stay: they hold no names.

const LONGEST_MS = 1500;

async function forgetFirst(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const { forgetAllLists } = await import("./store.js");
  const late = new Promise((done) => setTimeout(done, LONGEST_MS));
  await Promise.race([forgetAllLists().catch(() => {}), late]);
  form.submit();
}

document.querySelector("form[action$='/sign-out']")?.addEventListener("submit", forgetFirst);
