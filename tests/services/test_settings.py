"""What staff set by page: versions, rules that follow them, and words of mails that stay words."""

from contextlib import closing
from datetime import date, time, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.errors import (
    FieldsMissingError,
    FieldsNotKnownError,
    RecordChangedError,
    SettingNotUsableError,
    TextNotAllowedError,
)
from bookings.domain.settings import ClosedDays, CostClause, WorkingHours
from bookings.domain.wordings import MAILS
from bookings.jobs.outbox import open_postbox, send_mails
from bookings.models.directory import Organisation, Place, Site
from bookings.models.settings import StaffSetting
from bookings.models.visits import Agreement
from bookings.queries.planning import list_planned_slots
from bookings.queries.planning.programme import build_programme
from bookings.queries.settings import (
    DEADLINES,
    OwnSettings,
    list_holidays,
    own_settings,
    refresh_settings,
    take_over,
)
from bookings.services.agreement import build_clause
from bookings.services.outbox import Mail, render_mail
from bookings.services.requests import submit_request
from bookings.services.settings.saving import (
    add_clause,
    add_closed_days,
    put_back,
    remove_closed_days,
    save_deadlines,
    save_hours,
    save_mail_words,
    save_page_text,
)
from bookings.services.settings.wordings import page_text, standard_mail_words
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit
from bookings.settings import current_settings
from tests.domain.test_fields import HOSTILE
from tests.services.test_requests import SENT, WISH
from tests.support.builders import a_directory, a_visit
from tests.support.own_pages import a_released_visit
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF, plan, slot_row

pytestmark = pytest.mark.usefixtures("app_context")
sqlite_only = pytest.mark.sqlite_only


def versions_of(key: str) -> list[dict[str, int] | None]:
    values = select(StaffSetting.value).where(StaffSetting.key == key)
    return list(read_session().scalars(values.order_by(StaffSetting.version)))


def forget() -> None:
    """Another process, that has seen nothing yet."""
    read_session().rollback()
    take_over(OwnSettings())


@sqlite_only
def test_a_deadline_that_staff_set_holds_for_every_process(now):
    save_deadlines({"answer_working_days": 3}, version=0, who=STAFF, now=now)
    forget()

    refresh_settings(read_session())

    assert (current_settings().visits.answer_working_days, current_settings().visits.notice_days) == (3, 28)


@sqlite_only
def test_looking_whether_anything_changed_is_one_statement(now):
    save_deadlines({"notice_days": 10}, version=0, who=STAFF, now=now)

    with recorded_statements() as statements:
        refresh_settings(read_session())

    assert len(statements) == 1


@sqlite_only
@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"notice_days": 0}, "notice_days", "range"),
        ({"first_reminder_percent": 50}, "second_reminder_percent", "missing"),
        ({"first_reminder_percent": 90, "second_reminder_percent": 50}, "second_reminder_percent", "order"),
    ],
)
def test_a_deadline_that_makes_no_sense_is_refused(values, field, code, now):
    with pytest.raises(SettingNotUsableError) as refusal:
        save_deadlines(values, version=0, who=STAFF, now=now)

    assert (refusal.value.field, refusal.value.code) == (field, code)


@sqlite_only
def test_days_must_be_longer_than_an_hour_and_some_of_the_week_has_to_stay(now):
    for hours in (WorkingHours(time(9), time(9, 30)), WorkingHours(closed_weekdays=(1, 2, 3, 4, 5))):
        with pytest.raises(SettingNotUsableError):
            save_hours(hours, version=0, who=STAFF, now=now)

    assert own_settings().saved == {}


def test_who_saves_over_a_version_that_was_not_read_is_refused(now):
    save_deadlines({"notice_days": 10}, version=0, who=STAFF, now=now)

    with pytest.raises(RecordChangedError):
        save_deadlines({"notice_days": 20}, version=0, who=STAFF, now=now)

    assert versions_of(DEADLINES) == [{"notice_days": 10}]


def test_going_back_is_a_new_version(now):
    save_deadlines({"notice_days": 10}, version=0, who=STAFF, now=now)
    save_deadlines({"notice_days": 20}, version=1, who=STAFF, now=now)

    put_back(DEADLINES, version=1, who=STAFF, now=now)
    put_back(DEADLINES, version=0, who=STAFF, now=now)

    assert versions_of(DEADLINES) == [{"notice_days": 10}, {"notice_days": 20}, {"notice_days": 10}, None]
    assert current_settings().visits.notice_days == 28


