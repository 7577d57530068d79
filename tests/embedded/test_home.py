"""A home keeps its secrets to itself, and as root touches nothing that is not its own."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rustok.embedded import running
from rustok.embedded.home import EmbeddedError, Home, development_settings, forget, secret_key
from tests.embedded.conftest import needs_root


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@needs_root
def test_a_closed_parent_stays_closed_and_data_goes_where_its_account_can_reach(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    try:
        with running(home) as urls, psycopg.connect(urls["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert mode(closed) == 0o700
        assert mode(folder) == 0o711
        data = Home.open(home).data
        assert not data.is_relative_to(closed)
    finally:
        Home.open(home).forget()
    assert not data.exists()
    assert list(closed.iterdir()) == []


@needs_root
def test_data_of_a_deleted_home_is_dropped_with_it(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    first = Home.open(closed / "home")
    (first.folder("postgres") / "old").touch()
    (first.path / "embedded.json").unlink()
    second = Home.open(closed / "home")
    assert second.data == first.data
    assert not (second.data / "postgres").exists()
    second.forget()


@needs_root
def test_data_that_its_account_can_reach_no_more_is_one_clear_line(folder: Path, home: Path) -> None:
    Home.open(home).folder("postgres")
    folder.chmod(0o700)
    try:
        with pytest.raises(EmbeddedError, match="can no longer be entered by 'nobody'"):
            Home.open(home)
    finally:
        folder.chmod(0o711)


def test_a_new_home_remembers_its_passwords(home: Path) -> None:
    assert Home.open(home).passwords == Home.open(home).passwords


def test_a_damaged_memory_is_one_clear_line(home: Path) -> None:
    Home.open(home)
    (home / "embedded.json").write_text("{")
    with pytest.raises(EmbeddedError, match="is damaged"):
        Home.open(home)
    (home / "embedded.json").unlink()


def test_forgetting_leaves_what_others_put_there(home: Path) -> None:
    secret_key(home)
    (home / "notes.txt").touch()
    forget(home)
    assert [path.name for path in home.iterdir()] == ["notes.txt"]


def test_the_secret_key_is_drawn_once_and_private(home: Path) -> None:
    assert secret_key(home) == secret_key(home)
    assert len(secret_key(home)) >= 50
    assert mode(home / "secret_key") == 0o600


def test_a_database_of_ones_own_means_settings_of_ones_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert development_settings(home)["RUSTOK_DEMO"] == "1"
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")
    assert development_settings(home) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_made_is_one_clear_line() -> None:
    with pytest.raises(EmbeddedError, match="cannot be"):
        Home.open(Path("/proc/nowhere/home"))


def test_homes_do_not_share_data(make_home: Callable[[str], Path]) -> None:
    assert Home.open(make_home("one")).data != Home.open(make_home("two")).data
