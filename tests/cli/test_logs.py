"""Logs are read by many and kept for long: nothing in them opens a page, a feed or somebody's mailbox."""

import io
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import wraps

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bookings.cli.logs import JsonLines, hide_secrets
from bookings.db import database, table_of
from bookings.domain.audit import SYSTEM
from bookings.domain.feeds import FeedKind
from bookings.domain.links import LinkPurpose
from bookings.models.feeds import CalendarFeed
from bookings.models.slots import Slot
from bookings.services.feeds import create_host_feed
from tests.support.clock import NOW
from tests.support.own_pages import a_link, a_released_visit

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the running site writes, with every library speaking up, too."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root, ours = logging.getLogger(), logging.getLogger("bookings")
    levels = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def get(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_no_token_of_a_feed_or_a_link_stands_in_any_log(app, web_server, log):
    with app.app_context():
        a_released_visit()
        slot = database.session.query(Slot).first()
        feed = create_host_feed(slot.host_contact_id, FeedKind.HOST, who=SYSTEM, now=NOW)
        link = a_link(LinkPurpose.ANSWER_SLOT, slot.id)
    paths = [f"/calendar/{feed}.ics", f"/slots/{link}"]
    unknown = [path.replace(token, token[::-1]) for path, token in zip(paths, (feed, link), strict=True)]

    seen = [get(web_server.url + path) for path in (*paths, *unknown, f"{paths[1]}/nothing")]
    for endpoint in ("calendar.feed", "slots.show"):
        app.view_functions[endpoint] = broken(app.view_functions[endpoint])
    seen += [get(web_server.url + path) for path in paths]
    app.wsgi_app = break_before_any_view
    seen += [get(web_server.url + path) for path in paths]

    assert seen == [200, 200, 404, 404, 404, 500, 500, 500, 500]
    written = log.getvalue()
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["logger"] for line in lines if "fault" in line] == ["bookings.web"] * 2 + ["waitress"] * 2
    assert written.count("RuntimeError: this view is broken for …") == 2
    assert [token for token in (feed, link, feed[::-1], link[::-1]) if token in written] == []


def broken(view: Callable[..., object]) -> Callable[..., object]:
    """The view with its gate, and a fault that names its token."""

    @wraps(view)
    def break_down(token: str) -> object:
        raise RuntimeError(f"this view is broken for {token}")

    return break_down


def break_before_any_view(environ: dict[str, str], _start: object) -> list[bytes]:
    raise RuntimeError(environ["PATH_INFO"])


def test_what_the_database_refused_is_told_without_its_values(app_context):
    row = {"token_hash": b"the hash itself", "kind": "staff", "created_at": NOW}

    with pytest.raises(IntegrityError) as refused:
        database.session.execute(insert(table_of(CalendarFeed)), row)

    assert "INSERT INTO calendar_feed" in str(refused.value)
    assert "the hash itself" not in str(refused.value)


def test_addresses_and_tokens_are_hidden_and_names_of_the_program_are_not():
    told = "to <reply+0123456789abcdef0123456789abcdef@visits.example>, Sofia.Lind@host.example: refused"
    trace = 'File "/opt/bookings/services/calendar.py", line 70, in _find_newest_announced_version'
    fault = "bookings.domain.errors.CalendarAddressNotUsableError: 2027-03-16T09:00:00+00:00"

    assert hide_secrets(told) == "to <…@visits.example>, …@host.example: refused"
    assert hide_secrets("x" * 10 + "Ab-_" * 10 + "cde") == "x" * 10 + "Ab-_" * 10 + "cde"
    assert hide_secrets("Ab-_" * 10 + "cde") == "…"
    assert hide_secrets(trace) == trace
    assert hide_secrets(fault) == fault