@sqlite_only
def test_a_closed_week_of_a_town_is_no_holiday_elsewhere(now):
    week = ClosedDays(date(2027, 2, 22), date(2027, 2, 26), "FI", "vaasa", "Winter holidays")
    add_closed_days(week, version=0, who=STAFF, now=now)

    closed = [
        date(2027, 2, 24) in list_holidays(country, [2027], place=place)
        for country, place in (("FI", "vaasa"), ("FI", "kokkola"), ("SE", "umea"))
    ]
    remove_closed_days(0, version=1, who=STAFF, now=now)

    assert closed == [True, False, False]
    assert date(2027, 2, 24) not in list_holidays("FI", [2027], place="vaasa")


@sqlite_only
def test_closed_days_of_a_town_move_the_deadlines_of_its_hosts_and_warn_by_their_name(now):
    a_directory()
    of_host = (
        select(Place.slug)
        .join(Site, Site.place_id == Place.id)
        .join(Organisation, Site.organisation_id == Organisation.id)
    )
    town = read_session().scalar(of_host.where(Organisation.slug == "stormossen"))
    day = plan("stormossen").starts_at.date()

    def ask(slug, hour):
        reference = a_visit().reference
        slot_id = add_slot(reference, plan(slug, hour), who=STAFF, now=now)
        release_visit(reference, who=STAFF, now=now)
        read_session().rollback()
        slots = list_planned_slots(read_session(), slot_row(slot_id).visit_id)
        warnings = build_programme(read_session(), slots).warnings
        names = {one.params["name"] for one in warnings if one.code == "holiday"}
        return slot_row(slot_id).respond_by, names

    before = [ask("stormossen", 8)[0], ask("vakin", 8)[0]]
    week = ClosedDays(now.date(), now.date() + timedelta(days=6), "FI", town, "Winter holidays")
    add_closed_days(week, version=0, who=STAFF, now=now)
    add_closed_days(ClosedDays(day, day, "FI", town, "Marathon"), version=1, who=STAFF, now=now)
    hosts = [ask("stormossen", 12), ask("vakin", 12)]

    assert hosts[0][0] - before[0] >= timedelta(days=4)
    assert hosts[1][0] == before[1]
    assert [names for _, names in hosts] == [{"Marathon"}, set()]


@sqlite_only
def test_a_weekday_without_work_counts_as_a_holiday_everywhere(now):
    save_hours(WorkingHours(closed_weekdays=(5,)), version=0, who=STAFF, now=now)

    friday, thursday = date(2027, 3, 19), date(2027, 3, 18)

    assert [day in list_holidays("SE", [2027]) for day in (friday, thursday)] == [True, False]


def a_clause(version: str, day: date) -> CostClause:
    return CostClause(version, day, {code: f"{version} in {code}" for code in ("en", "sv", "fi")})


@sqlite_only
def test_a_new_clause_counts_from_its_day_and_old_agreements_keep_theirs(now):
    first = build_clause(now=now)
    submit_request(WISH, sent=SENT, now=now)
    tomorrow = now + timedelta(days=1)
    add_clause(a_clause("2027-1", tomorrow.date()), version=0, who=STAFF, now=now)

    versions = [build_clause(now=moment).version for moment in (now, tomorrow)]

    agreed = database.session.scalars(select(Agreement)).one()
    assert versions == [first.version, "2027-1"]
    assert build_clause(now=tomorrow).text == "2027-1 in en"
    assert (agreed.version, agreed.text) == (first.version, SENT.clause_text)


@sqlite_only
def test_a_clause_that_visitors_agreed_to_is_never_taken_away(now):
    add_clause(a_clause("2027-1", now.date()), version=0, who=STAFF, now=now)
    database.session.rollback()
    sent = SENT.__class__(**{**vars(SENT), "clause_version": "2027-1", "clause_text": "2027-1 in en"})
    submit_request(WISH, sent=sent, now=now)

    with pytest.raises(SettingNotUsableError) as refusal:
        put_back("clauses", version=0, who=STAFF, now=now)

    assert refusal.value.code == "used"


