"""Sailings of the ferry, runs of the planner with staff's weights, locks on slots, and a visit's rule of release.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_place_id", sa.Integer(), nullable=False),
        sa.Column("to_place_id", sa.Integer(), nullable=False),
        sa.Column("departs_at", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("check_in_minutes", sa.Integer(), nullable=True),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=254), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_sailing_minutes")),
        sa.CheckConstraint("check_in_minutes >= 0", name=op.f("ck_sailing_check_in_minutes")),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_sailing_season")),
        sa.CheckConstraint("from_place_id <> to_place_id", name=op.f("ck_sailing_places")),
        sa.ForeignKeyConstraint(
            ["from_place_id"], ["place.id"], name=op.f("fk_sailing_from_place_id_place"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_place_id"], ["place.id"], name=op.f("fk_sailing_to_place_id_place"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sailing")),
    )
    op.create_table(
        "planner_weights",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planner_weights")),
    )
    _create_runs()
    op.add_column("slot", sa.Column("is_locked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(
        "visit_request",
        sa.Column("releases_by_itself", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "planning_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("needs_wanted", sa.Boolean(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("applied_basis", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.String(length=254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_stopping", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("bound", sa.Double(), nullable=True),
        sa.Column("is_proved", sa.Boolean(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'stopped', 'failed')", name=op.f("ck_planning_run_state")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visit_request.id"],
            name=op.f("fk_planning_run_visit_id_visit_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planning_run")),
    )
    op.create_index("ix_planning_run_visit_id", "planning_run", ["visit_id"])
    op.create_index("ix_planning_run_state", "planning_run", ["state"])
    op.create_index("ix_sailing_from_place_id", "sailing", ["from_place_id"])
    op.create_index("ix_sailing_to_place_id", "sailing", ["to_place_id"])


def downgrade() -> None:
    op.drop_column("visit_request", "releases_by_itself")
    op.drop_column("slot", "is_locked")
    for table in ("planning_run", "planner_weights", "sailing"):
        op.drop_table(table)
