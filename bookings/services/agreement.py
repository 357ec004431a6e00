"""The cost clause that visitors agree to, as it reads in each language."""

from dataclasses import dataclass
from datetime import datetime

from bookings.domain.settings import find_clause
from bookings.domain.time import home_day
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.settings import own_settings
from bookings.settings import current_settings


@dataclass(frozen=True)
class Clause:
    """The clause as the reader sees it: what is stored with the agreement, word by word."""

    version: str
    language: str
    text: str


def build_clause(*, now: datetime) -> Clause:
    """The clause that is in force, in the reader's language: staff's newest, or the shipped one."""
    own = find_clause(own_settings().clauses, today=home_day(now))
    if own is not None:
        return Clause(own.version, current_language(), own.texts[current_language()])
    # A new wording needs a new version in the settings: agreements keep the text they were given under.
    text = _(
        "We pay all costs of our visit ourselves: flights and other travel, accommodation, all meals, "
        "translation and interpreting, and everything else that we need. The hosts and the partner towns "
        "do not charge for planning the visit. If a host asks for a fee, we are told before we accept "
        "the programme."
    )
    return Clause(current_settings().visits.cost_clause_version, current_language(), text)
