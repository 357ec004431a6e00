"""Databases that are not there for a while, and people who were just about to send."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from flask import Flask
from sqlalchemy import func, make_url, select

from bookings.db import read_session
from bookings.models.registrations import Registration
from bookings.models.visits import VisitRequest
from bookings.settings import Settings
from tests.support.booking import answers
from tests.support.browsing import Person
from tests.support.builders import a_directory
from tests.support.clock import NOW
from tests.support.events import an_event

PURPOSE = "See how biogas is made from waste on both shores. " * 20
FORMS = ("booking", "registration")
_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=120)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def open_site(app: Flask) -> None:
    """Hosts to book, and an event to register for."""
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        a_directory()
        an_event()


def fill_in(person: Person, form: str) -> Callable[[], Person]:
    """All is typed; what comes back presses the last button."""
    if form == "registration":
        person.open("/events/energy-seminar/register")
        typed = {"name": "Anna Berg", "email": "anna@town.example", "organisation": "Umeå", "country": "SE"}
        return partial(person.send, "", **typed)
    *before, last = answers(purpose=PURPOSE).values()
    person.open("/book")
    for step in before:
        person.send("", **step)
    return partial(person.send, "", **last)


def count_arrived(app: Flask, form: str) -> int:
    """How many of these are stored."""
    table = Registration if form == "registration" else VisitRequest
    with app.app_context():
        return read_session().scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def locked_by_another_process(settings: Settings) -> Iterator[None]:
    """SQLite's write lock is held until the end."""
    file = str(make_url(settings.database_url).database)
    other = subprocess.Popen(
        [sys.executable, "-c", _LOCK, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout
        assert other.stdout.readline() == "locked\n"
        yield
