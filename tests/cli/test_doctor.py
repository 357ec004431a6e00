"""`bookings doctor` against real servers on loopback: what is well, what is not, and what to do."""

import json
import os
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import text

from bookings.adapters.mail.signing import read_signer
from bookings.cli.doctor import doctor_command
from bookings.db import transaction
from bookings.domain.doctor import Health, judge_dkim, judge_dmarc, judge_mx, judge_spf
from bookings.services import outbox
from tests.adapters.smtp_relays import Relay, an_authority, only_with_the_right_password, running_relay
from tests.support.apps import build_settings, close, create_app
from tests.support.imap_server import imap_server
from tests.support.mails import a_mail, add_test_template, queue
from tests.support.name_server import name_server
from tests.support.oidc_provider import oidc_provider
from tests.support.ports import free_port

DOMAIN = "kvarken.example"
ZONE = {
    (DOMAIN, "MX"): ["10 mail.kvarken.example."],
    (DOMAIN, "TXT"): ['"a note"', '"v=spf1 mx -all"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=quarantine"'],
}
NO_RELAY = {"port": free_port(), "timeout_seconds": 2}


def examine(app, *, zone=ZONE, code: int | None = None) -> dict[str, dict[str, str]]:
    """The findings by check; where a check has several, the first that is not well."""
    with name_server(zone) as address:
        done = CliRunner().invoke(doctor_command, ["--json", "--resolver", address], obj=app)
    assert done.exit_code == code if code is not None else done.exit_code in (0, 1), done.output
    told: dict[str, dict[str, str]] = {}
    for one in json.loads(done.stdout):
        if one["check"] not in told or one["health"] != Health.WELL:
            told[one["check"]] = one
        assert (one["health"] == Health.FINDING) <= bool(one["to_do"]), one
    return told


def health(told: dict[str, dict[str, str]]) -> dict[str, str]:
    return {check: one["health"] for check, one in told.items()}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    layout = serialization.PrivateFormat.PKCS8
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, layout, serialization.NoEncryption()))
    file.chmod(0o600)
    return file


def test_where_all_is_well_nothing_is_to_do(database_url: str, tmp_path: Path, key_file: Path):
    authority = an_authority(tmp_path)
    signer = read_signer(domain=DOMAIN, selector="visits", key_file=key_file)
    halves = f'"v=DKIM1; k=rsa; p={signer.public_key[:200]}" "{signer.public_key[200:]}"'
    backups = tmp_path / "backups"
    backups.mkdir()
    (backups / "today.sqlite3").write_bytes(b"a copy")
    relay_options = {
        "tls_context": authority.server_context(host="127.0.0.1"),
        "authenticator": only_with_the_right_password,
        "auth_required": True,
    }
    with running_relay(Relay(), **relay_options) as relay, imap_server() as mailbox:
        more = {
            "mail": {
                "port": relay.port, "security": "starttls", "ca_file": str(authority.ca_file),
                "username": "visits", "password": "correct horse",
            },
            "dkim": {"selector": "visits", "key_file": str(key_file)},
            "imap": {
                "host": "127.0.0.1", "port": mailbox.port, "security": "none", "username": "a",
                "password": "b",
            },
            "backup": {"folder": str(backups)},
        }  # fmt: skip
        app = create_app(build_settings(database_url, tmp_path, more=more))
        with app.app_context():
            outbox.record_heartbeat("w", now=datetime.now(UTC))

        told = examine(app, zone=ZONE | {(f"visits._domainkey.{DOMAIN}", "TXT"): [halves]}, code=0)
        close(app)

    assert told.pop("sign-in provider")["health"] == Health.NOT_ASKED
    assert set(health(told).values()) == {Health.WELL}, told
    assert {"SMTP", "IMAP", "MX", "SPF", "DKIM", "DMARC", "clock", "zone data", "database", "migrations",
            "worker", "backup", "data folder", "mails", "signing"} == set(told)  # fmt: skip
    assert told["SMTP"]["seen"].endswith("STARTTLS, signed in")
    assert relay.taken == []


@pytest.mark.settings(mail=NO_RELAY)
def test_a_fresh_installation_hears_what_is_missing(app):
    told = examine(app, zone={}, code=1)

    found = {check for check, how in health(told).items() if how == Health.FINDING}
    assert found == {"SMTP", "MX", "SPF", "DMARC", "worker", "backup"}
    assert "bookings worker" in told["worker"]["to_do"]
    assert told["backup"]["seen"] == "none is known"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("options", "settings", "words"),
    [
        ({}, {"security": "starttls"}, "mail.security"),
        ({"authenticator": only_with_the_right_password, "auth_require_tls": False},
         {"username": "visits", "password": "wrong"}, "mail.password"),
    ],
)  # fmt: skip
def test_a_relay_that_refuses_us_is_told_with_the_setting_to_correct(
    options, settings, words, database_url, tmp_path
):
    with running_relay(Relay(), **options) as relay:
        app = create_app(
            build_settings(database_url, tmp_path, more={"mail": {"port": relay.port, **settings}})
        )
        told = examine(app, code=1)
        close(app)

    assert words in told["SMTP"]["to_do"]


@pytest.mark.settings(
    imap={"host": "127.0.0.1", "port": free_port(), "security": "none", "timeout_seconds": 1}
)
@pytest.mark.sqlite_only
def test_a_mailbox_that_cannot_be_read_is_a_finding(app):
    assert examine(app)["IMAP"]["health"] == Health.FINDING


