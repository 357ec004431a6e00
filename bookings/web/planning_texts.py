"""Sentences for what the rules say about a plan: advice, reasons, warnings, next steps."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from bookings.domain.advice import Advice
from bookings.domain.next_steps import NextStep, Step
from bookings.domain.programme import ProgrammeWarning
from bookings.domain.suggestions import Reason
from bookings.domain.visits import Actor
from bookings.i18n import country_name, format_day, ngettext
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.texts import Names, language_names

Params = Mapping[str, object]
Sentence = Callable[[Params, Names], str]
_HOUR = 60

NEXT_STEPS: dict[Step, str] = {
    Step.VERIFY: _l("The visitor confirms the e-mail address."),
    Step.MODERATE: _l("Read the request and let it pass, or decline it."),
    Step.TRIAGE: _l("Read the request, then start planning, ask the visitor or decline."),
    Step.READ_ANSWER: _l("The visitor has answered your question: read it and start planning."),
    Step.CHOOSE_HOSTS: _l("Choose hosts and give each a time."),
    Step.RELEASE: _l("Check what is planned and release it: nobody is told before."),
    Step.READ_WISH: _l("The visitor wishes a change: see to it, and say when it is dealt with."),
    Step.JUDGE_PROPOSAL: _l("A host proposes another time: take it or refuse it."),
    Step.REPLACE_HOST: _l("A required host cannot receive the visit: choose another one."),
    Step.PROPOSE: _l("The hosts have said yes: propose the programme to the visitor."),
    Step.AWAIT_HOSTS: _l("The hosts answer."),
    Step.AWAIT_VISITOR_ANSWER: _l("The visitor answers your question."),
    Step.AWAIT_LETTER: _l(
        "The visitor has the letter of the client sent. Tick its task when it is here: the visitor is told."
    ),
    Step.AWAIT_VISITOR_CONSENT: _l("The visitor accepts the programme or wishes a change."),
    Step.TAKE_PLACE: _l("Everything is agreed. The visit takes place."),
    Step.NONE: _l("Nothing more to do."),
}

ACTORS: dict[Actor, str] = {
    Actor.STAFF: _l("Staff"),
    Actor.HOST: _l("Hosts"),
    Actor.VISITOR: _l("Visitor"),
    Actor.SYSTEM: _l("System"),
}


def next_step_sentence(step: NextStep) -> str:
    """What has to happen next."""
    return str(NEXT_STEPS[step.step])


def reason_sentence(reason: Reason, names: Names) -> str:
    """Why a host got points, or lost them."""
    return REASONS[reason.code](reason.params, names)


def advice_sentence(advice: Advice, names: Names) -> str:
    """What staff should know about a request."""
    return ADVICE[advice.code](advice.params, names)


def warning_sentence(warning: ProgrammeWarning, names: Names) -> str:
    """What staff should look at in a programme."""
    return WARNINGS[warning.code](warning.params, names)


def duration_words(minutes: object) -> str:
    """ "45 min", "2 h", "3 h 30 min"."""
    hours, rest = divmod(int(str(minutes)), _HOUR)
    parts = [_("%(hours)d h", hours=hours)] if hours else []
    if rest or not hours:
        parts.append(_("%(minutes)d min", minutes=rest))
    return " ".join(parts)


def _day(value: object) -> str:
    return format_day(value) if isinstance(value, date) else ""


def _clock(value: object) -> str:
    return value.strftime("%H:%M") if isinstance(value, datetime | time) else ""


def _count(value: object) -> int:
    return int(float(str(value)))


def _travel_reason(params: Params, names: Names) -> str:
    return _(
        "In %(place)s, %(duration)s from %(origin)s",
        place=names.place(params["place"]),
        duration=duration_words(params["minutes"]),
        origin=names.place(params["from_place"]),
    )


def _short_notice(params: Params) -> str:
    if _count(params["days_left"]) < 0:
        return _("The first wished day is already past: ask the visitor for new dates, or close the request.")
    return ngettext(
        "Short notice: %(num)d day to the first wished day. Hosts are promised %(notice)d days.",
        "Short notice: %(num)d days to the first wished day. Hosts are promised %(notice)d days.",
        _count(params["days_left"]),
        notice=params["notice_days"],
    )


def _holiday(params: Params) -> str:
    return _(
        "%(day)s is a holiday in %(country)s (%(name)s).",
        day=_day(params["day"]),
        country=country_name(str(params["country"])),
        name=params["name"],
    )


def _travel_too_short(params: Params, names: Names) -> str:
    values = {
        "origin": names.place(params["from_place"]),
        "target": names.place(params["to_place"]),
        "needed": duration_words(params["needed_minutes"]),
        "available": duration_words(params["available_minutes"]),
    }
    if params["mode"] == "ferry":
        return _(
            "From %(origin)s to %(target)s takes %(needed)s with the ferry and check-in; the plan leaves "
            "%(available)s.",
            **values,
        )
    return _("From %(origin)s to %(target)s takes %(needed)s; the plan leaves %(available)s.", **values)


REASONS: dict[str, Sentence] = {
    "topics_met": lambda p, names: _(
        "Meets what was asked for: %(topics)s", topics=names.topics(p["topics"])
    ),
    "main_topic": lambda p, names: _(
        "%(topic)s is what this host does first of all", topic=names.topic(p["topic"])
    ),
    "areas_touched": lambda p, names: _("Works in a nearby field: %(areas)s", areas=names.topics(p["areas"])),
    "wanted_by_visitor": lambda p, names: _("The visitor asked for this host by name"),
    "language_met": lambda p, names: _("Receives in %(languages)s", languages=language_names(p["languages"])),
    "interpreter_comes": lambda p, names: _("No shared language, but the visitors bring an interpreter"),
    "language_unknown": lambda p, names: _("Languages are not known: ask first"),
    "no_shared_language": lambda p, names: _(
        "No shared language: receives in %(languages)s", languages=language_names(p["languages"])
    ),
    "town_asked": lambda p, names: _(
        "In %(place)s, where the visitors want to go", place=names.place(p["place"])
    ),
    "town_near": _travel_reason,
    "town_reachable": _travel_reason,
    "town_far": _travel_reason,
    "town_out_of_reach": lambda p, names: _(
        "%(place)s cannot be reached from the wished towns", place=names.place(p["place"])
    ),
    "town_unknown": lambda p, names: _("The town is not known"),
    "group_fits": lambda p, names: _("The group fits"),
    "group_too_large": lambda p, names: _(
        "Receives at most %(max)d people at a time: %(groups)d groups are needed",
        max=p["group_max"],
        groups=p["parallel_groups"],
    ),
    "group_too_small": lambda p, names: _("Receives groups from %(min)d people", min=p["group_min"]),
    "newcomer": lambda p, names: _("Has not been asked before"),
    "long_unasked": lambda p, names: _("Last asked %(days)d days ago", days=p["days"]),
    "busy_lately": lambda p, names: ngettext(
        "Received %(num)d visit in the last 12 months",
        "Received %(num)d visits in the last 12 months",
        _count(p["visits"]),
    ),
    "known_to_host_visits": lambda p, names: _("Known to receive visits"),
    "used_to_guests": lambda p, names: _("Used to receiving guests"),
}


ADVICE: dict[str, Sentence] = {
    "group_too_large": lambda p, names: _(
        "%(host)s receives at most %(max)d people at a time. Plan %(groups)d groups, one after the other "
        "or in parallel.",
        host=p["host_name"],
        max=p["group_max"],
        groups=p["parallel_groups"],
    ),
    "group_too_small": lambda p, names: _(
        "%(host)s receives groups from %(min)d people. An open visit day may suit better.",
        host=p["host_name"],
        min=p["group_min"],
    ),
    "short_notice": lambda p, names: _short_notice(p),
    "short_notice_for_host": lambda p, names: _(
        "%(host)s asks for %(notice)d days of notice.", host=p["host_name"], notice=p["notice_days"]
    ),
    "holiday": lambda p, names: _holiday(p),
    "weekend": lambda p, names: _(
        "The wished days include a weekend, and the visit does not fit between: %(day)s.", day=_day(p["day"])
    ),
    "july": lambda p, names: _("The wished days lie in July, when most hosts are on holiday."),
    "earlier_visit": lambda p, names: _(
        "The same organisation asked for similar things before: %(reference)s, %(day)s (%(topics)s).",
        reference=p["reference"],
        day=_day(p["visited_on"]),
        topics=names.topics(p["interests"]),
    ),
    "export_control_check": lambda p, names: _(
        "%(country)s is on the screening list: do the export-control check before you ask hosts.",
        country=country_name(str(p["country"])),
    ),
}


WARNINGS: dict[str, Sentence] = {
    "overlap": lambda p, names: ngettext(
        "Two stops overlap by %(num)d minute.",
        "Two stops overlap by %(num)d minutes.",
        _count(p["minutes"]),
    ),
    "travel_unknown": lambda p, names: _(
        "The travel time from %(origin)s to %(target)s is not known: check it yourself.",
        origin=names.place(p["from_place"]) or _("an unknown town"),
        target=names.place(p["to_place"]) or _("an unknown town"),
    ),
    "travel_too_short": _travel_too_short,
    "holiday": lambda p, names: _holiday(p),
    "weekend": lambda p, names: _("%(day)s is a weekend day.", day=_day(p["day"])),
    "july": lambda p, names: _("%(day)s is in July, when most hosts are on holiday.", day=_day(p["day"])),
    "outside_hours": lambda p, names: _(
        "%(starts)s–%(ends)s is outside the hours in which this host receives "
        "(%(opens)s–%(closes)s, local time).",
        starts=_clock(p["starts"]),
        ends=_clock(p["ends"]),
        opens=_clock(p["opens_at"]),
        closes=_clock(p["closes_at"]),
    ),
    "group_too_large": lambda p, names: _(
        "More people come than this host receives at a time: %(people)d instead of at most %(max)d.",
        people=p["people"],
        max=p["group_max"],
    ),
    "group_too_small": lambda p, names: _(
        "Fewer people come than this host asks for: %(people)d instead of at least %(min)d.",
        people=p["people"],
        min=p["group_min"],
    ),
    "host_taken": lambda p, names: _(
        "This host is held for visit %(reference)s at the same time.", reference=p["reference"]
    ),
    "host_wanted": lambda p, names: _(
        "Visit %(reference)s is planned with this host at the same time, or may move there.",
        reference=p["reference"],
    ),
    "host_busy": lambda p, names: _("The host's own calendar says busy at this time."),
    "site_closed": lambda p, names: _("The site is closed at this time."),
    "too_soon": lambda p, names: _(
        "%(day)s is so near that there is no time left to arrange it.", day=_day(p["day"])
    ),
    "other_length": lambda p, names: _(
        "Lasts %(offered)s instead of %(asked)s.",
        offered=duration_words(p["minutes"]),
        asked=duration_words(p["asked"]),
    ),
    "outside_wishes": lambda p, names: _(
        "%(day)s is not among the days that the visitor asked for.", day=_day(p["day"])
    ),
    "visitor_knows": lambda p, names: _(
        "The visitor has the programme already and gets a mail about the change."
    ),
    "visitor_waits": lambda p, names: _(
        "The visitor has the programme already, and gets the new one when the hosts have answered."
    ),
    "no_lunch": lambda p, names: _(
        "%(day)s has no %(minutes)d minutes for lunch.", day=_day(p["day"]), minutes=p["minutes"]
    ),
}
