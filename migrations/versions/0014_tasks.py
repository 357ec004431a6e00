"""Tasks about visits, labels on them, and requests that were taken together.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('own', 'follow_up', 'letter', 'press', 'export_check', 'minors', 'announcement', 'names', "
    "'briefing', 'reconfirm', 'reminder', 'thanks', 'report', 'second_question')"
)


def upgrade() -> None:
    _create_tasks()
    op.create_table(
        "visit_label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("tone", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "tone IN ('calm', 'info', 'good', 'wait', 'bad', 'draft')", name=op.f("ck_visit_label_tone")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_label")),
        sa.UniqueConstraint("name", name=op.f("uq_visit_label_name")),
    )
    op.create_table(
        "labelled_visit",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        _key_to_visit("labelled_visit", "visit_id"),
        sa.ForeignKeyConstraint(
            ["label_id"],
            ["visit_label.id"],
            name=op.f("fk_labelled_visit_label_id_visit_label"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("visit_id", "label_id", name=op.f("pk_labelled_visit")),
    )
    op.create_index("ix_labelled_visit_label_id", "labelled_visit", ["label_id"])
    op.create_table(
        "merged_visit",
        sa.Column("visit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.String(length=254), nullable=False),
        sa.CheckConstraint("visit_id <> into_id", name=op.f("ck_merged_visit_other")),
        _key_to_visit("merged_visit", "visit_id"),
        _key_to_visit("merged_visit", "into_id"),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_merged_visit")),
    )
    op.create_index("ix_merged_visit_into_id", "merged_visit", ["into_id"])


def _create_tasks() -> None:
    op.create_table(
        "visit_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("rule_key", sa.String(length=40), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("about", sa.String(length=254), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=254), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=254), nullable=False),
        sa.CheckConstraint(_KINDS, name=op.f("ck_visit_task_kind")),
        _key_to_visit("visit_task", "visit_id"),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_visit_task_slot_id_slot"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["staff_user.id"],
            name=op.f("fk_visit_task_owner_id_staff_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_task")),
        sa.UniqueConstraint("visit_id", "rule_key", name=op.f("uq_visit_task_visit_id_rule_key")),
    )
    op.create_index("ix_visit_task_done_at_due_on", "visit_task", ["done_at", "due_on"])
    op.create_index("ix_visit_task_owner_id", "visit_task", ["owner_id"])
    op.create_index("ix_visit_task_slot_id", "visit_task", ["slot_id"])


def _key_to_visit(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        ["visit_request.id"],
        name=op.f(f"fk_{table}_{column}_visit_request"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in ("merged_visit", "labelled_visit", "visit_label", "visit_task"):
        op.drop_table(table)
