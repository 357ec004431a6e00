"""Addresses are built as Werkzeug builds them, but a rule is compiled only when one is asked for."""

import pytest
from werkzeug.routing import BuildError, Map, Rule

from bookings.web.late_rules import LateRule


def an_address(rule: type[Rule], endpoint: str, **values: object) -> str:
    rules = [
        rule("/visits/<token>", endpoint="visit"),
        rule("/page/<int:self>", endpoint="page"),
        rule("/list", defaults={"number": 1}, endpoint="list"),
        rule("/list/<int:number>", endpoint="list"),
    ]
    return Map(rules).bind("kvarken.example").build(endpoint, values)


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("visit", {"token": "å b/c"}),
        ("visit", {"token": "x", "lang": "fi"}),
        ("page", {"self": 7}),
        ("list", {"number": 1}),
        ("list", {"number": 2}),
    ],
)
def test_an_address_is_the_same_as_that_of_a_plain_rule(endpoint, values):
    assert an_address(LateRule, endpoint, **values) == an_address(Rule, endpoint, **values)


def test_an_address_that_cannot_be_built_is_refused_as_before():
    with pytest.raises(BuildError):
        an_address(LateRule, "visit")


def test_nothing_is_compiled_before_an_address_is_asked_for_and_then_once():
    rule = LateRule("/visits/<token>", endpoint="visit")
    ways = Map([rule]).bind("kvarken.example")
    waiting = rule._build_unknown

    ways.build("visit", {"token": "a"})
    compiled = rule._build_unknown
    ways.build("visit", {"token": "b"})

    assert compiled is not waiting
    assert rule._build_unknown is compiled
