"""Every shared sample of incoming mail gives the conclusion of its manifest, on a real database."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bookings.cli.mail import mail as mail_commands
from tests.support.clock import NOW
from tests.support.inbox import load_manifest, situation, the_samples_scenario
from tests.support.tree import ROOT

FOLDER = Path(os.environ.get("BOOKINGS_TEST_SAMPLES") or ROOT.parent / "shared" / "calendar-samples")
MANIFEST = load_manifest(FOLDER) if (FOLDER / "manifest.json").exists() else None
ENTRIES = [one for one in MANIFEST["entries"] if one["file"].startswith("in/")] if MANIFEST else []
STATES = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}

pytestmark = [
    pytest.mark.usefixtures("app_context"),
    pytest.mark.settings(inbox={"authserv_id": MANIFEST["scenario"]["own_mx"] if MANIFEST else "mx"}),
]


def test_the_shared_samples_are_at_hand():
    if MANIFEST is None:
        pytest.skip("no shared calendar samples beside this folder")

    assert len(ENTRIES) > 20


@pytest.mark.parametrize("entry", ENTRIES, ids=[one["file"] for one in ENTRIES])
def test_a_sample_gives_the_conclusion_of_its_manifest(entry, app_context, time_of_the_tests):
    expect = entry["expect"]
    people = list(MANIFEST["scenario"]["attendees"])
    host = expect["attendee"] if expect["attendee"] in people else expect.get("token_of", people[0])
    ids = the_samples_scenario(MANIFEST, host)
    before = {uid: situation(slot_id) for uid, slot_id in ids.items()}
    for earlier in expect.get("after", []):
        take_in(app_context, earlier)

    told = take_in(app_context, entry["file"])

    assert (told["class"], told["action"]) == (expect["class"], expect["action"])
    main = told["findings"][0]
    for key in ("attendee", "partstat", "comment", "token_of"):
        if expect.get(key) and expect["class"] != "auto-reply":
            assert main[key] == expect[key]
    _check_effect(MANIFEST["scenario"]["uid"], ids, before, expect)


@pytest.fixture
def time_of_the_tests(monkeypatch):
    """The command looks at the clock at its door."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW

    # The package's name `mail` is the command, not the module.
    monkeypatch.setattr(sys.modules["bookings.cli.mail"], "datetime", Clock)


def take_in(app, file):
    """Hand a sample to the command as a mail server does; what it says it concluded."""
    raw = (FOLDER / file).read_bytes()
    done = CliRunner().invoke(mail_commands, ["receive", "--explain"], input=raw, obj=app)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _check_effect(uid, ids, before, expect):
    after = {one: situation(slot_id) for one, slot_id in ids.items()}
    expected = dict(before)
    if expect["action"] == "record-response":
        expected[uid] = {
            **before[uid], "state": STATES[expect["partstat"]], "partstat": expect["partstat"],
            "comment": expect.get("comment", ""),
        }  # fmt: skip
    if expect["action"] == "record-proposal":
        times = tuple(datetime.fromisoformat(expect[key]) for key in ("proposed_start", "proposed_end"))
        expected[uid] = {
            "state": "countered", "partstat": expect["partstat"], "comment": expect.get("comment", ""),
            "proposed": [times],
        }  # fmt: skip
    for other in expect.get("also", []):
        expected[other["uid"]] = {
            **before[other["uid"]], "state": STATES[other["partstat"]], "partstat": other["partstat"],
        }  # fmt: skip
    assert after == expected
