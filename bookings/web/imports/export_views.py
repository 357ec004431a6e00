"""The directory as a file for staff. Taking it out is written down, so it is a button and no link."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.imports import OF_THE_DIRECTORY, ImportTable
from bookings.domain.staff import StaffRole, has_role
from bookings.queries.catalogue import list_catalogues
from bookings.services.exports import Export, export_directory
from bookings.settings import current_settings
from bookings.web.clock import utc_now
from bookings.web.downloads import FILE_TYPES, file_response
from bookings.web.import_texts import table_label
from bookings.web.security import current_staff, signed_in, staff_gate, takes_data_out

staff_exports = Blueprint("staff_exports", __name__, url_prefix="/staff/directory/export")


@staff_exports.get("")
@staff_gate(StaffRole.READER)
@takes_data_out
def start() -> str:
    return render_template(
        "imports/export.html",
        staff_page="directory",
        tables=[(kind.value, table_label(kind)) for kind in OF_THE_DIRECTORY],
        with_contacts=_may_see_contacts(),
        untagged=[one.language for one in list_catalogues(read_session()).values() if not one.is_tagged],
        most=current_settings().limits.exports_per_hour,
    )


@staff_exports.post("")
@staff_gate(StaffRole.READER)
@takes_data_out
def download() -> ResponseReturnValue:
    table, form = request.form.get("table", ""), request.form.get("form", "")
    wanted = Export(
        table=table if table in OF_THE_DIRECTORY else ImportTable.ORGANISATIONS.value,
        form=form if form in FILE_TYPES else "xlsx",
        with_contacts=_may_see_contacts(),
    )
    now = utc_now()
    content = export_directory(wanted, person_id=signed_in().staff_user_id, who=current_staff(), now=now)
    name = f"{wanted.table}-{now:%Y-%m-%d}.{wanted.form}"
    return file_response(content, name)


def _may_see_contacts() -> bool:
    return has_role(signed_in().roles, StaffRole.COORDINATOR)
