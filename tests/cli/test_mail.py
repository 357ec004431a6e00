"""The three doors for mail: the pipe with its exit codes, the IMAP mailbox, LMTP."""

import json
import logging
import smtplib
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from bookings.adapters.imap import MailboxNotAvailableError
from bookings.adapters.sandbox import ReaderNotAvailableError
from bookings.cli import main
from bookings.cli.mail import mail as mail_commands
from bookings.db import database
from bookings.foundation import MAILED_PAGES, create_small_app
from bookings.jobs.inbox import poll_if_set_up, poll_mailbox
from bookings.jobs.lmtp import listening
from bookings.services.inbox import receiving
from bookings.services.outbox import site_url
from tests.support.imap_server import imap_server
from tests.support.inbox import an_invited_host, answer, inbox_rows, mail, situation
from tests.support.ports import free_port
from tests.support.stories import mails

pytestmark = pytest.mark.sqlite_only


def run(app, *arguments, stdin=b""):
    return CliRunner().invoke(mail_commands, arguments, input=stdin, obj=app)


def test_the_pipe_takes_an_answer_in_and_says_nothing(app):
    with app.app_context():
        (host,) = an_invited_host()

    done = run(app, "receive", stdin=answer(host))

    with app.app_context():
        assert (done.exit_code, done.output) == (0, "")
        assert situation(host.slot_id)["state"] == "accepted"


def test_the_pipe_explains_its_conclusion_when_asked(app):
    with app.app_context():
        (host,) = an_invited_host()

    done = run(app, "receive", "--explain", stdin=answer(host, "DECLINED", more="COMMENT:Nej tack"))

    told = json.loads(done.stdout)
    shown = {key: told[key] for key in ("class", "action", "attendee", "partstat", "comment")}
    assert shown == {
        "class": "reply", "action": "record-response", "attendee": host.email, "partstat": "DECLINED",
        "comment": "Nej tack",
    }  # fmt: skip


def test_the_envelope_recipient_counts_when_the_header_does_not_say_it(app):
    with app.app_context():
        (host,) = an_invited_host()
    raw = answer(host).replace(f"To: {host.address}".encode(), b"To: undisclosed-recipients:;")

    run(app, "receive", "--recipient", host.address, stdin=raw)

    with app.app_context():
        assert situation(host.slot_id)["state"] == "accepted"


def test_what_nobody_can_read_is_taken_in_all_the_same(app):
    done = run(app, "receive", stdin=b"X: " + b"y" * 3_000_000)

    assert done.exit_code == 0


def test_nothing_on_standard_input_is_no_input(app):
    assert run(app, "receive").exit_code == 66


def test_a_database_that_is_away_asks_the_mail_server_to_come_again(app):
    with app.app_context():
        database.session.execute(text("ALTER TABLE inbox_message RENAME TO gone"))
        database.session.commit()

    done = run(app, "receive", stdin=mail(to="answer+abcdefgh@kvarken.example", sender="a@x.example"))

    assert done.exit_code == 75


def test_a_fault_of_ours_asks_the_mail_server_to_come_again_instead_of_sending_the_mail_back(
    app, monkeypatch
):
    def trip(*_arguments, **_more):
        raise ValueError

    monkeypatch.setattr(receiving, "_take_in", trip)
    monkeypatch.setattr(receiving, "_keep_unreadable", trip)

    done = run(app, "receive", stdin=mail(to="answer+abcdefgh@kvarken.example", sender="a@x.example"))

    assert (done.exit_code, done.stderr) == (75, "put off: ValueError\n")


def test_what_the_pipe_logs_holds_no_address_and_no_token(app, monkeypatch):
    token = "q3" * 20

    def trip(*_arguments, **_more):
        raise ValueError(f"anna@x.example wrote to answer+{token}@kvarken.example: {token}")

    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr("bookings.cli.create_small_app", lambda _load_full: app)
    monkeypatch.setattr(receiving, "_take_in", trip)
    monkeypatch.setattr(receiving, "_keep_unreadable", trip)

    raw = mail(to="answer+abcdefgh@kvarken.example", sender="a@x.example")
    done = CliRunner().invoke(main, ["mail", "receive"], input=raw)

    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert lines[-1]["message"] == "mail put off"
    assert "ValueError: …@x.example" in lines[-1]["fault"]
    assert (token in done.stderr, "anna" in done.stderr) == (False, False)


def test_polling_without_a_mailbox_is_a_fault_of_the_settings(app):
    assert run(app, "poll").exit_code == 78


@pytest.fixture
def mailbox():
    with imap_server() as server:
        yield server


@pytest.fixture
def reading(app, mailbox):
    settings = app.extensions["settings"]
    more = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "username": "u", "password": "p"}
    imap = settings.imap.model_copy(update=more)
    app.extensions["settings"] = settings.model_copy(update={"imap": imap})
    with app.app_context():
        yield app


def test_the_mailbox_is_read_once_and_goes_on_where_it_stopped(reading, mailbox, now):
    host, other = an_invited_host("stormossen", "westenergy")
    mailbox.add(answer(host))

    first = (poll_mailbox(now=now), poll_mailbox(now=now))
    mailbox.add(answer(other, "DECLINED"))
    second = poll_mailbox(now=now)

    assert (first, second) == ((1, 0), 1)
    assert [situation(one.slot_id)["state"] for one in (host, other)] == ["accepted", "declined"]
    assert sorted(mailbox.folders["INBOX"]) == [1, 2]


