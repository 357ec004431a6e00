"""Mails as they go over the wire."""

from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.adapters.characters import UnsafeAddressError, many_lines, one_line
from bookings.adapters.ical.build import build_publish
from bookings.adapters.mail.compose import (
    CalendarPart,
    Mailbox,
    UnsendableMailError,
    build_mail,
    build_message_id,
)
from tests.adapters.calendar_entries import an_entry
from tests.adapters.mail_contents import INVITATION, REQUEST, SENT_AT, a_mail

ANY_TEXT = st.text(st.characters(), max_size=200) | st.text('aå€😀,;:"\\<>()@=?. \t\r\n\x00', max_size=200)


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def decoded(field: str) -> str:
    """The words of a header field, without the quotes of a name."""
    words = str(make_header(decode_header(field.replace("\r\n", "").strip())))
    return unquote(words) if field.startswith('"') else words


def tree(part: EmailMessage) -> object:
    if part.is_multipart():
        return [part.get_content_type(), *map(tree, part.iter_parts())]
    return part.get_content_type()


def test_an_invitation_has_exactly_this_tree():
    message = parsed(build_mail(a_mail(calendar=INVITATION)))

    assert tree(message) == [
        "multipart/mixed",
        ["multipart/alternative", "text/plain", "text/html", "text/calendar"],
        "application/ics",
    ]
    alternative, attachment = message.iter_parts()
    text, html, calendar = alternative.iter_parts()
    assert text.items() == [
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    assert html["Content-Type"] == 'text/html; charset="utf-8"'
    assert dict(calendar.items()) == {
        "Content-Type": 'text/calendar; charset="UTF-8"; method="REQUEST"',
        "Content-Transfer-Encoding": "base64",
    }
    assert dict(attachment.items()) == {
        "Content-Type": 'application/ics; name="invite.ics"',
        "Content-Transfer-Encoding": "base64",
        "Content-Disposition": 'attachment; filename="invite.ics"',
    }
    assert calendar.get_payload(decode=True) == attachment.get_payload(decode=True) == REQUEST


def test_a_mail_without_calendar_is_text_and_html():
    message = parsed(build_mail(a_mail()))

    assert tree(message) == ["multipart/alternative", "text/plain", "text/html"]
    assert message.items() == [
        ("From", "Kvarken Visits <visits@kvarken.example>"),
        ("To", "Mikko Virtanen <mikko.virtanen@vaasa-energia.example>"),
        ("Reply-To", "Kvarken Visits <answer+b3Zn8wYh5JtG6fAe@kvarken.example>"),
        ("Subject", "Inbjudan: Studiebesök"),
        ("Date", "Thu, 06 May 2027 09:12:31 +0000"),
        ("Message-ID", "<0123456789abcdef@kvarken.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
        ("Content-Type", message["Content-Type"]),
    ]


def test_a_newsletter_can_be_left_in_one_click_by_an_unbroken_link():
    url = "https://visits.example/newsletter/leave/" + "t" * 120

    raw = build_mail(a_mail(unsubscribe_url=url, reply_to=None))

    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert b"Reply-To" not in raw


def test_the_same_content_gives_the_same_bytes():
    assert build_mail(a_mail(calendar=INVITATION)) == build_mail(a_mail(calendar=INVITATION))


def test_only_short_ascii_lines_leave_the_house():
    raw = build_mail(a_mail(subject="å" * 300, text="ö" * 5000 + "\n.\nFrom x\n" + "x" * 5000))

    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.count(b"\n") == raw.count(b"\r\n")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Kvarken Visits", "Kvarken Visits"),
        ("Berg, Bo", '"Berg, Bo"'),
        ('Bo "Bosse" Berg', '"Bo \\"Bosse\\" Berg"'),
        ("Åsa Öberg", "=?utf-8?b?w4VzYSDDlmJlcmc=?="),
        ("a@b.example", '"a@b.example"'),
    ],
)
def test_names_keep_their_commas_quotes_and_letters(name, field):
    raw = build_mail(a_mail(sender=Mailbox(address="visits@kvarken.example", name=name)))

    assert raw.startswith(f"From: {field}\r\n <visits@kvarken.example>\r\n".encode())


@settings(deadline=None)
@given(name=ANY_TEXT, subject=ANY_TEXT)
def test_whatever_the_name_there_is_one_address_and_no_new_header(name, subject):
    raw = build_mail(a_mail(recipient=Mailbox(address="a@b.example", name=name), subject=subject))

    message = parsed(raw)
    assert [address.addr_spec for address in message["To"].addresses] == ["a@b.example"]
    assert [address for _, address in getaddresses([message_from_bytes(raw)["To"]])] == ["a@b.example"]
    assert len(message.items()) == 9
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="="), max_size=200).map(one_line))
def test_names_and_subjects_come_back_as_they_were(text):
    raw = build_mail(a_mail(recipient=Mailbox(address="a@b.example", name=text), subject=text))

    # the older parser: the newer one of Python 3.11 puts blanks between the encoded words of a name
    message = message_from_bytes(raw)
    assert decoded(message["To"].rpartition("<")[0]) == text
    assert decoded(message["Subject"]) == text


@settings(deadline=None)
@given(ANY_TEXT)
def test_the_body_comes_back_as_it_was(text):
    message = parsed(build_mail(a_mail(text=text)))

    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == many_lines(text) + "\n"


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "a@b.example\n", "a b@c.example", ""])
def test_addresses_that_would_break_out_of_their_header_are_refused(address):
    with pytest.raises(UnsafeAddressError):
        Mailbox(address=address)


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": "no-brackets@x"},
        {"message_id": "<a b@x>"},
        {"message_id": "<a@x>\r\nBcc: c@d.example"},
        {"date": datetime(2027, 5, 6)},  # noqa: DTZ001 - the point of the test
        {"unsubscribe_url": "https://x.example/a\r\nBcc: c@d.example"},
    ],
)
def test_mails_that_programs_refuse_cannot_be_made(changes):
    with pytest.raises(UnsendableMailError):
        a_mail(**changes)


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("CANCEL", REQUEST),
        ("PUBLISH", build_publish([an_entry()])),
        ("REQUEST", REQUEST.replace(b"METHOD:REQUEST\r\n", b"")),
        ("REQUEST", REQUEST.replace(b"METHOD:REQUEST\r\n", b"METHOD:REQUEST\r\n" * 2)),
    ],
)
def test_mail_and_calendar_agree_about_the_method(method, content):
    with pytest.raises(UnsendableMailError):
        CalendarPart(method=method, content=content)


def test_message_ids_differ_and_stand_under_the_given_domain():
    ids = {build_message_id("kvarken.example") for _ in range(100)}

    assert len(ids) == 100
    assert all(a_mail(message_id=each).date == SENT_AT for each in ids)
    assert all(each.endswith("@kvarken.example>") for each in ids)
