"""Column shapes that many tables share."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from sqlalchemy import CheckConstraint, String
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


def one_of(column: str, values: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """The column holds one of these codes; the database refuses others."""
    codes = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({codes})", name=column)
