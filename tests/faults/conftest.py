"""Servers and processes of the fault tests' own, one database for all of them, and the table at the end.

The full form is `make faults`; `FAULTS=short` makes less of everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from rustok.kernel import events
from tests import database
from tests.faults.ledger import clean
from tests.faults.machinery import Platform
from tests.faults.scenario import IS_SHORT, Row, Scenario
from tests.faults.servers import Servers, own_servers

ROWS = pytest.StashKey[list[Row]]()


@pytest.fixture(scope="session")
def servers(django_db_blocker: Any) -> Iterator[Servers]:
    """PostgreSQL and Valkey, to be killed."""
    with django_db_blocker.unblock(), own_servers() as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(servers: Servers, django_db_blocker: Any) -> Iterator[None]:
    """Give the run one database, on the servers of its own."""
    with django_db_blocker.unblock():
        database.fresh("rustok_faults")
        yield


@pytest.fixture(scope="package")
def _registered() -> Iterator[None]:
    """Let this process know the probes as long as it runs these tests."""
    names = ("_types", "_latest", "_upcasters", "_handlers", "_by_event")
    before = {name: dict(getattr(events, name)) for name in names}
    from tests.faults.probes import events as _events  # noqa: F401
    from tests.faults.probes import handlers as _handlers  # noqa: F401

    yield
    for name, registry in before.items():
        getattr(events, name).clear()
        getattr(events, name).update(registry)


@pytest.fixture(scope="session")
def _crew(django_db_setup: None, servers: Servers) -> Iterator[Platform]:
    logs = servers.postgres.home.logs
    for log in logs.glob("*.log"):
        if log.stem not in ("postgres", "valkey"):
            log.write_bytes(b"")
    processes = Platform(servers.urls, settings.DATABASES["default"]["NAME"], logs)
    yield processes
    processes.stop()


@pytest.fixture
def platform(_crew: Platform, _registered: None, django_db_blocker: Any) -> Iterator[Platform]:
    """The processes; no event is there, no relay runs until it is asked for."""
    with django_db_blocker.unblock():
        clean()
        yield _crew
        _crew.tidy()


@pytest.fixture
def scenario(request: pytest.FixtureRequest, platform: Platform, servers: Servers) -> Iterator[Scenario]:
    """One fault; the marker `fault("a")` names its line in the table."""
    running = Scenario(request.node.get_closest_marker("fault").args[0], platform, servers)
    yield running
    if not running.events:  # it failed
        return
    row = running.row(" ".join(request.node.originalname.split("_")[1:]))
    request.config.stash.setdefault(ROWS, []).append(row)
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{_line(row)}", end=" ")  # noqa: T201 - a line for whoever waits


def _line(row: Row) -> str:
    return (
        f"({row.letter}) {row.events:>7,} events  {row.kills:>3} kills  "
        f"lag zero after {row.lag:>5.1f} of {row.bound:>4.0f} s  took {row.took:>5.1f} s  {row.what}"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Know our marker."""
    config.addinivalue_line("markers", "fault(letter): which fault of the list this is")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print what was done: people look before they read."""
    rows = config.stash.get(ROWS, [])
    if rows:
        terminalreporter.section(f"faults, {'short' if IS_SHORT else 'full'} form")
        for row in sorted(rows, key=lambda row: row.letter):
            terminalreporter.write_line(_line(row))
