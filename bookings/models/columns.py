"""Column shapes that many tables share."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import mapped_column

Id = Annotated[int, mapped_column(primary_key=True)]
Slug = Annotated[str, mapped_column(String(80))]
ShortText = Annotated[str, mapped_column(String(100))]
Line = Annotated[str, mapped_column(String(254))]
LongText = Annotated[str, mapped_column(String(4000))]
Code = Annotated[str, mapped_column(String(40))]
ZoneName = Annotated[str, mapped_column(String(64))]
CountryCode = Annotated[str, mapped_column(String(2))]
LanguageCode = Annotated[str, mapped_column(String(8))]
Sha256 = Annotated[str, mapped_column(String(64))]

IS_TRACED = "network_address <> ''"
"""What still says from which network somebody agreed; for `index_some`."""


def one_of(column: str, values: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """The column holds one of these codes; the database refuses others."""
    codes = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({codes})", name=column)


def index_some(name: str, *columns: str, where: str) -> Index:
    """An index of the few rows that fulfil a condition. A statement has to say it in the same words."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
