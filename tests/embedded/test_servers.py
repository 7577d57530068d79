"""Embedded servers live as long as somebody uses them, come back after kill -9 and keep what was committed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from rustok.embedded import discover, running, servers
from rustok.embedded.home import PROJECT, EmbeddedError, Home

Find = Callable[[Path], list[psutil.Process]]
Waits = Callable[..., bool]
MakeHome = Callable[[str], Path]

USER = """
import sys, time
from pathlib import Path
from rustok.embedded import running
with running(Path(sys.argv[1])):
    print("up", flush=True)
    sys.stdin.read()
"""


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def answers(url: str) -> bool:
    try:
        return ask(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def user_of(home: Path) -> subprocess.Popen[str]:
    """Start another process that uses the servers until its standard input closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(home)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def close(process: subprocess.Popen[str]) -> None:
    process.communicate()


def test_servers_answer_in_the_block_and_are_gone_after_it(used_home: Path, processes_of: Find) -> None:
    with running(used_home) as urls:
        assert str(ask(urls["DATABASE_URL"], "SHOW server_version")).startswith("18.")
        assert redis.from_url(urls["VALKEY_URL"]).ping()
        assert discover(used_home) == urls
    assert discover(used_home) == {}
    assert processes_of(used_home) == []


def test_a_second_user_keeps_the_servers_up_after_the_first(used_home: Path, eventually: Waits) -> None:
    with running(used_home) as urls:
        other = user_of(used_home)
    assert answers(urls["DATABASE_URL"])
    close(other)
    assert eventually(lambda: not discover(used_home))


def test_servers_end_when_their_only_user_is_killed(used_home: Path, processes_of: Find, eventually: Waits) -> None:
    user = user_of(used_home)
    user.kill()
    user.wait()
    assert eventually(lambda: not processes_of(used_home))


