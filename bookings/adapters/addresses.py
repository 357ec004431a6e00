"""Addresses of people: e-mail and telephone, parsed once, here."""

from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email

from bookings.late import LateModule

if TYPE_CHECKING:
    import phonenumbers
else:
    phonenumbers = LateModule("phonenumbers")


def parse_email(text: str) -> str | None:
    """The address as mail servers take it (ASCII, domain in lower case); None when it is none."""
    try:
        # Asking the domain's name server would let a form wait for a stranger.
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return found.ascii_email


def parse_phone(text: str, *, country: str) -> str | None:
    """The number in E.164; national spellings are read as of `country`. None when it cannot be one."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
