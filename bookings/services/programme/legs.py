"""The ways between the stops in words, for the visitor's page and for mails."""

from dataclasses import dataclass

from bookings.domain.programme import ProgrammeLeg
from bookings.domain.travel import TravelMode, TravelTime
from bookings.i18n import gettext as _
from bookings.i18n import ngettext, zone_label


@dataclass(frozen=True, kw_only=True)
class LegWords:
    """A way as `timeline` and mails show it; `zone` names both clocks where they differ."""

    time: str
    place: str
    zone: str
    title: str
    text: str


def has_way(leg: ProgrammeLeg | None) -> bool:
    """Is there anything to tell? Within a town, and where nothing is known of the way, there is not."""
    return leg is not None and leg.travel is not None and leg.travel.mode is not TravelMode.NONE


def describe_leg(leg: ProgrammeLeg, *, origin: str, target: str) -> LegWords:
    """A way that `has_way`, between towns whose names are given in the language of the moment."""
    assert leg.travel is not None
    here = zone_label(leg.origin.interval.end, leg.origin.time_zone)
    there = zone_label(leg.target.interval.start, leg.target.time_zone)
    sentences = [_("Check-in is included.")] if leg.travel.mode is TravelMode.FERRY else []
    if leg.clock_shift_minutes:
        sentences.append(_clock_sentence(leg.clock_shift_minutes, target))
    return LegWords(
        time=_("About %(duration)s", duration=format_duration(leg.travel.minutes)),
        place=f"{origin} → {target}",
        zone=here if here == there else f"{here} → {there}",
        title=_title(leg.travel, target),
        text=" ".join(sentences),
    )


def _title(travel: TravelTime, town: str) -> str:
    if travel.mode is not TravelMode.FERRY:
        return _("By road to %(town)s", town=town)
    if travel.ends_by_road:
        return _("By ferry and road to %(town)s", town=town)
    if travel.starts_by_road:
        return _("By road and ferry to %(town)s", town=town)
    return _("By ferry to %(town)s", town=town)


def format_duration(minutes: int) -> str:
    """A length in hours and minutes."""
    hours, rest = divmod(minutes, 60)
    parts = (
        _("%(count)d h", count=hours) if hours else "",
        _("%(count)d min", count=rest) if rest else "",
    )
    return " ".join(filter(None, parts))


def _clock_sentence(minutes: int, town: str) -> str:
    hours = abs(minutes) // 60
    if minutes > 0:
        return ngettext(
            "Put your watch forward: in %(town)s it is %(num)d hour later.",
            "Put your watch forward: in %(town)s it is %(num)d hours later.",
            hours,
            town=town,
        )
    return ngettext(
        "Put your watch back: in %(town)s it is %(num)d hour earlier.",
        "Put your watch back: in %(town)s it is %(num)d hours earlier.",
        hours,
        town=town,
    )
