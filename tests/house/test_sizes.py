"""Files and functions stay small enough to be read once, top to bottom."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import ROOT, python_files, relative, shipped_text_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONG_FUNCTION = 35
WORDS_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def test_no_file_is_longer_than_400_lines():
    files = [*own_code(), *shipped_text_files("templates"), *shipped_text_files("static")]

    lengths = {relative(file): len(file.read_text(encoding="utf-8").splitlines()) for file in files}

    assert {name: lines for name, lines in lengths.items() if lines >= LONGEST_FILE} == {}


def test_no_function_is_longer_than_50_lines():
    lengths = dict(function_lengths())

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_19_functions_in_20_are_at_most_35_lines_long():
    lengths = [lines for _, lines in function_lengths()]

    assert sum(lines > LONG_FUNCTION for lines in lengths) <= len(lengths) / 20


def test_no_module_has_a_name_that_says_nothing():
    names = {relative(file) for file in python_files(ROOT) if file.stem in WORDS_THAT_SAY_NOTHING}

    assert names == set()


def test_public_functions_of_the_lower_floors_say_what_they_promise():
    floors = [ROOT / "bookings" / floor for floor in ("domain", "services", "planner", "adapters")]

    without = [name for floor in floors for name in undocumented(floor)]

    assert without == []


def own_code() -> list[Path]:
    """Without migrations: those are generated, and never touched again once released."""
    released = ROOT / "migrations" / "versions"
    return [file for file in python_files(ROOT) if not file.is_relative_to(released)]


def function_lengths() -> Iterator[tuple[str, int]]:
    for file in own_code():
        for node in functions(file):
            yield f"{relative(file)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def undocumented(folder: Path) -> Iterator[str]:
    for file in python_files(folder):
        module = ast.parse(file.read_text(encoding="utf-8"))
        for node in module.body:
            if (
                isinstance(node, ast.FunctionDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ):
                yield f"{relative(file)}:{node.name}"


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
