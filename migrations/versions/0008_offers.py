"""Visit offers with their hours, what hosts ask for, closures of sites, stand-ins, the host's own page.

Columns of older tables are added in plain SQL: rebuilding these tables on SQLite would lose their triggers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ADDED = {
    "organisation": ("version INTEGER NOT NULL DEFAULT 1",),
    "site": (
        "access_rules VARCHAR(4000) NOT NULL DEFAULT ''",
        "version INTEGER NOT NULL DEFAULT 1",
    ),
    "host_contact": (
        "languages JSON NOT NULL DEFAULT '[]'",
        "ended_at {instant}",
        "version INTEGER NOT NULL DEFAULT 1",
    ),
}
_INSTANT = {"sqlite": "DATETIME", "postgresql": "TIMESTAMP WITH TIME ZONE"}
_PURPOSES = (
    "resume_draft",
    "verify_request",
    "not_me",
    "manage_visit",
    "answer_slot",
    "calendar_feed",
    "visit_feed",
    "newsletter_confirm",
    "newsletter_unsubscribe",
)
_NEW = ("host_stand_in", "host_terms", "host_exclusion", "host_blackout", "site_closure")
_NEW_OFFERS = ("visit_offer", "visit_offer_interest", "offer_hours", "slot_offer")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table, columns in _ADDED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(instant=_INSTANT[dialect])}")
    _create_offers()
    _create_terms()
    _create_days()
    _allow_purposes((*_PURPOSES[:5], "host_page", *_PURPOSES[5:]))


def downgrade() -> None:
    op.execute("DELETE FROM action_link WHERE purpose = 'host_page'")
    _allow_purposes(_PURPOSES)
    for table in (*_NEW, *reversed(_NEW_OFFERS)):
        op.drop_table(table)
    for table, columns in _ADDED.items():
        for column in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split(maxsplit=1)[0]}")


def _allow_purposes(purposes: tuple[str, ...]) -> None:
    codes = ", ".join(f"'{purpose}'" for purpose in purposes)
    name = op.f("ck_action_link_purpose")
    with op.batch_alter_table("action_link") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"purpose IN ({codes})")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _parent(table: str, column: str, parent: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    name = op.f(f"fk_{table}_{column}")
    return (sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE"),)


def _rule(table: str, name: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(words, name=op.f(f"ck_{table}_{name}"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=op.f(f"pk_{table}"))


def _create_offers() -> None:
    op.create_table(
        "visit_offer",
        _id(),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.Column("title_en", sa.String(length=254), nullable=False),
        sa.Column("title_sv", sa.String(length=254), nullable=False),
        sa.Column("title_fi", sa.String(length=254), nullable=False),
        sa.Column("description_en", sa.String(length=4000), nullable=False),
        sa.Column("description_sv", sa.String(length=4000), nullable=False),
        sa.Column("description_fi", sa.String(length=4000), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("group_min", sa.Integer(), nullable=True),
        sa.Column("group_max", sa.Integer(), nullable=True),
        sa.Column("people_per_guide", sa.Integer(), nullable=True),
        sa.Column("guides", sa.Integer(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=True),
        sa.Column("monthly_cap", sa.Integer(), nullable=True),
        sa.Column("fee_cents", sa.Integer(), nullable=True),
        sa.Column("fee_currency", sa.String(length=40), nullable=False),
        sa.Column("clothing", sa.String(length=254), nullable=False),
        sa.Column("photo_policy", sa.String(length=40), nullable=False),
        sa.Column("needs_identity_list", sa.Boolean(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("step_access", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _rule("visit_offer", "minutes", "minutes > 0"),
        _rule("visit_offer", "group", "group_min > 0 AND group_max > 0 AND group_min <= group_max"),
        _rule("visit_offer", "people_per_guide", "people_per_guide > 0"),
        _rule("visit_offer", "guides", "guides > 0"),
        _rule("visit_offer", "lead_days", "lead_days >= 0"),
        _rule("visit_offer", "monthly_cap", "monthly_cap > 0"),
        _rule("visit_offer", "minimum_age", "minimum_age > 0"),
        _rule("visit_offer", "fee", "fee_cents >= 0 AND fee_currency IN ('', 'EUR', 'SEK')"),
        _rule("visit_offer", "photo_policy", "photo_policy IN ('unknown', 'free', 'some', 'none')"),
        _rule("visit_offer", "step_access", "step_access IN ('unknown', 'step_free', 'few_steps', 'stairs')"),
        _rule("visit_offer", "status", "status IN ('offered', 'hidden')"),
        *_parent("visit_offer", "site_id", "site"),
        _key("visit_offer"),
        sa.UniqueConstraint("site_id", "slug", name=op.f("uq_visit_offer_site_id_slug")),
    )
    op.create_table(
        "visit_offer_interest",
        sa.Column("visit_offer_id", sa.Integer(), nullable=False),
        sa.Column("interest_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_parent("visit_offer_interest", "visit_offer_id", "visit_offer"),
        *_parent("visit_offer_interest", "interest_id", "interest"),
        _key("visit_offer_interest", "visit_offer_id", "interest_id"),
    )
    op.create_index("ix_visit_offer_interest_interest_id", "visit_offer_interest", ["interest_id"])
    op.create_table(
        "offer_hours",
        _id(),
        sa.Column("visit_offer_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.String(length=5), nullable=False),
        sa.Column("to_day", sa.String(length=5), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("opens_at", sa.String(length=5), nullable=False),
        sa.Column("closes_at", sa.String(length=5), nullable=False),
        _rule("offer_hours", "order", "opens_at < closes_at"),
        *_parent("offer_hours", "visit_offer_id", "visit_offer"),
        _key("offer_hours"),
    )
    op.create_index("ix_offer_hours_visit_offer_id", "offer_hours", ["visit_offer_id"])
    op.create_table(
        "slot_offer",
        sa.Column("slot_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("visit_offer_id", sa.Integer(), nullable=False),
        *_parent("slot_offer", "slot_id", "slot"),
        *_parent("slot_offer", "visit_offer_id", "visit_offer"),
        _key("slot_offer", "slot_id"),
    )
    op.create_index("ix_slot_offer_visit_offer_id", "slot_offer", ["visit_offer_id"])


def _create_terms() -> None:
    op.create_table(
        "host_terms",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asking", sa.String(length=40), nullable=False),
        sa.Column("monthly_cap", sa.Integer(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("ask_on", sa.Date(), nullable=False),
        sa.Column("confirmation_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unanswered_confirmations", sa.Integer(), nullable=False),
        _rule("host_terms", "asking", "asking IN ('mail', 'phone', 'automatic')"),
        _rule("host_terms", "monthly_cap", "monthly_cap > 0"),
        _rule("host_terms", "unanswered_confirmations", "unanswered_confirmations >= 0"),
        *_parent("host_terms", "organisation_id", "organisation"),
        _key("host_terms", "organisation_id"),
    )
    op.create_index("ix_host_terms_ask_on", "host_terms", ["ask_on"])
    op.create_table(
        "host_exclusion",
        _id(),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        _rule("host_exclusion", "kind", "kind IN ('country', 'sector', 'organisation')"),
        *_parent("host_exclusion", "organisation_id", "organisation"),
        _key("host_exclusion"),
        sa.UniqueConstraint(
            "organisation_id", "kind", "value", name=op.f("uq_host_exclusion_organisation_id_kind_value")
        ),
    )


def _create_days() -> None:
    op.create_table(
        "host_stand_in",
        sa.Column("host_contact_id", sa.Integer(), nullable=False),
        sa.Column("stands_in_for_id", sa.Integer(), nullable=False),
        _rule("host_stand_in", "other", "host_contact_id <> stands_in_for_id"),
        *_parent("host_stand_in", "host_contact_id", "host_contact"),
        *_parent("host_stand_in", "stands_in_for_id", "host_contact"),
        _key("host_stand_in", "host_contact_id", "stands_in_for_id"),
    )
    op.create_index("ix_host_stand_in_stands_in_for_id", "host_stand_in", ["stands_in_for_id"])
    op.create_table(
        "host_blackout",
        _id(),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("visit_offer_id", sa.Integer(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        _rule("host_blackout", "order", "first_on <= last_on"),
        *_parent("host_blackout", "organisation_id", "organisation"),
        *_parent("host_blackout", "visit_offer_id", "visit_offer"),
        _key("host_blackout"),
    )
    for column in ("organisation_id", "visit_offer_id"):
        op.create_index(f"ix_host_blackout_{column}", "host_blackout", [column])
    op.create_table(
        "site_closure",
        _id(),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=254), nullable=False),
        _rule("site_closure", "order", "ends_at > starts_at"),
        *_parent("site_closure", "site_id", "site"),
        _key("site_closure"),
    )
    op.create_index("ix_site_closure_site_id", "site_closure", ["site_id"])
