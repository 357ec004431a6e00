"""The files of this checkout, for tests about the code itself."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_OURS = ("bookings", "migrations", "tests", "config", "static", "templates", ".ci")
_LEFT_OUT = {"vendor", "__pycache__", ".venv", "node_modules"}


def relative(path: Path) -> str:
    """How a failing test names a file."""
    return path.relative_to(ROOT).as_posix()


def python_files(folder: Path) -> list[Path]:
    """Our own Python files under a folder, in order."""
    return [path for path in _own_files() if path.suffix == ".py" and path.is_relative_to(folder)]


def shipped_text_files(folder: str) -> list[Path]:
    """Our own templates, styles and scripts under a top-level folder."""
    kinds = {".html", ".txt", ".css", ".js"}
    return [path for path in _own_files() if path.suffix in kinds and path.is_relative_to(ROOT / folder)]


def committed_files() -> list[Path]:
    """What git keeps; without git, every file that isn't left out."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return _own_files()
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def _own_files() -> list[Path]:
    found = [path for folder in _OURS for path in (ROOT / folder).rglob("*") if path.is_file()]
    found += [path for path in ROOT.iterdir() if path.is_file()]
    return sorted(path for path in found if not _LEFT_OUT.intersection(path.relative_to(ROOT).parts))
