"""A state machine is a table: from a state, by an action, to a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from bookings.domain.errors import TransitionNotAllowedError

State = TypeVar("State", bound=StrEnum)
Action = TypeVar("Action", bound=StrEnum)


@dataclass(frozen=True)
class StateMachine(Generic[State, Action]):
    """The transitions of one noun. Everything that is not in the table is refused."""

    noun: str
    table: Mapping[tuple[State, Action], State]

    def next_state(self, state: State, action: Action) -> State:
        """The state after `action`. Raises TransitionNotAllowedError."""
        try:
            return self.table[state, action]
        except KeyError:
            raise TransitionNotAllowedError(self.noun, str(state), str(action)) from None

    def can(self, state: State, action: Action) -> bool:
        """Is there a way from `state` by `action`?"""
        return (state, action) in self.table
