"""The checks of the doctor: each looks at one thing, and never raises for what it finds there."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import SQLAlchemyError

from bookings.adapters.dns import Records, ResolverNotAvailableError
from bookings.adapters.ical.zones import VTIMEZONES, find_wall_time
from bookings.adapters.imap import MailboxNotAvailableError, open_folder
from bookings.adapters.mail.probe import try_relay
from bookings.adapters.mail.signing import current_signer
from bookings.adapters.mail.transport import Cause, Outcome
from bookings.db import read_session
from bookings.domain.doctor import (
    Finding,
    finding,
    judge_dkim,
    judge_dmarc,
    judge_mx,
    judge_spf,
    not_asked,
    well,
)
from bookings.domain.outbox import OutboxState
from bookings.jobs.inbox import mailbox_settings
from bookings.jobs.outbox import relay_settings
from bookings.queries.health import Condition, find_damage, load_condition, newest_migration
from bookings.queries.outbox import database_time
from bookings.services.oidc import find_provider_fault
from bookings.settings import Settings, current_settings

_LONGEST_SILENCE = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(hours=1)
_LARGEST_SKEW = timedelta(seconds=5)
_YEARS = 10
_LEAST_FREE = 500 * 1024 * 1024

_RELAY_ADVICE = {
    Cause.TIMEOUT: "Is mail.host right, and may this machine reach that port?",
    Cause.CONNECTION: "Is mail.host right, does the relay run, and may this machine reach that port?",
    Cause.TLS: "Set mail.security to what the relay offers, and mail.ca_file for an authority of your own.",
    Cause.SIGN_IN: "Correct mail.username and mail.password.",
}

_DISCOVERY = "/.well-known/openid-configuration"
_PROVIDER_ADVICE = {
    "no_answer": f"May this machine reach oidc.issuer, and does {_DISCOVERY} below it answer within five "
    "seconds? Name an authority of your own in oidc.ca_file.",
    "other_issuer": "Write oidc.issuer exactly as the provider writes `issuer` in its description.",
    "foreign_address": "Its endpoints are at another host: name that in oidc.hosts, if it is the provider's.",
    "bad_address": "The provider's description names an address that is none: ask whoever runs it.",
    "keys": "The provider names no RSA or EC key for signing at its jwks_uri: ask whoever runs it.",
}


def run_checks(*, resolver: str, now: datetime) -> list[Finding]:
    """All findings, in the order in which things stand on each other."""
    settings = current_settings()
    return [
        *_check_database(now=now),
        *_check_zones(now),
        _check_disk(settings),
        _check_relay(settings),
        _check_mailbox(settings),
        _check_signing(settings),
        _check_provider(settings),
        *_check_names(settings, resolver),
        _check_backup(settings, now=now),
    ]


def _check_database(*, now: datetime) -> Iterator[Finding]:
    session = read_session()
    try:
        damage = find_damage(session)
        condition = load_condition(session)
        skew = abs(database_time(session) - now)
    except SQLAlchemyError as error:
        session.rollback()
        to_do = "Check database.url, that its server runs, and that `bookings db upgrade` was run."
        yield finding("database", f"cannot be used ({type(error).__name__})", to_do)
        return
    yield (
        finding(
            "database",
            "; ".join(damage[:3]),
            "Stop the site, then `bookings restore FILE --replace` with the newest backup.",
        )
        if damage
        else well("database", "answers, and is whole")
    )
    yield _check_migrations(condition)
    yield _check_worker(condition, now=now)
    yield _check_mails(condition, now=now)
    yield _check_clock(skew, condition, now=now)


def _check_migrations(condition: Condition) -> Finding:
    newest = newest_migration()
    if condition.migration != newest:
        seen = f"the tables are at {condition.migration}, this release wants {newest}"
        return finding("migrations", seen, "Run `bookings backup FILE`, then `bookings db upgrade`.")
    return well("migrations", f"none is pending ({newest})")


def _check_worker(condition: Condition, *, now: datetime) -> Finding:
    seen_at = condition.worker_seen_at
    if seen_at is not None and now - seen_at <= _LONGEST_SILENCE:
        return well("worker", f"seen {seen_at:%Y-%m-%d %H:%M:%S} UTC")
    seen = f"last seen {seen_at:%Y-%m-%d %H:%M:%S} UTC" if seen_at else "has never run"
    return finding(
        "worker", seen, "No mail leaves: start `bookings serve` (worker inside) or `bookings worker`."
    )


def _check_mails(condition: Condition, *, now: datetime) -> Finding:
    backlog, refused = condition.backlog, condition.mails[OutboxState.FAILED]
    if backlog.since is not None and now - backlog.since > _LONGEST_WAIT:
        seen = f"{backlog.count} mails wait, the oldest since {backlog.since:%Y-%m-%d %H:%M} UTC"
        return finding("mails", seen, "See /staff/outbox for the reason; nothing is lost meanwhile.")
    if refused:
        return finding(
            "mails", f"{refused} mails were refused", "Decide on them at /staff/outbox?state=failed."
        )
    return well("mails", f"{backlog.count} mails wait")


def _check_clock(skew: timedelta, condition: Condition, *, now: datetime) -> Finding:
    if skew > _LARGEST_SKEW:
        seen = f"{now:%Y-%m-%d %H:%M:%S} UTC here, {skew.total_seconds():.0f} s off the database's clock"
        return finding("clock", seen, "Let both machines follow a time server (chrony, systemd-timesyncd).")
    if condition.worker_seen_at is not None and condition.worker_seen_at > now + _LONGEST_SILENCE:
        seen = (
            f"{now:%Y-%m-%d %H:%M:%S} UTC, but a worker was seen at {condition.worker_seen_at:%Y-%m-%d %H:%M}"
        )
        return finding(
            "clock", seen, "The clock has jumped back: set it right, and let it follow a time server."
        )
    return well("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _check_zones(now: datetime) -> Iterator[Finding]:
    """Our VTIMEZONE blocks say what the zone data says, for years ahead."""
    for zone in VTIMEZONES:
        try:
            ZoneInfo(zone)
        except ZoneInfoNotFoundError:
            yield finding("zone data", f"{zone} is unknown", "Install the package tzdata.")
            continue
        days = (now + timedelta(days=days) for days in range(1, _YEARS * 365))
        strange = next((day for day in days if find_wall_time(day.replace(hour=12), zone) is None), None)
        if strange is None:
            yield well("zone data", f"{zone} has the rules that invitations carry, {_YEARS} years ahead")
        else:
            seen = f"{zone} has other rules from {strange:%Y-%m-%d}"
            yield finding(
                "zone data", seen, "Update tzdata and this program; times are sent in UTC meanwhile."
            )


def _check_disk(settings: Settings) -> Finding:
    folder = settings.app.data_folder
    if not os.access(folder, os.W_OK):
        return finding("data folder", f"{folder} cannot be written", "Give it to the user who runs the site.")
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        return finding(
            "data folder", f"{free // 1024**2} MiB free", "Make room: without it nothing is saved."
        )
    return well("data folder", f"{folder}, {free // 1024**3} GiB free")


def _check_relay(settings: Settings) -> Finding:
    if settings.mail.transport == "folder":
        return not_asked(
            "SMTP", "mails stay in a folder of this machine", 'To send them, set mail.transport = "smtp".'
        )
    relay = relay_settings(settings)
    result = try_relay(relay)
    place = f"{relay.host}:{relay.port}"
    if result.outcome is Outcome.DELIVERED:
        how = {"none": "in clear text", "starttls": "STARTTLS", "tls": "TLS"}[relay.security]
        return well("SMTP", f"{place}, {how}, {'signed in' if relay.username else 'no sign-in'}")
    words = f"{result.code or ''} {result.reason}".strip()
    return finding("SMTP", f"{place}: {words}", _RELAY_ADVICE.get(result.cause, "Ask who runs the relay."))


def _check_mailbox(settings: Settings) -> Finding:
    if not settings.imap.host:
        doors = "LMTP" if settings.inbox.lmtp_address else "`bookings mail receive`"
        return not_asked("IMAP", f"no mailbox is read; answers come by {doors}")
    try:
        with open_folder(mailbox_settings()):
            return well("IMAP", f"{settings.imap.host}, {settings.imap.folder}")
    except MailboxNotAvailableError as error:
        return finding("IMAP", str(error), "Check [imap]: host, port, security, username, password, folder.")


def _check_signing(settings: Settings) -> Finding:
    if current_signer() is None:
        return not_asked(
            "signing", "mails leave unsigned", "Where the relay doesn't sign (DKIM), set [dkim]."
        )
    file = Path(settings.dkim.key_file)
    if file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return finding("signing", f"others may read {file}", f"chmod 600 {file}")
    return well("signing", f"with the key of {file}")


def _check_provider(settings: Settings) -> Finding:
    if not settings.oidc.is_on:
        return not_asked("sign-in provider", "none is named (oidc.issuer)")
    fault = find_provider_fault()
    if not fault:
        return well("sign-in provider", f"{settings.oidc.issuer} describes itself, and its keys can be read")
    kind = fault.partition(":")[0]
    advice = _PROVIDER_ADVICE.get(
        kind, f"Is oidc.issuer right? {_DISCOVERY} below it has to answer with 200."
    )
    return finding("sign-in provider", f"nobody can sign in at {settings.oidc.issuer} ({fault})", advice)


def _check_names(settings: Settings, resolver: str) -> Iterator[Finding]:
    domain, signer = settings.mail.domain, current_signer()
    try:
        records = Records(resolver)
    except ResolverNotAvailableError as error:
        yield not_asked("DNS", str(error), "Name one: bookings doctor --resolver 9.9.9.9")
        return
    yield _ask("MX", lambda: judge_mx(domain, records.mail_servers(domain)))
    yield _ask("SPF", lambda: judge_spf(domain, records.texts(domain)))
    yield _ask("DMARC", lambda: judge_dmarc(domain, _policies(records, domain)))
    if signer is not None:
        name = f"{signer.selector}._domainkey.{signer.domain}"
        yield _ask("DKIM", lambda: judge_dkim(name, records.texts(name), public_key=signer.public_key))


def _policies(records: Records, domain: str) -> list[str]:
    """The domain's own, or that of the organisation above it."""
    parent = domain.partition(".")[2]
    found = records.texts(f"_dmarc.{domain}")
    return found or (records.texts(f"_dmarc.{parent}") if "." in parent else [])


def _ask(check: str, judge: Callable[[], Finding]) -> Finding:
    try:
        return judge()
    except ResolverNotAvailableError as error:
        return not_asked(check, str(error), "Name another: bookings doctor --resolver 9.9.9.9")


def _check_backup(settings: Settings, *, now: datetime) -> Finding:
    folder = settings.backup.folder
    if not folder:
        to_do = "Let a timer run `bookings backup FILE` every night, and name FILE's folder in backup.folder."
        return finding("backup", "none is known", to_do)
    # What begins with a dot is just being made, or was never finished.
    files = [file.stat().st_mtime for file in Path(folder).glob("[!.]*") if file.is_file()]
    if not files:
        to_do = f"Let a timer run `bookings backup {folder}/FILE` every night, and look at what it says."
        return finding("backup", f"{folder} holds none", to_do)
    newest = datetime.fromtimestamp(max(files), UTC)
    seen = f"the newest is of {newest:%Y-%m-%d %H:%M} UTC"
    if now - newest > timedelta(hours=settings.backup.max_age_hours):
        return finding(
            "backup", seen, f"Run `bookings backup {folder}/FILE`, and look why its timer does not."
        )
    return well("backup", seen)
