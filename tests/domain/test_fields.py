"""Texts of staff know `{name}` fields and no other language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.errors import FieldsNotKnownError
from bookings.domain.fields import check_fields, fill_fields, list_fields

HOSTILE = [
    "{{7*7}}",
    "{{ host }}",
    "{{host}}",
    "{{{host}}}",
    "{% for x in host %}{% endfor %}",
    "{# host #}",
    "{0}",
    "{}",
    "{0.__class__}",
    "{host.__class__.__mro__}",
    "{host!r}",
    "{host:>999999}",
    "{host[0]}",
    "{__import__}",
    "${host}",
    "#{host}",
    "%{host}",
    "%(host)s",
    "%s %n",
    "<%= host %>",
    "<script>alert('host')</script>",
    "{",
    "}",
    "}{",
    "{host",
    "host}",
    "{ho\r\nst}",
    "\r\nBcc: host@example.org",
    "{HOST}",
    "{hö}",
]
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)


@pytest.mark.parametrize("text", HOSTILE)
def test_every_other_language_of_templates_stays_as_it_was_written(text: str) -> None:
    check_fields(text, ())

    assert fill_fields(text, {"host": "Dåva", "0": "x", "": "y"}) == text


def test_a_field_is_replaced_wherever_it_stands() -> None:
    assert fill_fields("{host}: welcome to {place}, {host}!", {"host": "Dåva", "place": "Umeå"}) == (
        "Dåva: welcome to Umeå, Dåva!"
    )


def test_a_field_without_a_value_stays() -> None:
    assert fill_fields("Dear {name}", {"host": "Dåva"}) == "Dear {name}"


def test_unknown_fields_are_refused_by_name() -> None:
    with pytest.raises(FieldsNotKnownError) as refusal:
        check_fields("{host} {nme} {request} {nme}", ("host", "name"))

    assert (refusal.value.unknown, refusal.value.allowed) == (("nme", "request"), ("host", "name"))


@given(st.text())
def test_a_text_without_values_is_never_changed(text: str) -> None:
    assert fill_fields(text, {}) == text


@given(NAMES, st.one_of(st.text(), st.sampled_from([*HOSTILE, "{name}", "{host}", "\\1", "\\g<0>"])))
def test_what_a_value_holds_is_not_looked_at_again(name: str, value: str) -> None:
    assert (
        fill_fields(f"[{{{name}}}]", {name: value, "name": "A", "host": "B"} | {name: value}) == f"[{value}]"
    )


@given(
    st.lists(st.one_of(NAMES.map(lambda name: f"{{{name}}}"), st.sampled_from(HOSTILE), st.text(max_size=8)))
)
def test_filling_replaces_the_listed_fields_and_nothing_beside_them(parts: list[str]) -> None:
    text = "".join(parts)
    names = list_fields(text)

    filled = fill_fields(text, dict.fromkeys(names, ""))

    assert len(filled) == len(text) - sum(len(name) + 2 for name in _all(text, names))
    assert fill_fields(text, {name: f"{{{name}}}" for name in names}) == text


def _all(text: str, names: tuple[str, ...]) -> list[str]:
    """Counted in another way than by the pattern: character after character."""
    found = []
    for position, character in enumerate(text):
        end = text.find("}", position)
        inside = text[position + 1 : end]
        around = text[max(position - 1, 0) : position] + "|" + text[end + 1 : end + 2]
        if character == "{" and end > position and inside in names:
            before, _, behind = around.partition("|")
            if before not in list("{$#%") and behind != "}":
                found.append(inside)
    return found
