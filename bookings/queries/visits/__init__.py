"""Visit requests as staff read them: the queue, and one request with all that is known of it."""

from bookings.queries.visits.files import (
    Colleague,
    EarlierRequest,
    VisitFile,
    list_colleagues,
    load_visit_file,
)
from bookings.queries.visits.queue import (
    QueueFilter,
    QueuePage,
    QueueRow,
    count_held,
    count_unverified,
    list_queue,
)

__all__ = [
    "Colleague",
    "EarlierRequest",
    "QueueFilter",
    "QueuePage",
    "QueueRow",
    "VisitFile",
    "count_held",
    "count_unverified",
    "list_colleagues",
    "list_queue",
    "load_visit_file",
]
