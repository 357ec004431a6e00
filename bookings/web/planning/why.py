""" "Why not this host?": found by name, answered by the planner in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bookings.db import read_session
from bookings.domain.text import fold
from bookings.i18n import gettext as _
from bookings.planner.explain import LeftOut, explain_left_out, list_rulings
from bookings.planner.plan import Plan
from bookings.queries.directory import Company, Directory
from bookings.queries.planning import VisitProblem, load_problem
from bookings.queries.planning.problem import list_gone_hosts
from bookings.queries.planning.results import RunView, pack
from bookings.web.planning.words import Teller

_STEPS = 40
"""As long as a reader waits for a page."""
MOST_FOUND = 8


@dataclass(frozen=True)
class Answer:
    """Why a host is not in a programme, or what it brings."""

    host: Company
    sentences: tuple[str, ...]


def find_hosts(directory: Directory, text: str) -> list[Company]:
    """Organisations whose name has these letters, those that begin with them first."""
    wanted = fold(text)
    found = [company for company in directory.companies.values() if wanted in fold(company.name)]
    return sorted(found, key=lambda one: (not fold(one.name).startswith(wanted), one.name))[:MOST_FOUND]


def explain_host(run: RunView, number: int, host: Company, teller: Teller, *, now: datetime) -> Answer:
    """The planner's own answer for one host and one programme of a run."""
    plan = run.programmes[number - 1].plan
    if host.slug in plan.hosts:
        return Answer(host, (_("This host is in the programme."),))
    if host.slug in run.wishes.left_out:
        return Answer(host, (_("You left this host out of the programme."),))
    found = load_problem(read_session(), run.reference, now=now, run=run)
    keys = [one.key for one in found.problem.candidates if one.host == host.slug]
    if not keys:
        return Answer(host, (_explain_absence(found, host),))
    rulings = list_rulings(found.problem, plan)
    free = [key for key in keys if key not in rulings]
    if not free:
        reason = rulings[keys[0]]
        return Answer(host, (teller.ruling(reason.code, reason.params),))
    return Answer(host, tuple(_explain(found, plan, free, run.seed, teller)))


def _explain(found: VisitProblem, plan: Plan, keys: Sequence[str], seed: int, teller: Teller) -> list[str]:
    best: LeftOut = explain_left_out(found.problem, plan, keys[0], seed=seed, steps=_STEPS)
    if best.reason is not None:
        words = [teller.ruling(best.reason.code, best.reason.params)]
        return [*words, teller.conflict(pack(best.conflict))] if best.conflict else words
    loss = round(best.loss or 0)
    if loss < 0:
        return [_("It could be in: that programme would even be better by %(points)d points.", points=-loss)]
    words = [
        _("It could be in, and the programme would lose %(points)d points.", points=loss)
        if loss
        else _("It could be in, and the programme would be as good.")
    ]
    if best.dropped:
        words.append(_("These would go for it: %(hosts)s.", hosts=teller.hosts(best.dropped)))
    return words


def _explain_absence(found: VisitProblem, host: Company) -> str:
    """Why the planner does not even think of it."""
    if host.slug in list_gone_hosts(found.slots):
        return _("The host was asked for this visit and is out of it.")
    if not host.is_published:
        return _("The organisation is not public in the directory.")
    if host.hosts_visits == "no":
        return _("The organisation receives no visits.")
    if not any(site.place_slug for site in host.sites):
        return _("It is not known in which town it lies.")
    return _("Nobody there can be asked, or the host has not answered for a long time.")
