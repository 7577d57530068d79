"""The test database: one template, migrated once per set of migrations, and cloned for every worker."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from rustok.kernel.schemas import schema_steps

ROOT = Path(__file__).resolve().parent.parent
#: Runs that share a server keep apart by `TEST_RUN`.
_PREFIX = f"rustok_test_{os.environ.get('TEST_RUN', 'run')}_template_"


def url(name: str) -> str:
    """Write the URL of a database on the server that the tests use, for processes of their own."""
    base = settings.DATABASES["default"]
    login = quote(base["USER"]) + (f":{quote(base['PASSWORD'])}" if base["PASSWORD"] else "")
    return f"postgres://{login}@{quote(base['HOST'], safe='')}:{base['PORT']}/{name}"


def template_name() -> str:
    """Name the template database after what shapes it: migrations, triggers, roles and the tenants of tests."""
    digest = hashlib.sha256("".join(step.fingerprint() for step in schema_steps()).encode())
    sources = [*ROOT.glob("apps/*/migrations/*.py"), *ROOT.glob("apps/tenant/*.py"), ROOT / "apps/rbac/roles.py"]
    for path in [*sorted(sources), ROOT / "rustok/settings/modules.py", Path(__file__)]:
        digest.update(path.read_bytes())
    return f"{_PREFIX}{digest.hexdigest()[:12]}"


@contextmanager
def maintenance() -> Iterator[psycopg.Connection]:
    """Connect to the server, outside of any test database."""
    base = settings.DATABASES["default"]
    with psycopg.connect(
        host=base["HOST"] or None, port=base["PORT"] or None, user=base["USER"] or None,
        password=base["PASSWORD"] or None, dbname="postgres", autocommit=True,
    ) as connection:  # fmt: skip
        yield connection


@contextmanager
def _lock() -> Iterator[None]:
    with open(Path(tempfile.gettempdir()) / f"{template_name()}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def use(name: str) -> None:
    """Point Django at a database."""
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
    connections["default"].set_schema_to_public()


def ensure_template() -> str:
    """Answer the template database, migrating it if this set of migrations has none yet."""
    name = template_name()
    with _lock(), maintenance() as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        stale = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [_PREFIX + "%"]).fetchall()
        for (old,) in stale:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(old)))
        building = f"{name}_building"
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
        use(building)
        call_command("setup", verbosity=0)
        _standing_tenants()
        connections["default"].close()
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name)))
    return name


def _standing_tenants() -> None:
    from apps.tenant.public import create_tenant
    from rustok.kernel.access import Actor

    system = Actor.system("tests")
    create_tenant(
        actor=system, slug="acme", name="Acme Outdoor", domains=["acme.localhost"], locales=["en", "de"],
        currencies=["USD", "EUR"],
    )  # fmt: skip
    create_tenant(
        actor=system,
        slug="globex",
        name="Globex",
        domains=["globex.localhost"],
        locales=["en", "ru"],
        currencies=["EUR"],
    )
    with connections["default"].cursor() as cursor:
        cursor.execute("TRUNCATE public.outbox_delivery, public.outbox_outboxevent, public.outbox_aggregate CASCADE")


def fresh(name: str) -> None:
    """Make (or make again) a worker's database as a copy of the template."""
    template = ensure_template()
    connections["default"].close()
    with _lock(), maintenance() as server:
        _remove(server, name)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    use(name)


def drop(name: str) -> None:
    """Drop a worker's database."""
    connections["default"].close()
    with maintenance() as server:
        _remove(server, name)


def _remove(server: psycopg.Connection, name: str) -> None:
    """Drop a database with its sessions; an autovacuum worker, which only a superuser may end, is waited for."""
    for patience in range(100, -1, -1):
        try:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            if not patience:
                raise
            time.sleep(0.1)
