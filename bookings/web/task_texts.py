"""What a task asks for, in words; rules make theirs by kind, in the reader's language."""

from collections.abc import Callable

from bookings.domain.tasks import TaskKind
from bookings.i18n import country_name
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l

TASK_KINDS = {TaskKind.OWN: _l("Task"), TaskKind.FOLLOW_UP: _l("Follow-up")}
"""What staff add themselves."""

_SENTENCES: dict[TaskKind, Callable[[str], str]] = {
    TaskKind.LETTER: lambda about: _(
        "Ask for the letter of %(name)s, before the visit is confirmed", name=about
    ),
    TaskKind.PRESS: lambda about: _("Talk to the press officer: the visitors are press"),
    TaskKind.EXPORT_CHECK: lambda about: _("Export-control check: %(country)s", country=country_name(about)),
    TaskKind.MINORS: lambda about: _("Ask whether anybody is too young for %(host)s", host=about),
    TaskKind.ANNOUNCEMENT: lambda about: _("Send the names of the visitors to %(host)s", host=about),
    TaskKind.NAMES: lambda about: _("Have the final list of names"),
    TaskKind.BRIEFING: lambda about: _("Send the briefing to all hosts"),
    TaskKind.RECONFIRM: lambda about: _("Reconfirm with hosts and visitors"),
    TaskKind.REMINDER: lambda about: _("Remind the visitors: local times and the number to call"),
    TaskKind.THANKS: lambda about: _("Thank visitors and hosts, ask how it was"),
    TaskKind.REPORT: lambda about: _("Ask for the report: what came of the visit?"),
    TaskKind.SECOND_QUESTION: lambda about: _("Ask half a year later what came of the visit"),
}


def task_sentence(kind: str, text: str, about: str) -> str:
    """What is to be done."""
    return text or _SENTENCES[TaskKind(kind)](about)
