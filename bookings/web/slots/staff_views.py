"""Staff plan slots: choose a host, draft, move, withdraw, replace, judge the times that hosts offer."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import (
    BookingError,
    NotFoundError,
    TextNotAllowedError,
    TransitionNotAllowedError,
)
from bookings.domain.planned import PlannedKind, choose_kind
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.domain.staff import StaffRole
from bookings.domain.suggestions import Suggestion
from bookings.domain.text import clean_line, fold
from bookings.domain.time import Interval, home_day, local_day
from bookings.domain.visits import PLANNABLE_STATES
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.busy import list_own_busy_times
from bookings.queries.directory import Company, Directory, load_directory
from bookings.queries.offers import OfferView
from bookings.queries.planned import plan_of
from bookings.queries.planning import (
    HostToPlan,
    OfferedTime,
    PlannedSlot,
    VisitorsTime,
    find_planned_slot,
    judge_proposals,
    list_free_starts,
    list_planned_slots,
    list_planned_slots_beside,
    load_host_to_plan,
    load_manners,
    suggest_for_visit,
)
from bookings.queries.visits import VisitFile, load_visit_file
from bookings.services.slots import add_slot, change_slot, plan_change, replace_slot, take_proposal
from bookings.services.visits import change_now
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.planning_texts import reason_sentence, warning_sentence
from bookings.web.security import current_staff, staff_gate
from bookings.web.slots.staff_actions import SLOT_BUTTONS
from bookings.web.slots.staff_forms import (
    USUAL_MINUTES,
    SlotForm,
    prefill_new,
    prefill_slot,
    read_instant,
)
from bookings.web.staff_refusals import refused_page
from bookings.web.stop_times import ReasonForm
from bookings.web.texts import Names

staff_slots = Blueprint("staff_slots", __name__, url_prefix="/staff")
coordinator = staff_gate(StaffRole.COORDINATOR)

_MOST_FOUND = 40
_LONGEST_SEARCH = 100
_LONGEST_ID = 2**31
_DAYS_SHOWN = 5


@staff_slots.get("/visits/<reference>/hosts")
@coordinator
def choose(reference: str) -> str:
    """Every host with a score, and a search through the whole directory."""
    file = load_visit_file(read_session(), reference)
    return _hosts_page(file, replaces=None)


@staff_slots.get("/slots/<int(max=2147483647):slot_id>/replace")
@coordinator
def replace(slot_id: int) -> str:
    """The next-best hosts for a stop that fell out."""
    slot = find_planned_slot(read_session(), slot_id)
    return _hosts_page(load_visit_file(read_session(), slot.reference), replaces=slot)


@staff_slots.route("/visits/<reference>/slots/new", methods=["GET", "POST"])
@coordinator
def new(reference: str) -> ResponseReturnValue:
    session, now = read_session(), utc_now()
    file = load_visit_file(session, reference)
    if file.visit.state not in PLANNABLE_STATES or file.visit.is_held_for_moderation:
        error = TransitionNotAllowedError("visit_request", str(file.visit.state), "add_slot")
        return refused_page(error, reference=file.visit.reference, slots=())
    host = load_host_to_plan(session, request.args.get("host", ""))
    replaced = _find_replaced(file)
    starts_at = read_instant(request.args.get("starts", "")) or (replaced.starts_at if replaced else None)
    offer = _fitting_offer(file, host)
    title = offer.title(_language_of(host)) if offer else _first_title(file, host)
    first = prefill_new(host, title=title, starts_at=starts_at, replaced=replaced, offer=offer)
    form = SlotForm.for_host(host, prefill=first)
    form.offer_groups(file.delegation.group_size, file.visit.parallel_groups)
    if request.method == "POST" and form.is_right(now=now):
        try:
            done = _draft(file, form, replaced, now=now)
        except BookingError as error:
            return refused_page(error, reference=reference, slots=(), new_host=host.company.slug)
        flash(done, "success")
        return _back_to(file.visit.reference)
    stops = list_planned_slots(session, file.visit.id)
    return _form_page(form, file, stops, replaced=replaced), 422 if form.errors else 200


@staff_slots.route("/slots/<int(max=2147483647):slot_id>/edit", methods=["GET", "POST"])
@coordinator
def edit(slot_id: int) -> ResponseReturnValue:
    session, now = read_session(), utc_now()
    stops = list_planned_slots_beside(session, slot_id)
    slot = next(one for one in stops if one.id == slot_id)
    file = load_visit_file(session, slot.reference)
    host = load_host_to_plan(session, slot.host_slug)
    chosen = read_instant(request.args.get("starts", ""))
    form = SlotForm.for_host(host, prefill=prefill_slot(slot, starts_at=chosen))
    form.offer_groups(file.delegation.group_size, file.visit.parallel_groups)
    if request.method == "POST" and form.is_right(now=now):
        try:
            version = request.form.get("version", 0, type=whole_number)
            done = _change(slot, form, version=version, now=now)
        except BookingError as error:
            slots = list_planned_slots(read_session(), file.visit.id)
            return refused_page(error, reference=slot.reference, slots=slots)
        flash(done, "success")
        return _back_to(slot.reference)
    return _form_page(form, file, stops, slot=slot), 422 if form.errors else 200


@staff_slots.route(
    "/slots/<int(max=2147483647):slot_id>/<any(remove,withdraw,reopen,resend,'refuse-proposal'):name>",
    methods=["GET", "POST"],
)
@coordinator
def act(slot_id: int, name: str) -> ResponseReturnValue:
    slot, button, form = find_planned_slot(read_session(), slot_id), SLOT_BUTTONS[name], ReasonForm()
    if request.method == "GET" or not form.validate():
        page = render_template(
            "slots/staff_act.html", slot=slot, button=button, form=form, names=_names(),
            has_errors=bool(form.errors),
        )  # fmt: skip
        return page, 422 if form.errors else 200
    try:
        done = button.act(slot, reason=form.reason.data or "", who=current_staff(), now=utc_now())
    except BookingError as error:
        return _refused(error, slot)
    flash(done, "success")
    return _back_to(slot.reference)


@staff_slots.route(
    "/slots/<int(max=2147483647):slot_id>/proposals/<int(max=2147483647):time_id>", methods=["GET", "POST"]
)
@coordinator
def take(slot_id: int, time_id: int) -> ResponseReturnValue:
    slot = find_planned_slot(read_session(), slot_id)
    offered = next((time for time in slot.offered_times if time.id == time_id), None)
    if offered is None or slot.state is not SlotState.COUNTERED:
        raise NotFoundError("proposed_time", str(time_id))
    if request.method == "GET":
        return _take_page(slot, offered)
    try:
        take_proposal(slot_id, time_id, who=current_staff(), now=utc_now())
    except BookingError as error:
        return _refused(error, slot)
    flash(_("The other time was taken. The host gets the new invitation."), "success")
    return _back_to(slot.reference)


def _take_page(slot: PlannedSlot, offered: OfferedTime) -> str:
    session = read_session()
    concerns = judge_proposals(session, list_planned_slots(session, slot.visit_id), now=utc_now())
    return render_template(
        "slots/staff_take.html",
        slot=slot,
        offered=offered,
        concerns=concerns.get(offered.id, ()),
        names=_names(),
        warning_sentence=warning_sentence,
    )


def _draft(file: VisitFile, form: SlotForm, replaced: PlannedSlot | None, *, now: datetime) -> str:
    if replaced is not None and replaced.state in HOLDING_STATES:
        plan_change(replaced.id, form.build_plan(), version=replaced.version, who=current_staff(), now=now)
        return _("The other host is planned. Both hosts are told when you release it.")
    if replaced is not None:
        replace_slot(replaced.id, form.build_plan(), who=current_staff(), now=now)
    else:
        add_slot(file.visit.reference, form.build_plan(), who=current_staff(), now=now)
    return _("The draft is in the programme. The host is asked when you release it.")


def _change(slot: PlannedSlot, form: SlotForm, *, version: int, now: datetime) -> str:
    """What hosts know of is planned first, and told with the release or, where it is urgent, at once."""
    plan, who = form.build_plan(), current_staff()
    kind = choose_kind(plan_of(slot), plan)
    is_quiet = kind is PlannedKind.WORDS and plan.group == slot.group and not form.tells_host.data
    if slot.state not in HOLDING_STATES or kind is None or is_quiet:
        change_slot(slot.id, plan, version=version, who=who, now=now)
        return _("The stop was changed.")
    if request.form.get("tell") == "now":
        change_now(slot.id, plan, version=version, who=who, now=now)
        return _("The stop was changed, and the host is being told.")
    plan_change(slot.id, plan, version=version, who=who, now=now)
    return _("The change is planned. The host is told when you release it.")


def _find_replaced(file: VisitFile) -> PlannedSlot | None:
    slot_id = request.args.get("replaces", 0, type=whole_number)
    if not 0 < slot_id < _LONGEST_ID:
        return None
    slot = find_planned_slot(read_session(), slot_id)
    if slot.visit_id != file.visit.id:
        raise NotFoundError("slot", str(slot_id))
    return slot


def _fitting_offer(file: VisitFile, host: HostToPlan) -> OfferView | None:
    """The offer that shows most of what is wished for; the first one when none does."""
    wished = set(file.wishes.interests)

    def met(offer: OfferView) -> int:
        return sum(topic in wished or topic.partition("/")[0] in wished for topic in offer.topics)

    return max(host.company.offers, key=met, default=None)


def _language_of(host: HostToPlan) -> str:
    """The one who is asked reads the title as it is written; other readers get it in their language."""
    return host.contacts[0].language if host.contacts else current_language()


def _first_title(file: VisitFile, host: HostToPlan) -> str:
    """The topic that brings this host into the visit is a good start for the title."""
    wished = set(file.wishes.interests)
    met = [topic for topic in host.company.topics if topic in wished or topic.partition("/")[0] in wished]
    return _names().topic(met[0]) if met else host.company.name


def _form_page(
    form: SlotForm,
    file: VisitFile,
    stops: Sequence[PlannedSlot],
    *,
    slot: PlannedSlot | None = None,
    replaced: PlannedSlot | None = None,
) -> str:
    session, now = read_session(), utc_now()
    site = form.chosen_site if form.host.company.sites else None
    manners = load_manners(session, file.visit, form.host.company)
    about = slot or replaced
    length = timedelta(minutes=about.minutes if about else USUAL_MINUTES)
    around = about.starts_at - timedelta(days=1) if about else _first_day(file, now)
    free_starts: list[tuple[date, list[datetime]]] = []
    if site:
        after = max(now, around)
        visitors = VisitorsTime(file.visit.id, form.group.data or None, about.id if about else 0)
        found = list_free_starts(
            session, form.host.company, site, visitors=visitors, length=length, after=after
        )
        free_starts = _free_days(found, site.time_zone)
    return render_template(
        "slots/staff_form.html",
        form=form,
        file=file,
        slot=slot,
        replaced=replaced,
        host=form.host,
        site=site,
        free_starts=free_starts,
        busy_starts=_busy_starts(form, free_starts, length=length),
        stops=[one for one in stops if one.is_live],
        names=_names(),
        has_errors=bool(form.errors),
        refuses=manners.refuses,
        calls_first=manners.is_called_first,
    )


def _busy_starts(
    form: SlotForm, days: Sequence[tuple[date, list[datetime]]], *, length: timedelta
) -> set[datetime]:
    """Those of the starts at which the host's own calendar says busy: a hint, never a wall."""
    starts = [start for _day, hours in days for start in hours]
    if not starts or not form.host.contacts:
        return set()
    contact_id = form.contact.data or form.host.contacts[0].id
    span = Interval(min(starts), max(starts) + length)
    busy = list_own_busy_times(read_session(), [contact_id], span)
    return {start for start in starts if any(Interval(start, start + length).overlaps(one) for one in busy)}


