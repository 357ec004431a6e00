"""Words of the directory in the reader's language."""

from bookings.i18n import gettext as _
from bookings.web.texts import language_name


def kind_label(kind: str) -> str:
    """What sort of organisation it is."""
    labels = {
        "company": _("Company"),
        "research": _("Research and education"),
        "public": _("Public body or utility"),
        "investor": _("Investor"),
        "cluster": _("Cluster or network"),
        "test_facility": _("Test facility"),
    }
    return labels.get(kind, kind)


def language_label(code: str) -> str:
    """Name of a language as it stands by itself, with a capital letter."""
    name = language_name(code)
    return name[:1].upper() + name[1:]
