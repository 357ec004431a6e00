"""The worker: outbox, reminders, expiry, retention."""
