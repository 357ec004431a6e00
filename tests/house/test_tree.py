"""What is in the repository: nothing of one machine, nothing foreign without its licence."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.support.tree import ROOT, committed_files, relative

# Home folders and the workshop of whoever wrote a file.
MACHINE_PATH = re.compile(
    rb"(?<![\w.])/(?:" + b"|".join([b"work/", b"root/", b"home/[a-z]", b"Users/[A-Za-z]"]) + b")"
)
BINARY = {".png", ".jpg", ".webp", ".ico", ".woff2", ".gz", ".br", ".mo", ".xlsx", ".pdf"}
MANIFESTS = [ROOT / "static/vendor/manifest.json", ROOT / "tests/vendor/manifest.json"]
ALLOWED_TOP = {
    ".ci", ".gitignore", "LICENSE", "README.md", "bookings", "config", "docs", "manage.py", "migrations",
    "pyproject.toml", "static", "templates", "tests",
}  # fmt: skip


def test_no_committed_file_names_a_path_of_one_machine():
    files = [file for file in committed_files() if file.suffix not in BINARY and file != Path(__file__)]

    named = [relative(file) for file in files if MACHINE_PATH.search(file.read_bytes())]

    assert named == []


def test_nothing_of_weight_stands_beside_the_house():
    tops = {Path(relative(file)).parts[0] for file in committed_files()}

    assert tops - ALLOWED_TOP == set()


def test_the_requirements_name_no_registry():
    for lock in (ROOT / "config").glob("requirements*.txt"):
        lines = lock.read_text().splitlines()

        assert [line for line in lines if "://" in line or line.startswith("-")] == []


@pytest.mark.parametrize("manifest", MANIFESTS, ids=relative)
def test_vendored_files_are_what_their_manifest_says(manifest: Path):
    if not manifest.exists():
        pytest.skip("nothing is vendored there")
    entries = json.loads(manifest.read_text(encoding="utf-8"))

    listed = {
        f"{entry['folder']}/{name}": digest for entry in entries for name, digest in entry["files"].items()
    }

    assert {name: digest_of(manifest.parent / name) for name in listed} == listed
    assert unlisted_code(manifest.parent, listed) == []
    assert [entry["name"] for entry in entries if not (entry["licence"] and entry["version"])] == []


def digest_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def unlisted_code(folder: Path, listed: dict[str, str]) -> list[str]:
    code = {".js", ".mjs", ".css", ".woff2"}
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in code)
    return [name for name in names if name not in listed]
