"""The outside world: calendars (`ical`) and mail (`mail`). Plain values in, bytes out; no tables."""
