"""The cost clause: a visit needs the agreement to the text that is in force."""

from hashlib import sha256

from bookings.domain.errors import CostsNotAcceptedError


def check_costs_accepted(*, is_accepted: bool, version: str, current_version: str) -> None:
    """The box was ticked under the clause that is in force. Raises CostsNotAcceptedError."""
    if not is_accepted or version != current_version:
        raise CostsNotAcceptedError(current_version, has_changed=bool(version) and version != current_version)


def hash_clause(text: str) -> str:
    """SHA-256 of the exact text, so that a later change of the record shows."""
    return sha256(text.encode()).hexdigest()
