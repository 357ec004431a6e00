"""Reads of matchmaking days: the whole day at once, one person's side of it, what staff watch."""
