"""Reminders, thanks and the survey: once each, by the days of the place, to those whom they concern."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import SurveyStage
from bookings.domain.surveys import Opinion, SurveyOutcome, hide_small
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import SurveyAnswer
from bookings.queries.surveys import count_survey
from bookings.services.doors import record_check_ins
from bookings.services.meetings import say_here
from bookings.services.surveys import answer_survey, ask_again, export_survey, remind_people, thank_people
from tests.support.clock import NOW
from tests.support.doors import a_door_event, a_registration, a_scan, part_of
from tests.support.meetings import a_guest, a_match_day, row_of
from tests.support.own_pages import a_link
from tests.support.stories import STAFF
from tests.web.matching import a_solved_day

pytestmark = pytest.mark.usefixtures("app_context")


def helsinki(day, clock):
    """An instant by the clocks of Vaasa in winter."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(2027, 2, day, hours - 2, minutes, tzinfo=UTC)


def told(job, *moments):
    """Run a job at these moments; whom it wrote to at each, by name."""
    found = []
    for moment in moments:
        before = set(read_session().scalars(select(OutboxMessage.id)))
        read_session().rollback()
        job(now=moment)
        rows = read_session().scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        found.append([row.recipient.partition("@")[0] for row in rows if row.id not in before])
        read_session().rollback()
    return found


def reaches(name, event, **columns):
    return a_registration(event, name=name.title(), email=f"{name}@visitor.example", **columns)


def test_the_reminder_leaves_once_in_the_morning_before_by_the_days_of_the_place(now):
    event = a_door_event(starts_at=helsinki(10, "09:00"))
    reaches("aino", event, language="fi")
    reaches("gone", event, state="cancelled")
    reaches("queued", event, state="waiting")
    a_registration(event, name="No Address", email="")
    reaches("late", event, registered_at=helsinki(9, "20:00"))

    moments = [helsinki(9, "08:59"), helsinki(9, "09:00"), helsinki(9, "21:00"), helsinki(10, "08:00")]
    assert told(remind_people, *moments) == [[], ["aino"], [], []]
    mail = read_session().scalars(select(OutboxMessage)).one()
    assert mail.expires_at == event.ends_at
    assert "Tuuliseminaari" in mail.subject


@pytest.mark.sqlite_only
def test_whoever_chose_parts_is_reminded_before_the_first_of_them(now):
    event = a_door_event(
        parts=["Grid"], starts_at=helsinki(8, "09:00"), ends_at=helsinki(12, "17:00"), kind="fair"
    )
    part = part_of(event)
    part.starts_at, part.ends_at = helsinki(11, "10:00"), helsinki(11, "12:00")
    database.session.commit()
    reaches("aino", event)
    reaches("thursday", event, parts=[part])

    assert told(remind_people, helsinki(7, "10:00"), helsinki(10, "10:00")) == [["aino"], ["thursday"]]


@pytest.mark.sqlite_only
@pytest.mark.settings(event_mails={"reminder_days_seminar": 0, "reminder_days_webinar": 3})
def test_how_early_is_a_setting_of_each_kind(now):
    reaches("seminar", a_door_event(starts_at=helsinki(10, "09:00")))
    reaches("webinar", a_door_event(starts_at=helsinki(10, "09:00"), kind="webinar"))

    assert told(remind_people, helsinki(6, "10:00"), helsinki(7, "10:00"), helsinki(9, "10:00")) == [
        [],
        ["webinar"],
        [],
    ]


@pytest.mark.sqlite_only
def test_nobody_is_reminded_of_an_event_that_is_off(now):
    reaches("aino", a_door_event(starts_at=helsinki(10, "09:00"), state="cancelled"))

    assert told(remind_people, helsinki(9, "10:00")) == [[]]


def test_thanks_go_to_those_who_were_there_and_half_a_year_later_once_more(now):
    event = a_door_event()
    here = reaches("here", event)
    reaches("away", event)
    record_check_ins(event.slug, [a_scan(here)], who=STAFF, now=NOW)

    day_1, day_180 = helsinki(2, "09:00"), helsinki(1, "09:00") + timedelta(days=180)

    assert told(thank_people, day_1 - timedelta(minutes=1), day_1, day_1) == [[], ["here"], []]
    assert told(ask_again, day_1, day_180, day_180 + timedelta(hours=1)) == [[], ["here"], []]


