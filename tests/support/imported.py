"""Files on their way into the directory, one in each state."""

from bookings.db import read_session
from bookings.domain.audit import SYSTEM
from bookings.domain.imports import ImportTable
from bookings.queries.imports import find_import
from bookings.services.imports import choose_columns, keep_file, order_import, work_on_import
from tests.support.clock import NOW

_HEADER = "Kortnamn;Name;Type;Country;Ort;Note"
_ROW = "vakin;Vakin AB;public;SE;{town};?"


def imported_files() -> list[int]:
    """Uploaded, being looked through, looked through, with nothing to change, refused, and carried out."""
    known = "slug,name,kind,country\nvakin,Vakin AB,public,SE\n"
    waiting = _look_through(_file("umea"), works=False)
    done = _look_through(known)
    order_import(done, who=SYSTEM, now=NOW)
    work_on_import(done, now=NOW)
    nothing, refused = _look_through(known), _look_through(_file("atlantis"))
    checked = _look_through("slug,name,kind,country\nvakin,Vakin Oy,public,SE\nnew,New,company,FI\n")
    return [_keep(_file("umea")), waiting, done, nothing, refused, checked]


def _file(town: str) -> str:
    return f"{_HEADER}\n{_ROW.format(town=town)}\n"


def _keep(content: str) -> int:
    return keep_file(ImportTable.ORGANISATIONS, "list.csv", content.encode(), who=SYSTEM, now=NOW)


def _look_through(content: str, *, works: bool = True) -> int:
    kept = _keep(content)
    read_session().rollback()
    choose_columns(kept, find_import(read_session(), kept, now=NOW).mapping, now=NOW)
    if works:
        work_on_import(kept, now=NOW)
    return kept
