"""What can be taken back, and how long."""

UNDO_DAYS = 14
"""After that the memory of an act goes, with the texts that it holds."""
