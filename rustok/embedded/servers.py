"""Find, start and share the servers of a home.

Whoever uses the servers holds a shared lock on `users.lock`; the kernel drops it however its holder ends. A keeper
process runs the servers, waits for that lock exclusively and stops them when it gets it. So several commands may
share the servers, and the last one to end, even by kill -9, ends them.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rustok.embedded.home import PROJECT, EmbeddedError, current_home

SERVERS = {"postgres": ("DATABASE_URL",), "valkey": ("VALKEY_URL",), "nats": ("NATS_URL",)}
ALWAYS = ("postgres", "valkey")
BROKER = "CELERY_BROKER_URL"


def discover(home: Path | None = None) -> dict[str, str]:
    """Return the URLs of the servers that run in a home (RUSTOK_HOME if none is named), else an empty dict."""
    state = _state(home or current_home())
    return dict(state["urls"]) if state else {}


def needed(extra: Sequence[str] = ()) -> list[str]:
    """List the servers that are wanted and that the environment names no URL for; NATS only carries the stream."""
    wanted = {*ALWAYS, *extra, *(["nats"] if os.environ.get("EVENT_TRANSPORT") == "stream" else [])}
    return [name for name, variables in SERVERS.items() if name in wanted and not any(map(os.environ.get, variables))]


@contextmanager
def running(
    home: Path | None = None, *, throwaway: bool = False, extra: Sequence[str] = ()
) -> Iterator[dict[str, str]]:
    """Have servers run for the length of a block; start those that no URL is set for and that do not run yet.

    :param throwaway: trade durability for speed, for data that only tests use
    :param extra: servers to run that settings do not ask for, such as nats
    :raises EmbeddedError: if a server does not start
    """
    names = needed(extra)
    if not names:
        yield {}
        return
    with sharing(home or current_home(), names, throwaway=throwaway) as urls:
        yield {name: url for name, url in urls.items() if not os.environ.get(name)}


@contextmanager
def sharing(home: Path, names: list[str], *, throwaway: bool = False) -> Iterator[dict[str, str]]:
    """Hold the servers of a home up, starting them if need be."""
    prepare_folder(home)
    try:
        with (home / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            yield ensure(home, names, throwaway=throwaway)
    finally:
        _await_stop(home)


def ensure(home: Path, names: list[str], *, throwaway: bool = False) -> dict[str, str]:
    """Start a keeper unless one runs; one caller at a time. The caller holds the users' lock."""
    with (home / "start.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        state = _state(home) or _start(home, names, throwaway=throwaway)
    if absent := set(names) - set(state["servers"]):
        raise EmbeddedError(f"the servers in {home} run without {' and '.join(sorted(absent))}; stop them first")
    return dict(state["urls"])


def stop(home: Path, *, seconds: float = 20) -> bool:
    """Stop the servers of a home whoever uses them; false if none ran."""
    from rustok.embedded import processes

    state = _state(home)
    if not state:
        return False
    os.kill(state["pid"], signal.SIGTERM)
    if not processes.wait_gone(state["pid"], state["started"], seconds=seconds):
        raise EmbeddedError(f"process {state['pid']}, which keeps the servers in {home}, does not stop")
    return True


def prepare_folder(home: Path) -> None:
    """Make the home; late, so that `discover` needs no more than the standard library when nothing runs."""
    from rustok.embedded.home import make_home

    make_home(home)


def _state(home: Path) -> dict[str, Any] | None:
    """Return what the living keeper of a home wrote down; a stale file counts as nothing."""
    try:
        state: dict[str, Any] = json.loads((home / "servers.json").read_text())
    except (OSError, ValueError):
        return None
    from rustok.embedded.processes import is_running

    return state if is_running(state["pid"], state["started"]) else None


def _start(home: Path, names: list[str], *, throwaway: bool) -> dict[str, Any]:
    (home / "servers.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "rustok.embedded.keeper", str(home), *names]
    with subprocess.Popen(
        [*command, "--throwaway"] if throwaway else command,
        cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as keeper:  # fmt: skip
        assert keeper.stdout is not None
        for line in keeper.stdout:
            if line == "ready\n":
                keeper.returncode = 0  # it lives on; leaving the block must not wait for it
                break
            print(line, end="", file=sys.stderr, flush=True)
    state = _state(home)
    if state is None:
        raise EmbeddedError(f"the embedded servers did not start; see {home / 'logs'}")
    return state


def _await_stop(home: Path, *, seconds: float = 20) -> None:
    """Wait for the keeper to end if we were the last user."""
    keeper = _state(home)
    if keeper is None:
        return
    from rustok.embedded.processes import is_running

    deadline = time.monotonic() + seconds
    others = 0
    while is_running(keeper["pid"], keeper["started"]) and time.monotonic() < deadline:
        state = _state(home)
        others = others + 1 if state and not state["stopping"] and _is_used(home) else 0
        if others == 3:  # once could be the keeper itself, just before it writes that it stops
            return
        time.sleep(0.05)


def _is_used(home: Path) -> bool:
    """Tell whether somebody holds the users' lock."""
    with (home / "users.lock").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
