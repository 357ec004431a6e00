"""Mails to queue in tests, with a template of their own."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select

from bookings.db import read_session, transaction
from bookings.models.outbox import OutboxMessage
from bookings.services.outbox import CalendarMail, Mail, queue_mail
from tests.support.mailbox import Received, SMTPSink

_TEMPLATES = {
    "mail/test.txt": "{% extends 'mail/base.txt' %}{% block subject %}{{ subject_words }}{% endblock %}"
    "{% block body %}{{ words }}{% endblock %}",
    "mail/test.html": "{% extends 'mail/base.html' %}{% block body %}<p>{{ words }}</p>{% endblock %}",
}


def add_test_template(app: Flask) -> None:
    """Let the application know the template `test`."""
    assert app.jinja_env.loader is not None
    app.jinja_env.loader = ChoiceLoader([DictLoader(_TEMPLATES), app.jinja_env.loader])


def a_mail(cause: str = "test:1", **changes: Any) -> Mail:
    """A mail to a host."""
    mail = Mail(
        kind="test",
        cause=cause,
        recipient="host@plant.example",
        template="test",
        context={"subject_words": f"About {cause}", "words": "Welcome"},
    )
    return replace(mail, **changes)


def a_calendar(
    method: str = "REQUEST", *, uid: str = "one@kvarken.example", sequence: int = 0, content: bytes = b""
) -> CalendarMail:
    """An iTIP message that says no more than its method, or what is given."""
    content = content or f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR\r\n".encode()
    return CalendarMail(method=method, content=content, uid=uid, sequence=sequence)  # type: ignore[arg-type]


def queue(*mails: Mail, now: datetime) -> None:
    """Queue mails as a use case does."""
    with transaction() as session:
        for mail in mails:
            queue_mail(session, mail, now=now)


def states_by_cause() -> dict[str, str]:
    """Cause → state of every mail, as it is stored now."""
    read_session().rollback()
    rows = read_session().execute(select(OutboxMessage.cause, OutboxMessage.state).order_by(OutboxMessage.id))
    found = {row.cause: row.state for row in rows}
    read_session().rollback()
    return found


def outbox_row(cause: str) -> OutboxMessage:
    """The row of one cause as it is stored now."""
    read_session().rollback()
    read_session().expire_all()
    return read_session().scalars(select(OutboxMessage).where(OutboxMessage.cause == cause)).one()


def point_at(app: Flask, port: int) -> None:
    """The relay is reachable again, at this port."""
    settings = app.extensions["settings"]
    mail = settings.mail.model_copy(update={"port": port})
    app.extensions["settings"] = settings.model_copy(update={"mail": mail})


def subjects(sink: SMTPSink) -> list[str]:
    """What `a_mail` said it is about, in order of arrival."""
    return [mail.subject.removeprefix("About ") for mail in sink.received]


def message_ids(mails: list[Received]) -> Counter[str]:
    """How often each mail arrived."""
    return Counter(str(mail.message["Message-ID"]) for mail in mails)
