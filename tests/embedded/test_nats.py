"""NATS runs beside the other servers when it is wanted, and only then."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nats
import psutil
import pytest
from nats.errors import Error, NoServersError

from rustok.embedded import discover, running, servers
from rustok.embedded.home import PROJECT, EmbeddedError, Home
from tests.embedded.conftest import needs_root

Find = Callable[[Path], list[psutil.Process]]
Waits = Callable[..., bool]


async def _streams(url: str, add: str) -> list[str]:
    connection = await nats.connect(url, max_reconnect_attempts=1, connect_timeout=2, error_cb=_quiet)
    try:
        if add:
            await connection.jetstream().add_stream(name=add, subjects=[f"{add}.>"])
        return [str(stream.config.name) for stream in await connection.jetstream().streams_info()]
    finally:
        await connection.close()


async def _quiet(error: Exception) -> None:
    """Say nothing; the exception is what the tests look at."""


def streams(url: str, *, add: str = "") -> list[str]:
    """List the streams of a server, adding one first."""
    return asyncio.run(_streams(url, add))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Name the other servers, so that only NATS would start."""
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")
    monkeypatch.setenv("VALKEY_URL", "redis://elsewhere/0")
    return monkeypatch


def test_nats_stays_off_unless_it_is_wanted(elsewhere: pytest.MonkeyPatch, home: Path) -> None:
    assert servers.needed() == []
    assert servers.needed(["nats"]) == ["nats"]
    elsewhere.setenv("EVENT_TRANSPORT", "stream")
    assert servers.needed() == ["nats"]
    elsewhere.setenv("NATS_URL", "nats://elsewhere")
    assert servers.needed(["nats"]) == []


def test_what_the_stream_holds_outlives_the_server(
    elsewhere: pytest.MonkeyPatch, home: Path, processes_of: Find
) -> None:
    elsewhere.setenv("EVENT_TRANSPORT", "stream")
    with running(home) as urls:
        assert set(urls) == {"NATS_URL"}
        assert streams(urls["NATS_URL"], add="kept") == ["kept"]
    assert processes_of(home) == []
    with running(home) as again:
        assert again == urls
        assert streams(again["NATS_URL"]) == ["kept"]


def test_a_killed_nats_comes_back_at_the_same_address(
    elsewhere: pytest.MonkeyPatch, home: Path, eventually: Waits
) -> None:
    with running(home, extra=["nats"]) as urls:
        streams(urls["NATS_URL"], add="kept")
        state = json.loads((home / "servers.json").read_text())
        os.kill(state["servers"]["nats"], signal.SIGKILL)
        assert eventually(lambda: json.loads((home / "servers.json").read_text())["servers"] != state["servers"])
        assert streams(urls["NATS_URL"]) == ["kept"]


def test_a_nats_that_outlived_its_keeper_is_found(elsewhere: pytest.MonkeyPatch, home: Path) -> None:
    with running(home, extra=["nats"]):
        folder = Home.open(home).data / "nats"
        state = json.loads((home / "servers.json").read_text())
        assert Path(psutil.Process(state["servers"]["nats"]).cwd()) == folder


def test_nats_refuses_a_wrong_password_and_shows_none(elsewhere: pytest.MonkeyPatch, home: Path) -> None:
    with running(home, extra=["nats"]) as urls:
        password = Home.open(home).passwords["nats"]
        with pytest.raises((Error, NoServersError)):
            streams(urls["NATS_URL"].replace(password, "wrong"))
        assert password not in str([process.info["cmdline"] for process in psutil.process_iter(["cmdline"])])
        assert (Home.open(home).data / "nats" / "nats.conf").stat().st_mode & 0o077 == 0


@needs_root
def test_root_runs_nats_under_another_account(elsewhere: pytest.MonkeyPatch, home: Path) -> None:
    with running(home, extra=["nats"]):
        state = json.loads((home / "servers.json").read_text())
        assert psutil.Process(state["servers"]["nats"]).username() == "nobody"


def test_a_home_that_runs_without_nats_says_so_when_it_is_wanted(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")
    with (
        running(home),
        pytest.raises(EmbeddedError, match="run without nats; stop them first"),
        running(home, extra=["nats"]),
    ):
        pass


def test_a_home_older_than_nats_draws_its_password(home: Path) -> None:
    Home.open(home)
    stored = json.loads((home / "embedded.json").read_text())
    del stored["passwords"]["nats"]
    (home / "embedded.json").write_text(json.dumps(stored))
    assert Home.open(home).passwords == Home.open(home).passwords
    assert Home.open(home).passwords.items() >= stored["passwords"].items()


def test_run_with_nats_gives_its_command_the_url(elsewhere: pytest.MonkeyPatch, home: Path) -> None:
    code = "import os; print(os.environ['NATS_URL'])"
    result = subprocess.run(
        [sys.executable, "-m", "rustok.embedded", "run", "--with", "nats", "--", sys.executable, "-c", code],
        cwd=PROJECT, env={**os.environ, "RUSTOK_HOME": str(home)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert result.stdout.startswith("nats://rustok:")
    assert discover(home) == {}
