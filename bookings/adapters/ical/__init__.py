"""iCalendar (RFC 5545) and iTIP (RFC 5546) messages, built from plain values without a clock or a session."""