@pytest.mark.sqlite_only
def test_where_no_door_was_used_everybody_is_thanked(now):
    event = a_door_event(kind="webinar")
    reaches("one", event)
    reaches("other", event)

    assert told(thank_people, helsinki(2, "09:00")) == [["one", "other"]]


def test_an_answer_a_stage_that_can_be_changed(now):
    event = a_door_event()
    person = a_registration(event)
    token = a_link(LinkPurpose.MANAGE_REGISTRATION, person.id)
    first = Opinion(score=2, comment="Too long.")
    second = Opinion(score=4, outcomes=(SurveyOutcome.CONTACT, SurveyOutcome.DEAL))

    with pytest.raises(TransitionNotAllowedError):
        answer_survey(token, first, now=NOW)
    for opinion in (first, second):
        answer_survey(token, opinion, now=NOW + timedelta(days=1))
    answer_survey(token, first, now=NOW + timedelta(days=180))

    rows = read_session().scalars(select(SurveyAnswer).order_by(SurveyAnswer.id)).all()
    assert [(row.stage, row.score, row.outcomes) for row in rows] == [
        ("day_1", 4, ["contact", "deal"]),
        ("day_180", 2, []),
    ]


@pytest.mark.sqlite_only
def test_answers_are_counted_and_small_numbers_stay_out_of_what_is_published(now):
    event = a_door_event()
    for score in (5, 5, 5, 5, 4, 4, 4, 1):
        person = a_registration(event)
        token = a_link(LinkPurpose.MANAGE_REGISTRATION, person.id)
        opinion = Opinion(score=score, outcomes=(SurveyOutcome.LEARNED,), comment=f"=mark {score}")
        answer_survey(token, opinion, now=NOW + timedelta(days=1))

    figures = count_survey(read_session(), event.id, SurveyStage.DAY_1)
    read_session().rollback()
    files = [
        export_survey(event.slug, is_public=is_public, person_id=1, who=STAFF, now=NOW).decode("utf-8-sig")
        for is_public in (False, True)
    ]

    assert (figures.answers, figures.scores, figures.mean) == (8, (1, 0, 0, 3, 4), 4.125)
    assert len(files[0].splitlines()) == 9
    assert "'=mark 1" in files[0]
    assert "day_1,score,1,<3" in files[1]
    assert "day_1,score,4,<3" in files[1], "alone, the small one would follow from the sum"
    assert "day_1,score,5,4" in files[1]
    assert "mark" not in files[1]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([0, 0, 5], [0, 0, 5]),
        ([1, 2, 5], [None, None, 5]),
        ([1, 4, 5], [None, None, 5]),
        ([2, 0, 0], [None, 0, 0]),
        ([], []),
    ],
)
@pytest.mark.sqlite_only
def test_one_hidden_number_hides_the_next_smallest(counts, shown):
    assert hide_small(counts) == shown


def a_day_with_meetings():
    event, people = a_solved_day()
    alone = a_guest(event, "Nobody Met")
    return event, people, alone


@pytest.mark.sqlite_only
def test_whoever_had_meetings_is_asked_of_them_in_the_same_mail_both_times(now):
    event, people, _alone = a_day_with_meetings()
    for job, days, question in (
        (thank_people, 2, "And how were your meetings?"),
        (ask_again, 181, "And what became of your meetings?"),
    ):
        before = {mail.id for mail in outbox()}
        job(now=event.ends_at + timedelta(days=days))
        new = [mail for mail in outbox() if mail.id not in before]

        assert len(new) == len({mail.recipient for mail in new}) == len(people) + 1
        texts = [read_text(mail) for mail in new]
        assert sum(question in text and "/meetings/rate" in text for text in texts) == len(people)


@pytest.mark.sqlite_only
def test_who_said_i_am_here_was_there_even_where_others_used_the_door(now):
    event = a_match_day()
    door, word, none = (a_guest(event, name) for name in ("By Door", "By Word", "By Nothing"))
    event_id, starts_at, ends_at = event.id, event.starts_at, event.ends_at
    record_check_ins(event.slug, [a_scan(row_of(door))], who=STAFF, now=starts_at)
    say_here(word, now=starts_at)

    thank_people(now=ends_at + timedelta(days=2))

    told_to = {mail.recipient for mail in outbox() if mail.kind == "event_thanks"}
    assert told_to == {row_of(door).email, row_of(word).email}
    assert row_of(none).event_id == event_id


def outbox():
    read_session().rollback()
    return read_session().scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def read_text(mail):
    message = message_from_bytes(mail.raw, policy=policy.default)
    return message.get_body(("plain",)).get_content()
