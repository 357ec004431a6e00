"""What participants said of their meetings, as a file for the organisers."""

from datetime import datetime

from bookings.adapters.sheet_writer import write_csv
from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import EXPORT, Who
from bookings.domain.surveys import MEETING_OUTCOMES
from bookings.queries.meetings.day import Day, find_event_id, load_day
from bookings.queries.meetings.ratings import Rating, list_ratings
from bookings.services.audit import add_audit
from bookings.services.limits import check_export_limit

_COLUMNS = (
    "stage", "meeting", "name", "organisation", "met", "organisation_met", "score",
    *(outcome.value for outcome in MEETING_OUTCOMES), "comment",
)  # fmt: skip


@retry_conflicts
def export_ratings(slug: str, *, person_id: int, who: Who, now: datetime) -> bytes:
    """Every rating of a day as a line of CSV. Raises NotFoundError or TooManyAttemptsError."""
    with transaction() as session:
        check_export_limit(session, person_id, now=now)
        day = load_day(session, find_event_id(session, slug))
        rows = [_cells(day, one) for one in list_ratings(session, day.view.event_id)]
        add_audit(session, who, EXPORT, noun="ratings", subject_id=day.view.event_id, now=now, rows=len(rows))
    return write_csv(_COLUMNS, rows)


def _cells(day: Day, rating: Rating) -> dict[str, str]:
    opinion, rater, other = rating.opinion, day.people.get(rating.rater_id), day.people.get(rating.other_id)
    return {
        "stage": rating.stage.value,
        "meeting": str(rating.meeting_id),
        "name": rater.name if rater else "",
        "organisation": rater.organisation if rater else "",
        "met": other.name if other else "",
        "organisation_met": other.organisation if other else "",
        "score": str(opinion.score),
        **{outcome.value: "yes" if outcome in opinion.outcomes else "no" for outcome in MEETING_OUTCOMES},
        "comment": opinion.comment,
    }
