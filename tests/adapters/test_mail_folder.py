"""The local mailbox of the demo."""

from datetime import datetime
from pathlib import Path

import pytest

from bookings.adapters.characters import UnsafeAddressError
from bookings.adapters.mail.compose import build_mail
from bookings.adapters.mail.folder import (
    MailLink,
    MailNotInFolderError,
    MailSummary,
    deliver_to_folder,
    list_folder_messages,
    read_folder_message,
)
from tests.adapters.mail_contents import INVITATION, REQUEST, SENT_AT, a_mail

MIKKO = "mikko.virtanen@vaasa-energia.example"


def test_mails_are_listed_newest_first_and_by_recipient(tmp_path: Path):
    folder = tmp_path / "new" / "mailbox"
    keys = [
        deliver_to_folder(build_mail(a_mail(subject=f"Number {number}")), folder, recipient)
        for number, recipient in enumerate([MIKKO, "sofia@umea.example", MIKKO])
    ]

    everybody = list_folder_messages(folder)
    mikko = list_folder_messages(folder, recipient=MIKKO)

    assert [mail.key for mail in everybody] == keys[::-1]
    assert [mail.subject for mail in mikko] == ["Number 2", "Number 0"]
    assert mikko[0] == MailSummary(
        key=keys[2],
        recipient=MIKKO,
        sender="Kvarken Visits <visits@kvarken.example>",
        subject="Number 2",
        sent_at=SENT_AT,
        message_id="<0123456789abcdef@kvarken.example>",
    )


def test_a_mail_is_read_with_its_texts_calendar_links_and_headers(tmp_path: Path):
    key = deliver_to_folder(build_mail(a_mail(calendar=INVITATION)), tmp_path, MIKKO)

    mail = read_folder_message(tmp_path, key)

    assert mail.summary == list_folder_messages(tmp_path)[0]
    assert mail.text == "Välkommen! Svara: https://visits.example/slots/abc.\n"
    assert mail.html == '<p>Välkommen! <a href="https://visits.example/slots/abc">Svara</a></p>\n'
    assert mail.calendar == REQUEST.decode().replace("\r\n", "\n")
    assert mail.calendar_method == "REQUEST"
    assert mail.links == (MailLink(url="https://visits.example/slots/abc", label="Svara"),)
    assert mail.headers[0] == ("Delivered-To", MIKKO)
    assert ("Auto-Submitted", "auto-generated") in mail.headers


def test_only_web_links_are_offered_to_press(tmp_path: Path):
    content = a_mail(
        text="https://a.example/x?y=1&z=2, and ftp://b.example",
        html='<a href="javascript:alert(1)">no</a> <a>nothing</a> <a href="https://c.example/?a=1&amp;b=2"></a>',
    )

    mail = read_folder_message(tmp_path, deliver_to_folder(build_mail(content), tmp_path, MIKKO))

    assert mail.links == (
        MailLink(url="https://c.example/?a=1&b=2", label="https://c.example/?a=1&b=2"),
        MailLink(url="https://a.example/x?y=1&z=2", label="https://a.example/x?y=1&z=2"),
    )
    assert (mail.calendar, mail.calendar_method) == ("", "")


def test_the_stored_mail_is_the_sent_mail_behind_one_more_header(tmp_path: Path):
    raw = build_mail(a_mail(calendar=INVITATION))

    key = deliver_to_folder(raw, tmp_path, MIKKO)

    assert (tmp_path / "new" / key).read_bytes() == b"Delivered-To: " + MIKKO.encode() + b"\r\n" + raw


@pytest.mark.parametrize("key", ["unknown", "../new/unknown", "../../etc/passwd", "", "\x00"])
def test_a_key_that_names_no_mail_is_refused(tmp_path: Path, key: str):
    deliver_to_folder(build_mail(a_mail()), tmp_path, MIKKO)

    with pytest.raises(MailNotInFolderError):
        read_folder_message(tmp_path, key)


def test_an_empty_folder_lists_nothing_and_a_doubtful_recipient_is_refused(tmp_path: Path):
    assert list_folder_messages(tmp_path / "not" / "there") == []
    with pytest.raises(UnsafeAddressError):
        deliver_to_folder(b"", tmp_path, "a@b.example\r\nX: y")


def test_a_foreign_file_in_the_folder_stops_nothing(tmp_path: Path):
    deliver_to_folder(build_mail(a_mail()), tmp_path, MIKKO)
    (tmp_path / "new" / "strange").write_bytes(b"\xff\xfe no headers at all \x00")

    mails = list_folder_messages(tmp_path)

    assert [mail.subject for mail in mails] == ["Inbjudan: Studiebesök", ""]
    assert [type(mail.sent_at) for mail in mails] == [datetime, type(None)]
