"""QR codes as drawings: for badges, and for links that a telephone opens."""

import base64
from typing import TYPE_CHECKING

from bookings.late import LateModule

if TYPE_CHECKING:
    import qrcode
else:
    qrcode = LateModule("qrcode")

_MASK = 3
"""Any mask can be read; to weigh all eight against each other costs ten times the drawing."""
_QUIET = 4
"""Modules of white around the code, as its standard asks."""


def draw_qr(text: str) -> str:
    """An SVG of black squares on white; a reader finds this text in it and nothing else."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=_QUIET, mask_pattern=_MASK)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    size = len(rows)
    path = "".join(
        f"M{column} {number}h1v1h-1z"
        for number, row in enumerate(rows)
        for column, is_dark in enumerate(row)
        if is_dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    )


def draw_qr_address(text: str) -> str:
    """The drawing as an address that an image of a page can have."""
    return "data:image/svg+xml;base64," + base64.b64encode(draw_qr(text).encode()).decode()
