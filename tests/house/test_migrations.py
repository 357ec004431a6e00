"""The migrations make the tables of the models, keep what is stored, and can be taken back."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, create_engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from bookings.db import Base, database
from bookings.models.feeds import CalendarFeed
from bookings.models.holds import Hold
from bookings.models.staff import StaffUser
from bookings.models.visits import VisitNote, VisitRequest
from bookings.queries.feeds import find_feed_scope
from bookings.services.feeds import create_staff_feed
from bookings.services.inbox import receive_mail
from bookings.services.slots import propose_times
from bookings.services.visits import add_note, wish_change
from bookings.settings import asset_folder
from tests.support.apps import SECRET_KEY
from tests.support.builders import a_visit, save
from tests.support.clock import NOW
from tests.support.inbox import an_invited_host, answer
from tests.support.own_pages import everything_stored
from tests.support.staff import an_account
from tests.support.stories import STAFF, host_token, visitor_token

DIRECTORY = str(asset_folder("migrations"))


def go_down(revision: str) -> None:
    database.session.remove()
    downgrade(directory=DIRECTORY, revision=revision)


def go_up(revision: str = "head") -> None:
    database.session.remove()
    upgrade(directory=DIRECTORY, revision=revision)


def fill() -> None:
    """Hosts who were asked, one of whom answered by mail and one on the page; holds, mails, links, trail."""
    one, other = an_invited_host("stormossen", "westenergy")
    receive_mail(answer(one), now=NOW)
    times = [(other.starts_at + timedelta(days=1), other.ends_at + timedelta(days=1))]
    propose_times(host_token(other.slot_id), times=times, comment="Better", now=NOW)


def list_tables() -> set[str]:
    """Those of ours that there are now."""
    return set(inspect(database.engine).get_table_names()) & set(Base.metadata.tables)


def counted() -> dict[str, int]:
    return {table: len(rows) for table, rows in everything_stored().items()}


def differences() -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_migrations_stand_in_one_row():
    scripts = ScriptDirectory(DIRECTORY)

    revisions = [script.revision for script in scripts.walk_revisions()]

    assert (len(scripts.get_heads()), sorted(revisions, reverse=True)) == (1, revisions)


def test_the_migrated_tables_are_those_of_the_models(app_context):
    assert differences() == []


def test_the_migrated_rules_are_those_of_the_models(app_context):
    """Alembic does not compare these."""
    found = inspect(database.engine)
    is_sqlite = database.engine.dialect.name == "sqlite"

    for table in Base.metadata.sorted_tables:
        rules = {
            str(rule.name): _squeeze(str(rule.sqltext))
            for rule in table.constraints
            if isinstance(rule, CheckConstraint)
        }
        stored = {rule["name"]: _squeeze(rule["sqltext"]) for rule in found.get_check_constraints(table.name)}
        assert sorted(stored) == sorted(rules), table.name
        assert not is_sqlite or stored == rules, table.name  # PostgreSQL writes them in its own words


def _squeeze(words: str) -> str:
    return re.sub(r"[\s\"]+", " ", words).strip()


def test_down_to_nothing_and_up_again(app_context):
    go_down("base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]

    go_up()

    assert differences() == []
    roles = database.session.scalars(text("SELECT name FROM role ORDER BY id")).all()
    assert roles == ["reader", "coordinator", "admin"]


def test_what_is_stored_survives_the_steps_after_the_roles(app_context):
    fill()
    an_account(app_context)
    before = everything_stored()
    assert all(before[table] for table in ("inbox_message", "attendee", "slot", "hold", "proposed_time"))

    go_down("0003")
    older = list_tables()
    go_up()

    after = everything_stored()
    assert {name: after[name] for name in older} == {name: before[name] for name in older}
    assert "inbox_message" in before.keys() - older
    assert after["inbox_message"] == []


def test_what_is_stored_survives_all_steps_after_the_first_tables(app_context):
    fill()
    save(StaffUser(email="a@staff.example", name="A", password="x", fs_uniquifier="u", created_at=NOW))
    before = counted()

    for revision in ("0003", "0002", "0001"):
        go_down(revision)
    first = list_tables()
    for revision in ("0002", "0003", "head"):
        go_up(revision)

    after = counted()
    assert {name: after[name] for name in first} == {name: before[name] for name in first}
    assert differences() == []


def test_reasons_that_were_given_before_acts_kept_them_are_theirs(app_context):
    fill()
    reasons = everything_stored()["audit_reason"]

    go_down("0022")
    go_up()

    assert len(reasons) == 1
    assert "'Better'" in reasons[0]
    assert everything_stored()["audit_reason"] == reasons


def test_the_guard_of_holds_stands_after_the_way_down_and_up(app_context):
    fill()
    go_down("0001")
    go_up()
    hold = database.session.execute(text("SELECT id FROM hold WHERE strength = 'hard' LIMIT 1")).scalar_one()
    row = database.session.get_one(Hold, hold)
    values = {
        "resource_id": row.resource_id,
        "slot_id": row.slot_id,
        "strength": "hard",
        "starts_at": row.starts_at + timedelta(minutes=1),
        "ends_at": row.ends_at + timedelta(minutes=1),
    }

    with pytest.raises(IntegrityError, match=r"hold_overlap|hold_no_overlap"):
        database.session.execute(insert(Hold).values(values))


def test_the_address_of_a_feed_works_after_the_way_down_and_up(app_context):
    token = create_staff_feed(an_account(app_context), who=STAFF, now=NOW)
    create_staff_feed(an_account(app_context, email="b@staff.example"), who=STAFF, now=NOW)

    go_down("0006")
    kept = database.session.execute(text("SELECT purpose FROM action_link WHERE revoked_at IS NULL")).all()
    go_up()

    assert [purpose for (purpose,) in kept] == ["calendar_feed", "calendar_feed"]
    assert find_feed_scope(database.session(), token) is not None


def test_the_feeds_of_people_go_with_their_step_and_those_of_staff_and_hosts_stay(app_context):
    token = create_staff_feed(an_account(app_context), who=STAFF, now=NOW)
    save(CalendarFeed(token_hash=b"x" * 32, kind="person", mailbox="aino@visitor.example", created_at=NOW))

    go_down("0029")
    kept = database.session.execute(text("SELECT kind FROM calendar_feed")).scalars().all()
    go_up()

    assert kept == ["staff"]
    assert find_feed_scope(database.session(), token) is not None
    assert differences() == []


def test_a_wish_that_staff_acted_after_was_dealt_with_and_one_that_nobody_followed_waits(app_context):
    followed, waiting = a_visit(state="confirmed").reference, a_visit(state="confirmed").reference
    for reference in (followed, waiting):
        wish_change(visitor_token(reference), "An hour later, please", now=NOW)
    add_note(followed, "Asked the host", who=STAFF, now=NOW + timedelta(hours=1))
    add_note(followed, "The host can", who=STAFF, now=NOW + timedelta(hours=2))

    go_down("0031")
    go_up()

    wishes = database.session.execute(
        select(VisitRequest.reference, VisitNote.answered_at, VisitNote.answered_by, VisitNote.answer)
        .join(VisitRequest, VisitRequest.id == VisitNote.visit_id)
        .where(VisitNote.author_kind == "visitor")
        .order_by(VisitNote.id)
    ).all()
    assert wishes == [(followed, NOW + timedelta(hours=1), STAFF.name, ""), (waiting, None, "", "")]
    assert database.session.scalars(
        select(VisitNote.answered_at).where(VisitNote.author_kind == "staff")
    ).all() == [None, None]
    assert differences() == []


@pytest.mark.slow
def test_the_command_makes_the_tables_of_an_empty_database(tmp_path):
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    environ = {
        **os.environ,
        "BOOKINGS_APP_ENVIRONMENT": "test",
        "BOOKINGS_APP_SECRET_KEY": SECRET_KEY,
        "BOOKINGS_APP_DATA_FOLDER": str(tmp_path),
        "BOOKINGS_DATABASE_URL": url,
    }

    for _ in range(2):
        subprocess.run(
            [sys.executable, "-m", "bookings", "db", "upgrade"],
            env=environ,
            cwd=tmp_path,
            check=True,
            capture_output=True,
            timeout=120,
        )

    engine = create_engine(url)
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    engine.dispose()