def _free_days(starts: Sequence[datetime], zone: str) -> list[tuple[date, list[datetime]]]:
    """The starts on the full hour, by local day, of the first days that have some."""
    full = [start for start in starts if start.minute == 0]
    days = groupby(full, key=lambda start: local_day(start, zone))
    return [(day, list(hours)) for day, hours in days][:_DAYS_SHOWN]


def _first_day(file: VisitFile, now: datetime) -> datetime:
    """Free times are looked for from the first wished day on."""
    days = [window.earliest for window in file.wishes.windows]
    first = min(days, default=home_day(now))
    return datetime(first.year, first.month, first.day, tzinfo=now.tzinfo)


def _hosts_page(file: VisitFile, *, replaces: PlannedSlot | None) -> str:
    session = read_session()
    text = _read_search()
    slots = list_planned_slots(session, file.visit.id)
    suggestions: Sequence[Suggestion] = suggest_for_visit(session, file.visit, file.wishes, now=utc_now())
    directory = load_directory(session)
    companies = [company for company in directory.companies.values() if company.is_published]
    in_programme = {slot.host_slug: slot for slot in slots}
    if replaces is not None:
        suggestions = _fittest_first(suggestions, replaces, in_programme, directory)
    return render_template(
        "slots/staff_hosts.html",
        file=file,
        replaces=replaces,
        text=text,
        found=_search(companies, text)[:_MOST_FOUND],
        suggestions=suggestions[:_MOST_FOUND],
        in_programme=in_programme,
        names=Names(directory),
        reason_sentence=reason_sentence,
    )


