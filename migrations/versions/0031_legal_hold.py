"""Visits and events can be kept as evidence: neither keeping times nor an erasure touch them meanwhile.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("visit_id", sa.Integer(), sa.ForeignKey("visit_request.id", ondelete="CASCADE")),
        sa.Column("event_id", sa.Integer(), sa.ForeignKey("event.id", ondelete="CASCADE")),
        sa.Column("reason", sa.String(254), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(254), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.Column("lifted_by", sa.String(254), nullable=False, server_default=""),
        sa.CheckConstraint("(visit_id IS NULL) <> (event_id IS NULL)", name="one_subject"),
    )
    op.create_index("ix_legal_hold_visit_id", "legal_hold", ["visit_id"])
    op.create_index("ix_legal_hold_event_id", "legal_hold", ["event_id"])


def downgrade() -> None:
    op.drop_table("legal_hold")