@sqlite_only
@pytest.mark.parametrize(
    "changes", [{"version": "2027-1"}, {"effective_on": date(2020, 1, 1)}, {"texts": {}}]
)
def test_a_clause_needs_a_name_of_its_own_a_day_to_come_and_every_language(changes, now):
    add_clause(a_clause("2027-1", now.date()), version=0, who=STAFF, now=now)
    values = {**vars(a_clause("2027-2", now.date())), **changes}

    with pytest.raises(SettingNotUsableError):
        add_clause(CostClause(**values), version=1, who=STAFF, now=now)

    assert len(own_settings().clauses) == 1


@sqlite_only
def test_the_text_of_a_page_is_staffs_or_the_standard(now):
    standard = page_text("sent_note")
    save_page_text("sent_note", "en", "Write to {contact_address}.", version=0, who=STAFF, now=now)

    own = page_text("sent_note")
    save_page_text("sent_note", "en", "", version=1, who=STAFF, now=now)

    assert (own, page_text("sent_note")) == ("Write to contact@kvarken.example.", standard)


@sqlite_only
@pytest.mark.parametrize("language", ["en", "sv", "fi"])
def test_saving_the_standard_words_changes_no_mail(language, now):
    """What staff start from is what the mail says, with its fields by their names."""
    for template, wording in MAILS.items():
        context = {name: f"<{name}>" for name in wording.fields}
        mail = Mail(kind="x", cause="x", recipient="a@b.example", template=template, language=language)
        mail = Mail(
            **{**vars(mail), "context": {**context, "group_size": 3, "people": "3", "working_days": 2}}
        )
        before = render_mail(mail)
        words = standard_mail_words(template, language)
        save_mail_words(template, language, words, version=0, who=STAFF, now=now)

        after = render_mail(mail)

        assert after.subject == before.subject, template
        assert after.text.split() == before.text.split(), template


@sqlite_only
def test_a_mail_keeps_the_fields_that_its_reader_needs(now):
    for words, refusal in (
        ({"opening": "We have a question."}, FieldsMissingError),
        ({"opening": "{question} {password}"}, FieldsNotKnownError),
        ({"subject": "One\r\nBcc: other@example.org"}, TextNotAllowedError),
        ({"subject": "One\x00two"}, TextNotAllowedError),
    ):
        with pytest.raises(refusal):
            save_mail_words("question", "en", words, version=0, who=STAFF, now=now)

    assert database.session.scalars(select(StaffSetting)).all() == []


@sqlite_only
def test_every_hostile_text_reaches_the_host_as_it_was_written(app_context, smtp_sink, now):
    hostile = [text for text in HOSTILE if "\r" not in text] + ["{{ config }}", "</p><img src=x onerror=y>"]
    opening = "\n\n".join(["Welcome {visitors}", *hostile])
    words = {"subject": "{{7*7}} <b> {visitors} ${x} %(y)s", "opening": opening, "closing": "See {where}"}
    save_mail_words("invitation", "en", words, version=0, who=STAFF, now=now)
    a_released_visit()

    with closing(open_postbox(current_settings())) as postbox:
        send_mails("test", postbox, now=now, is_stopping=lambda: False)

    mail = next(mail for mail in smtp_sink.received if "{{7*7}}" in mail.subject)
    visitors = mail.subject.removeprefix("{{7*7}} <b> ").removesuffix(" ${x} %(y)s")
    assert list(mail.message.keys()).count("Subject") == 1
    assert mail.message["Bcc"] is None
    assert f"Welcome {visitors}" in mail.text
    assert [text for text in hostile if text not in mail.text] == []
    assert "<script>" not in mail.html
    assert "<img" not in mail.html
    assert [text for text in hostile if text not in unescape(mail.html)] == []
    assert any(line.startswith("See ") and "{" not in line for line in mail.text.splitlines())


def test_what_staff_wrote_is_sent_in_that_language_only(now):
    save_mail_words("invitation", "sv", {"opening": "Välkomna!"}, version=0, who=STAFF, now=now)

    texts = {
        language: render_mail(
            Mail(
                kind="x",
                cause="x",
                recipient="a@b.example",
                template="invitation",
                language=language,
                context={"group_size": 1},
            )
        ).text
        for language in ("en", "sv")
    }

    assert {code: "Välkomna!" in text for code, text in texts.items()} == {"en": False, "sv": True}