def _fittest_first(
    suggestions: Sequence[Suggestion],
    replaces: PlannedSlot,
    in_programme: Mapping[str, PlannedSlot],
    directory: Directory,
) -> list[Suggestion]:
    """By score, but who was asked already comes last, and who is across the sea after those on this shore."""

    def rank(suggestion: Suggestion) -> tuple[bool, bool]:
        host = suggestion.host
        return host.slug in in_programme, directory.companies[host.slug].country != replaces.country

    return sorted(suggestions, key=rank)


def _read_search() -> str:
    try:
        return clean_line(request.args.get("text", "")[:_LONGEST_SEARCH], max_length=_LONGEST_SEARCH)
    except TextNotAllowedError:
        return ""


def _search(companies: list[Company], text: str) -> list[Company]:
    return [company for company in companies if fold(text) in company.search_text] if text else []


def _refused(error: BookingError, slot: PlannedSlot) -> ResponseReturnValue:
    slots = list_planned_slots(read_session(), slot.visit_id)
    return refused_page(error, reference=slot.reference, slots=slots)


def _names() -> Names:
    return Names(load_directory(read_session()))


def _back_to(reference: str) -> ResponseReturnValue:
    return redirect(url_for("staff_visits.show", reference=reference, _anchor="programme"), 303)
