"""Importing tenants: an archive is checked as a whole, then table by table it becomes a schema of this deployment."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, IntegrityError, connection, transaction
from django_tenants.utils import quote_schema_name

from apps.tenant import schemas
from apps.tenant.archives import ArchiveDamaged, Reader, media_name, table_name
from apps.tenant.cloning import columns_of, dress_tables, make_tables
from apps.tenant.erasing import delete_some_files, folder_of
from apps.tenant.identifiers import normalize_host, normalize_slug
from apps.tenant.models import Job, Tenant
from apps.tenant.operators import on_record, operate
from apps.tenant.services import jobs
from apps.tenant.services.creating import TemplateBehind, open_tenant, reserve, undo_creation
from apps.tenant.services.exporting import FIELDS
from apps.tenant.services.settings import checked_more
from apps.tenant.services.tenants import checked_settings
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, Invalid
from rustok.kernel.tenancy import use_tenant

__all__ = ["begin_import"]

#: Files of one slice.
FILES = 200

# Columns that hold an id of `public.django_content_type`, which other deployments may have numbered in another way.
_CONTENT_TYPES = """
SELECT c.relname, a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND c.relnamespace = to_regnamespace(%s)
  AND k.confrelid = 'public.django_content_type'::regclass
"""


class OtherVersion(Conflict):
    """The archive is of another version of the platform: bring both deployments to the same one."""

    code = "archive_other_version"


class RowsRefused(Invalid):
    """The database refuses rows of the archive."""

    code = "archive_rows_refused"


def begin_import(
    *, actor: Actor, file: Path, slug: str = "", domains: Sequence[str] = (),
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Job:  # fmt: skip
    """Check an archive from end to end, reserve its tenant, and begin the job that fills it.

    :raises ArchiveUnknown, ArchiveDamaged, ArchiveUnsafe, ArchiveTooLarge: if it is not what an export writes
    :raises OtherVersion: if its tables are not as ours
    :raises TenantExists: if the slug is taken
    :raises DomainTaken: if a domain leads to another tenant
    """
    operate(actor, "tenants.import")
    archive = Reader(file)
    try:
        _check_fit(archive)
        archive.verify(tell)
        manifest = archive.manifest
    finally:
        archive.close()
    values, hosts, name = _tenant_of(manifest, domains, slug)
    with use_tenant(None), transaction.atomic():
        tenant = reserve(name, hosts, values)
        job = jobs.begin(
            Job.Kind.IMPORT, actor=actor, tenant=tenant, params={"file": str(file.resolve())}, by_hand=True
        )
        on_record("tenant.imported", actor=actor, tenant=tenant, source=str(manifest["tenant"]["slug"])[:63])
    return job


def _tenant_of(
    manifest: dict[str, Any], domains: Sequence[str], slug: str
) -> tuple[dict[str, Any], dict[str, str], str]:
    """Read the tenant's own row as carefully as if somebody had typed it in, and its domains with what shows them."""
    try:
        told = {field: manifest["tenant"][field] for field in FIELDS}
        told_hosts = [(row["domain"], _proof(row.get("proof", ""))) for row in manifest["domains"]]
        values = checked_settings(
            told["name"], told["locales"], told["currencies"], told["timezone"], dict(told["theme"])
        )
        values |= checked_more(told)
        hosts = {normalize_host(host): proof for host, proof in [(one, "") for one in domains] or told_hosts}
        return values, hosts, normalize_slug(slug or manifest["tenant"]["slug"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ArchiveDamaged("the manifest does not describe a tenant") from None


def _proof(text: str) -> str:
    """Read what a record says that shows a domain; empty for one that the platform named.

    :raises ValueError: if it is none of ours
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", text):
        raise ValueError
    return text


def _check_fit(archive: Reader) -> None:
    """Compare what the archive was made of with what this deployment has."""
    if schemas.template_fingerprint() != schemas.fingerprint():
        raise TemplateBehind()
    if archive.manifest.get("fingerprint") != schemas.fingerprint():
        theirs, ours = set(archive.manifest.get("migrations", [])), set(schemas.tenant_migrations())
        lists = [f"only {where} has {', '.join(sorted(names)[:5])}"
                 for where, names in (("it", theirs - ours), ("this deployment", ours - theirs)) if names]  # fmt: skip
        raise OtherVersion("; ".join(lists) or None)
    told = {name: facts.get("columns") for name, facts in archive.tables().items()}
    if told != columns_of(schemas.TEMPLATE):
        raise ArchiveDamaged("its tables are not those of its migrations")
    if any(column not in told.get(table.strip('"'), ()) for table, column, _last in archive.manifest["counters"]):
        raise ArchiveDamaged("it counts what is not in its tables")


# --- the steps ----------------------------------------------------------------------------------------------------


def _tables(job: Job) -> bool:
    """Make the tables without anything around them, so that rows go in fast and no trigger fires."""
    schemas.transaction_lock()
    make_tables(schemas.TEMPLATE, job.tenant_slug)
    Tenant.objects.filter(pk=job.subject).update(migrated_to=schemas.template_fingerprint())
    return True


def _rows(job: Job) -> bool:
    """Load the next table."""
    archive = Reader(Path(job.params["file"]))
    try:
        names = sorted(archive.tables())
        job.total = len(names)
        if job.done < job.total:
            _load(archive, job.tenant_slug, names[job.done])
            job.done += 1
        return job.done >= job.total
    finally:
        archive.close()


def _load(archive: Reader, schema: str, name: str) -> None:
    facts = archive.tables()[name]
    table = f"{quote_schema_name(schema)}.{quote_schema_name(name)}"
    names = ", ".join(quote_schema_name(column) for column in facts["columns"])
    with connection.cursor() as cursor:
        cursor.execute(_CONTENT_TYPES, [quote_schema_name(schemas.TEMPLATE)])
        foreign = [column for found, column in cursor.fetchall() if found == name]
        into = f"{table} ({names})"
        if foreign:
            cursor.execute(f"CREATE TEMP TABLE tenant_staging (LIKE {table}) ON COMMIT DROP")
            into = f"pg_temp.tenant_staging ({names})"
        try:
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for chunk in archive.chunks(table_name(name)):
                    copy.write(chunk)
            if foreign:
                _translate(cursor, archive, table, facts["columns"], foreign)
        except (psycopg.DataError, psycopg.IntegrityError, DataError, IntegrityError) as error:
            raise RowsRefused(f"{name}: {error}"[:500]) from None
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 (quoted)
        if cursor.fetchone()[0] != facts["rows"]:
            raise ArchiveDamaged(f"{name} has not as many rows as it says")


def _translate(cursor: Any, archive: Reader, table: str, columns: Sequence[str], foreign: Sequence[str]) -> None:
    """Move rows from the staging table, with content types as this deployment numbers them."""
    ours = {f"{one.app_label}.{one.model}": one.pk for one in ContentType.objects.all()}
    theirs = archive.manifest["content_types"]
    known = {int(key): ours[label] for key, label in theirs.items() if label in ours}
    read = ", ".join(
        f"(SELECT new FROM known WHERE old = {quote_schema_name(column)})" if column in foreign  # noqa: S608 (quoted)
        else quote_schema_name(column) for column in columns
    )  # fmt: skip
    names = ", ".join(quote_schema_name(column) for column in columns)
    lost = " OR ".join(f"{quote_schema_name(c)} IS NOT NULL AND {quote_schema_name(c)} <> ALL(%s)" for c in foreign)
    cursor.execute(f"SELECT count(*) FROM pg_temp.tenant_staging WHERE {lost}", [list(known)] * len(foreign))  # noqa: S608
    if cursor.fetchone()[0]:
        raise RowsRefused(f"{table} names kinds of objects that this deployment does not have")
    cursor.execute(
        "WITH known AS (SELECT * FROM unnest(%s::int[], %s::int[]) AS known (old, new))"  # noqa: S608 (quoted)
        f" INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {read} FROM pg_temp.tenant_staging",
        [list(known), list(known.values())],
    )
    cursor.execute("DROP TABLE pg_temp.tenant_staging")


def _constraints(job: Job) -> bool:
    """Put constraints, indexes and triggers around the rows, which the database checks, and set the counters."""
    if Tenant.objects.get(pk=job.subject).migrated_to != schemas.template_fingerprint():
        raise OtherVersion("the template was migrated meanwhile; delete the tenant and import it again")
    try:
        with transaction.atomic():
            dress_tables(schemas.TEMPLATE, job.tenant_slug)
    except IntegrityError as error:
        raise RowsRefused(str(error)[:500]) from None
    archive = Reader(Path(job.params["file"]))
    archive.close()
    schema = quote_schema_name(job.tenant_slug)
    with connection.cursor() as cursor:
        for table, column, last in archive.manifest["counters"]:
            sequence = "pg_get_serial_sequence(%s, %s)"
            try:
                with transaction.atomic():
                    cursor.execute(f"SELECT setval({sequence}, %s)", [f"{schema}.{table}", column, int(last)])
            except DataError as error:
                raise RowsRefused(str(error)[:500]) from None
    return True


def _files(job: Job) -> bool:
    """Write the next files into the tenant's folder."""
    archive = Reader(Path(job.params["file"]))
    try:
        paths = archive.files()
        job.total = len(paths)
        for path in paths[job.done : job.done + FILES]:
            target = folder_of(job.tenant_slug) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                for chunk in archive.chunks(media_name(path)):
                    stream.write(chunk)
            job.done += 1
            jobs.keep(job)
        job.result = {"tables": len(archive.tables()), "files": len(paths),
                      "rows": sum(facts["rows"] for facts in archive.tables().values())}  # fmt: skip
        return job.done >= job.total
    finally:
        archive.close()


def _undo(job: Job) -> None:
    """Leave nothing of a tenant that never opened."""
    while not delete_some_files(job.tenant_slug)[1]:
        pass
    undo_creation(job)


jobs.declare(Job.Kind.IMPORT, jobs.Kind((
    jobs.Step("tables", _tables), jobs.Step("rows", _rows), jobs.Step("constraints", _constraints),
    jobs.Step("files", _files, atomic=False), jobs.Step("open", open_tenant),
), undo=_undo, is_long=True))  # fmt: skip
