"""Migrating all tenants: the canary first, each by itself, and nobody twice."""

from __future__ import annotations

import json
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.tenant import schemas, services
from apps.tenant.models import Job, Tenant
from apps.tenant.public import use_tenant
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import NotFound, Unauthenticated
from tests.tenant.lives import SYSTEM, die_at, finish


def behind(*slugs: str, broken: bool = False) -> None:
    """Take a tenant's navigation away, as if it had never been migrated; a broken one has half of it already."""
    for slug in slugs:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT tablename FROM pg_tables WHERE schemaname = '{slug}' AND tablename LIKE 'navigation%'"
            )
            for (table,) in cursor.fetchall():
                if not broken:
                    cursor.execute(f"DROP TABLE {slug}.{table} CASCADE")
            cursor.execute(f"DELETE FROM {slug}.django_migrations WHERE app = 'navigation'")
        Tenant.objects.filter(slug=slug).update(migrated_to="")


def has_all(slug: str) -> bool:
    tables = {table for table in schemas.tables_of(slug) if table.startswith("navigation")}
    return bool(tables) and schemas.applied_migrations(slug) == set(schemas.tenant_migrations())


def test_tenants_that_are_behind_are_migrated_and_others_are_not_touched(committed_db):
    behind("acme")
    job = services.migrate_here(actor=SYSTEM)
    assert (job.state, job.result["migrated"], job.result["current"]) == ("done", 1, 2)
    assert has_all("acme")
    assert set(Tenant.objects.values_list("migrated_to", flat=True)) == {schemas.fingerprint()}
    assert list(job.result["tenants"]) == ["acme"]


def test_processes_share_the_tenants(committed_db):
    behind("acme", "globex")
    job = services.migrate_here(actor=SYSTEM, parallel=2)
    assert job.result["migrated"] == 2
    assert has_all("acme")
    assert has_all("globex")


@pytest.mark.parametrize("parallel", [1, 2])
def test_one_that_fails_stops_nobody_else_and_is_named(committed_db, parallel, capsys):
    behind("acme", broken=True)
    behind("globex")
    with pytest.raises(CommandError, match="migration_failed"):
        call_command("tenant", "migrate", "--parallel", str(parallel), "--json")
    told = json.loads(capsys.readouterr().out)
    assert list(told["failed"]) == ["acme"]
    assert has_all("globex")
    assert Tenant.objects.get(slug="acme").migrated_to == ""
    with connection.cursor() as cursor:  # somebody repairs it, and calls again
        for table in [name for name in schemas.tables_of("acme") if name.startswith("navigation")]:
            cursor.execute(f"DROP TABLE acme.{table} CASCADE")
    call_command("tenant", "migrate", "--quiet")
    assert has_all("acme")


def test_a_canary_that_fails_keeps_all_others_as_they_were(committed_db):
    behind("acme", broken=True)
    behind("globex")
    job = services.migrate_here(actor=SYSTEM, canary="acme")
    assert (job.state, job.error_code) == ("failed", "canary_failed")
    assert not has_all("globex")


def test_only_some_can_be_migrated(committed_db):
    behind("acme", "globex")
    call_command("tenant", "migrate", "--tenant", "acme", "--quiet")
    assert has_all("acme")
    assert not has_all("globex")


def test_a_migration_that_was_killed_goes_on(committed_db):
    behind("acme", "globex")
    job = services.begin_migration(actor=SYSTEM, by_hand=True)
    die_at(job, "tenants", 2)
    finish(job)
    assert has_all("acme")
    assert has_all("globex")


def test_two_at_once_migrate_everybody_once(committed_db):
    behind("acme", "globex")
    states: list[str] = []

    def work() -> None:
        states.append(services.migrate_here(actor=SYSTEM).state)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert states == ["done", "done"]
    done = [job.result.get("migrated", 0) for job in Job.objects.filter(kind="migrate").order_by("pk")[1:]]
    assert sorted(done) == [0, 2]


def test_three_hundred_with_nothing_to_apply_take_well_under_thirty_seconds(db):
    """Fingerprints that are right cost one query for all; those that are lost, two for each tenant."""
    Tenant.objects.bulk_create(
        Tenant(slug=f"t{number}", schema_name=f"t{number}", name="T", migrated_to=schemas.fingerprint())
        for number in range(300)
    )
    begun = time.monotonic()
    job = services.migrate_here(actor=SYSTEM)
    assert job.result["current"] == 303
    assert time.monotonic() - begun < 5


def test_a_lost_fingerprint_is_found_again_without_migrating(committed_db):
    Tenant.objects.filter(slug="acme").update(migrated_to="")
    begun = time.monotonic()
    services.migrate_here(actor=SYSTEM)
    assert time.monotonic() - begun < 2
    assert Tenant.objects.get(slug="acme").migrated_to == schemas.fingerprint()


def test_a_deleted_schema_is_not_made_again(committed_db):
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA acme CASCADE")
    Tenant.objects.filter(slug="acme").update(migrated_to="")
    job = services.migrate_here(actor=SYSTEM)
    assert list(job.result["failed"]) == ["acme"]
    assert not schemas.exists("acme")


def test_what_is_refused(db):
    with pytest.raises(NotFound):
        services.begin_migration(actor=SYSTEM, only=["nobody"])
    with pytest.raises(Unauthenticated):
        services.begin_migration(actor=ANONYMOUS)
    with pytest.raises(CommandError, match="1 to 64"):
        call_command("tenant", "migrate", "--parallel", "0")


def test_a_new_tenant_has_the_templates_fingerprint(db):
    tenant = services.create_tenant(actor=SYSTEM, slug="nile", name="Nile", domains=["nile.localhost"])
    assert tenant.migrated_to == schemas.template_fingerprint() == schemas.fingerprint()
    with use_tenant(tenant):
        assert has_all("nile")
