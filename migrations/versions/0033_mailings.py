"""Staff write to the people of an event, and to the readers of the newsletter.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_UNSENT = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer()),
        sa.Column("form_key", sa.String(40), nullable=False),
        sa.Column("audience", sa.String(40), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("written_by", sa.String(254), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("reached_id", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_mailing_event_id_event"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("form_key", name=op.f("uq_mailing_form_key")),
        sa.CheckConstraint(
            "audience IN ('registered', 'waiting', 'everybody', 'newsletter')",
            name=op.f("ck_mailing_audience"),
        ),
        sa.CheckConstraint("(audience = 'newsletter') = (event_id IS NULL)", name=op.f("ck_mailing_event")),
    )
    op.create_index("ix_mailing_event_id", "mailing", ["event_id"])
    op.create_index("ix_mailing_unsent", "mailing", ["id"], sqlite_where=_UNSENT, postgresql_where=_UNSENT)


def downgrade() -> None:
    op.drop_table("mailing")
