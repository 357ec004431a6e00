"""A visitor's wish waits until staff say that they dealt with it, in words that the visitor reads.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("author_kind = 'visitor' AND answered_at IS NULL")
_IS_WISH = sa.text("action = 'wish'")


def upgrade() -> None:
    op.add_column("visit_note", sa.Column("answered_at", sa.DateTime(timezone=True)))
    op.add_column("visit_note", sa.Column("answered_by", sa.String(254), nullable=False, server_default=""))
    op.add_column("visit_note", sa.Column("answer", sa.String(4000), nullable=False, server_default=""))
    # Until now the next act of staff on the visit counted as having dealt with a wish.
    for column, value in (("answered_by", "actor_name"), ("answered_at", "happened_at")):
        op.execute(
            f"UPDATE visit_note SET {column} = {_of_next_act(value)} "  # noqa: S608 - names of columns
            f"WHERE author_kind = 'visitor' AND {_of_next_act('id')} IS NOT NULL"
        )
    op.create_index(
        "ix_visit_note_open_wish", "visit_note", ["visit_id"],
        sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN,
    )  # fmt: skip
    op.drop_index("ix_audit_entry_wish", "audit_entry")


def downgrade() -> None:
    op.create_index(
        "ix_audit_entry_wish", "audit_entry", ["visit_id"],
        sqlite_where=_IS_WISH, postgresql_where=_IS_WISH,
    )  # fmt: skip
    op.drop_index("ix_visit_note_open_wish", "visit_note")
    for column in ("answer", "answered_by", "answered_at"):
        op.drop_column("visit_note", column)


def _of_next_act(column: str) -> str:
    return (
        f"(SELECT later.{column} FROM audit_entry AS later "  # noqa: S608 - names of columns
        "WHERE later.visit_id = visit_note.visit_id AND later.actor_kind = 'staff' "
        "AND later.happened_at > visit_note.written_at ORDER BY later.id LIMIT 1)"
    )
