"""Everything that is done about an event and its people has words in the trail."""

import ast
from collections.abc import Iterator

from bookings.domain.registrations import OfferState
from bookings.web.registrations.trail import registration_sentence
from tests.support.tree import ROOT

SERVICES = ROOT / "bookings" / "services"
FILES = [
    *sorted((SERVICES / "registrations").glob("*.py")),
    *sorted((SERVICES / "events").glob("*.py")),
    *sorted(SERVICES.glob("registration_*.py")),
    SERVICES / "questions.py",
    SERVICES / "doors.py",
]
WRITERS = {"note": 1, "_audit": 1, "add_audit": 2, "note_event": 2}


def test_every_act_about_an_event_and_its_people_has_words(app):
    with app.test_request_context():
        told = {action: registration_sentence(action) for action in {*written_acts(), *ends_of_offers()}}

    assert len(told) > 30
    assert {action for action, words in told.items() if words.startswith("Did:")} == set()


def ends_of_offers() -> list[str]:
    return [f"offer_{state}" for state in (OfferState.DECLINED, OfferState.LAPSED)]


def written_acts() -> Iterator[str]:
    """Actions that stand in so many words where the trail is written."""
    for file in FILES:
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            place = WRITERS.get(getattr(getattr(call, "func", None), "id", ""))
            if place is None or not isinstance(call, ast.Call) or len(call.args) <= place:
                continue
            action = call.args[place]
            if isinstance(action, ast.Constant) and isinstance(action.value, str):
                yield action.value
