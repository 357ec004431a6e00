"""DKIM: what a foreign program accepts, also after transport; keys that cannot sign are refused."""

import base64
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask

from bookings.adapters.mail.compose import build_mail
from bookings.adapters.mail.signing import Signer, read_signer
from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from bookings.settings import SettingsError
from tests.adapters.mail_contents import INVITATION
from tests.adapters.mail_contents import a_mail as a_content
from tests.support.apps import build_settings, close, create_app
from tests.support.mailbox import SMTPSink
from tests.support.mails import a_calendar, a_mail, add_test_template, queue

RAW = build_mail(a_content(calendar=INVITATION))


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return written(key, tmp_path_factory.mktemp("keys") / "dkim.pem")


@pytest.fixture(scope="module")
def signer(key_file: Path) -> Signer:
    return read_signer(domain="kvarken.example", selector="visits", key_file=key_file)


def written(key, file: Path, *, password: bytes | None = None) -> Path:
    """The private key as a file in PEM."""
    hiding = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hiding))
    return file


def is_valid(raw: bytes, signer: Signer) -> bool:
    """The verdict of a foreign program with a resolver that knows one record."""
    records = {b"visits._domainkey.kvarken.example.": f"v=DKIM1; k=rsa; p={signer.public_key}".encode()}
    return dkim.verify(raw, dnsfunc=lambda name, timeout=5: records.get(name))


@pytest.mark.parametrize(
    "mail",
    [
        RAW,
        build_mail(a_content()),
        build_mail(a_content(unsubscribe_url="https://visits.example/newsletter/" + "x" * 90)),
        build_mail(a_content(subject="Åbo och Österbotten – " * 9, text="two  blanks \n\n\nend\n\n\n")),
        b"From: a@kvarken.example\r\n\r\n",
        b"From: a@kvarken.example\r\nSubject:  x \t y\r\n\t z\r\n\r\n\r\n a \t b \r\n\r\n",
    ],
    ids=["invitation", "plain", "newsletter", "long words", "no body", "blanks"],
)
def test_a_signed_mail_is_valid_to_a_foreign_program(mail, signer):
    signed = signer.sign(mail)

    assert signed.endswith(b"\r\n" + mail)
    assert is_valid(signed, signer)
    assert max(map(len, signed.split(b"\r\n"))) <= max(*map(len, mail.split(b"\r\n")), 78)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject: ", b"Subject: not "),
        (b"\r\nTo: ", b"\r\nTo: Eve <eve@evil.example>\r\nTo: "),
        (b"\r\nFrom: ", b"\r\nReply-To: eve@evil.example\r\nFrom: "),
        (b"Message-ID: <0", b"Message-ID: <9"),
        (b'method="REQUEST"', b'method="CANCEL"'),
        (b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: 8bit"),
    ],
)
def test_whoever_changes_a_signed_mail_spoils_it(before, after, signer):
    signed = signer.sign(RAW)
    assert before in signed

    assert not is_valid(signed.replace(before, after), signer)


def test_a_relay_may_refold_headers_and_trim_blanks(signer):
    raw = b"From: a@kvarken.example\r\nSubject: one two\r\n\r\nwords  \r\nmore\r\n"

    signed = signer.sign(raw)
    moved = signed.replace(b"Subject: one two", b"subject:one\r\n  two ").replace(b"words  ", b"words")

    assert moved != signed
    assert is_valid(moved, signer)


@pytest.mark.sqlite_only
def test_a_mail_is_signed_on_its_way_and_valid_where_it_arrives(
    database_url: str, tmp_path: Path, smtp_sink: SMTPSink, key_file: Path, signer: Signer, now
):
    more = {
        "mail": {"port": smtp_sink.port},
        "dkim": {"selector": "visits", "key_file": str(key_file)},
    }
    app = create_app(build_settings(database_url, tmp_path, more=more))
    add_test_template(app)
    words = {"subject_words": "Välkommen", "words": ".dots\n..and lines\n" + "ö" * 300}
    with app.app_context():
        queue(a_mail(context=words, calendar=a_calendar(), recipient_name="Åsa Berg, Åbo"), now=now)

    Worker(app, schedule=Schedule(jobs=()), clock=lambda: now).work_once()
    close(app)

    (mail,) = smtp_sink.received
    assert is_valid(mail.raw, signer)
    assert mail.subject == "Välkommen"
    assert mail.message["DKIM-Signature"].count("from") == 2


def test_without_a_key_mails_leave_as_they_are(app: Flask):
    assert app.extensions["mail_signer"] is None


def bad_keys(folder: Path) -> dict[str, Path]:
    (folder / "words.pem").write_text("not a key")
    long_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "cannot be read": folder / "missing.pem",
        "no private key in PEM": folder / "words.pem",
        "without a password": written(long_key, folder / "locked.pem", password=b"secret"),
        "an RSA key": written(ec.generate_private_key(ec.SECP256R1()), folder / "curve.pem"),
    }


@pytest.mark.sqlite_only
def test_a_key_that_cannot_sign_stops_the_start_and_says_why(database_url: str, tmp_path: Path):
    told = {}
    for words, file in bad_keys(tmp_path).items():
        settings = build_settings(
            database_url, tmp_path, more={"dkim": {"selector": "s", "key_file": str(file)}}
        )
        with pytest.raises(SettingsError) as refused:
            create_app(settings)
        told[words] = str(refused.value)

    assert all(words in text and text.startswith("dkim.key_file: ") for words, text in told.items()), told


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"selector": "s"}, "both a selector and a key_file"),
        ({"selector": "s", "key_file": "k", "domain": "other.example"}, "does not belong to other.example"),
    ],
)
def test_a_half_or_foreign_signature_is_a_fault_of_the_settings(values, words, tmp_path):
    with pytest.raises(SettingsError, match=words):
        build_settings("sqlite://", tmp_path, more={"dkim": values})


def test_the_public_key_is_what_dns_shows(signer):
    der = base64.b64decode(signer.public_key)

    assert serialization.load_der_public_key(der) == signer.key.public_key()
