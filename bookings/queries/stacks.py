"""Small lists of different shapes, read in one statement: a page that asks for each of them pays for each."""

from collections import Counter, namedtuple
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, String, cast, literal, null, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

_Place = tuple[type[TypeEngine[Any]], int]


class Stack:
    """Several selects as one: each keeps the names of its own columns, none keeps an order.

    Columns of one type share a column of the union, so that both databases agree about what stands in it.
    """

    def __init__(self, **parts: Select[*tuple[Any, ...]]) -> None:
        inner = {name: part.subquery() for name, part in parts.items()}
        self._rows = {name: namedtuple(name.title(), part.c.keys()) for name, part in inner.items()}
        placed = {name: _place(list(part.c)) for name, part in inner.items()}
        types = {place: column.type for columns in placed.values() for place, column in columns.items()}
        order = list(types)
        self._index = {
            name: [order.index(place) + 1 for place in columns] for name, columns in placed.items()
        }
        self.statement: CompoundSelect[*tuple[Any, ...]] = union_all(
            *(
                select(
                    literal(name, String).label("part"),
                    *(
                        columns[place] if place in columns else cast(null(), types[place]).label(_name(place))
                        for place in order
                    ),
                )
                for name, columns in placed.items()
            )
        )

    def read(self, session: Session, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        """The rows of each part, in no promised order."""
        found: dict[str, list[Any]] = {name: [] for name in self._rows}
        for row in session.connection().execute(self.statement, values):
            name = row[0]
            found[name].append(self._rows[name](*(row[index] for index in self._index[name])))
        return found


def _place(columns: list[ColumnElement[Any]]) -> dict[_Place, ColumnElement[Any]]:
    """Each column beside those of its own type in the other parts."""
    used: Counter[type[TypeEngine[Any]]] = Counter()
    placed: dict[_Place, ColumnElement[Any]] = {}
    for column in columns:
        kind: type[TypeEngine[Any]] = String if isinstance(column.type, String) else type(column.type)
        placed[kind, used[kind]] = column.label(_name((kind, used[kind])))
        used[kind] += 1
    return placed


def _name(place: _Place) -> str:
    kind, number = place
    return f"{kind.__name__.lower()}_{number}"
