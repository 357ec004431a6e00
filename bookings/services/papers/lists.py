"""Lists of who was there, who has to sign and who stayed away, with a hash that proves what they said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bookings.adapters.sheet_writer import write_csv, write_xlsx
from bookings.db import transaction
from bookings.domain.papers import ListKind, hash_rows
from bookings.i18n import country_name, format_instant
from bookings.i18n import gettext as _
from bookings.queries.doors import DoorEvent, find_door_event
from bookings.queries.papers import PaperPerson, list_paper_people, list_programme
from bookings.services.papers.files import Order, PaperFile, count_export, describe_event, load_logos, press

_COLUMNS = ("number", "reference", "name", "organisation", "organisation_number", "country", "mark")


@dataclass(frozen=True)
class ListOrder:
    """Which list, and as what: pdf, xlsx or csv."""

    kind: ListKind
    form: str


def make_list(slug: str, wanted: ListOrder, order: Order) -> PaperFile:
    """The list as a file; its hash stands on it and in the trail.

    Raises NotFoundError, TooManyAttemptsError or PrintingError.
    """
    with transaction() as session:
        event = find_door_event(session, slug=slug)
        facts = describe_event(session, event, list_programme(session, event))
        rows = _list_rows(_choose(list_paper_people(session, event), wanted.kind), event, wanted.kind)
        logos = load_logos(session) if wanted.form == "pdf" else []
        sha256 = hash_rows(_told(facts, wanted.kind), rows)
        count_export(
            session, order, "attendance", event.id,
            list=wanted.kind, form=wanted.form, rows=len(rows), sha256=sha256,
        )  # fmt: skip
    words = _words(wanted.kind)
    as_of = _("Made on %(when)s", when=format_instant(order.now, event.time_zone))
    if wanted.form == "pdf":
        data = {**facts, "rows": rows, "words": {**words, "as_of": as_of}, "sha256": sha256, "logos": logos}
        content = press("attendance.typ", data)
    else:
        content = _write_sheet(rows, facts, words, [as_of, sha256], form=wanted.form)
    return PaperFile(f"{slug}-{wanted.kind.replace('_', '-')}.{wanted.form}", content, sha256)


def _choose(people: Sequence[PaperPerson], kind: ListKind) -> list[PaperPerson]:
    if kind is ListKind.TO_SIGN:
        return list(people)
    return [person for person in people if (person.arrived_at is None) == (kind is ListKind.NO_SHOWS)]


def _list_rows(people: Sequence[PaperPerson], event: DoorEvent, kind: ListKind) -> list[dict[str, str]]:
    return [
        {
            "number": str(number),
            "reference": person.reference,
            "name": person.name,
            "organisation": person.organisation,
            "organisation_number": person.organisation_number,
            "country": country_name(person.country) if person.country else "",
            "mark": _mark(person, event) if kind is ListKind.CAME else "",
        }
        for number, person in enumerate(people, start=1)
    ]


def _mark(person: PaperPerson, event: DoorEvent) -> str:
    """When and how a door saw the person: what stands in the place of a signature."""
    how = {
        "qr": _("QR code"),
        "name": _("by name"),
        "paper": _("list on paper"),
        "online": _("online"),
    }.get(person.signature, person.signature)
    when = format_instant(person.arrived_at, event.time_zone) if person.arrived_at else ""
    return f"{when}, {how}"


def _told(facts: dict[str, Any], kind: ListKind) -> dict[str, str]:
    """The facts that the hash covers."""
    return {"list": kind, **{name: facts[name] for name in ("title", "day", "time", "place", "publisher")}}


def _words(kind: ListKind) -> dict[str, str]:
    titles = {
        ListKind.CAME: _("Attendance list"),
        ListKind.TO_SIGN: _("List to sign"),
        ListKind.NO_SHOWS: _("Registered, but not there"),
    }
    return {
        "list": titles[kind],
        "when": _("When"),
        "where": _("Where"),
        "programme": _("Programme"),
        "number": _("No."),
        "reference": _("Reference"),
        "name": _("Name"),
        "organisation": _("Organisation"),
        "organisation_number": _("Organisation number"),
        "country": _("Country"),
        "mark": _("Signature") if kind is ListKind.TO_SIGN else _("Seen at the door"),
        "nobody": _("Nobody"),
        "hash": _("SHA-256 of what this list says"),
    }


def _write_sheet(
    rows: Sequence[dict[str, str]],
    facts: dict[str, Any],
    words: dict[str, str],
    ends: list[str],
    *,
    form: str,
) -> bytes:
    """The list under the names of its columns, what it is of below it."""
    columns = [words[name] for name in _COLUMNS]
    table = [{words[name]: row[name] for name in _COLUMNS} for row in rows]
    if form == "csv":
        return write_csv(columns, table)
    label, value = columns[1], columns[2]
    as_of, sha256 = ends
    below = [
        ("", ""),
        (words["list"], facts["title"]),
        (words["when"], " ".join(part for part in (facts["day"], facts["time"]) if part)),
        (words["where"], facts["place"]),
        *((words["programme"], f"{part['time']} {part['title']}") for part in facts["programme"]),
        ("", as_of),
        (words["hash"], sha256),
    ]
    return write_xlsx(words["list"], columns, [*table, *({label: one, value: two} for one, two in below)])
