"""Our own mails in the shapes of many calendar programs: the manifest beside them says what each means."""

import json

import pytest
from sqlalchemy import update

from bookings.adapters.mail.inbound import read_mail
from bookings.db import database
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.services.inbox import receive_mail
from tests.support.inbox import an_invited_host, situation
from tests.support.tree import ROOT

FOLDER = ROOT / "tests" / "calendar-mails"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
FILES = [one["file"] for one in MANIFEST["mails"]]
STATES = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]


@pytest.fixture
def slot_id():
    """The manifest's host, asked for the manifest's time."""
    (host,) = an_invited_host(hour=9)
    assert host.starts_at.isoformat() == MANIFEST["starts_at"]
    database.session.execute(update(CalendarEntry).values(uid=MANIFEST["uid"]))
    database.session.execute(
        update(Attendee).values(email=MANIFEST["host"], name="Pekka Niemi", organizer_token=MANIFEST["token"])
    )
    database.session.commit()
    return host.slot_id


@pytest.mark.parametrize("expect", MANIFEST["mails"], ids=FILES)
def test_a_mail_means_what_the_manifest_says(slot_id, now, expect):
    raw = (FOLDER / expect["file"]).read_bytes()
    before = situation(slot_id)

    received = receive_mail(raw.replace(b"\n", b"\r\n"), now=now)

    finding = received.findings[0]
    told = {"class": received.kind, "action": received.verdict, **finding, "file": expect["file"]}
    if expect["partstat"] is None:
        told["partstat"] = None
    assert {key: told[key] for key in expect} == expect
    if expect["action"] == "record-response":
        assert situation(slot_id)["state"] == STATES[expect["partstat"]]
    elif expect["action"] == "record-proposal":
        assert situation(slot_id)["state"] == "countered"
    else:
        assert situation(slot_id)["state"] == before["state"]


def test_mails_are_read_alike_however_their_lines_end():
    mails = [(FOLDER / file).read_bytes() for file in FILES]

    assert [read_mail(raw) for raw in mails] == [read_mail(raw.replace(b"\n", b"\r\n")) for raw in mails]
