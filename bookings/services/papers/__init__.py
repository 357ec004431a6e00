"""Papers of an event: badges, lists of who was there, certificates, as PDF and as sheets."""

from bookings.services.papers.badges import print_badges
from bookings.services.papers.certificates import print_certificate, print_own_certificate
from bookings.services.papers.files import Order, PaperFile, PrintingError
from bookings.services.papers.lists import ListOrder, make_list

__all__ = [
    "ListOrder",
    "Order",
    "PaperFile",
    "PrintingError",
    "make_list",
    "print_badges",
    "print_certificate",
    "print_own_certificate",
]
