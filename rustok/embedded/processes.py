"""Child processes that die with their parent, and proof that a pid is still the process we started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from rustok.embedded.home import Account

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    output: IO[bytes] | int | None,
    cwd: Path,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own that gets `death_signal` when our thread ends, even by kill -9."""
    return subprocess.Popen(
        command,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid(), death_signal),  # noqa: PLW1509 - two system calls, no lock is taken
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """Return what the child runs before exec; ids are dropped by then, which would clear the setting."""

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def started_at(pid: int) -> float:
    """Return when a process started, in seconds since the epoch; with its pid it names the process for good."""
    return psutil.Process(pid).create_time()


def is_running(pid: int, started: float) -> bool:
    """Tell whether the process of that pid is the one that started then, and not a zombie."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_gone(pid: int, started: float, *, seconds: float) -> bool:
    """Wait for a process to end; false if it outlives the time given."""
    deadline = time.monotonic() + seconds
    while is_running(pid, started):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to the session that `spawn` opened for a process, whoever of it is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def found_in(folder: Path, names: Iterable[str]) -> list[psutil.Process]:
    """List processes of these names that work in this folder: what a killed owner left behind."""
    return [process for process in psutil.process_iter(["name"]) if _works_in(process, folder, names)]


def _works_in(process: psutil.Process, folder: Path, names: Iterable[str]) -> bool:
    try:
        return process.info["name"] in names and Path(process.cwd()) == folder
    except (psutil.Error, OSError):
        return False


def found_with(variable: str, value: str) -> list[psutil.Process]:
    """List other processes whose environment has this value."""
    return [
        process for process in psutil.process_iter() if process.pid != os.getpid() and _has(process, variable, value)
    ]


def _has(process: psutil.Process, variable: str, value: str) -> bool:
    try:
        return process.environ().get(variable) == value
    except (psutil.Error, OSError):
        return False


def end(processes: list[psutil.Process], *, first: signal.Signals, patience: float) -> None:
    """Ask processes to end, then kill those that did not in `patience` seconds."""
    _send(processes, first)
    _, deaf = psutil.wait_procs(processes, timeout=patience)
    _send(deaf, signal.SIGKILL)
    psutil.wait_procs(deaf, timeout=5)


def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue
