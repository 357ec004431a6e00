"""What was concluded from one event of a mail; kept as JSON beside the mail."""

from dataclasses import dataclass, replace
from typing import Any

from bookings.adapters.mail.inbound_values import answer_from_plain, answer_to_plain
from bookings.domain.answers import FOR_STAFF, CalendarAnswer, Decision, Reason, Verdict


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One answer with its conclusion, and whom it concerns."""

    decision: Decision
    answer: CalendarAnswer | None = None
    attendee_id: int | None = None
    slot_id: int | None = None
    visit_id: int | None = None
    token_of: str = ""

    @property
    def needs_staff(self) -> bool:
        """Does somebody have to look?"""
        return self.decision.verdict in FOR_STAFF

    def concluded(self, verdict: Verdict, reason: Reason) -> "Finding":
        """The same answer with another end."""
        return replace(self, decision=replace(self.decision, verdict=verdict, reason=reason))


def to_plain(finding: Finding) -> dict[str, Any]:
    """The finding as the row keeps it, and as `bookings mail receive --explain` prints it."""
    decision = finding.decision
    start, end = decision.proposed or (None, None)
    return {
        "action": str(decision.verdict),
        "reason": str(decision.reason),
        "attendee": decision.attendee or None,
        "partstat": str(decision.partstat) if decision.partstat else None,
        "comment": decision.comment or None,
        "proposed_start": start.isoformat() if start else None,
        "proposed_end": end.isoformat() if end else None,
        "answered_at": decision.answered_at.isoformat() if decision.answered_at else None,
        "delegated_to": decision.delegated_to or None,
        "token_of": finding.token_of or None,
        "attendee_id": finding.attendee_id,
        "slot_id": finding.slot_id,
        "answer": answer_to_plain(finding.answer) if finding.answer else None,
    }


def stored_answer(plain: dict[str, Any]) -> CalendarAnswer | None:
    """The answer of a finding, as it was read when the mail came."""
    return answer_from_plain(plain["answer"]) if plain.get("answer") else None
