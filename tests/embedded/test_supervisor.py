"""The supervisor starts what died again, and nothing it started outlives it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from rustok.embedded import processes
from rustok.embedded.supervisor import Printer, Program, Supervisor

Waits = Callable[..., bool]

DEAF_FAMILY = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(output: io.StringIO, tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(Printer(output), tmp_path)
    yield made
    made.hurried = True
    made.stop()


def program(code: str, name: str = "web") -> Program:
    return Program(name, [sys.executable, "-c", code], dict(os.environ))


def test_lines_carry_the_name_of_their_program(supervisor: Supervisor, output: io.StringIO) -> None:
    assert supervisor.run_once("setup", [sys.executable, "-c", "print('one'); print('two')"], os.environ) == 0
    assert output.getvalue() == "setup    | one\nsetup    | two\n"


def test_a_command_tells_how_it_ended(supervisor: Supervisor) -> None:
    assert supervisor.run_once("setup", [sys.executable, "-c", "raise SystemExit(3)"], os.environ) == 3


def test_a_dead_program_is_started_again(supervisor: Supervisor, output: io.StringIO) -> None:
    web = program("import time; time.sleep(60)")
    supervisor.add(web)
    assert web.process is not None
    first = web.process.pid
    web.process.kill()
    web.process.wait()
    supervisor.look_after()
    assert web.process is not None
    assert web.process.pid != first
    assert "was killed by SIGKILL; starting it again" in output.getvalue()


def test_pauses_grow_while_a_program_keeps_failing(supervisor: Supervisor) -> None:
    web = program("raise SystemExit(1)")
    supervisor.add(web)
    pauses = []
    for _ in range(7):
        assert web.process is not None
        web.process.wait()
        supervisor.look_after()
        pauses.append(round(max(web.next_start - time.monotonic(), 0)))
        web.next_start = 0
        supervisor.look_after()
    assert pauses == [0, 1, 2, 4, 8, 15, 15]
    assert supervisor.failing() == ["web"]


def test_a_stop_ends_the_children_of_a_deaf_program_too(
    supervisor: Supervisor, output: io.StringIO, eventually: Waits
) -> None:
    supervisor.add(program(DEAF_FAMILY))
    assert eventually(output.getvalue)
    grandchild = int(output.getvalue().split("|")[1])
    supervisor.hurried = True
    supervisor.stop()
    assert eventually(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")


def test_a_child_dies_with_a_parent_that_was_killed(tmp_path: Path, eventually: Waits) -> None:
    code = (
        "import os, subprocess, sys, time; from pathlib import Path; from rustok.embedded import processes;"
        "child = processes.spawn(['sleep', '60'], env=os.environ, output=subprocess.DEVNULL, cwd=Path('/'));"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        started = processes.started_at(child)
        parent.kill()
    assert eventually(lambda: not processes.is_running(child, started))


def test_a_second_ctrl_c_hurries(supervisor: Supervisor) -> None:
    supervisor.on_signal()
    assert (supervisor.stopping, supervisor.hurried) == (True, False)
    supervisor.on_signal()
    assert supervisor.hurried


def test_leftovers_are_found_by_their_mark() -> None:
    with subprocess.Popen(["sleep", "60"], env={**os.environ, "RUSTOK_TEST_MARK": "here"}) as left:
        found = processes.found_with("RUSTOK_TEST_MARK", "here")
        assert [process.pid for process in found] == [left.pid]
        processes.end(found, first=signal.SIGTERM, patience=5)
    assert processes.found_with("RUSTOK_TEST_MARK", "here") == []
