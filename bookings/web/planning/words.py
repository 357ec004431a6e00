"""What the planner says, in words: parts of the score, gains, what keeps a host out, conflicts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bookings.domain.time import local_day
from bookings.i18n import format_day, ngettext
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.planner.explain import Gain
from bookings.queries.planning import PlannedSlot
from bookings.web.planning_texts import duration_words
from bookings.web.texts import Names, in_words, language_names

Params = Mapping[str, Any]

PARTS: dict[str, str] = {
    "areas": _l("Areas of interest"),
    "topics": _l("Topics"),
    "towns": _l("Towns that were named"),
    "variety": _l("Different kinds of hosts"),
    "wanted": _l("Hosts that were asked for"),
    "experience": _l("Hosts known to receive visits"),
    "newcomers": _l("Hosts seldom or never asked"),
    "kept": _l("Slots that stay"),
    "load": _l("Load of the hosts"),
    "travel": _l("Travel"),
    "crossings": _l("Crossings"),
    "waiting": _l("Waiting time"),
}

_CLOSED: dict[str, str] = {
    "site_closed": _l("The site is closed on these days."),
    "closed_day": _l("The host does not receive on these days of the week."),
    "outside_hours": _l("The host's hours leave no room on these days."),
    "holiday": _l("These days are holidays there."),
    "blackout": _l("The host receives nobody on these days."),
    "notice": _l("The host asks for more notice than is left."),
    "month_full": _l("The host has had its visits of that month."),
    "held": _l("The host's time on these days is held for another visit."),
    "busy": _l("The host's own calendar says busy on these days."),
    "too_short": _l("No open time on these days is long enough."),
}


@dataclass(frozen=True)
class Teller:
    """Turns what the planner says into words, with the names of this visit's hosts and slots."""

    names: Names
    slots: Sequence[PlannedSlot] = ()

    def host(self, slug: object) -> str:
        """A host's name."""
        company = self.names.directory.companies.get(str(slug))
        return company.name if company else str(slug)

    def hosts(self, slugs: Sequence[object]) -> str:
        """Hosts as a list in words."""
        return in_words(self.host(slug) for slug in slugs)

    def gains(self, gain: Gain) -> list[str]:
        """What a stop brings, the weightiest first."""
        parts = sorted(gain.parts.items(), key=lambda part: -part[1])
        return [self._gain(name, value, gain) for name, value in parts if round(value)]

    def _gain(self, name: str, value: float, gain: Gain) -> str:
        points = f"{value:+.0f}".replace("-", "\u2212")
        words = str(PARTS.get(name, name))
        if name == "areas" and gain.areas:
            words = _("Covers %(areas)s", areas=self.names.topics(list(gain.areas)))
        if name == "topics" and gain.topics:
            words = _("Shows %(topics)s", topics=self.names.topics(list(gain.topics)))
        return _("%(what)s: %(points)s", what=words, points=points)

    def ruling(self, code: str, params: Params) -> str:
        """The rule that keeps a host out."""
        if code in ("closed", "not_open", "too_short"):
            return self._closed(code, params)
        return _RULINGS[code](self, params)

    def _closed(self, code: str, params: Params) -> str:
        reason = str(params.get("code", "")) if code == "closed" else code
        words = str(_CLOSED.get(reason, _l("The host is not open on the days of this programme.")))
        day = params.get("open_on")
        if isinstance(day, date):
            words += " " + _("It would be open on %(day)s.", day=format_day(day))
        return words

    def demand(self, kind: str, key: str) -> str:
        """Something that has to be in."""
        if kind == "host":
            return _("a visit to %(host)s", host=self.host(key))
        slot = next((one for one in self.slots if str(one.id) == key), None)
        if slot is None:
            return _("a stop that stands")
        return _(
            "the stop at %(host)s on %(day)s",
            host=slot.host_name,
            day=format_day(local_day(slot.starts_at, slot.time_zone)),
        )

    def rule(self, code: str, params: Params) -> str:
        """A rule that is part of a conflict."""
        return _RULES[code](self, params) if code in _RULES else code

    def conflict(self, conflict: Mapping[str, Any]) -> str:
        """What does not go together."""
        demands = [self.demand(one["kind"], one["key"]) for one in conflict["demands"]]
        rules = [self.rule(one["code"], one["params"]) for one in conflict["rules"]]
        if not rules:
            return _("This cannot be had under any rule: %(demands)s.", demands=in_words(demands))
        return _(
            "These do not go together: %(demands)s, with %(rules)s.",
            demands=in_words(demands),
            rules=in_words(rules),
        )

    def lacks_sailings(self, conflict: Mapping[str, Any]) -> bool:
        """The sea is in the way, and nobody has written down when a ship goes."""
        return any(one["code"] == "sailings" and not one["params"]["count"] for one in conflict["rules"])

    def drops(self, conflict: Mapping[str, Any]) -> list[str]:
        """The ways out: each names what to give up."""
        return [in_words(self.demand(one["kind"], one["key"]) for one in way) for way in conflict["drop"]]

    def refused(self, counted: Mapping[str, int]) -> list[str]:
        """How many hosts' offers each rule keeps out, for a request that nothing fits."""
        return [
            _("%(what)s: %(count)d", what=str(_COUNTED[code]), count=count)
            for code, count in sorted(counted.items(), key=lambda one: -one[1])
            if code in _COUNTED
        ]


