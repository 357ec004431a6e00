"""How many SQL statements a booking journey costs, counted in this process."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from bookings.db import read_session
from bookings.jobs.worker import Worker
from bookings.models.outbox import OutboxMessage
from tests.bench.journey import link_in, steps_of
from tests.support.apps import build_settings, close, create_app
from tests.support.booking import Visitor
from tests.support.statements import recorded_statements


@dataclass(frozen=True)
class Statements:
    """Statements of one journey: those of its requests, and those of the worker for its two mails."""

    requests: int
    worker: int


def count_statements(url: str, folder: Path) -> Statements:
    """Walk one journey and count; one before it fills what the process keeps."""
    many = {"requests_per_client_hour": 1_000_000, "requests_per_network_hour": 1_000_000}
    more: dict[str, dict[str, Any]] = {"mail": {"transport": "folder"}, "limits": many}
    app = create_app(build_settings(url, folder, more=more))
    worker = Worker(app)
    _walk(app, worker, "first@statements.example")
    counted = _walk(app, worker, "second@statements.example")
    close(app)
    return counted


def _walk(app: Flask, worker: Worker, address: str) -> Statements:
    visitor = Visitor(app.test_client())
    with recorded_statements() as requests:
        visitor.open("/")
        visitor.fill_in(steps_of(address))
    with recorded_statements() as mails:
        _work(worker)
    with app.app_context():
        raw = (
            read_session().scalars(select(OutboxMessage.raw).where(OutboxMessage.recipient == address)).one()
        )
    mail = message_from_bytes(raw, policy=policy.default)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    with recorded_statements() as more:
        visitor.open(link_in(text, "/book/verify/"))
        visitor.send({})
    with recorded_statements() as more_mails:
        _work(worker)
    return Statements(len(requests) + len(more), len(mails) + len(more_mails))


def _work(worker: Worker) -> None:
    while worker.work_once():
        pass
