"""Planned changes of announced slots, what staff choose for the mails of a release, and the releases.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# The columns of a planned change that point elsewhere: the table, and what happens when its row goes.
_POINTERS = {
    "organisation_id": ("organisation", "CASCADE"),
    "site_id": ("site", "CASCADE"),
    "host_contact_id": ("host_contact", "CASCADE"),
    "visit_offer_id": ("visit_offer", "SET NULL"),
    "closure_id": ("site_closure", "SET NULL"),
}


def upgrade() -> None:
    _create_planned_changes()
    op.create_table(
        "release_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=4000), nullable=False),
        sa.Column("is_held", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_by", sa.String(length=254), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_release_letter_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_letter")),
        sa.UniqueConstraint("visit_id", "about", name=op.f("uq_release_letter_visit_id_about")),
    )
    op.create_table(
        "visit_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("released_by", sa.String(length=254), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_visit_release_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_release")),
        sa.UniqueConstraint("visit_id", "basis", name=op.f("uq_visit_release_visit_id_basis")),
    )


def _create_planned_changes() -> None:
    op.create_table(
        "planned_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("slot_version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _POINTERS),
        sa.Column("group_number", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", sa.String(length=254), nullable=False),
        sa.Column("message", sa.String(length=4000), nullable=False),
        sa.Column("is_required", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("planned_by", sa.String(length=254), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('move', 'words', 'replace', 'withdraw')", name=op.f("ck_planned_change_kind")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_planned_change_order")),
        sa.CheckConstraint(
            "kind = 'withdraw' OR (site_id IS NOT NULL AND host_contact_id IS NOT NULL "
            "AND starts_at IS NOT NULL AND ends_at IS NOT NULL)",
            name=op.f("ck_planned_change_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_planned_change_slot_id"), ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_planned_change_{name}"), ondelete=ondelete
            )
            for name, (table, ondelete) in _POINTERS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_change")),
        sa.UniqueConstraint("slot_id", name=op.f("uq_planned_change_slot_id")),
    )
    op.create_index("ix_planned_change_starts_at", "planned_change", ["starts_at"])
    for name in _POINTERS:
        op.create_index(f"ix_planned_change_{name}", "planned_change", [name])


def downgrade() -> None:
    for table in ("visit_release", "release_letter", "planned_change"):
        op.drop_table(table)
