"""What depends on who reads a host's mail: a mailbox of several people, and the names of other hosts."""

from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select, update

from bookings.db import database
from bookings.models.directory import HostContact
from bookings.models.outbox import OutboxMessage
from bookings.services.slots import accept_slot, add_slot
from bookings.services.visits import foresee_release, name_hosts, release_visit
from tests.support.stages import asked, proposed
from tests.support.stories import STAFF, host_token, mails, plan

pytestmark = pytest.mark.usefixtures("app_context")


def newest_to(host: str, kind: str) -> tuple[str, str]:
    """Text and calendar of the newest mail of a kind."""
    database.session.rollback()
    raw = database.session.scalars(
        select(OutboxMessage.raw)
        .where(OutboxMessage.recipient == f"visits@{host}.example", OutboxMessage.kind == kind)
        .order_by(OutboxMessage.id.desc())
    ).first()
    message = message_from_bytes(raw, policy=default)
    calendar = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    text = message.get_body(("plain",)).get_content()
    return " ".join(text.split()), calendar.get_content().replace("\r\n ", "")


def test_a_mailbox_of_several_people_gets_no_buttons_and_reads_why(reference, now):
    database.session.execute(
        update(HostContact).where(HostContact.email == "visits@stormossen.example").values(is_shared=True)
    )
    database.session.commit()

    asked(reference, now=now)

    shared, invitation = newest_to("stormossen", "invitation")
    own, ordinary = newest_to("westenergy", "invitation")
    assert "RSVP" not in invitation
    assert "CUTYPE=GROUP" in invitation
    assert "METHOD:REQUEST" in invitation
    assert "Several people read this mailbox" in shared
    assert "Gmail" not in shared
    assert ("RSVP=TRUE" in ordinary, "CUTYPE=INDIVIDUAL" in ordinary) == (True, True)
    assert "The calendar of Gmail may show it only after you have answered" in own


def test_hosts_read_of_each_other_only_when_staff_say_so(reference, now):
    first, second = asked(reference, now=now)
    accept_slot(host_token(first), now=now)
    assert not any("Westenergy" in mail.text for mail in mails() if "stormossen" in mail.recipient)

    name_hosts(reference, names=True, who=STAFF, now=now)
    accept_slot(host_token(second), now=now)

    text, calendar = newest_to("westenergy", "answer_accepted")
    assert "Hosts that have said yes, too: Stormossen" in text
    assert "visits@stormossen.example" not in text
    assert "Stormossen" not in calendar


def test_the_preview_names_the_same_hosts_as_the_mail(reference, now):
    proposed(reference, now=now)
    name_hosts(reference, names=True, who=STAFF, now=now)
    add_slot(reference, plan("vakin", 33), who=STAFF, now=now)

    foreseen = {mail.recipient: mail.text for mail in foresee_release(reference, now=now).mails}
    release_visit(reference, who=STAFF, now=now)

    line = "Hosts that have said yes, too: Stormossen, Westenergy"
    assert line in foreseen["visits@vakin.example"]
    assert line in newest_to("vakin", "invitation")[0]


def test_it_can_be_switched_off_again(reference, now):
    proposed(reference, now=now)
    name_hosts(reference, names=True, who=STAFF, now=now)
    name_hosts(reference, names=False, who=STAFF, now=now)

    add_slot(reference, plan("vakin", 33), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)

    assert "Hosts that have said yes" not in newest_to("vakin", "invitation")[0]
