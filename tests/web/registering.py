"""Registering through the pages, for tests."""

import re
from email import message_from_bytes, policy

from sqlalchemy import select

from bookings.db import read_session
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration
from bookings.services.questions import add_question
from tests.support.clock import NOW
from tests.support.events import STAFF, an_event
from tests.support.staff import csrf_of

PERSON = {"name": "Anna Berg", "email": "anna@town.example", "organisation": "Umeå kommun", "country": "SE"}


def make(app, *questions, **columns):
    """A published event with questions; its slug and the ids of its parts and tickets."""
    with app.app_context():
        event = an_event(**columns)
        for question in questions:
            add_question(event.slug, question, who=STAFF, now=NOW)
        return event.slug, [part.id for part in event.parts], [ticket.id for ticket in event.tickets]


def register(client, slug, *, form=None, **fields):
    """Fill in the form of an event; `form`: the page that it stands on."""
    page = form or client.get(f"/events/{slug}/register").text
    hidden = dict(re.findall(r'<input type="hidden"(?: id="\w+")? name="(\w+)" value="([^"]*)"', page))
    return client.post(f"/events/{slug}/register", data={**hidden, **PERSON, **fields})


def people(app):
    with app.app_context():
        read_session().rollback()
        return list(read_session().scalars(select(Registration).order_by(Registration.id)))


def list_texts(app, email):
    """The words of all mails to somebody, the newest first."""
    with app.app_context():
        read_session().rollback()
        raws = read_session().scalars(
            select(OutboxMessage.raw)
            .where(OutboxMessage.recipient == email)
            .order_by(OutboxMessage.id.desc())
        )
        return [
            message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content() for raw in raws
        ]


def last_link(app, email, start):
    """The newest link of this kind in a mail to somebody."""
    texts = list_texts(app, email)
    found = [match for text in texts for match in re.findall(rf"https?://[^/\s]+({start}[\w-]+)", text)]
    assert found, texts
    return found[0]


def prove(app, client, email="anna@town.example"):
    """Confirm the address; the answer is the person's own page."""
    way = last_link(app, email, "/registrations/verify/")
    return client.post(way, data={"csrf_token": csrf_of(client.get(way).text)})


def own_page(app, client, email="anna@town.example"):
    prove(app, client, email)
    return last_link(app, email, "/registrations/(?!verify)(?!not-me)")


def errors_of(page):
    return dict(re.findall(r'id="([\w-]+)-error"><span class="sr">[^<]*</span>(.*?)</p>', page, re.DOTALL))
