"""Lists of people into an event by staff's pages."""

import io
import re

from flask.testing import FlaskClient

from tests.support.staff import csrf_of


def send_file(staff: FlaskClient, slug: str, content: str | bytes) -> tuple[str, str]:
    """Upload a list and name its columns as guessed; its address, and the page of what would happen."""
    start = f"/staff/events/{slug}/registrations/import"
    octets = content.encode() if isinstance(content, str) else content
    data = {"csrf_token": csrf_of(staff.get(start).text), "file": (io.BytesIO(octets), "guests.csv")}
    kept = staff.post(start, data=data, content_type="multipart/form-data").headers["Location"]
    columns = staff.get(kept).text
    selects = re.findall(r'<select [^>]*name="(column-\d+)"(.*?)</select>', columns, re.DOTALL)
    guessed = {name: re.search(r'value="([\w:-]+)" selected', options) for name, options in selects}
    chosen = {name: found[1] for name, found in guessed.items() if found}
    staff.post(f"{kept}/columns", data={"csrf_token": csrf_of(columns), **chosen})
    return kept, staff.get(kept).text


def carry_out(staff: FlaskClient, kept: str) -> str:
    """What was looked at happens; the page afterwards."""
    page = staff.get(kept).text
    staff.post(f"{kept}/carry-out", data={"csrf_token": csrf_of(page)})
    return staff.get(kept).text
