"""A PostgreSQL that syncs and a Valkey that keeps nothing, of the fault tests' own: to be killed without harm."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connections

from rustok.embedded.home import Home, current_home, make_home
from rustok.embedded.keeper import Kept
from rustok.embedded.postgres import Postgres
from rustok.embedded.valkey import Valkey

__all__ = ["Servers", "own_servers"]


class Servers:
    """Both servers, with their data in `RUSTOK_HOME/faults`: the next run finds its template database there."""

    def __init__(self, path: Path) -> None:
        make_home(path)
        home = Home.open(path)
        self.postgres = Kept(Postgres(home), home)
        self.valkey = Kept(Valkey(home), home)

    @property
    def urls(self) -> dict[str, str]:
        """The settings that point here."""
        return self.postgres.server.urls() | self.valkey.server.urls()

    def start(self) -> None:
        """Start what does not run."""
        self.postgres.start()
        self.valkey.start()

    def stop(self) -> None:
        """Stop both in good order."""
        for kept in (self.postgres, self.valkey):
            kept.ask_to_stop()
        for kept in (self.postgres, self.valkey):
            kept.wait(10)

    @staticmethod
    def end(kept: Kept, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a server a signal that it cannot or will not answer in good order, and wait until all of it is gone."""
        assert kept.process is not None
        family = psutil.Process(kept.process.pid).children(recursive=True)
        kept.process.send_signal(how)
        kept.process.wait()
        psutil.wait_procs(family, timeout=10)


@contextmanager
def own_servers() -> Iterator[Servers]:
    """Run the servers for the length of a block, with this process's settings pointing at them."""
    servers = Servers(current_home() / "faults")
    servers.start()
    try:
        _use(servers)
        yield servers
    finally:
        servers.stop()


def _use(servers: Servers) -> None:
    home = servers.postgres.home
    settings.DATABASES["default"] |= {
        "HOST": "127.0.0.1", "PORT": home.ports["postgres"], "USER": "rustok", "PASSWORD": home.passwords["rustok"],
        "NAME": "rustok",
    }  # fmt: skip
    connections["default"].close()
    connections["default"].settings_dict |= settings.DATABASES["default"]
    urls = servers.urls
    settings.VALKEY_URL, settings.CELERY_BROKER_URL = urls["VALKEY_URL"], urls["CELERY_BROKER_URL"]
    settings.CACHES["default"]["LOCATION"] = settings.VALKEY_URL
