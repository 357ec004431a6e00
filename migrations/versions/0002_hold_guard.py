"""The database itself refuses two overlapping hard holds of one resource."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OVERLAP = """
    SELECT RAISE(ABORT, 'hold_overlap') WHERE EXISTS (
        SELECT 1 FROM hold
        WHERE resource_id = NEW.resource_id AND strength = 'hard' AND id IS NOT NEW.id
          AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
    );
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # SQLite has no exclusion constraint; instants are stored as text of one fixed form, which sorts by time.
        for verb in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER hold_no_overlap_{verb.lower()} BEFORE {verb} ON hold "
                f"WHEN NEW.strength = 'hard' BEGIN {_OVERLAP} END"
            )
    else:
        # int4range instead of btree_gist: the extension is missing in embedded PostgreSQL.
        op.execute(
            "ALTER TABLE hold ADD CONSTRAINT hold_no_overlap EXCLUDE USING gist ("
            "int4range(resource_id, resource_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&"
            ") WHERE (strength = 'hard')"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER hold_no_overlap_{verb}")
    else:
        op.execute("ALTER TABLE hold DROP CONSTRAINT hold_no_overlap")
