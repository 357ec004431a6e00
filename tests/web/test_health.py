"""The pages for machines: alive, ready, counts."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bookings.db import transaction
from bookings.services.outbox import record_heartbeat
from tests.support.mails import a_mail, add_test_template, queue


@pytest.fixture(autouse=True)
def clock(app: Flask, now: datetime) -> None:
    app.extensions["clock"] = lambda: now


def beat(app: Flask, at: datetime) -> None:
    with app.app_context():
        record_heartbeat("w", now=at)


def test_the_process_says_that_it_is_alive(client: FlaskClient):
    assert client.get("/healthz").text == "ok\n"


def test_ready_means_database_migrations_and_a_worker(app: Flask, client: FlaskClient, now: datetime):
    beat(app, now - timedelta(seconds=30))

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.get_json() == {"database": "ok", "migrations": "ok", "worker": "ok"}


def test_a_silent_worker_makes_the_site_unready(app: Flask, client: FlaskClient, now: datetime):
    beat(app, now - timedelta(seconds=61))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()["worker"]) == (503, "missing")


def test_old_tables_make_the_site_unready(app: Flask, client: FlaskClient):
    with app.app_context(), transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert client.get("/readyz").get_json()["migrations"] == "missing"


@pytest.mark.sqlite_only
def test_no_tables_at_all_make_the_site_unready(app: Flask, client: FlaskClient):
    with app.app_context(), transaction() as session:
        session.execute(text("DROP TABLE alembic_version"))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()) == (503, {"database": "missing"})


def test_the_counts_name_states_and_seconds_and_no_people(app: Flask, client: FlaskClient, now: datetime):
    add_test_template(app)
    with app.app_context():
        queue(a_mail("a"), a_mail("b"), now=now - timedelta(minutes=5))
    beat(app, now - timedelta(seconds=7))

    lines = client.get("/metrics").text.splitlines()

    assert 'bookings_mails{state="waiting"} 2' in lines
    assert "bookings_oldest_waiting_mail_seconds 300" in lines
    assert "bookings_worker_silence_seconds 7" in lines
    assert "@" not in "".join(lines)
