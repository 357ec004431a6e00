"""The package installs without the checkout, and serves."""

import os
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.ports import free_port
from tests.support.tree import ROOT

pytestmark = pytest.mark.slow
SHIPPED = ("templates", "static", "migrations", "config")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The wheel in an environment of its own, on the libraries that are here already."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = folder / "lib" / version / "site-packages"
    with ZipFile(wheel) as archive:
        archive.extractall(packages)
    # Only the folder, not its .pth files: those would put the checkout on the path.
    (packages / "libraries.pth").write_text(sysconfig.get_paths()["purelib"])
    return folder


def test_the_wheel_carries_everything_that_the_program_reads(wheel):
    names = ZipFile(wheel).namelist()

    missing = [
        f"{folder}/{name}"
        for folder in SHIPPED
        for name in shipped_files(ROOT / folder)
        if f"bookings/_assets/{folder}/{name}" not in names
    ]

    assert missing == []
    assert [name for name in names if name.startswith(("tests/", "manage"))] == []


def test_the_installed_command_explains_itself(installed, tmp_path):
    said = run(installed / "bin" / "python", "-P", "-m", "bookings", "--help", cwd=tmp_path)

    assert "serve" in said


def test_the_installed_package_serves(installed, tmp_path):
    port = free_port()
    environment = clean_environment() | {
        "BOOKINGS_APP_DATA_FOLDER": str(tmp_path / "data"),
        "BOOKINGS_WEB_PORT": str(port),
        "BOOKINGS_APP_SECRET_KEY": "x" * 40,
    }
    bookings = [str(installed / "bin" / "python"), "-P", "-m", "bookings"]
    subprocess.run(
        [*bookings, "db", "upgrade"], env=environment, cwd=tmp_path, check=True, capture_output=True
    )

    server = subprocess.Popen([*bookings, "serve"], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)

    try:
        assert answer_of(f"http://127.0.0.1:{port}/healthz") == 200
    finally:
        server.terminate()
        server.wait(120)


def shipped_files(folder: Path) -> list[str]:
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [path.as_posix() for path in files if "__pycache__" not in path.parts]


def answer_of(url: str, *, seconds: float = 120) -> int:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                status: int = answer.status
                return status
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
