"""What waits for staff is found and counted from indexes alone, however many visits there are.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_slot_state_respond_by", "slot")
    op.create_index("ix_slot_waits", "slot", ["state", "respond_by", "visit_id", "is_required", "starts_at"])
    op.create_index("ix_slot_organisation_id_asked_at", "slot", ["organisation_id", "asked_at"])
    op.drop_index("ix_slot_replaces_id", "slot")
    _index_some("ix_slot_replaces_id", "slot", "replaces_id", where="replaces_id IS NOT NULL")
    _index_some(
        "ix_attendee_undeliverable_at", "attendee", "undeliverable_at", where="undeliverable_at IS NOT NULL"
    )
    _index_some("ix_audit_entry_wish", "audit_entry", "visit_id", where="action = 'wish'")


def downgrade() -> None:
    op.drop_index("ix_audit_entry_wish", "audit_entry")
    op.drop_index("ix_attendee_undeliverable_at", "attendee")
    op.drop_index("ix_slot_replaces_id", "slot")
    op.create_index("ix_slot_replaces_id", "slot", ["replaces_id"])
    op.drop_index("ix_slot_organisation_id_asked_at", "slot")
    op.drop_index("ix_slot_waits", "slot")
    op.create_index("ix_slot_state_respond_by", "slot", ["state", "respond_by"])


def _index_some(name: str, table: str, column: str, *, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)
