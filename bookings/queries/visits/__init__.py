"""Visit requests as staff read them: the queue, and one request with all that is known of it."""

from bookings.queries.visits.files import (
    Colleague,
    EarlierRequest,
    Note,
    VisitFile,
    VisitHead,
    find_visit_head,
    list_colleagues,
    load_visit_file,
)
from bookings.queries.visits.queue import (
    QueueFilter,
    QueuePage,
    QueueRow,
    count_held_back,
    list_queue,
)
from bookings.queries.visits.standings import is_for_staff, is_open_wish
from bookings.queries.visits.wishes import WishedHost, Wishes, load_wishes

__all__ = [
    "Colleague",
    "EarlierRequest",
    "Note",
    "QueueFilter",
    "QueuePage",
    "QueueRow",
    "VisitFile",
    "VisitHead",
    "WishedHost",
    "Wishes",
    "count_held_back",
    "find_visit_head",
    "is_for_staff",
    "is_open_wish",
    "list_colleagues",
    "list_queue",
    "load_visit_file",
    "load_wishes",
]
