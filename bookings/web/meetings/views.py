"""A participant's own pages: schedule, requests, profile, the others."""

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.meetings import (
    LATE_MINUTES,
    MatchMode,
    MatchPhase,
    MeetingRequestState,
    WishStrength,
)
from bookings.domain.time import local_day
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory, load_interest_tree
from bookings.queries.meetings.day import PersonView, is_open, is_set_up
from bookings.queries.meetings.own import (
    list_called_off,
    list_own_requests,
    list_own_wishes,
    open_own,
)
from bookings.services.meetings import (
    ask_for_meeting,
    save_profile,
    set_wish,
)
from bookings.services.meetings.seating import list_common_slots
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import whole_number
from bookings.web.meetings.forms import AskForm, ProfileForm
from bookings.web.meetings.own import Own, back_to, gate, meetings, open_page, show_page
from bookings.web.meetings.shown import (
    WISHES,
    ShownMeeting,
    interest_groups,
    list_fill_ins,
    list_others,
    list_unmet,
    show_meeting,
    show_schedule,
    slot_words,
)
from bookings.web.texts import Names, language_names

_PER_PAGE = 50


@meetings.get("")
@gate
def show(token: str) -> str:
    keys, now = open_own(read_session(), token, now=utc_now()), utc_now()
    if not is_set_up(read_session(), keys.event_id):
        return render_template("meetings/not_yet.html", token=token)
    own = open_page(token)
    wishes, called_off = list_own_wishes(read_session(), own.id), list_called_off(read_session(), own.id)
    is_shown = own.day.view.phase is not MatchPhase.OPEN or own.day.view.mode is MatchMode.ASK
    zone = own.day.view.time_zone
    has_come = local_day(own.day.view.starts_at, zone) <= local_day(now, zone)
    is_today = has_come and is_open(own.day, now)
    return show_page(
        "show",
        token,
        own,
        schedule=_schedule(own) if is_shown else [],
        is_shown=is_shown,
        is_today=is_today,
        requests=_list_requests(own),
        unmet=list_unmet(own.day, own.id, wishes, called_off) if is_shown and own.person else [],
        fill_ins=_list_fill_ins(own, called_off) if is_today else [],
        late_minutes=LATE_MINUTES,
        now=now,
    )


def _schedule(own: Own) -> list[ShownMeeting]:
    shown = show_schedule(own.day, own.id, own.keys.time_zone)
    return [one for one in shown if own.sees(one.view.state)]


def _list_requests(own: Own) -> list[dict[str, object]]:
    """Open ones, each with its times; those to this person can be answered."""
    now, found = utc_now(), []
    for one in list_own_requests(read_session(), own.id):
        other = own.day.people.get(one.asked_id if one.asker_id == own.id else one.asker_id)
        if other is None:
            continue
        is_open_still = one.state is MeetingRequestState.OPEN and one.expires_at > now
        is_mine = one.asker_id == own.id
        slots = (
            [] if is_mine or not is_open_still else list_common_slots(own.day, (own.id, other.id), now=now)
        )
        wanted = own.day.slot_by_id.get(one.slot_id or 0)
        state = (
            one.state
            if one.state is not MeetingRequestState.OPEN or is_open_still
            else MeetingRequestState.EXPIRED
        )
        found.append(
            {
                "view": one, "other": other, "is_mine": is_mine, "is_open": is_open_still, "state": state,
                "slots": [(slot.id, slot_words(own.day, slot, own.keys.time_zone)) for slot in slots],
                "wanted": slot_words(own.day, wanted, own.keys.time_zone) if wanted else "",
            }
        )  # fmt: skip
    return found


def _list_fill_ins(own: Own, called_off: set[int]) -> list[tuple[object, str, list[PersonView]]]:
    # Only what the reader said or knows: who is left out by the other's secret word would show that word.
    wishes = list_own_wishes(read_session(), own.id)
    unwanted = {other for other, strength in wishes.items() if strength is WishStrength.NEVER}
    found = list_fill_ins(own.day, own.id, unwanted | called_off, utc_now())
    return [(slot, slot_words(own.day, slot, own.keys.time_zone), people) for slot, people in found]


@meetings.get("/profile")
@gate
def profile(token: str) -> str:
    own = open_page(token)
    return _profile_page(token, own, _profile_form(own, filled=True))


@meetings.post("/profile")
@gate
def save(token: str) -> ResponseReturnValue:
    own = open_page(token)
    form = _profile_form(own)
    if not form.validate():
        return _profile_page(token, own, form), 422
    try:
        save_profile(token, form.profile, version=form.seen_version, now=utc_now())
    except RecordChangedError as error:
        form.form_errors.append(refusal_sentence(error))
        form.version.data = str(own.person.version) if own.person else "0"
        return _profile_page(token, own, form), 409
    flash(_("Your profile is saved. Others find you now."), "success")
    return back_to(token, "others" if own.person is None else "show")


