"""Storing organisations with what belongs to them: topics, the main site, the contact that answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, selectinload

from bookings.domain.directory import HostsVisits, build_organisation_number, split_list
from bookings.models.directory import HostContact, Organisation, OrganisationInterest, Place, Site
from bookings.services.directory_tables import read_interest_ids, read_places
from bookings.services.directory_tally import ImportResult, Progress, apply_changes, build_result

MAIN_SITE = "main"
_ZONES = {"SE": "Europe/Stockholm", "FI": "Europe/Helsinki"}
_COUNTRY_LANGUAGES = {"SE": "sv", "FI": "fi"}
_CONTACT_LANGUAGES = ("sv", "fi", "en")
_PLAIN_COLUMNS = (
    "name",
    "kind",
    "country",
    "website",
    "summary_en",
    "summary_sv",
    "summary_fi",
    "source_url",
)


@dataclass(frozen=True)
class _Row:
    """One row of the file, made ready: only the columns that the file has are touched."""

    slug: str
    values: dict[str, object]
    site_values: dict[str, object]
    email: str
    topics: list[int] | None


def save_organisations(session: Session, cells: Sequence[dict[str, str]], progress: Progress) -> ImportResult:
    """Organisations by slug; what the file does not name stays as it is."""
    rows = _build_rows(session, cells)
    stored = _read_stored(session)
    topics = _read_topics(session)
    new: set[str] = set()
    changed: set[str] = set()
    for done, row in enumerate(rows, start=1):
        organisation = stored.get(row.slug)
        if organisation is None:
            stored[row.slug] = _add_organisation(session, row)
            new.add(row.slug)
        elif _change_organisation(organisation, row):
            changed.add(row.slug)
        progress(done, len(rows))
    session.flush()
    changed |= _save_topics(session, rows, stored, topics) - new
    return build_result(total=len(rows), new=len(new), changed=len(changed))


def _build_rows(session: Session, rows: Sequence[dict[str, str]]) -> list[_Row]:
    places, interests = read_places(session), read_interest_ids(session)
    return [_build_row(cells, places, interests) for cells in rows]


def _build_row(cells: dict[str, str], places: dict[str, Place], interests: dict[str, int]) -> _Row:
    place = places.get(cells.get("place", ""))
    slugs = dict.fromkeys(split_list(cells.get("interests", "")))
    return _Row(
        slug=cells["slug"],
        values=_organisation_values(cells, place),
        site_values=_site_values(cells, place),
        email=cells.get("contact_email", ""),
        topics=[interests[slug] for slug in slugs] if "interests" in cells else None,
    )


def _organisation_values(cells: dict[str, str], place: Place | None) -> dict[str, object]:
    values: dict[str, object] = {name: cells[name] for name in _PLAIN_COLUMNS if name in cells}
    if "place" in cells:
        values["place_id"] = place.id if place else None
    if "languages" in cells:
        values["languages"] = list(dict.fromkeys(split_list(cells["languages"])))
    if "hosts_visits" in cells:
        values["hosts_visits"] = cells["hosts_visits"] or HostsVisits.UNKNOWN.value
    if "organisation_number" in cells:
        values["organisation_number"] = build_organisation_number(
            cells["organisation_number"], cells["country"]
        )
    return values


def _site_values(cells: dict[str, str], place: Place | None) -> dict[str, object]:
    values: dict[str, object] = {}
    if "place" in cells:
        values["place_id"] = place.id if place else None
        values["time_zone"] = place.time_zone if place else _ZONES[cells["country"]]
    for column in ("group_min", "group_max"):
        if column in cells:
            values[column] = int(cells[column]) if cells[column] else None
    return values


def _read_stored(session: Session) -> dict[str, Organisation]:
    loaders = (selectinload(Organisation.sites), selectinload(Organisation.contacts))
    return {found.slug: found for found in session.scalars(select(Organisation).options(*loaders))}


def _read_topics(session: Session) -> dict[int, list[int]]:
    columns = (OrganisationInterest.organisation_id, OrganisationInterest.interest_id)
    found: dict[int, list[int]] = {}
    for organisation_id, interest_id in session.execute(
        select(*columns).order_by(OrganisationInterest.position)
    ):
        found.setdefault(organisation_id, []).append(interest_id)
    return found


def _add_organisation(session: Session, row: _Row) -> Organisation:
    organisation = Organisation(slug=row.slug, **{"languages": [], **row.values})
    organisation.sites = [_build_main_site(organisation, row)]
    organisation.contacts = [_build_contact(organisation, row.email)] if row.email else []
    session.add(organisation)
    return organisation


def _change_organisation(organisation: Organisation, row: _Row) -> bool:
    old_name = organisation.name
    changes = [
        apply_changes(organisation, row.values),
        _change_site(organisation, row, old_name),
        _change_contact(organisation, row.email, old_name),
    ]
    return any(changes)


def _build_main_site(organisation: Organisation, row: _Row) -> Site:
    zone = {"time_zone": _ZONES[organisation.country]}
    return Site(slug=MAIN_SITE, name=organisation.name, **{**zone, **row.site_values})


def _change_site(organisation: Organisation, row: _Row, old_name: str) -> bool:
    """A site with a name of its own keeps it; a site that staff made is left alone."""
    if not organisation.sites:
        organisation.sites.append(_build_main_site(organisation, row))
        return True
    site = next((site for site in organisation.sites if site.slug == MAIN_SITE), None)
    if site is None:
        return False
    name = {"name": organisation.name} if site.name == old_name else {}
    return apply_changes(site, {**row.site_values, **name})


def _build_contact(organisation: Organisation, email: str) -> HostContact:
    """Nobody's name is known: the mailbox goes by the name of its organisation."""
    language = next((code for code in organisation.languages if code in _CONTACT_LANGUAGES), None)
    return HostContact(
        name=organisation.name,
        email=email,
        language=language or _COUNTRY_LANGUAGES[organisation.country],
        is_host=True,
    )


def _change_contact(organisation: Organisation, email: str, old_name: str) -> bool:
    """A new address replaces the imported mailbox's; contacts with a person's name are left alone."""
    imported = next((contact for contact in organisation.contacts if contact.name == old_name), None)
    changed = apply_changes(imported, {"name": organisation.name}) if imported else False
    if not email or any(contact.email == email for contact in organisation.contacts):
        return changed
    if imported:
        return apply_changes(imported, {"email": email, "is_undeliverable": False})
    organisation.contacts.append(_build_contact(organisation, email))
    return True


def _save_topics(
    session: Session, rows: list[_Row], stored: dict[str, Organisation], topics: dict[int, list[int]]
) -> set[str]:
    """Writes the lists that differ; answers whose did."""
    different = {
        row.slug: (stored[row.slug].id, row.topics)
        for row in rows
        if row.topics is not None and row.topics != topics.get(stored[row.slug].id, [])
    }
    fresh = [
        {"organisation_id": id_, "interest_id": interest, "position": position}
        for id_, interests in different.values()
        for position, interest in enumerate(interests)
    ]
    gone = [id_ for id_, _ in different.values() if id_ in topics]
    for id_ in gone:
        session.execute(delete(OrganisationInterest).where(OrganisationInterest.organisation_id == id_))
    if fresh:
        session.execute(insert(OrganisationInterest), fresh)
    return set(different)
