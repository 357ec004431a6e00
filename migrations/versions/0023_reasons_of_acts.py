"""Each act keeps the reason that was given for it: an answer that comes later does not take its place.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_OF_HOSTS = """
INSERT INTO audit_reason (entry_id, visit_id, text)
SELECT MAX(act.id), slot.visit_id, slot.answer_comment
FROM audit_entry AS act JOIN slot ON slot.id = act.subject_id AND slot.visit_id = act.visit_id
WHERE act.noun = 'slot' AND act.action IN ('decline', 'host_cancel', 'maybe', 'propose_time')
AND slot.answer_comment <> ''
GROUP BY slot.id, slot.visit_id, slot.answer_comment
"""
_OF_ENDS = """
INSERT INTO audit_reason (entry_id, visit_id, text)
SELECT MAX(act.id), visit.id, visit.closed_reason
FROM audit_entry AS act JOIN visit_request AS visit ON visit.id = act.subject_id
WHERE act.noun = 'visit_request' AND act.action IN ('refuse', 'cancel') AND visit.closed_reason <> ''
GROUP BY visit.id, visit.closed_reason
"""


def upgrade() -> None:
    op.create_table(
        "audit_reason",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["audit_entry.id"],
            name=op.f("fk_audit_reason_entry_id_audit_entry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_reason")),
    )
    op.create_index(op.f("ix_audit_reason_visit_id"), "audit_reason", ["visit_id"])
    op.execute(_OF_HOSTS)
    op.execute(_OF_ENDS)


def downgrade() -> None:
    op.drop_table("audit_reason")
