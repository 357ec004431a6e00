// The reader's own clock beside the event's, where no zone was asked for. Without this, the form on the page does it.

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const sheet = document.querySelector("[data-event-zone]");
const clock = (moment, timeZone) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(moment);

if (own && sheet && !new URLSearchParams(location.search).has("zone")) {
  for (const time of sheet.querySelectorAll('time[datetime*="T"]')) {
    const moment = new Date(time.dateTime);
    const here = clock(moment, own);
    if (here === clock(moment, sheet.dataset.eventZone) || time.closest("p").textContent.includes(here)) continue;
    const other = document.createElement("span");
    other.className = "other soft";
    other.textContent = sheet.dataset.words.replace("{time}", here).replace("{zone}", own.split("/").pop().replaceAll("_", " "));
    time.parentElement.after(other);
  }
}
