"""A stop waits for whoever is just changing its host, place or contact person, before feeds show it (PostgreSQL).

The trigger of such a change gives a new stamp to the stops that it sees, and those of others that are not yet
committed it does not see: a feed would show the old name under a version that never changes. SQLite lets one
write at a time.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STAMP = "NEW.feed_stamp := floor(random() * 281474976710656)::bigint; RETURN NEW;"
_PARENTS = ("organisation", "site", "place", "host_contact")


def upgrade() -> None:
    waits = " ".join(f"PERFORM 1 FROM {table} WHERE id = NEW.{table}_id FOR SHARE;" for table in _PARENTS)
    is_another = " OR ".join(f"NEW.{table}_id IS DISTINCT FROM OLD.{table}_id" for table in _PARENTS)
    _replace(f"IF TG_OP = 'INSERT' THEN {waits} ELSE IF {is_another} THEN {waits} END IF; END IF; {_STAMP}")


def downgrade() -> None:
    _replace(_STAMP)


def _replace(body: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION feed_stamp_slot() RETURNS trigger LANGUAGE plpgsql"
            f" AS $$ BEGIN {body} END $$"
        )
