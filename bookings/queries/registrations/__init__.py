"""Reads of registrations: for use cases (`groups`, `pools`), and for the page of one person (`own`)."""
