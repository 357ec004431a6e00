"""Days of meetings for tests of pages."""

from bookings.jobs.meetings import match_waiting
from bookings.services.meetings import apply_match, ask_for_schedule, release_final, release_provisional
from tests.support.clock import NOW
from tests.support.events import STAFF
from tests.support.meetings import a_match_day, guests, wish


def own(token: str, more: str = "") -> str:
    return f"/registrations/{token}/meetings{more}"


def a_solved_day(*, is_final: bool = True, **columns):
    event = a_match_day(**columns)
    people = guests(event, 5)
    for one in people[1:]:
        wish(people[0], one)
    lay(event, NOW)
    release_provisional(event.slug, who=STAFF, now=NOW)
    if is_final:
        release_final(event.slug, who=STAFF, now=NOW)
    return event, people


def lay(event, now) -> None:
    run_id = ask_for_schedule(event.slug, seconds=1, who=STAFF, now=now)
    match_waiting(clock=lambda: now)
    apply_match(run_id, who=STAFF, now=now)
