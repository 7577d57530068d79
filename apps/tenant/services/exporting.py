"""Exporting tenants: one snapshot of all tables and the media files, written as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import quote_schema_name

from apps.tenant import schemas
from apps.tenant.archives import FORMAT, Writer, archive_path, media_name, table_name
from apps.tenant.cloning import columns_of, counters_of
from apps.tenant.erasing import folder_of
from apps.tenant.models import Job, Tenant
from apps.tenant.operators import on_record, operate
from apps.tenant.services import jobs
from rustok import __version__
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, NotFound
from rustok.kernel.tenancy import use_tenant

__all__ = ["begin_export", "delete_old_archives", "download"]

#: Days for which an export can be downloaded.
KEPT_DAYS = 7
#: Bytes after which the job says that it lives.
STRIDE = 8_000_000
#: What goes along of the tenant's own row; its name and its domains may be others in the new place.
FIELDS = (
    "name", "locales", "default_locale", "currencies", "default_currency", "timezone", "theme", "disabled_modules",
    "limits", "cors_origins", "staff_second_factor",
)  # fmt: skip
#: Files that are packed already.
_PACKED = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".zip", ".gz", ".mp4", ".pdf", ".woff2"}
_SIZES = """
SELECT coalesce(sum(pg_table_size(c.oid)), 0) FROM pg_class c
WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r'
"""


class NotExportable(Conflict):
    """A tenant that is being set up has nothing to export."""

    code = "tenant_not_exportable"


class ArchiveGone(NotFound):
    """This export is not there any more."""

    code = "archive_gone"


def begin_export(*, actor: Actor, slug: str, output: str = "") -> Job:
    """Write a tenant into one archive: a worker does so into the exports' folder, or the caller into a file.

    :raises NotExportable: if it is being set up
    :raises TenantBusy: if the tenant has a job that is not finished
    """
    operate(actor, "tenants.export")
    with use_tenant(None), transaction.atomic():
        tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            raise NotFound(f"there is no tenant {slug[:63]}")
        if tenant.status == Tenant.Status.PREPARING:
            raise NotExportable()
        params = {"output": output} if output else {}
        job = jobs.begin(Job.Kind.EXPORT, actor=actor, tenant=tenant, params=params, by_hand=bool(output))
        on_record("tenant.exported", actor=actor, tenant=tenant)
    return job


def download(*, actor: Actor, job: Job, now: datetime) -> Path:
    """Answer where a finished export lies.

    :raises ArchiveGone: if it is too old, was deleted, or is on another machine
    """
    operate(actor, "tenants.export")
    path = archive_path(job.tenant_slug, job.pk)
    is_old = job.finished_at is None or job.finished_at < now - timedelta(days=KEPT_DAYS)
    if job.kind != Job.Kind.EXPORT or job.state != Job.State.DONE or is_old or not path.exists():
        raise ArchiveGone()
    with use_tenant(None):
        tenant = Tenant.objects.filter(pk=job.subject).first()
    if tenant is None:
        raise ArchiveGone()
    on_record("tenant.export_downloaded", actor=actor, tenant=tenant, job=str(job.pk))
    return path


def delete_old_archives(*, now: datetime) -> int:
    """Delete exports that nobody may download any more; answer how many."""
    oldest, count = (now - timedelta(days=KEPT_DAYS)).timestamp(), 0
    for path in Path(settings.EXPORTS_ROOT).glob("*/*.zip*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            count += 1
    return count


# --- the step -----------------------------------------------------------------------------------------------------


def _write(job: Job) -> bool:
    """Write the whole archive; what an interrupted run left is overwritten, for its snapshot is gone."""
    tenant = Tenant.objects.get(pk=job.subject)
    path = Path(job.params["output"]) if job.by_hand else archive_path(tenant.slug, job.pk)
    writer = Writer(path)
    try:
        manifest = _manifest(tenant)
        with _snapshot() as cursor:
            manifest |= _about_schema(cursor, tenant.schema_name)
            job.total, job.done = _weight(cursor, tenant.schema_name), 0
            manifest["tables"] = _write_tables(job, writer, cursor, tenant.schema_name)
        manifest["files"] = _write_files(job, writer, tenant.schema_name)
        writer.finish(manifest)
    except BaseException:
        writer.discard()
        raise
    job.result = {
        "tables": len(manifest["tables"]), "rows": sum(facts["rows"] for facts in manifest["tables"].values()),
        "files": len(manifest["files"]), "bytes": path.stat().st_size, "path": str(path),
    }  # fmt: skip
    return True


@contextmanager
def _snapshot() -> Iterator[psycopg.Cursor[Any]]:
    """Open a connection of its own, whose transaction sees one moment; ours goes on to save the progress."""
    with psycopg.connect(**connection.get_connection_params()) as own:
        own.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        own.read_only = True
        with own.cursor() as cursor:
            yield cursor


def _manifest(tenant: Tenant) -> dict[str, Any]:
    return {
        "format": FORMAT, "platform": __version__, "exported_at": timezone.now().isoformat(),
        "tenant": {"slug": tenant.slug, **{field: getattr(tenant, field) for field in FIELDS}},
        "domains": [
            {"domain": row.domain, "is_primary": row.is_primary, "proof": row.proof}
            for row in tenant.domains.leading().order_by("-is_primary", "domain")
        ],
        "content_types": {str(one.pk): f"{one.app_label}.{one.model}" for one in ContentType.objects.order_by("pk")},
    }  # fmt: skip


def _about_schema(cursor: Any, schema: str) -> dict[str, Any]:
    cursor.execute(f"SELECT app || '.' || name FROM {quote_schema_name(schema)}.django_migrations")  # noqa: S608
    applied = sorted({name for (name,) in cursor.fetchall()} & set(schemas.tenant_migrations()))
    cursor.execute("SELECT migrated_to FROM public.tenant_tenant WHERE schema_name = %s", [schema])
    (migrated_to,) = cursor.fetchone()
    return {
        "fingerprint": migrated_to, "migrations": applied,
        "counters": counters_of(cursor, schema),
    }  # fmt: skip


def _weight(cursor: Any, schema: str) -> int:
    """Estimate the bytes to write, for the progress."""
    cursor.execute(_SIZES, [quote_schema_name(schema)])
    media = sum(path.stat().st_size for path in _media(schema))
    return int(cursor.fetchone()[0]) + media


def _write_tables(job: Job, writer: Writer, cursor: Any, schema: str) -> dict[str, Any]:
    tables = {}
    for table, columns in columns_of(schema).items():
        names, seen = ", ".join(quote_schema_name(column) for column in columns), 0
        source = f"{quote_schema_name(schema)}.{quote_schema_name(table)} ({names})"
        with writer.member(table_name(table)) as sink, cursor.copy(f"COPY {source} TO STDOUT") as copy:
            for data in copy:
                sink.write(data)
                if sink.bytes - seen >= STRIDE:
                    _go_on(job, sink.bytes - seen)
                    seen = sink.bytes
        tables[table] = {**sink.facts(), "rows": sink.lines, "columns": columns}
        _go_on(job, sink.bytes - seen)
    return tables


def _write_files(job: Job, writer: Writer, schema: str) -> dict[str, Any]:
    """Write the media files; they are never changed in place, and one that goes meanwhile is left out."""
    files = {}
    for path in _media(schema):
        name = path.relative_to(folder_of(schema)).as_posix()
        try:
            source = path.open("rb")
        except FileNotFoundError:
            continue
        with source, writer.member(media_name(name), packed=path.suffix.lower() not in _PACKED) as sink:
            while chunk := source.read(1_000_000):
                sink.write(chunk)
        files[name] = sink.facts()
        _go_on(job, sink.bytes)
    return files


def _media(schema: str) -> list[Path]:
    return sorted(path for path in folder_of(schema).rglob("*") if path.is_file() and not path.is_symlink())


def _go_on(job: Job, count: int) -> None:
    job.done += count
    job.total = max(job.total, job.done)
    jobs.keep(job)


jobs.declare(Job.Kind.EXPORT, jobs.Kind((jobs.Step("write", _write, atomic=False),), is_long=True))
