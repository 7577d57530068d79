"""The database server and how we are connected to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from apps.tenant.public import default_search_path, hiding_statement
from rustok.doctor.findings import Finding, bad, check, graver, ok, warn

__all__ = ["rows"]

OLDEST = 16
#: Relations of one tenant's schema are locked at once when it is cloned or dropped.
LOCKS = 128
#: Connections of a machine's relay, consumer and beat, and of commands that somebody runs there.
OTHERS = 6

Rows = list[tuple[Any, ...]]


def rows(statement: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
    """Answer what a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def _setting(name: str) -> str:
    return str(rows("SELECT current_setting(%s)", [name])[0][0])


@check("postgresql")
def postgresql() -> Iterator[Finding]:
    """See that the server is one that keeps what it has confirmed."""
    version = connection.cursor().connection.info.server_version // 10_000
    if version < OLDEST:
        yield bad(f"PostgreSQL {version}", f"upgrade to PostgreSQL {OLDEST} or newer")
    else:
        yield ok(f"PostgreSQL {version}")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if _setting(name) == "off":
            yield graver(f"{name} is off: a crash loses what was committed", f"ALTER SYSTEM SET {name} = on")


@check("connections")
def connections() -> Iterator[Finding]:
    """See that there is room for all the connections that our processes may open, and for our locks."""
    reserved = sum(int(_setting(name)) for name in ("superuser_reserved_connections", "reserved_connections"))
    room, wanted = int(_setting("max_connections")) - reserved, _wanted()
    each = f"{settings.WEB_PROCESSES} × {_pool()} web, {settings.TASK_PROCESSES} tasks, {OTHERS} others"
    if wanted > room:
        yield bad(
            f"{wanted} connections may be wanted, and there are {room}: {settings.MACHINES} × ({each})",
            "raise max_connections, run fewer processes or threads, or correct MACHINES and the like",
        )
    else:
        yield ok(f"{wanted} of {room} connections may be wanted: {settings.MACHINES} × ({each})")
    locks = int(_setting("max_locks_per_transaction"))
    if locks < LOCKS:
        yield bad(
            f"max_locks_per_transaction is {locks}: a tenant's schema cannot be cloned",
            f"ALTER SYSTEM SET max_locks_per_transaction = {LOCKS}, and restart PostgreSQL",
        )
    if "tcp_keepalives_idle" not in str(settings.DATABASES["default"].get("OPTIONS")):
        yield warn(
            "PostgreSQL does not notice for hours that a machine with locks is gone",
            "leave DATABASES['default']['OPTIONS'] as rustok/settings/servers.py has them",
        )


def _pool() -> int:
    """Answer how many connections a web process opens at most: one a thread, or as many as its pool has."""
    options: Any = settings.DATABASES["default"].get("OPTIONS", {})
    pool = options.get("pool")
    most: int = pool.get("max_size") or pool.get("min_size", 4) if isinstance(pool, dict) else 4
    return most if pool else int(settings.WEB_THREADS)


def _wanted() -> int:
    each: int = settings.WEB_PROCESSES * _pool() + settings.TASK_PROCESSES + OTHERS
    return int(settings.MACHINES) * each


@check("search_path")
def search_path() -> Iterator[Finding]:
    """See that a connection of our role sees no table before a tenant is chosen (a search_path survives check-in)."""
    value = default_search_path()
    if not value:
        yield ok("a new connection sees no tables")
    else:
        yield graver(f"a new connection sees the schemas {value}", hiding_statement())


@check("prepared_statements")
def prepared_statements() -> Iterator[Finding]:
    """See that no statement that was planned for one tenant can run for another."""
    if connection.settings_dict["OPTIONS"].get("server_side_binding"):
        yield bad("server-side binding is on", "take server_side_binding out of DATABASES['default']['OPTIONS']")
        return
    threshold = connection.cursor().connection.prepare_threshold
    if threshold is not None:
        yield bad("psycopg prepares statements on the server", "leave prepare_threshold at Django's None")
    else:
        yield ok("no statement is prepared on the server")
