"""What tests of the tenants' life share: a shop with rows and files, and a runner that dies in the middle."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.functions import Now
from django_tenants.utils import quote_schema_name

from apps.tenant import schemas
from apps.tenant.models import Job, Tenant
from apps.tenant.public import create_tenant, use_tenant
from apps.tenant.services import run
from rustok.kernel.access import Actor
from tests import database
from tests.conftest import make_user

SYSTEM = Actor.system("tests")


def shop(slug: str = "nile", files: int = 3) -> Tenant:
    """Make a tenant with a person, an event that waits and some files; of an earlier test there are none."""
    for name in (slug, "congo"):
        shutil.rmtree(folder(name), ignore_errors=True)
    tenant = create_tenant(actor=SYSTEM, slug=slug, name=slug.title(), domains=[f"{slug}.localhost"])
    with use_tenant(tenant):
        make_user(f"owner@{slug}.test", role="admin", is_staff=True)
        for number in range(files):
            default_storage.save(f"pictures/{number}.txt", ContentFile(f"{slug} {number}".encode() * 100))
    return tenant


def folder(slug: str) -> Path:
    """Answer where a tenant's files lie."""
    return Path(settings.MEDIA_ROOT) / slug


def files_of(slug: str) -> dict[str, str]:
    """Answer the checksums of a tenant's files."""
    found = (path for path in folder(slug).rglob("*") if path.is_file())
    return {path.relative_to(folder(slug)).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def rows_of(schema: str) -> dict[str, list[str]]:
    """Answer every row of every table, as text."""
    rows = {}
    with connection.cursor() as cursor:
        for table in schemas.tables_of(schema):
            cursor.execute(f"SELECT t::text FROM {quote_schema_name(schema)}.{quote_schema_name(table)} t ORDER BY 1")
            rows[table] = [text for (text,) in cursor.fetchall()]
    return rows


def die_at(job: Job, step: str, tells: int = 0) -> None:
    """Let another process work on a job and kill itself -9 at a step; then end its lease."""
    command = [
        sys.executable, "-m", "tests.tenant.dying", str(job.pk), step, str(tells), str(settings.MEDIA_ROOT),
        str(settings.EXPORTS_ROOT),
    ]  # fmt: skip
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "rustok.settings_test",
        "DATABASE_URL": database.url(settings.DATABASES["default"]["NAME"]),
    }
    process = subprocess.run(
        command, check=False, env=env, cwd=database.ROOT, timeout=120, capture_output=True, text=True
    )
    assert process.returncode == -signal.SIGKILL, process.stderr[-2_000:]
    expire(job)


def expire(job: Job) -> None:
    """End the lease of whoever works on a job."""
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(lease_until=Now() - timedelta(seconds=1))


def finish(job: Job) -> Job:
    """Take a job up where it is, and run it to its end."""
    job = run(job.pk)
    assert job.state == Job.State.DONE, (job.error_code, job.error)
    return job


def left_in_public(tenant_id: Any) -> dict[str, int]:
    """Count the rows of every table of `public` that name a tenant, read from the catalogue by another query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND column_name = 'tenant_id' AND table_name <> 'tenant_job'"
        )
        counts = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM public.{table} WHERE tenant_id = %s", [tenant_id])
            counts[table] = cursor.fetchone()[0]
        return {table: count for table, count in counts.items() if count}
