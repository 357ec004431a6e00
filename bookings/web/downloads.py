"""Files that staff take out of the site."""

from flask import Response

FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What follows the last point of a file's name → its media type."""


def file_response(content: bytes | str, name: str) -> Response:
    """A file with a name of its own, which no cache on the way keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=FILE_TYPES[name.rpartition(".")[2]], headers=headers)
