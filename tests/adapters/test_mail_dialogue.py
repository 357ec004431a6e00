"""Commands that leave together: what the relay answers to each is understood, and the line stays usable."""

import smtplib
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from bookings.adapters.mail.dialogue import offers_pipelining, send_pipelined
from tests.adapters.smtp_relays import Relay, running_relay

SENDER, RECIPIENT = "answer@kvarken.example", "host@plant.example"
RAW = b"Subject: Dots\r\n\r\n.\r\n..two\r\nend"


@contextmanager
def line_to(port: int) -> Iterator[smtplib.SMTP]:
    host = smtplib.SMTP("127.0.0.1", port, timeout=20)
    try:
        yield host
    finally:
        host.close()


@pytest.mark.parametrize(
    ("relay", "refusal", "code"),
    [
        (Relay(sender_answer="553 5.7.1 not yours"), smtplib.SMTPSenderRefused, 553),
        (Relay(recipients={RECIPIENT: "550 5.1.1 unknown"}), smtplib.SMTPRecipientsRefused, 550),
        (Relay(data_answer="554 5.7.1 not wanted"), smtplib.SMTPDataError, 554),
    ],
)
def test_the_first_refusal_is_the_reason_and_the_next_mail_leaves_on_the_same_line(
    relay: Relay, refusal: type[smtplib.SMTPException], code: int
):
    with running_relay(relay), line_to(relay.port) as host:
        host.ehlo()
        with pytest.raises(refusal) as refused:
            send_pipelined(host, SENDER, RECIPIENT, RAW)
        relay.sender_answer = relay.data_answer = "250 OK"
        send_pipelined(host, SENDER, "other@plant.example", RAW)

    assert str(code) in str(refused.value)
    assert relay.taken == [(SENDER, ["other@plant.example"], RAW + b"\r\n")]


def test_a_relay_that_waits_for_a_content_though_it_refused_everybody_gets_an_empty_one():
    answers = [b"250 OK\r\n550 5.1.1 unknown\r\n354 go on\r\n", b"554 nobody\r\n", b"250 OK\r\n"]

    with scripted_relay(answers) as (port, heard), line_to(port) as host:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send_pipelined(host, SENDER, RECIPIENT, RAW)
        commands = heard.result(20)

    assert commands[0].upper().startswith(b"MAIL FROM:<ANSWER@KVARKEN.EXAMPLE>\r\nRCPT TO:<HOST@")
    assert commands[0].endswith(b"\r\nDATA\r\n")
    assert commands[1:] == [b".\r\n", b"rset\r\n"]


def test_a_relay_that_closes_is_not_spoken_to_any_more():
    with scripted_relay([b"421 closing\r\n503 no\r\n503 no\r\n"]) as (port, heard), line_to(port) as host:
        with pytest.raises(smtplib.SMTPSenderRefused):
            send_pipelined(host, SENDER, RECIPIENT, RAW)
        assert host.sock is None

    assert len(heard.result(20)) == 1


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (b"421 closing\r\n", smtplib.SMTPSenderRefused),
        (b"250 OK\r\n550 5.7.1 go away\r\n", smtplib.SMTPRecipientsRefused),
        (b"250 OK\r\n250 OK\r\n", smtplib.SMTPServerDisconnected),
    ],
)
def test_a_relay_that_refuses_and_hangs_up_has_refused(words: bytes, refusal: type[smtplib.SMTPException]):
    with scripted_relay([words]) as (port, _heard), line_to(port) as host, pytest.raises(refusal):
        send_pipelined(host, SENDER, RECIPIENT, RAW)


def test_only_a_relay_that_says_so_takes_commands_together(monkeypatch: pytest.MonkeyPatch):
    offers = []
    for pipelines in (False, True):
        monkeypatch.setattr(Relay, "pipelines", pipelines)
        with running_relay(Relay()) as relay, line_to(relay.port) as host:
            offers.append(offers_pipelining(host))

    assert offers == [False, True]


@contextmanager
def scripted_relay(answers: list[bytes]) -> Iterator[tuple[int, Future[list[bytes]]]]:
    """Greets and answers each breath with the next of these; the future tells what was heard."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        heard = pool.submit(_converse, listener, answers)
        yield listener.getsockname()[1], heard


def _converse(listener: socket.socket, answers: list[bytes]) -> list[bytes]:
    line, _ = listener.accept()
    heard = []
    with line:
        line.sendall(b"220 relay\r\n")
        for answer in answers:
            heard.append(line.recv(65536))
            line.sendall(answer)
    return heard
