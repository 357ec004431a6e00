"""The matching rules of answers, and that their order of arrival doesn't matter."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bookings.domain.answers import (
    AnswerLine,
    CalendarAnswer,
    Invitation,
    Partstat,
    Proof,
    Reason,
    Verdict,
    decide_answer,
    force_answer,
)

NOW = datetime(2027, 2, 1, 8, tzinfo=UTC)
START = datetime(2027, 3, 16, 9, tzinfo=UTC)
# On the clocks of the place, as some programs write it.
WALL = datetime(2027, 3, 16, 11)  # noqa: DTZ001
HOST = "sofia@host.example"
INVITATION = Invitation(
    email=HOST, name="Sofia Lindqvist", sequence=2, asked_sequence=2, starts_at=START,
    ends_at=START + timedelta(hours=1), time_zone="Europe/Helsinki",
)  # fmt: skip
TOKEN = Proof(sender=HOST, has_token=True)


def line(partstat="ACCEPTED", address=HOST, **more):
    return AnswerLine(address=address, partstat=Partstat(partstat), **more)


def reply(*lines, **more):
    values = {"method": "REPLY", "uid": "u", "sequence": 2, "dtstamp": NOW, "starts_at": START, **more}
    return CalendarAnswer(lines=lines or (line(),), **values)


def judge(answer, invitation=INVITATION, proof=TOKEN):
    decision = decide_answer(answer, invitation, proof, sent_at=NOW)
    return decision.verdict, decision.reason


@pytest.mark.parametrize(
    ("answer", "proof", "expected"),
    [
        (reply(), TOKEN, (Verdict.RECORD_RESPONSE, Reason.MATCHED)),
        (reply(line(address=HOST.upper())), TOKEN, (Verdict.RECORD_RESPONSE, Reason.MATCHED)),
        (reply(), Proof(sender=HOST, is_authenticated=True), (Verdict.RECORD_RESPONSE, Reason.MATCHED)),
        (reply(), Proof(sender=HOST), (Verdict.REVIEW, Reason.UNPROVED)),
        (reply(), Proof(sender="x@evil.example", is_authenticated=True), (Verdict.REVIEW, Reason.UNPROVED)),
        (
            reply(line(sent_by="x@evil.example")),
            Proof(sender="x@evil.example", is_authenticated=True),
            (Verdict.REVIEW, Reason.UNPROVED),
        ),
        (
            reply(line(sent_by="desk@host.example")),
            Proof(sender="desk@host.example", is_authenticated=True),
            (Verdict.RECORD_RESPONSE, Reason.MATCHED),
        ),
        (
            reply(line(address="urn:uuid:1", email=HOST)),
            Proof(sender=HOST, is_authenticated=True),
            (Verdict.RECORD_RESPONSE, Reason.MATCHED),
        ),
        (reply(line(address="x@else.example")), TOKEN, (Verdict.REVIEW, Reason.NOT_INVITED)),
        (reply(line(address="s@host.example")), TOKEN, (Verdict.REVIEW, Reason.ALIAS)),
        (
            reply(line(address="x@else.example", name="sofia lindqvist")),
            TOKEN,
            (Verdict.REVIEW, Reason.ALIAS),
        ),
        (reply(method="REQUEST"), TOKEN, (Verdict.REVIEW, Reason.FOREIGN_METHOD)),
        (reply(method="CANCEL"), TOKEN, (Verdict.REVIEW, Reason.FOREIGN_METHOD)),
        (reply(line("NEEDS-ACTION"), method="REFRESH"), TOKEN, (Verdict.RESEND_REQUEST, Reason.REFRESH)),
        (reply(sequence=1), TOKEN, (Verdict.OLD_VERSION, Reason.OLD_SEQUENCE)),
        (reply(sequence=3), TOKEN, (Verdict.REVIEW, Reason.NEVER_SENT)),
        (reply(sequence=None), TOKEN, (Verdict.RECORD_RESPONSE, Reason.MATCHED)),
        (
            reply(sequence=None, starts_at=WALL),
            TOKEN,
            (Verdict.RECORD_RESPONSE, Reason.MATCHED),
        ),
        (
            reply(sequence=None, starts_at=START - timedelta(days=1)),
            TOKEN,
            (Verdict.OLD_VERSION, Reason.OLD_SEQUENCE),
        ),
        # Another time offered, and nothing says which time it answers: nobody's offer is lost in the log.
        (reply(sequence=None, method="COUNTER"), TOKEN, (Verdict.REVIEW, Reason.VERSION_UNCLEAR)),
        (reply(line("NEEDS-ACTION")), TOKEN, (Verdict.LOG, Reason.NO_ANSWER)),
        (reply(line("DELEGATED")), TOKEN, (Verdict.RECORD_DELEGATION, Reason.DELEGATED)),
        (
            reply(is_occurrence=True, original_starts_at=START + timedelta(days=7)),
            TOKEN,
            (Verdict.REVIEW, Reason.RECURRENCE),
        ),
        (reply(line(address="p@x.example"), line()), TOKEN, (Verdict.RECORD_RESPONSE, Reason.MATCHED)),
        (replace(reply(), lines=()), TOKEN, (Verdict.REVIEW, Reason.NO_ATTENDEE)),
    ],
)
def test_an_answer_is_judged_by_its_token_sender_version_and_words(answer, proof, expected):
    assert judge(answer, proof=proof) == expected


def test_an_address_that_staff_confirmed_counts_as_the_invited_one():
    invitation = replace(INVITATION, aliases=frozenset({"s@other.example"}))

    assert judge(reply(line(address="S@other.example")), invitation)[0] is Verdict.RECORD_RESPONSE


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply(method="COUNTER", starts_at=START, ends_at=START - timedelta(hours=1)), None),
        (reply(method="COUNTER", has_unclear_time=True), None),
        (
            reply(line("TENTATIVE"), method="COUNTER", starts_at=WALL + timedelta(hours=22)),
            (datetime(2027, 3, 17, 7, tzinfo=UTC), datetime(2027, 3, 17, 8, tzinfo=UTC)),
        ),
        (
            reply(line("TENTATIVE", offered=(START + timedelta(days=1), None))),
            (START + timedelta(days=1), START + timedelta(days=1, hours=1)),
        ),
    ],
)
def test_a_counter_proposal_is_a_time_or_goes_to_staff(answer, expected):
    decision = decide_answer(answer, INVITATION, TOKEN, sent_at=NOW)

    assert decision.proposed == expected
    assert decision.verdict is (Verdict.RECORD_PROPOSAL if expected else Verdict.REVIEW)


def test_of_two_answers_to_one_question_the_later_counts_and_the_same_twice_is_one():
    answered = replace(INVITATION, replied_sequence=2, replied_at=NOW)

    assert judge(reply(dtstamp=NOW), answered) == (Verdict.NOTHING, Reason.DUPLICATE)
    assert judge(reply(dtstamp=NOW - timedelta(seconds=1)), answered) == (Verdict.LOG, Reason.OUTDATED)
    assert judge(reply(dtstamp=NOW + timedelta(seconds=1)), answered)[0] is Verdict.RECORD_RESPONSE


def test_a_stamp_from_a_clock_that_runs_years_ahead_does_not_drown_later_answers():
    decision = decide_answer(reply(dtstamp=NOW.replace(year=2099)), INVITATION, TOKEN, sent_at=NOW)

    assert decision.answered_at == NOW


def test_staff_can_let_an_answer_count_that_the_rules_held_back():
    decision = force_answer(reply(line(address="x@else.example"), sequence=9), INVITATION, sent_at=NOW)

    assert decision is not None
    assert decision.verdict is Verdict.RECORD_RESPONSE


def test_5000_random_orders_of_six_answers_end_as_a_plain_model_says():
    generator = random.Random(20270201)
    for _ in range(5000):
        answers = [_random_answer(generator) for _ in range(4)]
        arrivals = [*answers, *generator.choices(answers, k=2)]
        expected = _reference(arrivals)

        generator.shuffle(arrivals)

        assert _arrive(arrivals) == expected


def _random_answer(generator):
    partstat = generator.choice(["ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION"])
    minutes = generator.getrandbits(40) % 10_000
    return reply(
        line(partstat), sequence=generator.choice([1, 2, 2, 2, 3]), dtstamp=NOW + timedelta(minutes=minutes)
    )


def _reference(answers):
    """The last answer to the question as it stands, by its own clock."""
    counted = [one for one in answers if one.sequence == 2 and one.lines[0].partstat != "NEEDS-ACTION"]
    if not counted:
        return None
    latest = max(one.dtstamp for one in counted)
    return next(iter({one.lines[0].partstat for one in counted if one.dtstamp == latest}))


def _arrive(arrivals):
    invitation, partstat = INVITATION, None
    for answer in arrivals:
        decision = decide_answer(answer, invitation, TOKEN, sent_at=NOW + timedelta(days=8))
        if decision.verdict is Verdict.RECORD_RESPONSE:
            partstat = decision.partstat
            invitation = replace(invitation, replied_sequence=2, replied_at=decision.answered_at)
    return partstat
