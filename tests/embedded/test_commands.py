"""`python -m rustok.embedded` runs commands with servers, and stops and forgets what a home holds."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from rustok.embedded import bootstrap, discover, running
from rustok.embedded.demo import MARK, only_demo
from rustok.embedded.home import PROJECT, EmbeddedError, Home

Find = Callable[[Path], list[psutil.Process]]

SERVER = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); time.sleep(60)"


def command(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rustok.embedded", *arguments], cwd=PROJECT, env={**os.environ, "RUSTOK_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, errors = process.communicate(timeout=60)
    return process.returncode, output + errors


def test_run_gives_a_command_its_servers_and_passes_on_its_exit_code(used_home: Path, processes_of: Find) -> None:
    code = "import os, sys; print(os.environ['DATABASE_URL'], len(os.environ['SECRET_KEY'])); sys.exit(7)"
    status, output = finish(command(used_home, "run", "--throwaway", "--", sys.executable, "-c", code))
    assert status == 7
    assert "postgres://rustok:" in output
    assert processes_of(used_home) == []


def test_a_terminated_run_ends_its_command_and_the_servers(used_home: Path, processes_of: Find) -> None:
    code = "import time; print('up', flush=True); time.sleep(60)"
    run = command(used_home, "run", "--", sys.executable, "-c", code)
    assert run.stdout is not None
    assert run.stdout.readline() == "up\n"
    run.terminate()
    assert finish(run)[0] == -signal.SIGTERM % 256
    assert processes_of(used_home) == []


def test_status_tells_what_runs(used_home: Path) -> None:
    assert finish(command(used_home, "status")) == (1, "{}\n")
    with running(used_home) as urls:
        status, output = finish(command(used_home, "status"))
    assert (status, json.loads(output)) == (0, urls)


def test_reset_stops_and_forgets_a_home_and_those_in_it(home: Path) -> None:
    with running(home), running(home / "test"):
        data = [Home.open(home).data, Home.open(home / "test").data]
        assert all(folder.exists() for folder in data)
        status, output = finish(command(home, "reset"))
        assert (status, discover(home)) == (0, {})
    assert "forgot the data" in output
    assert not any(folder.exists() for folder in data)


def test_a_home_has_one_demo_at_a_time(home: Path) -> None:
    Home.open(home)
    with only_demo(home), pytest.raises(EmbeddedError, match="already runs"), only_demo(home):
        pass


def test_a_port_held_by_what_a_killed_demo_left_is_freed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Home.open(home)
    (home / "demo.json").write_text("{}")
    left = subprocess.Popen(
        [sys.executable, "-c", SERVER], env={**os.environ, MARK: str(home)}, stdout=subprocess.PIPE, text=True
    )
    assert left.stdout is not None
    port = left.stdout.readline().strip()
    monkeypatch.setattr(bootstrap, "python", lambda: Path(sys.executable))
    monkeypatch.setenv("RUSTOK_HOME", str(home))
    monkeypatch.setenv("PORT", port)
    assert bootstrap.check_address() == ("127.0.0.1", int(port))
    assert left.wait() == -signal.SIGTERM


def test_a_port_held_by_a_stranger_is_not_freed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Home.open(home)
    (home / "demo.json").write_text("{}")
    monkeypatch.setenv("RUSTOK_HOME", str(home))
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        monkeypatch.setenv("PORT", str(stranger.getsockname()[1]))
        with pytest.raises(SystemExit, match="is in use"):
            bootstrap.check_address()
