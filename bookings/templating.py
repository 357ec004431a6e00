"""Templates: compiled once per language, so that a sentence costs no more than the markup around it."""

from collections.abc import Iterable, MutableMapping
from typing import Any
from weakref import WeakKeyDictionary

from flask.templating import Environment
from jinja2 import BaseLoader, Template, nodes
from jinja2.visitor import NodeTransformer

from bookings.i18n import current_language, gettext

_TEXT_FUNCTIONS = frozenset({"_", "gettext"})
Kept = dict[tuple[str, str], Template]


class TranslatingEnvironment(Environment):
    """Flask's environment, with one compiled template for each language."""

    _kept: WeakKeyDictionary[BaseLoader, Kept]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dictionary, copied at each use many times as quickly as Jinja's chain of two."""
        return {**self.globals, **(d or {})}

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:  # noqa: A002
        """Called for every render, `extends`, `include` and `import`."""
        if self.auto_reload or self.loader is None:
            return super()._load_template(name, globals)
        if "_kept" not in vars(self):
            self._kept = WeakKeyDictionary()
        kept = self._kept.setdefault(self.loader, {})
        key = (current_language(), name)
        if key not in kept:
            kept[key] = self.loader.load(self, name, self.make_globals(globals))
        elif globals:
            kept[key].globals.update(globals)
        return kept[key]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if self.auto_reload:
            return tree
        translated: nodes.Template = _Translator(self).visit(tree)
        return translated


class _Translator(NodeTransformer):
    """Puts the sentences of one language into a parsed template: `_('Next')` becomes 'Seuraava'."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 (Jinja's name for it)
        """Replace the call when its text stands in the template; values are filled in when it is drawn."""
        self.generic_visit(node)
        if not _is_constant_text(node):
            return node
        text = gettext(node.args[0].value)  # type: ignore[attr-defined]
        if not node.kwargs:
            return self._at(node, _mark(text % {}))
        values = nodes.Dict([nodes.Pair(nodes.Const(word.key), word.value) for word in node.kwargs])
        return self._at(node, nodes.Mod(_mark(text), values))

    def _at(self, place: nodes.Call, node: nodes.Expr) -> nodes.Expr:
        node.set_lineno(place.lineno)
        node.set_environment(self._environment)
        return node


def _is_constant_text(node: nodes.Call) -> bool:
    arguments: Iterable[nodes.Expr] = node.args
    return (
        isinstance(node.node, nodes.Name)
        and node.node.name in _TEXT_FUNCTIONS
        and [type(argument) for argument in arguments] == [nodes.Const]
        and node.dyn_args is None
        and node.dyn_kwargs is None
    )


def _mark(text: str) -> nodes.Expr:
    """A text of ours is markup where texts are escaped, as the call would have made it."""
    return nodes.MarkSafeIfAutoescape(nodes.Const(text))
