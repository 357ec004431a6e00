"""Keys and windows of the limits against abuse."""

from datetime import timedelta

from bookings.domain.limits import (
    Allowance,
    Limit,
    fold_mailbox,
    hash_mailbox,
    is_over,
    is_too_fast,
    list_request_limits,
)

ALLOWANCE = Allowance(per_mailbox_day=3, per_client_hour=20, per_network_hour=60)


def test_aliases_and_case_are_one_mailbox():
    spellings = ["Mari@Towns.example", "mari+a@towns.example", "MARI+b+c@towns.example"]

    assert {fold_mailbox(one) for one in spellings} == {"mari@towns.example"}
    assert len({hash_mailbox(one) for one in spellings}) == 1


def test_a_request_counts_against_mailbox_client_and_network():
    limits = list_request_limits("mari@towns.example", "203.0.113.77", ALLOWANCE)

    assert [(limit.kind, limit.key, limit.most) for limit in limits] == [
        ("request_mailbox", "mari@towns.example", 3),
        ("request_client", "203.0.113.77", 20),
        ("request_network", "203.0.113.0/24", 60),
    ]


def test_without_a_client_address_only_the_mailbox_counts():
    limits = list_request_limits("mari@towns.example", "", ALLOWANCE)

    assert [limit.kind for limit in limits] == ["request_mailbox"]


def test_the_limit_is_over_when_it_was_used_up_before():
    limit = Limit("request_client", "203.0.113.77", 2, timedelta(hours=1))

    assert [is_over([limit], {limit.key_hash: before}) for before in (0, 1, 2, 3)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_form_is_too_fast_under_the_minimum_and_when_it_comes_from_the_future():
    answers = [is_too_fast(started=100, sent=sent, minimum_seconds=3) for sent in (99, 102.9, 103, 200)]

    assert answers == [True, True, False, False]
    assert not is_too_fast(started=100, sent=100, minimum_seconds=0)
