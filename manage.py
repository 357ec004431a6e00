#!/usr/bin/env python3
"""Set up and run this checkout, with nothing but Python.

    python3 manage.py demo [--port N …]   the product with example data, on this machine
    python3 manage.py test [PYTEST …]     every check and every test
    python3 manage.py bench [OPTIONS]     how fast the booking journey is
    python3 manage.py texts               collect the texts into the files that translators work on
    python3 manage.py setup               only prepare .venv, for tests too
    python3 manage.py run COMMAND …       any `bookings` command, e.g. run worker

The first start prepares .venv from the locked, hash-checked requirements; later starts find it ready.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "prepared.txt"
OLDEST = (3, 11)
ASK_FOLDER = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
LOAD_ALL = "import bookings.__main__, bookings.app, bookings.cli.serve"
LOCKS = {"run": "config/requirements.txt", "test": "config/requirements-test.txt"}

# command: the requirements it needs, and what the prepared Python is asked to do
COMMANDS = {
    "demo": ("run", ["-m", "bookings", "demo"]),
    "run": ("run", ["-m", "bookings"]),
    "test": ("test", ["-m", "pytest", "-n", "2", "--dist", "worksteal"]),
    "bench": ("test", ["-m", "tests.bench"]),
    "texts": ("run", ["-m", "tests.support.texts"]),
    "setup": ("test", ["-c", "print('Ready.')"]),
}


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST:
        return complain(
            f"This needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}."
        )
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__)
        return 0 if arguments in ([], ["help"], ["-h"], ["--help"]) else 2
    needs, command = COMMANDS[arguments[0]]
    try:
        prepare(needs)
        return hand_over([str(PYTHON), *command, *arguments[1:]])
    except subprocess.CalledProcessError as error:
        return complain(f"Preparing .venv failed (exit code {error.returncode}); the reason stands above.")
    except KeyboardInterrupt:
        return 130


def hand_over(command: list[str]) -> int:
    """Become the command where the system can: signals and the exit code are its own then."""
    os.chdir(ROOT)
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


def complain(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


def prepare(needs: str) -> None:
    """Make .venv hold what the lock says. The stamp makes the second start instant."""
    if PYTHON.exists() and STAMP.exists() and fingerprint(needs) in STAMP.read_text().splitlines():
        if sys.dont_write_bytecode:
            compile_folder(ROOT / "bookings")  # else each process does it over and over
        return
    print("Preparing .venv: a minute the first time …", file=sys.stderr)
    uv = shutil.which("uv")
    make_environment(uv)
    install(uv, ROOT / LOCKS[needs])
    link_project()
    compile_folder(packages_folder(), processes=0)  # as many as there are processors
    compile_folder(ROOT / "bookings")
    keep_dataclasses()
    # The test lock holds everything that the other one holds.
    STAMP.write_text("".join(f"{fingerprint(need)}\n" for need in LOCKS if needs in (need, "test")))


def fingerprint(needs: str) -> str:
    parts = (sys.version, str(ROOT), (ROOT / LOCKS[needs]).read_text())
    return f"{needs} {hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def make_environment(uv: str | None) -> None:
    settings = VENV / "pyvenv.cfg"
    found = (
        re.search(r"^version(?:_info)? *= *(\d+\.\d+)", settings.read_text(), re.MULTILINE)
        if settings.exists()
        else None
    )
    if found and found[1] == f"{sys.version_info[0]}.{sys.version_info[1]}" and PYTHON.exists():
        return
    if uv:
        run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
    elif missing := missing_parts():
        raise SystemExit(missing)
    else:
        run(sys.executable, "-m", "venv", "--clear", VENV)


def missing_parts() -> str:
    try:
        import ensurepip  # noqa: F401, PLC0415 (Debian ships it apart)
        import venv  # noqa: F401, PLC0415
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return f"Python's venv is missing. On Debian and Ubuntu: sudo apt install python{version}-venv"
    return ""


def install(uv: str | None, lock: Path) -> None:
    if uv:
        run(uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", lock)
        return
    if subprocess.call([str(PYTHON), "-m", "pip", "--version"], stdout=subprocess.DEVNULL) != 0:
        run(PYTHON, "-m", "ensurepip")  # uv made this .venv, and uv is gone
    run(
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        lock,
    )


def link_project() -> None:
    """An editable install without a build: the checkout on the path, and a `bookings` command."""
    (packages_folder() / "kvarken-visits.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    if os.name != "nt":
        script = SCRIPTS / "bookings"
        # A "#!" line cannot hold blanks, so the shell finds Python.
        script.write_text('#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -m bookings "$@"\n')
        script.chmod(0o755)


def packages_folder() -> Path:
    return Path(subprocess.check_output([PYTHON, "-c", ASK_FOLDER], text=True).strip())


def compile_folder(folder: Path, processes: int = 1) -> None:
    """Byte code once, at installation: else each start compiles all libraries, where none may be written."""
    # Some packages carry templates in Python's clothes that don't compile: that is no fault of ours.
    compile_all = [str(PYTHON), "-m", "compileall", "-q", "-j", str(processes), str(folder)]
    subprocess.call(compile_all, stdout=subprocess.DEVNULL)


def keep_dataclasses() -> None:
    """The program keeps their byte code where it ends (bookings/kept.py): loaded whole once, it has all."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.call([str(PYTHON), "-c", LOAD_ALL], cwd=ROOT, env=environment)


def run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
