"""Cells of files that other programs open: a text must never be taken for a formula."""

_STARTERS = "=+-@\t\r\x00＝＋－＠"  # full-width forms too: some programs fold them
_GUARD = "'"


def guard_cell(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would calculate. `unguard_cell` undoes it."""
    return _GUARD + text if _looks_steering(text) else text


def unguard_cell(text: str) -> str:
    """What was guarded, without the apostrophe; everything else as it is."""
    return text[1:] if text[:1] == _GUARD and _looks_steering(text[1:]) else text


def _looks_steering(text: str) -> bool:
    """A formula, or one that is guarded already: otherwise guarding could not be undone."""
    return text.lstrip(_GUARD)[:1] in tuple(_STARTERS)
