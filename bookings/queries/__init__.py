"""Reads for pages, mails and exports: each takes the session first and changes nothing."""
