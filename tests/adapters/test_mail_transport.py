"""What happens to a mail at the relay: real servers on loopback, good and bad."""

import socket
import threading
from pathlib import Path

import flask_mail
import pytest
from flask import Flask

from bookings.adapters.mail.compose import build_mail
from bookings.adapters.mail.transport import (
    Cause,
    DeliveryResult,
    Outcome,
    RawMessage,
    SmtpMail,
    SmtpSettings,
    SmtpState,
    send_message,
)
from tests.adapters.mail_contents import INVITATION, a_mail
from tests.adapters.smtp_relays import (
    Authority,
    Relay,
    an_authority,
    only_with_the_right_password,
    running_relay,
)
from tests.support.ports import free_port

RAW = build_mail(a_mail(calendar=INVITATION))
SENDER = "answer+b3Zn8wYh5JtG6fAe@kvarken.example"
RECIPIENT = "mikko.virtanen@vaasa-energia.example"
DELIVERED = DeliveryResult(outcome=Outcome.DELIVERED)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return an_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True, params=[False, True], ids=["one by one", "pipelined"])
def pipelines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test with relays that take commands one by one, and with relays that take several at once."""
    monkeypatch.setattr(Relay, "pipelines", request.param)


def send(relay: Relay, *, recipient: str = RECIPIENT, **changes) -> DeliveryResult:
    values = {
        "host": "127.0.0.1",
        "port": relay.port,
        "timeout_seconds": 5,
        "local_hostname": "visits.example",
    }
    settings = SmtpSettings(**values | changes)
    return send_message(RAW, sender=SENDER, recipient=recipient, settings=settings)


def test_the_relay_gets_exactly_our_bytes_and_our_envelope():
    with running_relay(Relay()) as relay:
        result = send(relay)

    assert result == DELIVERED
    assert relay.taken == [(SENDER, [RECIPIENT], RAW)]
    assert relay.greeted_by == ["visits.example"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_verified_relay_gets_the_mail(authority, security):
    context = authority.server_context(host="127.0.0.1")

    with running_relay(Relay(), is_tls=security == "tls", tls_context=context) as relay:
        result = send(relay, security=security, ca_file=authority.ca_file)

    assert result == DELIVERED
    assert [raw for _, _, raw in relay.taken] == [RAW]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("flaw", ["unknown authority", "other host"])
def test_a_relay_that_cannot_prove_its_name_gets_nothing(authority, security, flaw):
    context = authority.server_context(host="127.0.0.1" if flaw == "unknown authority" else "other.example")
    ca_file = None if flaw == "unknown authority" else authority.ca_file

    with running_relay(Relay(), is_tls=security == "tls", tls_context=context) as relay:
        result = send(relay, security=security, ca_file=ca_file)

    assert (result.outcome, result.cause) == (Outcome.TEMPORARY, Cause.TLS)
    assert "certificate verify failed" in result.reason
    assert relay.taken == []


def test_a_relay_without_starttls_never_gets_the_mail_in_clear_text():
    with running_relay(Relay()) as relay:
        result = send(relay, security="starttls")

    assert (result.outcome, result.cause) == (Outcome.TEMPORARY, Cause.TLS)
    assert relay.taken == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 No such person", Outcome.PERMANENT),
        ("450 4.2.0 Greylisted, come back", Outcome.TEMPORARY),
        ("421 4.3.2 Closing", Outcome.TEMPORARY),
    ],
)
def test_a_refused_recipient_is_final_or_not_by_its_code(answer, outcome):
    code, words = answer.split(" ", 1)

    with running_relay(Relay(recipients={RECIPIENT: answer})) as relay:
        result = send(relay)

    assert result == DeliveryResult(outcome=outcome, cause=Cause.RECIPIENT, code=int(code), reason=words)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("554 5.7.1 Spam", Outcome.PERMANENT), ("451 4.3.0 Disk full", Outcome.TEMPORARY)],
)
def test_a_refused_mail_is_final_or_not_by_its_code(answer, outcome):
    with running_relay(Relay(data_answer=answer)) as relay:
        result = send(relay)

    assert (result.outcome, result.cause, result.code) == (outcome, Cause.MESSAGE, int(answer[:3]))


@pytest.mark.parametrize(
    ("answer", "outcome", "cause"),
    [
        ("553 5.7.1 Not your sender", Outcome.TEMPORARY, Cause.SENDER),
        ("530 5.7.0 Authenticate first", Outcome.TEMPORARY, Cause.SIGN_IN),
        ("552 5.3.4 Too large", Outcome.PERMANENT, Cause.SENDER),
    ],
)
def test_what_staff_can_repair_is_never_given_up(answer, outcome, cause):
    with running_relay(Relay(sender_answer=answer)) as relay:
        result = send(relay)

    assert (result.outcome, result.cause) == (outcome, cause)


@pytest.mark.parametrize(
    ("password", "expected"),
    [("correct horse", (Outcome.DELIVERED, Cause.NONE)), ("wrong", (Outcome.TEMPORARY, Cause.SIGN_IN))],
)
def test_signing_in_works_or_waits_for_the_right_password(authority, password, expected):
    context = authority.server_context(host="127.0.0.1")

    with running_relay(
        Relay(), tls_context=context, authenticator=only_with_the_right_password, auth_required=True
    ) as relay:
        result = send(
            relay, security="starttls", ca_file=authority.ca_file, username="visits", password=password
        )

    assert (result.outcome, result.cause) == expected


def test_a_relay_that_offers_no_sign_in_is_a_matter_of_sign_in():
    with running_relay(Relay()) as relay:
        result = send(relay, username="visits", password="secret")

    assert (result.outcome, result.cause) == (Outcome.TEMPORARY, Cause.SIGN_IN)


def test_the_reason_is_one_short_line_without_secrets():
    answer = "550-first secret-word\r\n550 " + "x" * 500

    with running_relay(Relay(recipients={RECIPIENT: answer})) as relay:
        result = send(relay, password="secret-word")

    assert result.reason.startswith("first *** xxx")
    assert result.reason.isprintable()
    assert len(result.reason) == 200
    assert "secret-word" not in repr(SmtpSettings(host="h", password="secret-word"))


def test_a_hanging_relay_costs_the_time_limit_and_no_more():
    with running_relay(Relay(hangs_for=3)) as relay:
        result = send(relay, timeout_seconds=0.3)

    assert (result.outcome, result.cause) == (Outcome.TEMPORARY, Cause.TIMEOUT)
    assert relay.taken == []


def test_a_relay_that_says_one_letter_at_a_time_is_cut_off_at_the_deadline():
    with dripping_server() as port:
        # It drips for ever, each letter well within the time of one answer: only the deadline ends this.
        result = send(Relay(port=port), timeout_seconds=5, deadline_seconds=0.6)

    assert result.outcome is Outcome.TEMPORARY


def test_a_relay_that_is_down_is_a_temporary_matter():
    result = send(Relay(port=free_port()))

    assert (result.outcome, result.cause) == (Outcome.TEMPORARY, Cause.CONNECTION)


def test_an_unknown_host_and_a_missing_certificate_file_stop_nothing():
    lost = SmtpSettings(host="no-such-host.invalid", timeout_seconds=2)
    bare = SmtpSettings(host="127.0.0.1", security="tls", ca_file=Path("no-such-file.pem"))

    results = [
        send_message(RAW, sender=SENDER, recipient=RECIPIENT, settings=settings) for settings in (lost, bare)
    ]

    assert [result.outcome for result in results] == [Outcome.TEMPORARY, Outcome.TEMPORARY]


def test_a_line_lost_after_the_mail_means_another_try():
    with running_relay(Relay(drops_after_data=True)) as relay:
        result = send(relay)

    assert (result.outcome, result.cause) == (Outcome.TEMPORARY, Cause.CONNECTION)


def test_a_doubtful_recipient_is_final_and_a_doubtful_sender_is_for_staff():
    settings = SmtpSettings(host="127.0.0.1", port=free_port())

    to_nobody = send_message(RAW, sender=SENDER, recipient="a@b.example\r\nRSET", settings=settings)
    from_nobody = send_message(RAW, sender="a b", recipient=RECIPIENT, settings=settings)

    assert (to_nobody.outcome, to_nobody.cause) == (Outcome.PERMANENT, Cause.ADDRESS)
    assert (from_nobody.outcome, from_nobody.cause) == (Outcome.TEMPORARY, Cause.SENDER)


def test_the_connection_remembers_whom_the_relay_refused():
    others = ["a@b.example", RECIPIENT]

    with running_relay(Relay(recipients={"a@b.example": "550 5.1.1 Gone"})) as relay:
        state = SmtpState(SmtpSettings(host="127.0.0.1", port=relay.port, timeout_seconds=5))
        with state.connect() as connection:
            connection.send(RawMessage(RAW, sender=SENDER, recipients=others))

    assert connection.refused == {"a@b.example": (550, b"5.1.1 Gone")}
    assert [recipients for _, recipients, _ in relay.taken] == [[RECIPIENT]]


def test_messages_can_be_recorded_without_a_server():
    settings = SmtpSettings(host="127.0.0.1", port=free_port())

    with SmtpMail().record_messages() as outbox:
        result = send_message(RAW, sender=SENDER, recipient=RECIPIENT, settings=settings, suppress=True)

    assert result == DELIVERED
    assert [(mail.as_bytes(), mail.recipients, mail.msgId) for mail in outbox] == [
        (RAW, [RECIPIENT], "<0123456789abcdef@kvarken.example>")
    ]


def test_other_extensions_send_their_mails_through_our_connection():
    app = Flask(__name__)
    mail = SmtpMail()

    with running_relay(Relay()) as relay:
        app.config |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": relay.port, "MAIL_TIMEOUT": 5}
        mail.init_app(app)
        with app.app_context(), mail.record_messages() as outbox:
            app.extensions["mail"].send(
                flask_mail.Message("Subject", ["a@b.example"], "Text", sender="c@d.example")
            )
            mail.send(flask_mail.Message("Second", ["a@b.example"], "Text", sender="c@d.example"))

    assert [(sender, recipients) for sender, recipients, _ in relay.taken] == [
        ("c@d.example", ["a@b.example"])
    ] * 2
    assert [message.subject for message in outbox] == ["Subject", "Second"]


class dripping_server:  # noqa: N801 - reads as what it is in a with statement
    """Greets at once and then answers one letter every tenth of a second."""

    def __enter__(self) -> int:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self._listener.getsockname()[1]

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self._listener.close()

    def _serve(self) -> None:
        line, _ = self._listener.accept()
        with line:
            line.sendall(b"220 slow\r\n")
            while not self._stop.wait(0.1):
                try:
                    line.sendall(b"2")
                except OSError:
                    return
