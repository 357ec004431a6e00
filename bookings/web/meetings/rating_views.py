"""What participants said of their meetings: counted, word for word, and as a file."""

from flask import Response

from bookings.db import read_session
from bookings.domain.registrations import SurveyStage
from bookings.domain.surveys import MEETING_OUTCOMES, count_opinions
from bookings.queries.meetings.ratings import Rating, list_ratings
from bookings.services.meetings.ratings import export_ratings
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.downloads import file_response
from bookings.web.figures import ShownStage, show_stage
from bookings.web.meetings.staff_views import coordinator, need_day, page, reader, staff_meetings
from bookings.web.security import current_staff, signed_in, takes_data_out

_LOW = 2
_MOST_SHOWN = 200
"""All of them are in the file."""


@staff_meetings.get("/ratings")
@reader
def ratings(slug: str) -> str:
    day, now = need_day(slug), utc_now()
    found = list_ratings(read_session(), day.view.event_id)
    sides = sum(len(one.people) for one in day.meetings if one.starts_at <= now)
    stages = [_show(stage, [one for one in found if one.stage is stage], sides) for stage in SurveyStage]
    note_list("ratings", sum(len(words) for _stage, words in stages))
    return page("ratings", slug, day, stages=stages, has_ratings=bool(found), most=_MOST_SHOWN)


def _show(stage: SurveyStage, found: list[Rating], sides: int) -> tuple[ShownStage, list[Rating]]:
    opinions = [one.opinion for one in found]
    figures = count_opinions(stage, opinions, asked=sides, among=MEETING_OUTCOMES)
    telling = [one for one in found if one.opinion.comment or one.opinion.score <= _LOW]
    return show_stage(figures), telling[:_MOST_SHOWN]


@staff_meetings.post("/ratings/export")
@coordinator
@takes_data_out
def export_all_ratings(slug: str) -> Response:
    content = export_ratings(slug, person_id=signed_in().staff_user_id, who=current_staff(), now=utc_now())
    return file_response(content, f"{slug}-ratings.csv")
