"""Texts stand where the extractor looks: inside an f-string it sees none, and nobody would translate them."""

import ast

from tests.support.tree import ROOT, python_files, relative

TRANSLATORS = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "pgettext"}


def test_no_text_to_translate_stands_inside_an_f_string():
    hidden = [
        f"{relative(file)}:{text.lineno}"
        for file in python_files(ROOT / "bookings")
        for text in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr) and any(map(is_translated, ast.walk(text)))
    ]

    assert hidden == []


def is_translated(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATORS
