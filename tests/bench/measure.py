"""Reading what a process costs from /proc: CPU seconds, and its share of memory (PSS)."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path


@dataclass
class ServerProcess:
    """A server under measurement."""

    process: subprocess.Popen[bytes]
    port: int
    first_page_seconds: float

    def cpu_seconds(self) -> float:
        """User and system time that the process has used so far."""
        return cpu_seconds_of(self.process.pid)

    def pss_megabytes(self) -> float:
        """Proportional set size, in MB."""
        return pss_megabytes_of(self.process.pid)

    def stop(self) -> None:
        """End the process, gently first."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def cpu_seconds_of(pid: int | str) -> float:
    """User and system time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_megabytes_of(pid: int | str) -> float:
    """Proportional set size of a process, in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return 0.0


def start_server(command: list[str], *, port: int, environment: dict[str, str]) -> ServerProcess:
    """Start and wait for the first page; raises RuntimeError when it doesn't come within 60 s."""
    begun = time.perf_counter()
    log = tempfile.NamedTemporaryFile(prefix="bench", suffix=".log", delete=False)  # noqa: SIM115 (the server's)
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
    while time.perf_counter() - begun < 60:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.02)
        else:
            connection.close()
            return ServerProcess(process, port, time.perf_counter() - begun)
    process.kill()
    raise RuntimeError(f"no page on port {port}; the server's log: {log.name}")


def percentile(values: list[float], part: float) -> float:
    """The value below which this part of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else float("nan")


def run_apart(work: Callable, *values: object):
    """The answer of a process of its own, so that the peak of memory is that of this work."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *values).result()


def peak_megabytes() -> float:
    """The most memory that this process has held so far, in MB. (getrusage tells that of its parent, too.)"""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1000
