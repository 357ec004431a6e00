"""Libraries that few requests need: loaded at first use, so that the start does not wait for them."""

from importlib import import_module
from types import ModuleType
from typing import Any


class LateModule(ModuleType):
    """Stands in for a module, and loads it when one of its names is asked for.

    A module that uses one imports it plainly under `TYPE_CHECKING`, for the reader and the checks.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)
