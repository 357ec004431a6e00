"""What is read out of a mail: plain values that cross from the reading process as JSON."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bookings.domain.answers import AnswerLine, CalendarAnswer, MailClass, Partstat


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """One recipient of a delivery status notification (RFC 3464)."""

    recipient: str
    action: str
    status: str
    diagnostic: str = ""

    @property
    def is_final(self) -> bool:
        """Did the mail not arrive for good?"""
        return self.action == "failed" and self.status.startswith("5")


@dataclass(frozen=True, kw_only=True)
class IncomingMail:
    """One mail, read."""

    kind: MailClass
    message_id: str = ""
    sent_at: datetime | None = None
    sender: str = ""
    sender_name: str = ""
    has_one_sender: bool = True
    subject: str = ""
    recipients: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    authentication: str = ""
    text: str = ""
    answers: tuple[CalendarAnswer, ...] = ()
    reports: tuple[DeliveryReport, ...] = ()
    problem: str = ""
    is_bulk: bool = False


def to_plain(mail: IncomingMail) -> dict[str, Any]:
    """The mail as JSON can carry it, with instants as text."""
    return asdict(mail)


def from_plain(values: dict[str, Any]) -> IncomingMail:
    """The mail that `to_plain` made into JSON. Raises KeyError, TypeError or ValueError for anything else."""
    answers = tuple(_answer(one) for one in values["answers"])
    return IncomingMail(
        **{
            **values,
            "kind": MailClass(values["kind"]),
            "sent_at": _moment(values["sent_at"]),
            "recipients": tuple(values["recipients"]),
            "references": tuple(values["references"]),
            "answers": answers,
            "reports": tuple(DeliveryReport(**one) for one in values["reports"]),
        }
    )


def answer_to_plain(answer: CalendarAnswer) -> dict[str, Any]:
    """One answer as JSON can carry it."""
    plain: dict[str, Any] = asdict(answer, dict_factory=_with_texts)
    return plain


def answer_from_plain(values: dict[str, Any]) -> CalendarAnswer:
    """The answer that `answer_to_plain` made into JSON."""
    return _answer(values)


def _with_texts(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: _text(value) for key, value in items}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [_text(one) for one in value] if isinstance(value, tuple) else value


def _answer(values: dict[str, Any]) -> CalendarAnswer:
    moments = {
        name: _moment(values[name]) for name in ("dtstamp", "starts_at", "ends_at", "original_starts_at")
    }
    return CalendarAnswer(**{**values, **moments, "lines": tuple(_line(one) for one in values["lines"])})


def _line(values: dict[str, Any]) -> AnswerLine:
    offered = values["offered"]
    if offered is not None:
        starts_at, ends_at = offered
        offered = (datetime.fromisoformat(starts_at), _moment(ends_at))
    return AnswerLine(**{**values, "partstat": Partstat(values["partstat"]), "offered": offered})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
