"""What an event lacks that can come later, in sentences for staff."""

from collections.abc import Callable, Iterable

from bookings.domain.events import LANGUAGES
from bookings.i18n import gettext as _
from bookings.web.texts import in_words, language_name

_TEXTS: dict[str, Callable[[str], str]] = {
    "title": lambda languages: _("There is no title in %(languages)s.", languages=languages),
    "summary": lambda languages: _("There is no short sentence in %(languages)s.", languages=languages),
    "description": lambda languages: _("There is no description in %(languages)s.", languages=languages),
}
_OTHERS: dict[str, Callable[[], str]] = {
    "online_url": lambda: _("The link to take part online is missing."),
    "parts": lambda: _("The programme has no parts yet."),
}


def tell_advice(codes: Iterable[str]) -> list[str]:
    """One sentence for each text that lacks languages, and for what else people will miss."""
    codes = list(codes)
    found = []
    for name, tell in _TEXTS.items():
        lacking = [code for code in LANGUAGES if f"{name}_{code}" in codes]
        if lacking:
            found.append(tell(in_words(language_name(code) for code in lacking)))
    return [*found, *(_OTHERS[code]() for code in codes if code in _OTHERS)]
