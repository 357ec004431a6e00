"""Roles, passwords, the length of a sign-in."""

from datetime import timedelta

import pytest

from bookings.domain.errors import PasswordNotAllowedError
from bookings.domain.staff import SignInTimes, StaffRole, check_password, describe_browser, has_role
from tests.support.clock import NOW

BLOCKED = frozenset({"password", "qwertyuiop", "summer", "salasana", "123456789012345"})
TIMES = SignInTimes(timedelta(hours=3), timedelta(hours=12))


def code_of(password, *, has_second_factor=False, personal=()):
    try:
        check_password(password, blocked=BLOCKED, personal=personal, has_second_factor=has_second_factor)
    except PasswordNotAllowedError as error:
        return error.code
    return "fine"


def test_a_higher_role_may_do_what_a_lower_one_may():
    reach = {role: [has_role({role}, needed) for needed in StaffRole] for role in StaffRole}

    assert reach == {
        StaffRole.READER: [True, False, False],
        StaffRole.COORDINATOR: [True, True, False],
        StaffRole.ADMIN: [True, True, True],
    }


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("seventeen herons over Replot", "fine"),
        ("åtta älgar på sjön", "fine"),
        ("文字文字は十五文字以上ですからね", "fine"),
        ("fourteen chars", "too_short"),
        ("x" * 129, "too_long"),
        ("passwordpassword", "common"),
        ("Password-2026-2027", "common"),
        ("PASSWORD summer 1!", "common"),
        ("summersalasana2026", "common"),
        ("123456789012345", "common"),
        ("8273645182736451827", "common"),
        ("!!!!????!!!!????", "common"),
        ("abcabcabcabcabcabc", "common"),
        ("my summer password is long", "fine"),
    ],
)
def test_length_and_guessability_decide(password, code):
    assert code_of(password) == code


def test_a_second_factor_allows_a_shorter_password():
    assert [code_of("twelve herons"[:length], has_second_factor=True) for length in (11, 12)] == [
        "too_short",
        "fine",
    ]


def test_a_name_with_a_year_is_no_password():
    assert code_of("Anna-Liisa.Virtanen-1984", personal=("Anna-Liisa Virtanen",)) == "personal"


@pytest.mark.parametrize(
    ("created", "seen", "has_ended"),
    [(0, 0, False), (3, 2.99, False), (3, 3, True), (11.99, 0, False), (12, 0, True)],
)
def test_a_sign_in_has_two_ends(created, seen, has_ended):
    created_at, seen_at = NOW - timedelta(hours=created), NOW - timedelta(hours=seen)

    assert TIMES.has_ended(created_at=created_at, seen_at=seen_at, now=NOW) is has_ended


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) AppleWebKit/605 Version/18 Safari/605", "Safari, macOS"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140 Mobile Safari/537", "Chrome, Android"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_has_a_short_name(user_agent, words):
    assert describe_browser(user_agent) == words
