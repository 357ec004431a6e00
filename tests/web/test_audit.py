"""Who read and took out what: written down with each list and file, shown to admins."""

import ast
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bookings.db import database, read_session
from bookings.domain.staff import StaffRole
from bookings.models.audit import AuditEntry
from bookings.web.audit.words import WHAT
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.staff import a_signed_in_client, csrf_of
from tests.support.tree import ROOT, python_files

pytestmark = pytest.mark.sqlite_only
AUDIT = "/staff/audit"
_LISTS = (
    "/staff/visits", "/staff/inbox", "/staff/outbox", "/staff/?scope=all", "/staff/today/requests?scope=all",
    "/staff/calendar", "/staff/reports/hosts.csv", "/staff/find?q=est", "/staff/find.json?q=est",
    "/staff/find?q=zzzz", "/staff/directory",
)  # fmt: skip


@pytest.fixture(autouse=True)
def clock(app):
    moment = [NOW]
    app.extensions["clock"] = lambda: moment[0]

    def move(**distance):
        moment[0] += timedelta(**distance)

    return move


def reads(app):
    with app.app_context():
        rows = read_session().scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [
            (row.action, row.noun, row.detail.get("rows"))
            for row in rows
            if row.action in ("list_read", "export", "feed_read", "create_feed", "directory.exported")
        ]


def test_every_list_and_file_is_written_down_with_its_rows(app):
    client = a_signed_in_client(app)
    with app.app_context():
        a_directory()
        a_visit()
        a_visit()

    for path in _LISTS:
        assert client.get(path, buffered=True).status_code == 200
    token = csrf_of(client.get("/staff/directory/export").text)
    client.post(
        "/staff/directory/export", data={"csrf_token": token, "table": "organisations", "form": "csv"}
    )

    assert reads(app) == [
        ("list_read", "visits", 2),
        ("list_read", "inbox", 0),
        ("list_read", "outbox", 0),
        ("list_read", "today", 2),
        ("list_read", "today", 2),
        ("list_read", "calendar", 0),
        ("export", "host_load", 0),
        ("list_read", "found", 2),
        ("list_read", "found", 2),
        ("list_read", "contacts", 4),
        ("directory.exported", "organisations", 4),
    ]


def test_each_kind_of_list_has_a_name_for_those_who_look_through_the_trail():
    noted = {
        node.args[0].value
        for file in python_files(ROOT / "bookings" / "web")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("note_list", "record_export")
    }

    assert {"visits", "host_load"} <= noted <= set(WHAT)


def test_no_list_waits_for_whoever_writes_and_a_line_that_could_not_be_written_is_named_in_the_log(
    app, caplog
):
    client = a_signed_in_client(app)
    with app.app_context():
        event.listen(database.engine, "checkout", _wait_briefly)
        writer = database.engine.raw_connection()
    writer.cursor().execute("BEGIN IMMEDIATE")

    page = client.get("/staff/outbox")
    before = (reads(app), _named_in(caplog))
    page.close()
    writer.rollback()
    writer.close()
    client.get("/staff/inbox").close()

    assert (page.status_code, before) == (200, ([], []))
    assert reads(app) == [("list_read", "inbox", 0)]
    assert _named_in(caplog) == ["The trail lacks a line: account 1 read 0 rows of outbox"]


def _named_in(caplog):
    return [one.message.rpartition(" at ")[0] for one in caplog.records if one.name == "bookings.web"]


def _wait_briefly(connection, *_):
    connection.execute("PRAGMA busy_timeout=50")


def test_a_feed_of_staff_is_written_down_once_a_day(app, clock):
    client = a_signed_in_client(app)
    page = client.post(
        "/staff/calendar/address", data={"csrf_token": csrf_of(client.get("/staff/calendar").text)}
    )
    address = (
        "/calendar/" + page.text.partition("/calendar/")[2].partition(".ics")[0].rpartition("/calendar/")[2]
    )

    for _ in range(3):
        assert app.test_client().get(f"{address}.ics").status_code == 200
    clock(days=1, minutes=1)
    app.test_client().get(f"{address}.ics")

    assert [one[0] for one in reads(app)] == ["create_feed", "feed_read", "feed_read"]


def test_admins_look_through_it_by_kind_person_and_day_and_take_it_out(app, clock):
    a_signed_in_client(app).get("/staff/visits").close()
    clock(days=2)
    admin = a_signed_in_client(app, StaffRole.ADMIN)
    admin.get("/staff/visits").close()

    everybody = admin.get(AUDIT).text
    one = admin.get(f"{AUDIT}?name=Test+Coordinator").text
    late = admin.get(f"{AUDIT}?since={(NOW + timedelta(days=1)).date()}").text
    people = admin.get(f"{AUDIT}?kind=people").text
    file = admin.post(f"{AUDIT}/export", data={"csrf_token": csrf_of(one), "name": "Test Coordinator"})

    def names_in(page):
        return [name for name in ("Test Coordinator", "Test Admin") if f'<th scope="row">{name}' in page]

    assert names_in(everybody) == ["Test Coordinator", "Test Admin"]
    assert names_in(one) == ["Test Coordinator"]
    assert names_in(late) == ["Test Admin"]
    assert "Signed in" in people
    assert "Looked at a list" not in people
    assert [line.split(",")[1] for line in file.text.splitlines()[1:]] == ["Test Coordinator"]
    assert reads(app)[-1] == ("export", "audit", 1)


@pytest.mark.settings(session={"admins_need_second_factor": True})
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/staff/directory/export"),
        ("POST", "/staff/directory/export"),
        ("GET", "/staff/reports/hosts.csv"),
        ("POST", "/staff/calendar/address"),
    ],
)
def test_nothing_leaves_with_a_password_alone(app, method, path):
    client = a_signed_in_client(app)
    token = csrf_of(client.get("/staff/account").text)

    answer = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)

    assert (answer.status_code, answer.location) == (303, "/staff/account/second-factor")
    assert reads(app) == []
