"""ical.js, the calendar library of Thunderbird and Nextcloud, as a judge of what we send."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from playwright.sync_api import Browser

from tests.support.tree import ROOT

SCRIPT = ROOT / "tests" / "vendor" / "ical.js-2.2.1" / "ical.es5.min.cjs"

_READ = """
function readAll(ICAL, texts) {
  const moment = (time) => time ? time.toJSDate().toISOString() : null;
  const person = (property) => ({
    address: property.getFirstValue(), partstat: property.getParameter("partstat") || "",
    rsvp: property.getParameter("rsvp") || "", name: property.getParameter("cn") || "",
  });
  const event = (component) => {
    const found = new ICAL.Event(component);
    return {
      uid: found.uid, sequence: component.getFirstPropertyValue("sequence"),
      summary: found.summary, location: found.location, description: found.description,
      starts_at: moment(found.startDate), ends_at: moment(found.endDate),
      status: component.getFirstPropertyValue("status"),
      stamp: moment(component.getFirstPropertyValue("dtstamp")),
      organizers: component.getAllProperties("organizer").map(person),
      attendees: component.getAllProperties("attendee").map(person),
    };
  };
  return texts.map((text) => {
    const calendar = new ICAL.Component(ICAL.parse(text));
    return {
      methods: calendar.getAllProperties("method").map((property) => property.getFirstValue()),
      events: calendar.getAllSubcomponents("vevent").map(event),
    };
  });
}
"""


@dataclass(frozen=True)
class Event:
    """A VEVENT as ical.js understands it; instants, not texts."""

    uid: str
    sequence: int
    summary: str
    location: str | None
    description: str | None
    starts_at: datetime
    ends_at: datetime
    stamp: datetime
    status: str | None
    organizers: list[dict[str, str]]
    attendees: list[dict[str, str]]


@dataclass(frozen=True)
class Calendar:
    """A VCALENDAR as ical.js understands it."""

    methods: list[str]
    events: list[Event]


class Engine(Protocol):
    """Something that runs JavaScript."""

    def run(self, texts: Sequence[str]) -> list[dict[str, Any]]: ...


class Node:
    """The program `node` of this machine."""

    def __init__(self, executable: str) -> None:
        self._executable = executable

    def run(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        program = (
            f"const ICAL = require({json.dumps(str(SCRIPT))}); {_READ}"
            "const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
            "console.log(JSON.stringify(readAll(ICAL.default || ICAL, texts)));"
        )
        done = subprocess.run(
            [self._executable, "-e", program], input=json.dumps(list(texts)), capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found


class Chromium:
    """A page of the browser that the other tests use."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def run(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        page = self._browser.new_page()
        try:
            library = "window.module = {exports: {}}; window.exports = window.module.exports;"
            page.evaluate(
                library + SCRIPT.read_text(encoding="utf-8") + ";" + _READ + "window.readAll = readAll"
            )
            found: list[dict[str, Any]] = page.evaluate(
                "(texts) => readAll(module.exports.default || module.exports, texts)", list(texts)
            )
        finally:
            page.close()
        return found


def find_node() -> Node | None:
    """The `node` of this machine, or None."""
    executable = shutil.which("node")
    return Node(executable) if executable else None


def read_calendars(engine: Engine, contents: Sequence[bytes]) -> list[Calendar]:
    """What ical.js reads; it fails where it refuses."""
    return [
        Calendar(one["methods"], [_event(event) for event in one["events"]])
        for one in engine.run([content.decode() for content in contents])
    ]


def _event(values: dict[str, Any]) -> Event:
    moments = {name: datetime.fromisoformat(values[name]) for name in ("starts_at", "ends_at", "stamp")}
    return Event(**{**values, **moments})
