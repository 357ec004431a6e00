"""Settings: config/default.toml is the default, a file and variables override it."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import current_app
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

_PACKAGE = Path(__file__).resolve().parent
_PREFIX = "BOOKINGS_"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def asset_folder(name: str) -> Path:
    """Folder of shipped files: beside the package in a checkout, inside it in a wheel."""
    in_wheel = _PACKAGE / "_assets" / name
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / name


class SettingsError(Exception):
    """The configuration cannot be used; the text lists every bad key."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AppSettings(_Section):
    environment: Literal["production", "development", "test"]
    secret_key: str
    data_folder: Path
    name: str
    demo: bool


class DatabaseSettings(_Section):
    url: str
    statement_timeout_seconds: int
    lock_timeout_seconds: int
    pool_size: int


class WebSettings(_Section):
    base_url: str
    trusted_hosts: list[str]
    proxy_count: int
    host: str
    port: int
    threads: int
    max_body_bytes: int
    max_import_bytes: int
    max_form_fields: int
    frame_ancestors: list[str]


class SessionSettings(_Section):
    idle_minutes: int
    absolute_minutes: int
    admins_need_second_factor: bool
    invitation_days: int
    sign_in_links: bool
    sign_in_link_minutes: int


class OidcSettings(_Section):
    issuer: str
    client_id: str
    client_secret: str
    label: str
    hosts: list[str]
    ca_file: str
    second_factors: list[str]

    @property
    def is_on(self) -> bool:
        """Is there a provider?"""
        return bool(self.issuer)


class MailSettings(_Section):
    transport: Literal["smtp", "folder"]
    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    username: str
    password: str
    ca_file: str
    timeout_seconds: float
    sender_address: str
    sender_name: str
    reply_local_part: str
    contact_address: str
    staff_address: str
    staff_language: Literal["en", "sv", "fi"]

    @property
    def office_address(self) -> str:
        """Where staff read about visits that nobody looks after yet."""
        return self.staff_address or self.contact_address

    @property
    def domain(self) -> str:
        """Domain of the sender; organizer tokens and Message-IDs stand under it."""
        return self.sender_address.rpartition("@")[2]


class DkimSettings(_Section):
    domain: str
    selector: str
    key_file: str


class ImapSettings(_Section):
    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    ca_file: str
    username: str
    password: str
    folder: str
    done_folder: str
    unreadable_folder: str
    timeout_seconds: float


class InboxSettings(_Section):
    local_parts: list[str]
    authserv_id: str
    lmtp_address: str
    raw_days: int
    metadata_months: int
    refreshes_per_hour: int


class OutboxSettings(_Section):
    retry_minutes: list[float] = Field(min_length=1)
    jitter: float = Field(ge=0, lt=1)
    lease_seconds: int
    poll_seconds: float
    body_days: int
    metadata_months: int


class VisitSettings(_Section):
    notice_days: int
    answer_working_days: int
    reminder_parts: list[float]
    answer_cut_off_hours: int
    first_answer_working_days: int
    planning_working_days: int
    programme_answer_days: int
    needs_info_days: int
    unverified_hours: int
    verify_link_hours: int
    manage_link_days: int
    reopen_days: int
    draft_days: int
    host_buffer_minutes: int
    ferry_check_in_minutes: int
    working_hours_start: str
    working_hours_end: str
    history_months: int
    screening_countries: list[str]
    cost_clause_version: str


class RegistrationSettings(_Section):
    hold_minutes: int = Field(gt=0)
    verify_link_hours: int = Field(gt=0)
    offer_hours: int = Field(gt=0)
    manage_link_days: int = Field(gt=0)


class EventMailSettings(_Section):
    hour: int = Field(ge=0, le=23)
    thanks_days: int = Field(ge=0)
    follow_up_days: int = Field(gt=0)
    reminder_days_fair: int = Field(ge=0, le=30)
    reminder_days_seminar: int = Field(ge=0, le=30)
    reminder_days_webinar: int = Field(ge=0, le=30)
    reminder_days_open_visit_day: int = Field(ge=0, le=30)
    reminder_days_matchmaking_day: int = Field(ge=0, le=30)
    reminder_days_advisory_day: int = Field(ge=0, le=30)

    def reminder_days(self, kind: str) -> int:
        """So many days before an event of this kind people are reminded; 0: not at all."""
        days: int = getattr(self, f"reminder_days_{kind}")
        return days


class HostSettings(_Section):
    confirm_days: int = Field(gt=0)
    reminder_days: int = Field(gt=0)
    link_days: int = Field(gt=0)


class PlannerSettings(_Section):
    seconds: float = Field(gt=0, le=60)
    steps: int = Field(gt=0)
    lunch_minutes: int = Field(ge=0)
    pause_minutes: int = Field(ge=0)
    longest_road_minutes: int = Field(gt=0)
    night_rest_minutes: int = Field(ge=0)
    most_stops_a_day: int = Field(gt=0)


class LimitSettings(_Section):
    requests_per_mailbox_day: int
    requests_per_client_hour: int
    requests_per_network_hour: int
    registrations_per_mailbox_day: int
    registrations_per_client_hour: int
    registrations_per_network_hour: int
    wrong_codes_per_client_hour: int
    wrong_codes_per_network_hour: int
    sign_ins_per_account: int
    sign_ins_per_client_hour: int
    exports_per_hour: int
    form_minimum_seconds: float