def _profile_form(own: Own, *, filled: bool = False) -> ProfileForm:
    person = own.person
    values = {
        "offers": person.profile.offers, "needs": person.profile.needs,
        "languages": list(person.profile.languages), "interests": list(person.profile.interests),
        "half_day": person.profile.half_day, "takes_fill_ins": person.profile.takes_fill_ins,
        "absent_in": [str(slot) for slot in person.profile.absent_in], "version": str(person.version),
    } if person else {"languages": [own.keys.language], "takes_fill_ins": True, "version": "0"}  # fmt: skip
    form = ProfileForm(**values) if filled else ProfileForm()
    form.interests.choices = [(slug, slug) for slug in load_interest_tree(read_session()).by_slug]
    form.absent_in.choices = [
        (str(slot.id), slot_words(own.day, slot, own.keys.time_zone)) for slot in own.day.slots
    ]
    return form


def _profile_page(token: str, own: Own, form: ProfileForm) -> str:
    areas = load_interest_tree(read_session()).areas
    groups = interest_groups(areas, current_language())
    return show_page("profile", token, own, form=form, groups=groups, has_errors=bool(form.errors))


@meetings.get("/others")
@gate
def others(token: str) -> str:
    own = open_page(token)
    search, country = request.args.get("q", "")[:100], request.args.get("country", "")
    wishes = list_own_wishes(read_session(), own.id)
    found = list_others(
        own.day, own.person, own.id, wishes, search, country if country in ("SE", "FI") else ""
    )
    number = max(1, request.args.get("page", 1, type=whole_number))
    pages = max(1, -(-len(found) // _PER_PAGE))
    shown = found[(min(number, pages) - 1) * _PER_PAGE :][:_PER_PAGE]
    page = {"page": min(number, pages), "pages": pages, "total": len(found)}
    return show_page(
        "others", token, own, found=shown, page=page, search=search, country=country, wishes=WISHES
    )


@meetings.get("/others/<reference>")
@gate
def other(token: str, reference: str) -> str:
    own = open_page(token)
    form = AskForm(formdata=None, slot=request.args.get("slot", ""))
    return _other_page(token, own, reference, form)


def _other_page(token: str, own: Own, reference: str, form: AskForm) -> str:
    person = _find(own, reference)
    slots = list_common_slots(own.day, (own.id, person.id), now=utc_now()) if own.person else []
    form.slot.choices = [("", _("Any time that suits"))] + [
        (str(slot.id), slot_words(own.day, slot, own.keys.time_zone)) for slot in slots
    ]
    met = next((one for one in own.day.schedules.get(own.id, []) if person.id in one.people), None)
    may_ask = own.person is not None and _can_ask(own) and met is None
    return show_page(
        "other",
        token,
        own,
        person=person,
        form=form,
        wish=list_own_wishes(read_session(), own.id).get(person.id),
        wishes=WISHES,
        met=show_meeting(own.day, met, own.id, own.keys.time_zone) if met and own.sees(met.state) else None,
        can_ask=may_ask and bool(slots),
        lacks_time=may_ask and not slots,
        languages=language_names(list(person.profile.languages)),
        names=Names(load_directory(read_session())),
        has_errors=bool(form.errors or form.form_errors),
    )


def _can_ask(own: Own) -> bool:
    view = own.day.view
    return is_open(own.day, utc_now()) and (view.mode is MatchMode.ASK or view.phase is MatchPhase.FINAL)


def _find(own: Own, reference: str) -> PersonView:
    for person in own.day.people.values():
        if person.reference == reference and person.is_complete and person.id != own.id:
            return person
    raise NotFoundError("participant", reference)


@meetings.post("/others/<reference>/wish")
@gate
def wish(token: str, reference: str) -> ResponseReturnValue:
    text = request.form.get("strength", "")
    strength = WishStrength(text) if text in set(WishStrength) else None
    try:
        set_wish(token, reference, strength, now=utc_now())
    except MeetingNotPossibleError as error:
        flash(refusal_sentence(error), "error")
    else:
        flash(_("Your wish is noted."), "success")
    return back_to(token, "other", reference=reference)


@meetings.post("/others/<reference>/ask")
@gate
def ask(token: str, reference: str) -> ResponseReturnValue:
    own, form = open_page(token), AskForm()
    form.slot.choices = [("", "")] + [(str(slot.id), "") for slot in own.day.slots]
    if not form.validate():
        return _other_page(token, own, reference, form), 422
    try:
        ask_for_meeting(
            token, reference, slot_id=form.slot_id, message=form.message.data or "", now=utc_now()
        )
    except MeetingNotPossibleError as error:
        form.form_errors.append(refusal_sentence(error))
        return _other_page(token, own, reference, form), 409
    flash(_("Your request is on its way. It takes nobody's time until it is accepted."), "success")
    return back_to(token)
