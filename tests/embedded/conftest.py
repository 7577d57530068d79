"""Homes for tests: made fresh, forgotten afterwards, with nothing of the outer run's servers in the environment."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from rustok.embedded import servers
from rustok.embedded.home import Home

VARIABLES = (
    "DATABASE_URL", "VALKEY_URL", "CELERY_BROKER_URL", "NATS_URL", "EVENT_TRANSPORT", "RUSTOK_HOME", "RUSTOK_DEMO",
    "SECRET_KEY",
)  # fmt: skip
BOTH = ["postgres", "valkey"]
Waits = Callable[..., bool]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that every account can enter; pytest's own is closed to all but us."""
    with tempfile.TemporaryDirectory(prefix="rustok-test-") as name:
        path = Path(name).resolve()
        path.chmod(0o711)
        yield path
        for memory in list(path.rglob("embedded.json")):
            servers.stop(memory.parent)
            Home.open(memory.parent).forget()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for the homes of a test."""
    with open_folder() as path:
        yield path


@pytest.fixture(scope="module")
def used_home() -> Iterator[Path]:
    """A home that the tests of a module use one after the other, which spares them the making of a cluster."""
    with open_folder() as path:
        yield path / "used"


@pytest.fixture
def make_home(folder: Path) -> Callable[[str], Path]:
    """Names homes in a folder of this test."""
    return lambda name: folder / name


@pytest.fixture
def home(folder: Path) -> Path:
    """A home of its own for a test."""
    return folder / "home"


@pytest.fixture
def eventually() -> Waits:
    """Wait for a condition, ten seconds unless told."""

    def wait(condition: Callable[[], object], seconds: float = 10) -> bool:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    return wait


@pytest.fixture
def processes_of() -> Callable[[Path], list[psutil.Process]]:
    """List all server and keeper processes of a home."""

    def find(path: Path) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if _belongs(process, path)]

    return find


def _belongs(process: psutil.Process, path: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        inside = Path(process.cwd()).is_relative_to(path)
        keeper = "rustok.embedded.keeper" in (line := process.cmdline()) and str(path) in line
        return inside or keeper
    except (psutil.Error, OSError):
        return False


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs its servers under another account")
