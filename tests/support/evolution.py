"""Evolution Data Server as a reader of our messages: the calendar behind GNOME's programs, really running.

Its bindings belong to the system's Python, so this file is also a program for that one:
`dbus-run-session -- /usr/bin/python3 evolution.py MESSAGE.ics …` prints, as JSON, what stands in an empty
calendar after each message.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

_SYSTEM_PYTHON = "/usr/bin/python3"
_SERVERS = Path("/usr/libexec/evolution-calendar-factory")
_NAMESPACES = "import gi; gi.require_version('ECal', '2.0'); gi.require_version('ICalGLib', '3.0')"
_SECONDS = 90


def has_evolution() -> bool:
    """Whether the server, its bindings and a message bus are on this machine."""
    if not (_SERVERS.exists() and Path(_SYSTEM_PYTHON).exists() and shutil.which("dbus-run-session")):
        return False
    asked = subprocess.run([_SYSTEM_PYTHON, "-c", _NAMESPACES], capture_output=True, check=False)
    return asked.returncode == 0


def read_with_evolution(messages: list[bytes], folder: Path) -> list[list[dict[str, object]]]:
    """The events in a new calendar after each message: their UID, SEQUENCE, start and status."""
    paths = []
    for number, message in enumerate(messages):
        paths.append(folder / f"{number}.ics")
        paths[-1].write_bytes(message)
    run = folder / "run"
    run.mkdir(mode=0o700)
    home = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(run), "GSETTINGS_BACKEND": "memory"}
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "DBUS_"))}
    answer = subprocess.run(
        ["dbus-run-session", "--", _SYSTEM_PYTHON, __file__, *map(str, paths)],
        capture_output=True, timeout=_SECONDS, check=False, env={**environ, **home},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr.decode()
    found: list[list[dict[str, object]]] = json.loads(answer.stdout)
    return found


def main(paths: list[str]) -> None:
    """Inside the bus, on the system's Python."""
    import gi  # noqa: PLC0415 (not there for the tests themselves)

    gi.require_version("ECal", "2.0")
    gi.require_version("ICalGLib", "3.0")
    from gi.repository import ECal, EDataServer, ICalGLib  # noqa: PLC0415

    source = EDataServer.SourceRegistry.new_sync(None).ref_builtin_calendar()
    client = ECal.Client.connect_sync(source, ECal.ClientSourceType.EVENTS, 30, None)
    states = []
    for path in paths:
        message = ICalGLib.Component.new_from_string(Path(path).read_text())
        client.receive_objects_sync(message, ECal.OperationFlags.NONE, None)
        _found, events = client.get_object_list_sync("#t", None)
        states.append([_tell(event) for event in events])
    print(json.dumps(states))


def _tell(event: object) -> dict[str, object]:
    start = event.get_dtstart()  # type: ignore[attr-defined]
    return {
        "uid": event.get_uid(),  # type: ignore[attr-defined]
        "sequence": event.get_sequence(),  # type: ignore[attr-defined]
        "start": start.as_ical_string(),
        "zone": start.get_tzid(),
        "location": event.get_location(),  # type: ignore[attr-defined]
    }


if __name__ == "__main__":
    main(sys.argv[1:])
