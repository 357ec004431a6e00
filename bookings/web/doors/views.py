"""The door of an event behind a volunteer's link: a page that a telephone keeps, and what it sends."""

from functools import cache, partial
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.doors import LINK_LASTS
from bookings.domain.events import choose_text
from bookings.domain.links import LinkPurpose
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.doors import DoorPerson, find_event_of_door, list_door_people
from bookings.queries.links import find_link
from bookings.services.doors import door_keeper, record_door_scans
from bookings.settings import asset_folder
from bookings.web.clock import utc_now
from bookings.web.doors.page import build_door_page, flash_answer, kept_of_form
from bookings.web.doors.scans import read_form_scan, read_scans, tell_answers
from bookings.web.doors.walk_ins import answer_walk_in
from bookings.web.doors.words import script_words
from bookings.web.security import checks_own_token, link_gate, public

doors = Blueprint("doors", __name__, url_prefix="/doors")
_door = link_gate(LinkPurpose.EVENT_DOOR)
# The one page of the site that may look through the camera.
_PERMISSIONS = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"


@doors.get("/worker.js")
@public
def worker() -> Response:
    """Served from here and not as a static file: what a worker may answer for ends with its own folder."""
    return Response(_worker(), content_type="text/javascript; charset=utf-8")


@cache
def _worker() -> bytes:
    return (asset_folder("static") / "doors" / "worker.js").read_bytes()


@doors.get("/<token>")
@_door
def show(token: str) -> Response:
    event = find_event_of_door(read_session(), token, now=utc_now())
    answer = Response(
        render_template("doors/show.html", page=build_door_page(event), token=token, words=script_words())
    )
    answer.headers["Permissions-Policy"] = _PERMISSIONS
    return answer


@doors.get("/<token>/people")
@_door
def people(token: str) -> Response:
    """The list for the device: what it needs without a network, and until when it may keep it."""
    session = read_session()
    event = find_event_of_door(session, token, now=utc_now())
    answer = jsonify(
        event=event.id,
        ends=int((event.ends_at + LINK_LASTS).timestamp() * 1000),
        tickets={ticket.id: choose_text(ticket.title, current_language()) for ticket in event.tickets},
        open_parts=[part.id for part in event.parts if not part.is_chosen],
        people=[_tell_person(person) for person in list_door_people(session, event)],
    )
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@doors.post("/<token>/scans")
@_door
@checks_own_token
def scans(token: str) -> ResponseReturnValue:
    """What a device kept. The address itself is the proof: a device may be without its session by now."""
    now = utc_now()
    read = read_scans(request.get_json(silent=True))
    if read is None:
        find_event_of_door(read_session(), token, now=now)  # whoever has no link learns nothing else
        abort(400)
    found, bad = read
    answers = record_door_scans(token, found, now=now)
    return jsonify(answers=tell_answers(answers, bad))


@doors.post("/<token>/check-in")
@_door
def check_in(token: str) -> ResponseReturnValue:
    now = utc_now()
    event = find_event_of_door(read_session(), token, now=now)
    scan = read_form_scan(request.form, now=now)
    answer = record_door_scans(token, [scan], now=now)[0] if scan else None
    flash_answer(answer, event, _("Type the code of a badge, or look for a name."))
    return redirect(url_for("doors.show", token=token, **kept_of_form()), 303)


@doors.route("/<token>/walk-in", methods=["GET", "POST"])
@_door
def walk_in(token: str) -> ResponseReturnValue:
    now = utc_now()
    session = read_session()
    event = find_event_of_door(session, token, now=now)
    keeper = door_keeper(find_link(session, token, LinkPurpose.EVENT_DOOR, now=now).sequence)
    return answer_walk_in(
        event,
        who=keeper,
        now=now,
        back=url_for("doors.show", token=token),
        let_in=partial(record_door_scans, token, now=now),
    )


def _tell_person(person: DoorPerson) -> dict[str, Any]:
    """Short names, because there may be thousands; of those who cannot come in no name at all."""
    told: dict[str, Any] = {"id": person.id, "code": person.badge_code}
    if person.refused:
        return {**told, "no": person.refused}
    return {
        **told,
        "name": person.name,
        "org": person.organisation,
        "ticket": person.ticket_id,
        "parts": person.part_ids,
        "in": person.inside,
    }
