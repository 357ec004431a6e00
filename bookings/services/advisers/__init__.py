"""Advisory days: staff keep the advisers (`keeping`), visitors book their times (`booking`)."""

from bookings.services.advisers.booking import (
    AdviceWish,
    book_advice,
    cancel_advice,
    cancel_advice_by_adviser,
    cancel_advice_by_staff,
    follow_calendar_of_advice,
    follow_visitors,
    move_advice,
    verify_advice,
)
from bookings.services.advisers.keeping import add_adviser, change_adviser, remove_adviser, send_adviser_page

__all__ = [
    "AdviceWish",
    "add_adviser",
    "book_advice",
    "cancel_advice",
    "cancel_advice_by_adviser",
    "cancel_advice_by_staff",
    "change_adviser",
    "follow_calendar_of_advice",
    "follow_visitors",
    "move_advice",
    "remove_adviser",
    "send_adviser_page",
    "verify_advice",
]
