"""Filling in the form "Book a visit" as a person without JavaScript does, and reading the mails it makes."""

import html
import re
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from werkzeug.test import TestResponse

from bookings.db import Base, read_session
from bookings.domain.time import next_weekday
from bookings.models.outbox import OutboxMessage
from bookings.models.visits import VisitRequest

Answers = dict[str, dict[str, Any]]
_HIDDEN = re.compile(r'<input type="hidden"(?: id="[^"]*")? name="([^"]+)" value="([^"]*)"')
_ERROR = re.compile(r'<p class="error-text" id="([^"]+)-error">.*?</span>(.*?)</p>', re.DOTALL)


def answers(**changes: Any) -> Answers:
    """Right answers to every step; `changes` by the name of the field."""
    steps: Answers = {
        "interests": {
            "interests": ["bioeconomy/biogas", "waste-circular"],
            "interest_other": "Small plants for farms",
            "visit_kind": "study_visit",
            "purpose": "See how biogas is made from waste on both shores.",
        },
        "visit": {
            "places": ["vaasa", "umea"],
            "first-earliest_on": "2027-04-12",
            "first-latest_on": "2027-04-16",
            "first-half_days": "6",
            "group_size": "10",
            "languages": ["en"],
        },
        "contact": {
            "organisation": "West Estonian towns",
            "country": "EE",
            "organisation_kind": "public",
            "website": "www.towns.example",
            "contact_name": "Mari Tamm",
            "contact_role": "Adviser",
            "email": "mari@towns.example",
            "phone": "+372 5123 4567",
        },
        "check": {"accepts_costs": "y"},
    }
    for name, value in changes.items():
        step = next((step for step, fields in steps.items() if name in fields), _ELSEWHERE.get(name, ""))
        steps[step][name] = value
    return {step: {k: v for k, v in fields.items() if v is not None} for step, fields in steps.items()}


_ELSEWHERE: dict[str, str] = {
    "nickname": "interests",
    "wanted_hosts": "interests",
    "second-earliest_on": "visit",
    "second-latest_on": "visit",
    "second-half_days": "visit",
    "other_language": "visit",
    "brings_interpreter": "visit",
    "first-is_flexible": "visit",
    "on_behalf_of": "contact",
    "newsletter": "check",
}


def answers_of(delegation: dict[str, Any], *, today: date) -> Answers:
    """A real delegation as it would fill in the form; what has no field there is said in words."""
    partners = {"umea", "ornskoldsvik", "skelleftea", "vaasa", "kokkola"}
    towns = [slug for slug in delegation["places"] if slug in partners]
    elsewhere = [slug for slug in delegation["places"] if slug not in partners]
    known = [code for code in delegation["languages"] if code in ("en", "sv", "fi")]
    others = [code for code in delegation["languages"] if code not in known]
    fields: dict[str, Any] = {
        "interests": delegation["interests"],
        "interest_other": f"Also: {', '.join(elsewhere)}" if elsewhere else "",
        "visit_kind": "study_visit",
        "purpose": delegation["purpose"],
        "places": towns or ["suggest"],
        "group_size": str(delegation["group_size"]),
        "languages": known,
        "other_language": others[0] if others else "",
        "organisation": delegation["organisation"],
        "country": delegation["country"],
        "organisation_kind": delegation["organisation_kind"],
        "email": f"{delegation['slug']}@delegation.example",
        "phone": "",
    }
    for name, window in zip(("first", "second", "third"), delegation["windows"], strict=False):
        first = next_weekday(today + timedelta(days=window["days_ahead"]), window["weekday"])
        fields[f"{name}-earliest_on"] = first.isoformat()
        fields[f"{name}-latest_on"] = (first + timedelta(days=window["length_days"] - 1)).isoformat()
        fields[f"{name}-half_days"] = str(window["half_days"])
    return answers(**fields)


@dataclass
class Visitor:
    """A browser without JavaScript on the form."""

    client: FlaskClient
    here: str = "/book"
    page: str = ""

    def open(self, path: str) -> TestResponse:
        """Follow a link and all redirects."""
        response = self.client.get(path, follow_redirects=True)
        self.here, self.page = response.request.path, response.text
        return response

    def send(self, values: dict[str, Any], *, to: str = "") -> TestResponse:
        """Send the form of this page with its hidden fields, and follow the redirect."""
        response = self.client.post(to or self.here, data={**hidden_fields(self.page), **values})
        self.page = response.text
        if response.status_code == 303:
            self.open(response.location)
        return response

    def fill_in(self, steps: Answers, *, until: str = "sent") -> TestResponse:
        """From the first page to the step named `until`, which is shown and not sent."""
        response = self.open("/book")
        for step, values in steps.items():
            if step == until or self.here.endswith(f"/{until}"):
                break
            response = self.send(values)
            assert response.status_code == 303, f"{step}: {errors_in(self.page)}"
        return response

    @property
    def reference(self) -> str:
        """The reference on the page."""
        found = re.search(r"KV-\d{4}-\d{4,}", self.page)
        assert found, self.page
        return found[0]


def hidden_fields(page: str) -> dict[str, Any]:
    """Hidden fields of the page's last form; several of one name become a list."""
    found: dict[str, Any] = {}
    for name, value in _HIDDEN.findall(page):
        found.setdefault(name, []).append(html.unescape(value))
    return found


def errors_in(page: str) -> dict[str, str]:
    """Field → the sentence beside it."""
    return {name: html.unescape(sentence).strip() for name, sentence in _ERROR.findall(page)}


def count_rows() -> dict[str, int]:
    """Rows of every table."""
    read_session().rollback()
    return {
        table.name: read_session().scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def all_visits(app: Flask) -> list[VisitRequest]:
    """Every request with what the form made of it, oldest first."""
    with app.app_context():
        loads = [
            selectinload(getattr(VisitRequest, name))
            for name in (
                "delegation", "interests", "date_windows", "places", "wanted_hosts", "agreement",
            )
        ]  # fmt: skip
        return list(read_session().scalars(select(VisitRequest).options(*loads).order_by(VisitRequest.id)))


def queued_mails(app: Flask) -> list[EmailMessage]:
    """Every mail that waits, oldest first, but those to staff."""
    not_staffs = ~OutboxMessage.kind.startswith("staff_", autoescape=True)
    with app.app_context():
        query = select(OutboxMessage.raw).where(not_staffs).order_by(OutboxMessage.id)
        rows = read_session().scalars(query).all()
    return [message_from_bytes(raw, policy=policy.default) for raw in rows]  # type: ignore[misc]


def text_of(mail: EmailMessage) -> str:
    """Subject and both bodies, everything that a reader may see."""
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    return "\n".join([str(mail["Subject"]), str(mail["To"]), *(str(b.get_content()) for b in bodies if b)])


def link_in(mail: EmailMessage, start: str) -> str:
    """The path of the first link in a mail that begins with `start`, without the mail's language."""
    found = re.search(rf"https?://[^/\s]+({start}[^\s\"<?]*)", text_of(mail))
    assert found, text_of(mail)
    return found[1]
