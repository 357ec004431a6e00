"""A stop may be for one group of the delegation, whose time is held apart from that of the others.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KINDS = ("host", "delegation")
_GROUPS = tuple(f"group_{number}" for number in range(2, 7))
# On a line of its own, as in 0011.
_NUMBER = """
ALTER TABLE slot ADD COLUMN group_number INTEGER
CONSTRAINT ck_slot_group_number CHECK (group_number BETWEEN 1 AND 6)
"""
_STAMP = "random() & 281474976710655"
_SLOT_COLUMNS = (
    "visit_id, organisation_id, site_id, host_contact_id, place_id, calendar_entry_id, state, title,"
    " starts_at, ends_at, time_zone"
)


def upgrade() -> None:
    op.execute(_NUMBER)
    _allow_kinds((*_KINDS, *_GROUPS))
    _watch(f"{_SLOT_COLUMNS}, group_number", "reference, parallel_groups")


def downgrade() -> None:
    """Stops of a group become stops of all: those of the other groups are taken out of nobody's way."""
    _watch(_SLOT_COLUMNS, "reference")
    names = ", ".join(f"'{kind}'" for kind in _GROUPS)
    op.execute(
        f"DELETE FROM hold WHERE resource_id IN (SELECT id FROM resource WHERE kind IN ({names}))"  # noqa: S608
    )
    op.execute(f"DELETE FROM resource WHERE kind IN ({names})")  # noqa: S608 (our own names)
    _allow_kinds(_KINDS)
    op.drop_column("slot", "group_number")


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    codes = ", ".join(f"'{kind}'" for kind in kinds)
    name = op.f("ck_resource_kind")
    with op.batch_alter_table("resource") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({codes})")


def _watch(slot_columns: str, visit_columns: str) -> None:
    """Feeds show the group and how many there are: another one is another stamp (see 0007)."""
    tables = {
        "slot": (slot_columns, "id = NEW.id"),
        "visit_request": (visit_columns, "visit_id = NEW.id"),
    }
    for table, (columns, slots) in tables.items():
        name = f"feed_stamp_{table}"
        if op.get_bind().dialect.name == "sqlite":
            again = f"UPDATE slot SET feed_stamp = {_STAMP} WHERE {slots};"  # noqa: S608 (our own names)
            op.execute(f"DROP TRIGGER {name}")
            op.execute(f"CREATE TRIGGER {name} AFTER UPDATE OF {columns} ON {table} BEGIN {again} END")
        else:
            moment = "BEFORE INSERT OR UPDATE OF" if table == "slot" else "AFTER UPDATE OF"
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(
                f"CREATE TRIGGER {name} {moment} {columns} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
