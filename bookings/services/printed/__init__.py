"""A visit's programme on paper: what each reader may see of it (`sheets`), set as a PDF (`setting`)."""

from bookings.services.printed.setting import PrintingError, hash_sheet, print_sheet
from bookings.services.printed.sheets import Sheet, build_host_sheet, build_staff_sheet, build_visitor_sheet

__all__ = [
    "PrintingError",
    "Sheet",
    "build_host_sheet",
    "build_staff_sheet",
    "build_visitor_sheet",
    "hash_sheet",
    "print_sheet",
]
