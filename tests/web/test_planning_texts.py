"""Every code of the rules has a sentence."""

import ast

import pytest

from bookings.domain.next_steps import Step
from bookings.domain.offers import OfferStatus
from bookings.domain.slots import SlotAction, SlotState
from bookings.domain.visits import Actor, OrganisationOfVisitorKind, VisitAction, VisitKind, VisitState
from bookings.web.planning_texts import ACTORS, ADVICE, NEXT_STEPS, REASONS, WARNINGS, duration_words
from bookings.web.texts import SLOT_STATES, VISIT_KINDS, VISIT_STATES, VISITOR_KINDS
from bookings.web.trail_texts import AUDIT
from tests.support.tree import ROOT, python_files

DOMAIN = ROOT / "bookings" / "domain"
# Told by a function that another one calls with the code in a variable.
DAYS = {"weekend", "holiday", "july"}
DISTANCES = {"town_near", "town_reachable", "town_far"}
OFFERED_TIMES = {"too_soon", "other_length", "visitor_knows", "visitor_waits"}
OWN_CALENDARS = {"host_busy", "site_closed"}  # from a query: the rules know no calendars


def codes(name: str) -> set[str]:
    """The codes that are given to a class in the rules."""
    return {
        node.args[0].value
        for file in python_files(DOMAIN)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def audited_actions() -> set[str]:
    """The actions that use cases write into the trail of a visit by their names."""
    found = set()
    for file in python_files(ROOT / "bookings" / "services"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _is_of_visit(node):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                found.update(texts[:1])
    return found


def _is_of_visit(node: ast.Call) -> bool:
    if node.func.id == "add_slot_audit":
        return True
    nouns = [word.value for word in node.keywords if word.arg == "noun"]
    return node.func.id == "add_audit" and any(
        isinstance(noun, ast.Constant) and noun.value in ("visit_request", "slot") for noun in nouns
    )


@pytest.mark.parametrize(
    ("known", "needed"),
    [
        (REASONS, codes("Reason") | DISTANCES),
        (ADVICE, codes("Advice") | DAYS),
        (WARNINGS, codes("ProgrammeWarning") | DAYS | OFFERED_TIMES | OWN_CALENDARS),
        (NEXT_STEPS, set(Step)),
        (ACTORS, set(Actor)),
        (VISIT_STATES, set(VisitState)),
        (SLOT_STATES, set(SlotState)),
        (VISIT_KINDS, set(VisitKind)),
        (VISITOR_KINDS, set(OrganisationOfVisitorKind)),
    ],
    ids=["reasons", "advice", "warnings", "steps", "actors", "visits", "slots", "kinds", "visitors"],
)
def test_every_code_has_a_sentence(known, needed):
    assert set(known) == needed


def test_every_act_in_the_trail_has_a_sentence():
    tasks = {f"{verb}_task" for verb in ("add", "change", "tick", "reopen", "remove")}
    hosts = {f"host.{act}" for act in acts_on_hosts()}
    needed = {*SlotAction, *VisitAction, *audited_actions(), *tasks, *hosts, "setting.saved"}

    assert needed - set(AUDIT) == set()


def acts_on_hosts() -> set[str]:
    """What is done to what is known of a host."""
    found = {f"offer_{status}" for status in OfferStatus}
    for file in python_files(ROOT / "bookings" / "services" / "hosts"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "note":
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return found


@pytest.mark.sqlite_only
def test_durations_are_told_in_hours_and_minutes(app):
    with app.test_request_context():
        words = [duration_words(minutes) for minutes in (0, 45, 120, 210)]

    assert words == ["0 min", "45 min", "2 h", "3 h 30 min"]
