"""Advice on a wished visit in the words for its sender; staff read theirs on the visit's page."""

from collections.abc import Callable, Iterable
from typing import Any

from bookings.domain.advice import Advice, Audience
from bookings.i18n import country_name, format_day
from bookings.i18n import gettext as _


def list_sentences(advice: Iterable[Advice]) -> list[str]:
    """What the visitor may read: never what is for staff alone."""
    return [_SENTENCES[one.code](one.params) for one in advice if one.audience is Audience.VISITOR]


def _too_large(values: Any) -> str:
    return _(
        "%(host)s receives at most %(most)d people at a time: "
        "we plan %(groups)d groups in parallel or in turn.",
        host=values["host_name"],
        most=values["group_max"],
        groups=values["parallel_groups"],
    )


def _too_small(values: Any) -> str:
    return _(
        "%(host)s receives groups from %(least)d people: we can offer an open visit day instead.",
        host=values["host_name"],
        least=values["group_min"],
    )


def _short_notice(values: Any) -> str:
    return _(
        "The first day, %(day)s, is less than %(count)d days away. We treat the request as urgent, "
        "but some hosts may not manage to receive you.",
        day=format_day(values["first_day"]),
        count=values["notice_days"],
    )


def _short_notice_for_host(values: Any) -> str:
    return _(
        "%(host)s asks for %(count)d days of notice.", host=values["host_name"], count=values["notice_days"]
    )


def _july(values: Any) -> str:
    return _(
        "Most hosts in Sweden and Finland are closed in July (%(first)s to %(last)s).",
        first=format_day(values["day"], with_year=False),
        last=format_day(values["last_day"]),
    )


def _holiday(values: Any) -> str:
    return _(
        "%(day)s is a public holiday in %(country)s.",
        day=format_day(values["day"]),
        country=country_name(values["country"]),
    )


def _weekend(values: Any) -> str:
    days = ", ".join(format_day(day, with_year=False) for day in values["days"])
    return _(
        "Hosts in Sweden and Finland receive visitors from Monday to Friday. "
        "These days are a weekend: %(days)s.",
        days=days,
    )


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "group_too_large": _too_large,
    "group_too_small": _too_small,
    "short_notice": _short_notice,
    "short_notice_for_host": _short_notice_for_host,
    "july": _july,
    "holiday": _holiday,
    "weekend": _weekend,
}
