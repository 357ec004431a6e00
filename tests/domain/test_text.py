import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.errors import TextNotAllowedError
from bookings.domain.text import clean_line, clean_text, describe_site, organisation_key, shorten_address

STEERING = [
    "\x00",
    "\x07",
    "\x0b",
    "\x1b",
    "\x7f",
    "\x85",
    "\x9f",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ud800",
    "\uffff",
]


@pytest.mark.parametrize("character", [*STEERING, "\n", "\r", "\t"])
def test_a_line_refuses_what_steers(character: str) -> None:
    with pytest.raises(TextNotAllowedError) as refusal:
        clean_line(f"Umeå{character}", max_length=100)

    assert refusal.value.code == "control"


@pytest.mark.parametrize("character", STEERING)
def test_a_text_refuses_what_steers(character: str) -> None:
    with pytest.raises(TextNotAllowedError):
        clean_text(f"one\n{character}two", max_length=100)


def test_a_text_keeps_its_lines_and_tabs() -> None:
    assert clean_text(" one\r\n\ttwo\rthree ", max_length=100) == "one\n\ttwo\nthree"


def test_letters_and_their_accents_become_one_character() -> None:
    assert clean_line("Umea\u030a", max_length=4) == "Umeå"


def test_scripts_from_right_to_left_keep_their_marks() -> None:
    name = "شركة\u200f 3M"

    assert clean_line(name, max_length=20) == name


def test_a_text_over_the_limit_is_refused_with_the_limit() -> None:
    with pytest.raises(TextNotAllowedError) as refusal:
        clean_line("abcd", max_length=3)

    assert (refusal.value.code, refusal.value.max_length) == ("too_long", 3)


@given(st.text(st.characters(), max_size=60))
def test_whatever_is_taken_is_clean_for_mail_database_and_calendar(value: str) -> None:
    try:
        cleaned = clean_line(value, max_length=200)
    except TextNotAllowedError:
        return

    assert clean_line(cleaned, max_length=200) == cleaned == unicodedata.normalize("NFC", cleaned)
    assert len(cleaned.splitlines()) <= 1
    assert "\x00" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


@given(st.text(st.characters(), max_size=60))
def test_a_text_that_was_taken_is_taken_again_unchanged(value: str) -> None:
    try:
        cleaned = clean_text(value, max_length=200)
    except TextNotAllowedError:
        return

    assert clean_text(cleaned, max_length=200) == cleaned


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Skellefteå Kraft AB", "SKELLEFTEA  KRAFT"),
        ("Vaasan Sähkö Oy (Vasa Elektriska)", "vaasan sahko"),
        ("O.K. Ab", "OK"),
        ("The Østfold-Group AS", "ostfold group"),
        ("Straße GmbH", "STRASSE"),
        ("ＡＢＣ商事", "ABC商事"),
    ],
)
def test_usual_spellings_of_one_organisation_share_a_key(one: str, other: str) -> None:
    assert organisation_key(one) == organisation_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Umeå Energi", "Umeå Hamn"), ("ガス", "カス"), ("हिन्दी", "हन्द"), ("AB", "Oy")]
)
def test_other_organisations_have_other_keys(one: str, other: str) -> None:
    assert organisation_key(one) != organisation_key(other)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=40))
def test_a_key_is_its_own_key_in_any_case(name: str) -> None:
    key = organisation_key(name)

    assert key == " ".join(key.split())


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unix:", ""),
        ("", ""),
    ],
)
def test_an_address_keeps_its_network_only(address: str, network: str) -> None:
    assert shorten_address(address) == network


@pytest.mark.parametrize(
    ("site", "address", "words"),
    [
        ("Stormossen", "Road 1", "Road 1"),
        ("STORMOSSEN", "", ""),
        ("Visitor centre", "Road 1", "Visitor centre, Road 1"),
        ("Stormossen visitor centre", "", "Stormossen visitor centre"),
    ],
)
def test_a_site_that_is_called_what_its_host_is_called_is_not_said_twice(
    site: str, address: str, words: str
) -> None:
    assert describe_site(site, address, host="Stormossen") == words
