"""Processes in the foreground: prefixed logs, restart with backoff, an end in the right order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from rustok.embedded import processes

COLOURS = {"web": 36, "relay": 33, "worker": 35, "consumer": 35, "beat": 34, "setup": 32, "demo": 32, "servers": 90}
STEADY_SECONDS = 30
MOST_SECONDS = 15
PATIENCE = 5


class Printer:
    """Prints lines of many processes, whole and with the name of the one that wrote them."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self.lock = threading.Lock()

    def say(self, name: str, line: str) -> None:
        """Print one line; a terminal that went away is no reason to stop."""
        prefix = f"{name:<8} | "
        if self.coloured:
            prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
        self.plain(prefix + line)

    def plain(self, line: str) -> None:
        """Print one line without a prefix."""
        with self.lock:
            try:
                print(line, file=self.stream, flush=True)
            except OSError:
                self.stream = open(os.devnull, "w")  # noqa: SIM115 - stays open for good


@dataclass
class Program:
    """A command to keep running."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    plain: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0
    reader: threading.Thread | None = field(default=None, repr=False)


class Supervisor:
    """Starts programs, starts those that die again, and stops them all."""

    def __init__(self, printer: Printer, cwd: Path) -> None:
        self.printer = printer
        self.cwd = cwd
        self.programs: list[Program] = []
        self.stopping = False
        self.hurried = False

    def on_signal(self, *_: object) -> None:
        """Stop; when asked a second time, without waiting."""
        self.hurried = self.stopping
        self.stopping = True

    def listen(self) -> None:
        """Stop on Ctrl-C, SIGTERM and the end of the terminal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)

    def run_once(self, name: str, command: list[str], env: Mapping[str, str], *, plain: bool = False) -> int:
        """Run a command to its end, with a prefixed log unless plain; a stop ends it too."""
        program = Program(name, command, env, plain=plain)
        self._start(program)
        assert program.process is not None
        while program.process.poll() is None and not self.stopping:
            self.look_after()
            time.sleep(0.05)
        self._end([program])
        return program.process.returncode

    def add(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        self.programs.append(program)
        self._start(program)

    def look_after(self) -> None:
        """Note who died and start again those whose pause is over."""
        now = time.monotonic()
        for program in self.programs:
            if program.process is not None and program.process.poll() is not None:
                self._note_death(program, now)
            if program.process is None and now >= program.next_start:
                self._start(program)

    def wait(self, until: Callable[[], bool]) -> bool:
        """Look after the programs until a condition holds; false if asked to stop before."""
        while not self.stopping:
            self.look_after()
            if until():
                return True
            time.sleep(0.2)
        return False

    def failing(self) -> list[str]:
        """Name the programs that died again and again."""
        return [program.name for program in self.programs if program.failures > 2]

    def stop(self) -> None:
        """End all programs."""
        self._end(self.programs)
        self.programs = []

    def _start(self, program: Program) -> None:
        output = None if program.plain else subprocess.PIPE
        program.process = processes.spawn(program.command, env=program.env, output=output, cwd=self.cwd)
        program.started = time.monotonic()
        if stream := program.process.stdout:
            program.reader = threading.Thread(target=self._read, args=(program.name, stream), daemon=True)
            program.reader.start()

    def _read(self, name: str, stream: IO[bytes]) -> None:
        for line in stream:
            self.printer.say(name, line.decode(errors="replace").rstrip())

    def _note_death(self, program: Program, now: float) -> None:
        """Clear what is left of a program and set its next start: at once, then 1, 2, 4 … 15 seconds."""
        assert program.process is not None
        processes.signal_group(program.process.pid, signal.SIGKILL)
        steady = now - program.started > STEADY_SECONDS
        program.failures = 0 if steady else program.failures + 1
        pause = min(2.0 ** (program.failures - 2), MOST_SECONDS) if program.failures > 1 else 0
        ending = _describe(program.process.returncode)
        self.printer.say(program.name, f"{ending}; starting it again {f'in {pause:.0f} s' if pause else 'now'}")
        program.process = None
        program.next_start = now + pause

    def _end(self, programs: list[Program]) -> None:
        """Ask politely, wait, then kill; whole sessions, so that no worker outlives its master."""
        running = [program.process for program in programs if program.process is not None]
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while not self.hurried and time.monotonic() < deadline and any(process.poll() is None for process in running):
            time.sleep(0.05)
        for process in running:
            processes.signal_group(process.pid, signal.SIGKILL)
            process.wait()
        for program in programs:
            if program.reader is not None:
                program.reader.join(timeout=1)


def _describe(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def stdout_printer() -> Printer:
    """Return a printer to the terminal."""
    return Printer(sys.stdout)
