"""What people said of an event: as a plot, as a table, and as a file."""

from flask import Blueprint, Response, render_template, request

from bookings.db import read_session
from bookings.domain.registrations import SurveyStage
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import say
from bookings.queries.doors import find_door_event
from bookings.queries.surveys import count_survey
from bookings.services.surveys import export_survey
from bookings.web.clock import utc_now
from bookings.web.downloads import file_response
from bookings.web.figures import show_stage
from bookings.web.security import current_staff, signed_in, staff_gate, takes_data_out

staff_surveys = Blueprint("staff_surveys", __name__, url_prefix="/staff/events/<slug>/survey")


@staff_surveys.get("")
@staff_gate(StaffRole.READER)
def show(slug: str) -> str:
    session = read_session()
    event = find_door_event(session, slug=slug)
    is_public = request.args.get("figures") == "public"
    return render_template(
        "surveys/staff.html",
        staff_page="events",
        event=event,
        title=say(event.title),
        stages=[
            show_stage(count_survey(session, event.id, stage), is_public=is_public) for stage in SurveyStage
        ],
        is_public=is_public,
        can_export=has_role(signed_in().roles, StaffRole.COORDINATOR),
    )


@staff_surveys.post("/export")
@staff_gate(StaffRole.COORDINATOR)
@takes_data_out
def export(slug: str) -> Response:
    is_public = request.form.get("figures") == "public"
    content = export_survey(
        slug, is_public=is_public, person_id=signed_in().staff_user_id, who=current_staff(), now=utc_now()
    )
    name = f"{slug}-survey{'-figures' if is_public else ''}.csv"
    return file_response(content, name)
