"""A person reads everything of one mailbox by one address of a feed.

No trigger stands on the table that is rebuilt.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_OLD_KINDS = ("staff", "host", "busy")


def upgrade() -> None:
    with op.batch_alter_table("calendar_feed") as table:
        table.add_column(sa.Column("mailbox", sa.String(length=254), nullable=True))
        table.create_unique_constraint(op.f("uq_calendar_feed_mailbox"), ["mailbox"])
        _say(table, "kind", _kinds(*_OLD_KINDS, "person"))
        _say(table, "host", "(kind IN ('host', 'busy')) = (host_contact_id IS NOT NULL)")
        table.create_check_constraint(
            op.f("ck_calendar_feed_person"), "(kind = 'person') = (mailbox IS NOT NULL)"
        )


def downgrade() -> None:
    op.execute("DELETE FROM calendar_feed WHERE kind = 'person'")
    with op.batch_alter_table("calendar_feed") as table:
        table.drop_constraint(op.f("ck_calendar_feed_person"), type_="check")
        _say(table, "host", "(kind = 'staff') = (host_contact_id IS NULL)")
        _say(table, "kind", _kinds(*_OLD_KINDS))
        table.drop_constraint(op.f("uq_calendar_feed_mailbox"), type_="unique")
        table.drop_column("mailbox")


def _say(table: BatchOperations, rule: str, words: str) -> None:
    name = op.f(f"ck_calendar_feed_{rule}")
    table.drop_constraint(name, type_="check")
    table.create_check_constraint(name, words)


def _kinds(*kinds: str) -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
