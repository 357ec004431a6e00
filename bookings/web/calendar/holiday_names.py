"""Public holidays in the reader's language: the package that knows them has no Finnish for Sweden's."""

from bookings.i18n import lazy_gettext as _l

HOLIDAYS = {
    "New Year's Day": _l("New Year's Day"),
    "Epiphany": _l("Epiphany"),
    "Good Friday": _l("Good Friday"),
    "Easter Sunday": _l("Easter Sunday"),
    "Easter Monday": _l("Easter Monday"),
    "May Day": _l("May Day"),
    "Ascension Day": _l("Ascension Day"),
    "Pentecost": _l("Pentecost"),
    "National Day": _l("National Day"),
    "Midsummer Eve": _l("Midsummer Eve"),
    "Midsummer Day": _l("Midsummer Day"),
    "All Saints' Day": _l("All Saints' Day"),
    "Independence Day": _l("Independence Day"),
    "Christmas Eve": _l("Christmas Eve"),
    "Christmas Day": _l("Christmas Day"),
    "Second Day of Christmas": _l("Second Day of Christmas"),
    "New Year's Eve": _l("New Year's Eve"),
}


def holiday_name(name: str) -> str:
    """In the reader's language; what staff called a closed day stays as they wrote it."""
    return str(HOLIDAYS.get(name, name))