_COUNTED: dict[str, str] = {
    "excluded": _l("Hosts that do not receive these visitors"),
    "no_shared_interest": _l("Hosts that share no interest with them"),
    "no_shared_language": _l("Hosts without a shared language"),
    "group_too_small": _l("Hosts for larger groups"),
    "group_too_large": _l("Hosts for smaller groups"),
    "not_open": _l("Hosts that are not open on the wished days"),
    "fits": _l("Hosts that could be visited alone"),
}

_RULINGS: dict[str, Callable[[Teller, Params], str]] = {
    "excluded": lambda t, p: _("The host does not receive these visitors."),
    "no_shared_interest": lambda t, p: _("The host works in none of the areas that the visitor asked for."),
    "no_shared_language": lambda t, p: _(
        "No shared language: the host receives in %(languages)s.",
        languages=language_names(list(p["languages"])),
    ),
    "group_too_small": lambda t, p: _("The host receives groups from %(min)d people.", min=p["group_min"]),
    "group_too_large": lambda t, p: _(
        "The group is too large: the host takes %(max)d people at a time, "
        "and that would be %(rounds)d rounds.",
        max=p["group_max"],
        rounds=p["rounds"],
    ),
    "has_slot": lambda t, p: _("The host has a stop in this visit already."),
    "does_not_fit": lambda t, p: _("There is no way to put it in beside what has to stay."),
}

_RULES: dict[str, Callable[[Teller, Params], str]] = {
    "pause": lambda t, p: _("a pause of %(minutes)s", minutes=duration_words(p["minutes"])),
    "lunch": lambda t, p: _("%(minutes)s for lunch", minutes=duration_words(p["minutes"])),
    "night_rest": lambda t, p: _("a night of %(minutes)s", minutes=duration_words(p["minutes"])),
    "most_stops": lambda t, p: ngettext("%(num)d stop a day", "%(num)d stops a day", int(p["most"])),
    "sailings": lambda t, p: (
        ngettext("%(num)d sailing in the timetable", "%(num)d sailings in the timetable", int(p["count"]))
        if p["count"]
        else _("a timetable without a sailing on these days")
    ),
    "travel": lambda t, p: _("the travel between the places"),
    "working_hours": lambda t, p: _("the working hours"),
    "dates": lambda t, p: _("the wished days"),
    "arrival": lambda t, p: _("the arrival"),
    "departure": lambda t, p: _("the departure"),
    "open_times": lambda t, p: _("the open times of %(host)s", host=t.host(p["host"])),
    "host_rules": lambda t, p: _("what %(host)s asks for", host=t.host(p["host"])),
}
