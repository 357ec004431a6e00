"""Stops that are moved: one that its host was asked for, when it is, and what the host was told."""

import html
import re
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from bookings.db import database
from bookings.models.directory import Interest
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.stories import STAFF, calendar_messages, mails, plan

WEEK = "/staff/calendar?view=week&date=2027-03-16"


def an_announced_stop(app: Flask, *, hours: float = 1.5) -> int:
    """A stop that its host has been asked for: their calendar holds SEQUENCE 0."""
    with app.app_context():
        a_directory()
        biogas = database.session.scalars(select(Interest).where(Interest.slug == "bioeconomy/biogas")).all()
        reference = a_visit(interests=biogas).reference
        slot_id = add_slot(reference, plan("vakin", 8, hours=hours), who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
    return slot_id


def told(app: Flask, slot_id: int) -> list[tuple[str, int]]:
    """METHOD and SEQUENCE of the mails to the host, with the recipient's address looked at."""
    with app.app_context():
        assert {mail.recipient for mail in mails() if mail.method} == {"visits@vakin.example"}
        return calendar_messages(slot_id)


def time_of(app: Flask, slot_id: int) -> tuple[datetime, datetime]:
    with app.app_context():
        slot = database.session.get(Slot, slot_id)
        return slot.starts_at, slot.ends_at


def reference_of(app: Flask, slot_id: int) -> str:
    with app.app_context():
        slot = database.session.get(Slot, slot_id)
        return database.session.get(VisitRequest, slot.visit_id).reference


def words_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))
