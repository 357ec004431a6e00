"""The tools that watch over the code. Each is a test, so that one command says whether all is well."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> None:
    """Run a tool of this environment; what it says is the reason of the failure."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"[-12_000:], pytrace=False)


def test_the_code_keeps_the_rules_of_ruff():
    run("-m", "ruff", "check", "--no-fix", ".")


def test_the_code_is_formatted():
    run("-m", "ruff", "format", "--check", ".")


def test_the_types_are_right():
    run("-m", "mypy")


def test_imports_go_down_the_floors_only():
    run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-logo")


def test_the_templates_keep_the_rules_of_djlint():
    run("-m", "djlint", "--lint", "--quiet", "templates")


def test_every_imported_library_is_declared_and_every_declared_one_imported():
    run("-m", "deptry", ".")
