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
_SITE_TEXTS = {"site_name": "name", "site_address": "address", "access_rules": "access_rules"}
_CLEARED = ("site_address", "access_rules")
"""What an empty cell empties; a site always has a name."""
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
    site: str | None
    """The short name of the site that the row speaks of, if it does."""
    site_values: dict[str, object]
    email: str
    contact_values: dict[str, object]
    topics: list[int] | None


def save_organisations(session: Session, cells: Sequence[dict[str, str]], progress: Progress) -> ImportResult:
    """Organisations by slug; what the file does not name stays as it is."""
    rows = _build_rows(session, cells)
    named = _list_named_contacts(rows)
    stored = _read_stored(session)
    topics = _read_topics(session)
    new: set[str] = set()
    changed: set[str] = set()
    for done, row in enumerate(rows, start=1):
        organisation = stored.get(row.slug)
        if organisation is None:
            stored[row.slug] = _add_organisation(session, row)
            new.add(row.slug)
        elif _change_organisation(organisation, row, named[row.slug]):
            changed.add(row.slug)
        progress(done, len(rows))
    session.flush()
    changed = (changed | _save_topics(session, rows, stored, topics)) - new
    return build_result(total=len(named), new=len(new), changed=len(changed))


def _list_named_contacts(rows: Sequence[_Row]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.slug, set()).add(row.email)
    return found


def _build_rows(session: Session, rows: Sequence[dict[str, str]]) -> list[_Row]:
    places, interests = read_places(session), read_interest_ids(session)
    return [_build_row(cells, places, interests) for cells in rows]


def _build_row(cells: dict[str, str], places: dict[str, Place], interests: dict[str, int]) -> _Row:
    place = places.get(cells.get("place", ""))
    slugs = dict.fromkeys(split_list(cells.get("interests", "")))
    return _Row(
        slug=cells["slug"],
        values=_organisation_values(cells, place),
        site=(cells["site"] or None) if "site" in cells else MAIN_SITE,
        site_values=_site_values(cells, places),
        email=cells.get("contact_email", ""),
        contact_values=_contact_values(cells),
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
    if cells.get("status"):
        values["status"] = cells["status"]
    if "organisation_number" in cells:
        values["organisation_number"] = build_organisation_number(
            cells["organisation_number"], cells["country"]
        )
    return values


def _site_values(cells: dict[str, str], places: dict[str, Place]) -> dict[str, object]:
    values: dict[str, object] = {
        ours: cells[column]
        for column, ours in _SITE_TEXTS.items()
        if cells.get(column) or (column in cells and column in _CLEARED)
    }
    column = "site_place" if "site_place" in cells else "place"
    if column in cells:
        place = places.get(cells[column])
        values["place_id"] = place.id if place else None
        values["time_zone"] = place.time_zone if place else _ZONES[cells["country"]]
    if cells.get("site_zone"):
        values["time_zone"] = cells["site_zone"]
    for clock in ("opens_at", "closes_at"):
        if clock in cells:
            values[clock] = cells[clock] or None
    for limit in ("group_min", "group_max"):
        if limit in cells:
            values[limit] = int(cells[limit]) if cells[limit] else None
    return values


def _contact_values(cells: dict[str, str]) -> dict[str, object]:
    """A contact has a name and a language: empty cells leave these as they are."""
    values: dict[str, object] = {
        column.removeprefix("contact_"): cells[column]
        for column in ("contact_name", "contact_language")
        if cells.get(column)
    }
    for column in ("contact_role", "contact_phone"):
        if column in cells:
            values[column.removeprefix("contact_")] = cells[column]
    if "contact_languages" in cells:
        values["languages"] = list(dict.fromkeys(split_list(cells["contact_languages"])))
    for column in ("contact_is_host", "contact_is_public"):
        if cells.get(column):
            values[column.removeprefix("contact_")] = cells[column] == "yes"
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
    organisation.sites = [_build_site(organisation, row)]
    organisation.contacts = [_build_contact(organisation, row)] if row.email else []
    session.add(organisation)
    return organisation


def _change_organisation(organisation: Organisation, row: _Row, emails: set[str]) -> bool:
    old_name = organisation.name
    changes = [
        apply_changes(organisation, row.values),
        _change_site(organisation, row, old_name),
        _change_contact(organisation, row, old_name, emails),
    ]
    return any(changes)


def _build_site(organisation: Organisation, row: _Row) -> Site:
    values = {"name": organisation.name, "time_zone": _ZONES[organisation.country], **row.site_values}
    return Site(slug=row.site or MAIN_SITE, **values)


def _change_site(organisation: Organisation, row: _Row, old_name: str) -> bool:
    """A site with a name of its own keeps it; a site that staff made is changed only where it is named."""
    if not organisation.sites or (row.site not in (None, MAIN_SITE) and not _find_site(organisation, row)):
        organisation.sites.append(_build_site(organisation, row))
        return True
    site = _find_site(organisation, row)
    if site is None:
        return False
    name = {"name": organisation.name} if site.name == old_name else {}
    return apply_changes(site, {**name, **row.site_values})


def _find_site(organisation: Organisation, row: _Row) -> Site | None:
    return next((site for site in organisation.sites if site.slug == row.site), None)


def _build_contact(organisation: Organisation, row: _Row) -> HostContact:
    """Where nobody's name is known, the mailbox goes by the name of its organisation."""
    language = next((code for code in organisation.languages if code in _CONTACT_LANGUAGES), None)
    values = {
        "name": organisation.name,
        "language": language or _COUNTRY_LANGUAGES[organisation.country],
        "is_host": True,
        **row.contact_values,
    }
    return HostContact(email=row.email, **values)


def _change_contact(organisation: Organisation, row: _Row, old_name: str, emails: set[str]) -> bool:
    """A new address replaces the imported mailbox's; other people with a name are left alone."""
    imported = next((contact for contact in organisation.contacts if contact.name == old_name), None)
    changed = apply_changes(imported, {"name": organisation.name}) if imported else False
    named = next((contact for contact in organisation.contacts if contact.email == row.email), None)
    if not row.email or (named and named.ended_at):  # who is gone stays gone, whatever an old file says
        return changed
    if named:
        return apply_changes(named, row.contact_values) or changed
    if imported and imported.email not in emails and not imported.ended_at:
        return apply_changes(imported, {"email": row.email, "is_undeliverable": False, **row.contact_values})
    organisation.contacts.append(_build_contact(organisation, row))
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