class RetentionSettings(_Section):
    unverified_request_days: int
    contact_months: int
    client_address_days: int
    audit_months: int
    sensitive_answer_days: int


class BackupSettings(_Section):
    folder: str
    max_age_hours: int


class Settings(_Section):
    """All settings of one installation, checked."""

    app: AppSettings
    database: DatabaseSettings
    web: WebSettings
    session: SessionSettings
    oidc: OidcSettings
    mail: MailSettings
    dkim: DkimSettings
    outbox: OutboxSettings
    imap: ImapSettings
    inbox: InboxSettings
    visits: VisitSettings
    registrations: RegistrationSettings
    event_mails: EventMailSettings
    hosts: HostSettings
    planner: PlannerSettings
    limits: LimitSettings
    retention: RetentionSettings
    backup: BackupSettings

    @property
    def database_url(self) -> str:
        """Address of the database; SQLite in the data folder unless another is named."""
        return self.database.url or f"sqlite:///{self.app.data_folder.resolve() / 'bookings.sqlite3'}"

    @property
    def mailbox_folder(self) -> Path:
        """Where the transport "folder" puts every mail."""
        return self.app.data_folder / "mailbox"

    @property
    def notes_folder(self) -> Path:
        """Where workers note what the relay took until the database knows it."""
        return self.app.data_folder / "outbox"


def default_values() -> dict[str, dict[str, Any]]:
    """The shipped defaults as nested tables."""
    return _read_toml(asset_folder("config") / "default.toml")


def load_settings(
    environ: Mapping[str, str] = os.environ, *, overrides: Mapping[str, Mapping[str, Any]] | None = None
) -> Settings:
    """Default file, then the file of BOOKINGS_CONFIG, then variables, then `overrides`.

    Raises SettingsError with every bad key at once.
    """
    values = default_values()
    problems: list[str] = []
    if path := environ.get("BOOKINGS_CONFIG"):
        _merge(values, _read_toml(Path(path)))
    _merge(values, _from_environment(values, environ, problems))
    _merge(values, overrides or {})
    return _checked(values, problems)


def _read_toml(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _merge(values: dict[str, dict[str, Any]], more: Mapping[str, Mapping[str, Any]]) -> None:
    for section, table in more.items():
        values.setdefault(section, {}).update(table)


def _from_environment(
    defaults: Mapping[str, Mapping[str, Any]], environ: Mapping[str, str], problems: list[str]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, text in environ.items():
        if not name.startswith(_PREFIX) or name == "BOOKINGS_CONFIG" or name.startswith("BOOKINGS_TEST_"):
            continue
        section, _, key = name.removeprefix(_PREFIX).lower().partition("_")
        if key not in defaults.get(section, {}):
            problems.append(f"{name}: no such setting")
        else:
            found.setdefault(section, {})[key] = _parse(text, like=defaults[section][key])
    return found


def _parse(text: str, *, like: object) -> object:
    """Variables are text; only lists need parsing here (comma-separated), the rest is left to validation."""
    if isinstance(like, list):
        return [item.strip() for item in text.split(",") if item.strip()]
    return text


def _checked(values: Mapping[str, Any], problems: list[str]) -> Settings:
    try:
        settings = TypeAdapter(Settings).validate_python(values)
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise SettingsError("\n".join(problems)) from error
    problems += [*_dkim_problems(settings), *_oidc_problems(settings), *_production_problems(settings)]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _dkim_problems(settings: Settings) -> list[str]:
    dkim, domain = settings.dkim, settings.mail.domain
    if not any((dkim.domain, dkim.selector, dkim.key_file)):
        return []
    problems = []
    if not (dkim.selector and dkim.key_file):
        problems.append("dkim: signing needs both a selector and a key_file")
    if dkim.domain and not f".{domain}".endswith(f".{dkim.domain}"):
        # Receivers compare it with the address in From (DMARC).
        problems.append(f"dkim.domain: {domain}, from which mails come, does not belong to {dkim.domain}")
    return problems


def _oidc_problems(settings: Settings) -> list[str]:
    oidc = settings.oidc
    needed = {name: getattr(oidc, name) for name in ("issuer", "client_id", "client_secret", "label")}
    if not any(needed.values()):
        return []
    problems = [
        f"oidc.{name}: signing in at a provider needs it" for name, value in needed.items() if not value
    ]
    issuer = urlsplit(oidc.issuer)
    is_local = settings.app.environment != "production" and issuer.hostname in _LOOPBACK
    if oidc.issuer and (not issuer.hostname or issuer.scheme not in ("https", "http")[: 1 + is_local]):
        problems.append("oidc.issuer: an https address (http on loopback only, and never in production)")
    if issuer.query or issuer.fragment or "@" in issuer.netloc:
        problems.append("oidc.issuer: without a name, a question mark or a number sign")
    return problems


def _production_problems(settings: Settings) -> list[str]:
    if settings.app.environment != "production":
        return []
    problems = []
    if len(settings.app.secret_key) < 32:
        problems.append("app.secret_key: production needs at least 32 secret characters")
    if urlsplit(settings.web.base_url).scheme != "https":
        problems.append("web.base_url: production needs the https address people use")
    if not settings.web.trusted_hosts:
        problems.append("web.trusted_hosts: production needs the host names of the site")
    if settings.app.demo:
        problems.append("app.demo: the demo never runs in production")
    return problems


def current_settings() -> Settings:
    """The settings of the running application."""
    settings: Settings = current_app.extensions["settings"]
    return settings
