"""The database server and how we are connected to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from rustok.doctor.findings import Finding, bad, check, graver, ok, warn

__all__ = ["rows"]

OLDEST = 16
#: Relations of one tenant's schema are locked at once when it is cloned or dropped.
LOCKS = 128

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
    """See that there is room for our connections and locks."""
    most, used = int(_setting("max_connections")), rows("SELECT count(*) FROM pg_stat_activity")[0][0]
    if used > most * 0.8:
        yield bad(f"{used} of {most} connections are in use", "raise max_connections, or run fewer processes")
    else:
        yield ok(f"{used} of {most} connections are in use")
    locks = int(_setting("max_locks_per_transaction"))
    if locks < LOCKS:
        yield bad(
            f"max_locks_per_transaction is {locks}: a tenant's schema cannot be cloned",
            f"ALTER SYSTEM SET max_locks_per_transaction = {LOCKS}, and restart PostgreSQL",
        )
    if "tcp_keepalives_idle" not in str(settings.DATABASES["default"].get("OPTIONS")):
        yield warn(
            "PostgreSQL does not notice for hours that a machine with locks is gone",
            "leave DATABASES['default']['OPTIONS'] as rustok/settings.py has them",
        )


@check("search_path")
def search_path() -> Iterator[Finding]:
    """See that a connection of our role sees no table before a tenant is chosen (a search_path survives check-in)."""
    found = rows(
        "SELECT coalesce(d.datname, ''), option FROM pg_db_role_setting s"
        " LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(setconfig) AS option"
        " WHERE option LIKE 'search_path=%%' AND (s.setdatabase = 0 OR d.datname = current_database())"
        " AND (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_roles WHERE rolname = session_user))"
        " ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC"
    )
    value = found[0][1].partition("=")[2].strip() if found else _boot_value()
    if value in ('""', "''", ""):
        yield ok("a new connection sees no tables")
        return
    role, name = rows("SELECT quote_ident(session_user), quote_ident(current_database())")[0]
    yield graver(
        f"a new connection sees the schemas {value}",
        f"ALTER ROLE {role} IN DATABASE {name} SET search_path = ''",
    )


def _boot_value() -> str:
    return str(rows("SELECT reset_val FROM pg_settings WHERE name = 'search_path'")[0][0])


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