def test_a_new_uidvalidity_reads_all_again_and_changes_nothing(reading, mailbox, now):
    (host,) = an_invited_host()
    mailbox.add(answer(host))
    poll_mailbox(now=now)

    mailbox.uid_validity = 2

    assert poll_mailbox(now=now) == 1
    assert len(inbox_rows()) == 1


def test_what_cannot_be_read_goes_into_a_folder_of_its_own_and_the_rest_arrives(reading, mailbox, now):
    (host,) = an_invited_host()
    mailbox.add(b"X: " + b"y" * 100_000 + b"\r\n\r\nx")
    mailbox.add(answer(host))

    poll_mailbox(now=now)

    assert (list(mailbox.folders["Unreadable"]), list(mailbox.folders["INBOX"])) == ([1], [2])
    assert situation(host.slot_id)["state"] == "accepted"


@pytest.mark.parametrize(
    ("server", "folder"), [({"prefix": "INBOX/"}, "INBOX/Unreadable"), ({"is_full": True}, "INBOX")]
)
def test_a_folder_that_may_not_be_made_or_filled_holds_nothing_up(reading, mailbox, now, server, folder):
    (host,) = an_invited_host()
    vars(mailbox).update(server)
    mailbox.add(b"X: " + b"y" * 100_000 + b"\r\n\r\nx")
    mailbox.add(answer(host))

    assert (poll_mailbox(now=now), poll_mailbox(now=now)) == (2, 0)
    assert 1 in mailbox.folders[folder]
    assert situation(host.slot_id)["state"] == "accepted"


def test_a_connection_that_breaks_is_taken_up_where_it_broke(reading, mailbox, now):
    for number in range(4):
        mailbox.add(mail(to="a@x.example", sender="b@x.example", text=str(number)))
    mailbox.dies_after = 2

    with pytest.raises(MailboxNotAvailableError):
        poll_mailbox(now=now)

    assert len(inbox_rows()) == 2
    assert (poll_mailbox(now=now), len(inbox_rows())) == (2, 4)


def test_a_server_that_is_away_does_not_disturb_the_worker(reading, mailbox, now):
    settings = reading.extensions["settings"]
    imap = settings.imap.model_copy(update={"port": free_port()})
    reading.extensions["settings"] = settings.model_copy(update={"imap": imap})

    poll_if_set_up(now=now)

    assert inbox_rows() == []


def lmtp(app, port):
    return listening(app, lambda: datetime.now(UTC), address=f"127.0.0.1:{port}")


def test_lmtp_takes_answers_in_for_each_recipient(app):
    with app.app_context():
        (host,) = an_invited_host()
    port = free_port()

    with lmtp(app, port), smtplib.LMTP("127.0.0.1", port) as client:
        client.sendmail(host.email, [host.address, "visits@kvarken.example"], answer(host))
        # Python's client reads the first of the two answers (RFC 2033) only.
        second, _ = client.getreply()
        client.sendmail(host.email, [host.address], b"Cc: " + b"(" * 60_000 + b"\r\n\r\nx")
        client.sendmail(host.email, [host.address], answer(replace(host), "TENTATIVE", at=datetime.now(UTC)))

    with app.app_context():
        assert second == 250
        assert len(inbox_rows()) == 3


def test_lmtp_asks_to_come_again_when_nothing_can_be_read(app, monkeypatch):
    def away(_raw):
        raise ReaderNotAvailableError

    monkeypatch.setattr(receiving._sandbox, "read", away)
    port = free_port()

    with (
        lmtp(app, port),
        smtplib.LMTP("127.0.0.1", port) as client,
        pytest.raises(smtplib.SMTPDataError) as put_off,
    ):
        client.sendmail("a@x.example", ["answer+abcdefgh@kvarken.example"], b"To: x\r\n\r\nhello")

    assert put_off.value.smtp_code == 451


def test_a_process_that_takes_in_a_mail_loads_no_pages():
    asked = (
        "import sys, bookings.cli.mail; print(*{'bookings.web', 'flask_security', 'typst'} & {*sys.modules})"
    )

    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == []


def test_its_mails_lead_where_those_of_the_site_do(app, settings):
    small = create_small_app(lambda _settings: app, settings)

    with app.app_context():
        known = {
            endpoint: [rule.rule for rule in app.url_map.iter_rules(endpoint)] for endpoint in MAILED_PAGES
        }
        wanted = site_url("newsletter.unsubscribe", token="x")
    with small.app_context():
        assert site_url("newsletter.unsubscribe", token="x") == wanted
    assert known == {endpoint: [rule] for endpoint, rule in MAILED_PAGES.items()}


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED"])
def test_what_follows_from_an_answer_is_told_by_a_process_without_pages(app, settings, partstat):
    with app.app_context():
        (host,) = an_invited_host()
        before = len(mails())

    def load_full(_settings):
        raise AssertionError("pages were loaded")

    done = run(create_small_app(load_full, settings), "receive", stdin=answer(host, partstat))

    assert done.exit_code == 0, done.stderr
    with app.app_context():
        assert situation(host.slot_id)["partstat"] == partstat
        assert len(mails()) > before
