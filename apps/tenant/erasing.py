"""What else of a tenant lies about when its schema is gone: rows in `public`, files, cache entries; and the proof."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from apps.tenant.models import Tenant
from apps.tenant.schemas import exists, tables_of
from rustok.kernel.tenancy import use_tenant

__all__ = ["count_files", "delete_cache", "delete_rows", "delete_some_files", "left_of"]

#: Rows of one transaction, and files of one slice.
ROWS, FILES = 2_000, 2_000

# Every table of `public` whose rows name a tenant, whichever module it belongs to; jobs stay, they are the record.
_TABLES = """
SELECT quote_ident(c.relname), quote_ident(k.attname)
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[0]
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relname NOT IN ('tenant_job', 'tenant_domain')
ORDER BY c.relname
"""
# What hangs on those rows.
_CHILDREN = """
SELECT quote_ident(child.relname), quote_ident(a.attname)
FROM pg_constraint k JOIN pg_class child ON child.oid = k.conrelid
JOIN pg_attribute a ON a.attrelid = child.oid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND k.confrelid = to_regclass('public.' || %s) AND child.relnamespace = 'public'::regnamespace
"""


class Table(NamedTuple):
    """A table of `public` with rows of tenants; names are quoted."""

    name: str
    key: str


def _tables() -> list[Table]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [Table(*row) for row in cursor.fetchall()]


def delete_rows(tenant_id: UUID, removed: dict[str, int]) -> bool:
    """Delete one batch of a tenant's rows in `public`, and count it by table; tell whether there were none."""
    for table in _tables():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('rustok.erasing', %s, true)", [str(tenant_id)])
            cursor.execute(
                f"SELECT {table.key} FROM public.{table.name} WHERE tenant_id = %s LIMIT {ROWS}",  # noqa: S608 (quoted)
                [tenant_id],
            )
            if keys := [key for (key,) in cursor.fetchall()]:
                _delete(cursor, table, keys, removed)
                return False
    return True


def _delete(cursor: Any, table: Table, keys: list[Any], removed: dict[str, int]) -> None:
    cursor.execute(_CHILDREN, [table.name])
    for name, column in [*cursor.fetchall(), tuple(table)]:
        cursor.execute(f"DELETE FROM public.{name} WHERE {column} = ANY(%s)", [keys])  # noqa: S608 (quoted)
        removed[name] = removed.get(name, 0) + cursor.rowcount


def folder_of(schema: str) -> Path:
    """Answer where a tenant's files lie."""
    return Path(settings.MEDIA_ROOT) / schema


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def count_files(schema: str) -> int:
    """Count a tenant's files."""
    return sum(1 for _ in _files(folder_of(schema)))


def delete_some_files(schema: str) -> tuple[int, bool]:
    """Delete some files of a tenant; answer how many, and whether that was all."""
    folder, count = folder_of(schema), 0
    for path in _files(folder):
        path.unlink(missing_ok=True)
        count += 1
        if count == FILES:
            return count, False
    if folder.exists():
        shutil.rmtree(folder)
    return count, True


def delete_cache(tenant: Tenant) -> int:
    """Delete what the cache holds under a tenant's keys; answer how many. Without a cache there is nothing."""
    with use_tenant(tenant):
        return int(cache.delete_pattern("*") or 0)  # type: ignore[attr-defined]


def left_of(schema: str, tenant_id: UUID) -> dict[str, int]:
    """Count what there is of a tenant: nothing, if it was deleted."""
    left = {"schema": int(exists(schema)), "tables": len(tables_of(schema)), "files": count_files(schema)}
    left["folder"] = int(folder_of(schema).exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.tenant_tenant WHERE id = %s", [tenant_id])
        left["tenant_tenant"] = int(cursor.fetchone()[0])
        cursor.execute("SELECT count(*) FROM public.tenant_domain WHERE tenant_id = %s", [tenant_id])
        left["tenant_domain"] = int(cursor.fetchone()[0])
        for table in _tables():
            cursor.execute(f"SELECT count(*) FROM public.{table.name} WHERE tenant_id = %s", [tenant_id])  # noqa: S608
            left[table.name] = int(cursor.fetchone()[0])
    return left
