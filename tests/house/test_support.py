"""The supports hold: a test that stands on a broken one would pass for the wrong reason."""

import smtplib
import urllib.request
from email.message import EmailMessage

import pytest
from sqlalchemy import inspect, text

from bookings.db import Base, database
from tests.support.browsers import accessibility_faults
from tests.support.statements import recorded_statements


def test_every_table_of_the_models_is_in_a_migrated_database(app_context):
    found = set(inspect(database.engine).get_table_names())

    assert set(Base.metadata.tables) <= found


def test_statements_are_counted(app_context):
    with recorded_statements() as statements:
        database.session.execute(text("SELECT 1"))
        database.session.execute(text("SELECT 2"))

    assert [statement for statement in statements if statement.startswith("SELECT")] == [
        "SELECT 1",
        "SELECT 2",
    ]


@pytest.mark.sqlite_only
def test_the_web_server_answers(web_server):
    with urllib.request.urlopen(f"{web_server.url}/healthz", timeout=60) as answer:
        assert answer.status == 200


def test_the_mail_sink_keeps_what_it_gets(smtp_sink):
    message = EmailMessage()
    message["Subject"] = "Åbo–Umeå"
    message["From"] = "a@example.org"
    message.set_content("Hej")

    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as relay:
        relay.send_message(message, to_addrs=["b@example.org"])

    assert [(mail.subject, mail.text.strip()) for mail in smtp_sink.to("b@example.org")] == [
        ("Åbo–Umeå", "Hej")
    ]


def test_the_mail_sink_refuses_whom_it_is_told_to(smtp_sink):
    smtp_sink.answers["nobody@example.org"] = "550 5.1.1 unknown"
    message = EmailMessage()
    message["From"] = "a@example.org"

    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as relay, pytest.raises(smtplib.SMTPRecipientsRefused):
        relay.send_message(message, to_addrs=["nobody@example.org"])

    assert smtp_sink.received == []


def test_the_browser_finds_what_is_hard_to_use(page):
    page.set_content(
        "<!doctype html><html lang=en><title>t</title><main><h1>h</h1><img src='x'></main></html>"
    )

    faults = accessibility_faults(page)

    assert [fault.split(" ")[0] for fault in faults] == ["image-alt"]
