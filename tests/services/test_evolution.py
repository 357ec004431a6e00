"""What stands in a calendar after our mails: Evolution Data Server takes them in, where there is one."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.models.outbox import OutboxMessage
from bookings.services.slots import add_slot, change_slot, withdraw_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.evolution import has_evolution, read_with_evolution
from tests.support.stories import STAFF, entry_row, plan, slot_row

pytestmark = [
    pytest.mark.usefixtures("app_context"),
    pytest.mark.sqlite_only,
    pytest.mark.slow,
    pytest.mark.skipif(
        not has_evolution(),
        reason="no Evolution Data Server: install evolution-data-server, gir1.2-ecal-2.0, python3-gi",
    ),
]


def calendars_of(uid):
    """The calendar part of each mail about that entry, in the order they left."""
    query = select(OutboxMessage.raw).where(OutboxMessage.calendar_uid == uid).order_by(OutboxMessage.id)
    mails = [message_from_bytes(raw, policy=default) for raw in database.session.scalars(query)]
    return [
        next(part for part in mail.walk() if part.get_content_type() == "text/calendar").get_payload(
            decode=True
        )
        for mail in mails
    ]


def test_a_request_creates_the_event_the_update_moves_it_and_the_cancel_removes_it(tmp_path):
    a_directory()
    reference = a_visit(state="planning").reference
    slot_id = add_slot(reference, plan("stormossen", 7), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    for later in (timedelta(days=1), timedelta(days=139, hours=-1)):  # in summer, at the same hour of the day
        row = slot_row(slot_id)
        times = {"starts_at": row.starts_at + later, "ends_at": row.ends_at + later}
        change_slot(slot_id, plan("stormossen", **times), version=row.version, who=STAFF, now=NOW)
    withdraw_slot(slot_id, who=STAFF, now=NOW)
    uid = entry_row(slot_id).uid
    messages = calendars_of(uid)

    states = read_with_evolution([*messages, messages[0]], tmp_path)

    assert [[event["uid"] for event in events] for events in states[:4]] == [[uid], [uid], [uid], []]
    assert [(event["sequence"], event["start"]) for (event,) in states[:3]] == [
        (0, "20270316T090000"),
        (1, "20270317T090000"),
        (2, "20270803T090000"),
    ]
    assert {event["zone"].rpartition(".net/")[2] for (event,) in states[:3]} == {"Europe/Helsinki"}