@pytest.mark.sqlite_only
def test_without_a_resolver_nothing_is_said_of_the_domain(app):
    done = CliRunner().invoke(doctor_command, ["--json", "--resolver", f"127.0.0.1:{free_port()}"], obj=app)

    told = {one["check"]: one["health"] for one in json.loads(done.stdout)}
    assert {told["MX"], told["SPF"], told["DMARC"]} == {Health.NOT_ASKED}


def test_a_database_without_tables_or_behind_is_told_to_upgrade(app):
    with app.app_context(), transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    behind = examine(app)["migrations"]
    with app.app_context(), transaction() as session:
        session.execute(text("DROP TABLE alembic_version"))
    without = examine(app)["database"]

    assert "bookings db upgrade" in behind["to_do"]
    assert (without["health"], "bookings db upgrade" in without["to_do"]) == (Health.FINDING, True)


@pytest.mark.sqlite_only
def test_a_damaged_file_is_a_finding(app, tmp_path: Path):
    with sqlite3.connect(tmp_path / "bookings.sqlite3") as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 2 WHERE name = 'ix_outbox_message_slot_id'")
    connection.close()

    assert examine(app)["database"]["health"] == Health.FINDING


def test_mails_that_wait_long_or_were_refused_are_told(app):
    add_test_template(app)
    now = datetime.now(UTC)
    with app.app_context():
        queue(a_mail("refused", recipient="no address"), now=now)
        refused = examine(app)["mails"]
        queue(a_mail("old"), now=now - timedelta(hours=2))
        waiting = examine(app)["mails"]

    assert refused["seen"] == "1 mails were refused"
    assert waiting["seen"].startswith("1 mails wait, the oldest since")


def test_a_clock_that_jumped_back_is_told(app):
    with app.app_context():
        outbox.record_heartbeat("w", now=datetime.now(UTC) + timedelta(hours=1))

    assert "jumped back" in examine(app)["clock"]["to_do"]


@pytest.mark.sqlite_only
def test_an_old_backup_and_a_key_that_others_may_read_are_findings(database_url, tmp_path, key_file):
    backups = tmp_path / "backups"
    backups.mkdir()
    copy = backups / "old.sqlite3"
    copy.write_bytes(b"a copy")
    os.utime(copy, (time.time() - 30 * 3600,) * 2)
    key_file.chmod(0o644)
    more = {"dkim": {"selector": "v", "key_file": str(key_file)}, "backup": {"folder": str(backups)}}
    app = create_app(build_settings(database_url, tmp_path, more=more))

    told = examine(app)
    close(app)

    assert (told["backup"]["health"], told["DKIM"]["health"]) == (Health.FINDING, Health.FINDING)
    assert told["signing"]["to_do"] == f"chmod 600 {key_file}"


@pytest.mark.sqlite_only
def test_people_read_lines_with_what_to_do_below(app):
    with name_server(ZONE) as address:
        done = CliRunner().invoke(doctor_command, ["--resolver", address], obj=app)

    assert done.exit_code == 1
    assert "ok  SPF: v=spf1 mx -all\n" in done.output
    assert "!!  backup: none is known\n    → Let a timer run `bookings backup FILE`" in done.output


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=spf1 mx -all"], "well"),
        (["v=spf1 include:relay.example ~all"], "well"),
        (["v=spf1 redirect=relay.example"], "well"),
        ([], "finding"),
        (["v=spf10 -all"], "finding"),
        (["v=spf1 mx -all", "v=spf1 a -all"], "finding"),
        (["v=spf1 mx +all"], "finding"),
        (["v=spf1 mx"], "finding"),
    ],
)
def test_spf_is_one_record_that_ends(records, expected):
    assert judge_spf(DOMAIN, records).health == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=DMARC1; p=none"], "well"),
        (["v=DMARC1;p = reject;"], "well"),
        (["v=DMARC1; rua=mailto:a@b.example"], "finding"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "finding"),
        ([], "finding"),
    ],
)
def test_dmarc_is_one_record_with_a_policy(records, expected):
    assert judge_dmarc(DOMAIN, records).health == expected


def test_a_key_in_dns_has_to_be_ours_and_mail_must_not_end_at_google():
    ours = judge_dkim("v._domainkey.x", ["v=DKIM1; p=AB CD"], public_key="ABCD")
    other = judge_dkim("v._domainkey.x", ["v=DKIM1; p=EFGH"], public_key="ABCD")

    assert (ours.health, other.health, other.seen) == ("well", "finding", "v._domainkey.x shows another key")
    assert judge_mx(DOMAIN, ["aspmx.l.google.com"]).health == "finding"
    assert judge_mx(DOMAIN, ["mail.notgoogle.example"]).health == "well"


def test_a_provider_is_asked_whether_anybody_could_sign_in_there(database_url, tmp_path):
    def seen(**metadata: str) -> dict[str, str]:
        provider.metadata = metadata
        app = create_app(build_settings(database_url, tmp_path, more={"oidc": settings, "mail": NO_RELAY}))
        try:
            return examine(app)["sign-in provider"]
        finally:
            close(app)

    with oidc_provider(tmp_path, is_secure=True) as provider:
        settings = provider.settings
        well, other = seen(), seen(issuer="https://somebody.else")
        astray = seen(token_endpoint="https://elsewhere.example/token")
        settings = {**settings, "ca_file": ""}
        strange = seen()
    settings = {}
    none = seen()

    assert [one["health"] for one in (well, other, astray, strange, none)] == [
        Health.WELL, Health.FINDING, Health.FINDING, Health.FINDING, Health.NOT_ASKED,
    ]  # fmt: skip
    assert "Write oidc.issuer exactly" in other["to_do"]
    assert "oidc.hosts" in astray["to_do"]
    assert "(no_answer: SSLCertVerificationError)" in strange["seen"]
    assert "oidc.ca_file" in strange["to_do"]
