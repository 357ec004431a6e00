"""What is over costs the worker nothing: each of its looks has an index of the few rows that it is about.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TRACED = (
    ("agreement", "agreed_at"),
    ("consent", "given_at"),
    ("registration_agreement", "agreed_at"),
    ("registration_consent", "agreed_at"),
)
_SOME = (
    ("ix_visit_request_open", "visit_request", ["state", "answer_by"], "closed_at IS NULL"),
    ("ix_visit_request_unproved", "visit_request", ["created_at"], "verified_at IS NULL"),
    ("ix_visit_request_named", "visit_request", ["closed_at"], "anonymised_at IS NULL"),
    (
        "ix_slot_asked",
        "slot",
        ["respond_by", "visit_id", "organisation_id"],
        "state IN ('pending', 'tentative', 'countered')",
    ),
    ("ix_outbox_message_readable", "outbox_message", ["queued_at"], "length(raw) > 0"),
    ("ix_action_link_expires_at", "action_link", ["expires_at"], "expires_at IS NOT NULL"),
    ("ix_action_link_revoked_at", "action_link", ["revoked_at"], "revoked_at IS NOT NULL"),
    *((f"ix_{table}_traced", table, [instant], "network_address <> ''") for table, instant in _TRACED),
)


def upgrade() -> None:
    for name, table, columns, words in _SOME:
        condition = sa.text(words)
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
    op.create_index("ix_outbox_message_queued_at", "outbox_message", ["queued_at"])
    op.create_index("ix_outbox_message_state_id", "outbox_message", ["state", "id"])
    op.drop_index("ix_outbox_message_state_next_attempt_at", "outbox_message")


def downgrade() -> None:
    op.create_index("ix_outbox_message_state_next_attempt_at", "outbox_message", ["state", "next_attempt_at"])
    op.drop_index("ix_outbox_message_state_id", "outbox_message")
    op.drop_index("ix_outbox_message_queued_at", "outbox_message")
    for name, table, _columns, _words in reversed(_SOME):
        op.drop_index(name, table)