def test_users_that_start_at_once_share_one_keeper(used_home: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        users = list(pool.map(user_of, [used_home] * 3))
    keepers = [each for each in psutil.process_iter(["cmdline"]) if str(used_home) in (each.info["cmdline"] or [])]
    assert sum("rustok.embedded.keeper" in each.info["cmdline"] for each in keepers) == 1
    for user in users:
        close(user)


@pytest.mark.parametrize("victim", ["postgres", "valkey"])
def test_a_killed_server_comes_back_at_the_same_address(used_home: Path, victim: str, eventually: Waits) -> None:
    with running(used_home) as urls:
        ask(urls["DATABASE_URL"], "CREATE TABLE IF NOT EXISTS public.written (id int)")
        state = json.loads((used_home / "servers.json").read_text())
        os.kill(state["servers"][victim], signal.SIGKILL)
        assert eventually(lambda: json.loads((used_home / "servers.json").read_text())["servers"] != state["servers"])
        assert ask(urls["DATABASE_URL"], "SELECT count(*) FROM public.written") == 0
        assert redis.from_url(urls["VALKEY_URL"]).ping()


def test_a_killed_keeper_takes_its_servers_along(used_home: Path, processes_of: Find, eventually: Waits) -> None:
    user = user_of(used_home)
    os.kill(json.loads((used_home / "servers.json").read_text())["pid"], signal.SIGKILL)
    assert eventually(lambda: not processes_of(used_home))
    assert discover(used_home) == {}
    close(user)


def test_everything_killed_at_once_loses_nothing_that_was_committed(used_home: Path, processes_of: Find) -> None:
    user = user_of(used_home)
    url = discover(used_home)["DATABASE_URL"]
    ask(url, "CREATE TABLE public.kept AS SELECT 42 AS answer")
    for process in [*processes_of(used_home), psutil.Process(user.pid)]:
        with suppress(psutil.NoSuchProcess):  # servers end with their keeper
            process.kill()
    user.wait()
    with running(used_home) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT answer FROM public.kept") == 42


def test_a_server_that_outlived_its_keeper_is_ended_first(
    used_home: Path, processes_of: Find, eventually: Waits
) -> None:
    user = user_of(used_home)
    state = json.loads((used_home / "servers.json").read_text())
    os.kill(state["servers"]["postgres"], signal.SIGSTOP)  # deaf to the kernel's signal
    os.kill(state["pid"], signal.SIGKILL)
    close(user)
    assert eventually(lambda: not discover(used_home))
    os.kill(state["servers"]["postgres"], signal.SIGCONT)
    with running(used_home) as urls:
        assert answers(urls["DATABASE_URL"])
    assert processes_of(used_home) == []


def test_two_homes_run_side_by_side(make_home: MakeHome) -> None:
    with running(make_home("one")) as one, running(make_home("two")) as two:
        assert answers(one["DATABASE_URL"])
        assert answers(two["DATABASE_URL"])
        assert not set(one.values()) & set(two.values())


def test_a_taken_port_is_given_up(used_home: Path) -> None:
    with running(used_home) as before:
        port = Home.open(used_home).ports["postgres"]
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        with running(used_home) as after:
            assert answers(after["DATABASE_URL"])
    assert before["DATABASE_URL"] != after["DATABASE_URL"]


def test_a_home_may_have_a_long_name_with_spaces(make_home: MakeHome) -> None:
    with running(make_home("a long name " * 15)) as urls:
        assert answers(urls["DATABASE_URL"])


def test_the_role_is_no_superuser_and_has_no_default_schema(used_home: Path) -> None:
    with running(used_home) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(urls["DATABASE_URL"], "SHOW search_path") in ("", '""')
        assert int(str(ask(urls["DATABASE_URL"], "SHOW max_connections"))) >= 200
        assert ask(urls["DATABASE_URL"], "SHOW fsync") == "on"


def test_servers_refuse_a_wrong_password_and_the_files_are_private(used_home: Path) -> None:
    with running(used_home) as urls:
        password = Home.open(used_home).passwords["rustok"]
        assert not answers(urls["DATABASE_URL"].replace(password, "wrong"))
        with pytest.raises(redis.AuthenticationError):
            redis.from_url(urls["VALKEY_URL"].replace(Home.open(used_home).passwords["valkey"], "wrong")).ping()
        assert [(used_home / name).stat().st_mode & 0o077 for name in ("embedded.json", "servers.json")] == [0, 0]
        assert password not in str([process.info["cmdline"] for process in psutil.process_iter(["cmdline"])])


def test_throwaway_servers_trade_durability_for_speed(used_home: Path) -> None:
    with running(used_home, throwaway=True) as urls:
        assert ask(urls["DATABASE_URL"], "SHOW fsync") == "off"


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        json.dumps({"pid": 2**22 + 1, "started": 1.0, "urls": {"DATABASE_URL": "postgres://gone"}}),
        json.dumps({"pid": os.getpid(), "started": 1.0, "urls": {"DATABASE_URL": "postgres://another process"}}),
    ],
    ids=["damaged", "process gone", "pid of another process"],
)
def test_a_stale_file_discovers_nothing(home: Path, text: str) -> None:
    home.mkdir()
    (home / "servers.json").write_text(text)
    assert discover(home) == {}


def test_nothing_starts_when_the_environment_names_the_servers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")
    monkeypatch.setenv("VALKEY_URL", "redis://elsewhere/0")
    with running(home) as urls:
        assert urls == {}
    assert not home.exists()


def test_only_the_server_without_a_url_starts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")
    with running(home) as urls:
        assert set(urls) == {"VALKEY_URL", "CELERY_BROKER_URL"}
        with pytest.raises(EmbeddedError, match="run without postgres"):
            servers.ensure(home, ["postgres"])


def test_an_initdb_that_was_killed_is_done_again(home: Path) -> None:
    draft = Home.open(home).folder("postgres") / "draft"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with running(home) as urls:
        assert answers(urls["DATABASE_URL"])


def test_a_server_that_cannot_start_says_why(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with running(home):
        pass
    (Home.open(home).data / "postgres" / "cluster" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match="did not start"), running(home):
        pass
    assert "postgres does not start" in capfd.readouterr().err
