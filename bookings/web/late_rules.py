"""Rules of the site's addresses, made ready when they are needed."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule whose builders of addresses are compiled at first use.

    Werkzeug compiles two for each rule at the start: with hundreds of rules that is most of `create_app()`,
    and most of them are never built from while a process lives.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_builder = super()._compile_builder

        # Werkzeug hands over the values of an address by name, and one of them may be called anything.
        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            compiled: Callable[..., tuple[str, str]] = compile_builder(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", compiled)
            return compiled(**values)

        return build
