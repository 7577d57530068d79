"""A tenant in one archive: whole, checked, and the same in another deployment."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from apps.tenant import services
from apps.tenant.archives import (
    ArchiveDamaged,
    ArchiveTooLarge,
    ArchiveUnknown,
    ArchiveUnsafe,
    Reader,
    archive_path,
)
from apps.tenant.models import Domain, Job, Tenant
from apps.tenant.public import find, use_tenant
from apps.tenant.records import record_value
from apps.tenant.services import jobs
from apps.tenant.services.exporting import ArchiveGone
from apps.tenant.services.importing import OtherVersion
from apps.tenant.services.tenants import DomainTaken, TenantExists
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import NotFound, Unauthenticated
from tests.conftest import make_user
from tests.tenant.lives import SYSTEM, die_at, files_of, finish, rows_of, shop


def export(slug: str, path: Path) -> Job:
    return finish(services.begin_export(actor=SYSTEM, slug=slug, output=str(path)))


def repack(source: Path, target: Path, change: Any) -> Path:
    """Write an archive again, with its members changed by a function that gets and answers a dict."""
    with zipfile.ZipFile(source) as old:
        members = change({name: old.read(name) for name in old.namelist()})
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    return target


def edited(members: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    manifest = json.loads(members["manifest.json"]) | changes
    return members | {"manifest.json": json.dumps(manifest).encode()}


@pytest.fixture
def archive(committed_db: str, tmp_path: Path) -> Path:
    """The archive of a small shop."""
    shop("nile")
    export("nile", tmp_path / "nile.zip")
    return tmp_path / "nile.zip"


def test_an_archive_comes_in_again_with_every_row_every_file_and_a_login(archive):
    rows, files = rows_of("nile"), files_of("nile")
    finish(services.begin_import(actor=SYSTEM, file=archive, slug="congo", domains=["congo.localhost"]))
    assert rows_of("congo") == rows
    assert files_of("congo") == files
    assert len(files) == 3
    tenant = find("congo")
    assert (tenant.status, tenant.name) == ("active", "Nile")
    assert tenant.pk != find("nile").pk
    login = Client(HTTP_HOST="congo.localhost").post(
        "/api/v1/auth/login/", {"email": "owner@nile.test", "password": "correct-horse-9"},
        content_type="application/json",
    )  # fmt: skip
    assert login.status_code == 200
    with use_tenant(tenant):
        from django.contrib.auth.models import Group

        assert make_user("new@congo.test").pk
        assert Group.objects.create(name="counted on").pk  # identity columns count on where they stopped


def test_the_audit_log_comes_along_and_the_import_adds_nothing_to_it(archive):
    """Rows go in before the triggers are there: nobody typed them, and only an import can put them into the log."""
    finish(services.begin_import(actor=SYSTEM, file=archive, slug="congo", domains=["congo.localhost"]))
    assert log_of("congo") == log_of("nile") != []
    with connection.cursor() as cursor:
        for refused in ("UPDATE congo.audit_auditentry SET action = 'x'", "DELETE FROM congo.audit_auditentry",
                        "TRUNCATE congo.audit_auditentry"):  # fmt: skip
            with pytest.raises(DatabaseError, match="append-only"):
                cursor.execute(refused)
    with use_tenant(find("congo")):
        make_user("after@congo.test")
    assert len(log_of("congo")) > len(log_of("nile"))


def log_of(schema: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, at, action, actor_label, object_id FROM {schema}.audit_auditentry ORDER BY id")
        return list(cursor.fetchall())


def test_an_imported_schema_is_the_templates_to_the_last_name(archive):
    from tests.tenant.test_cloning import COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS, look

    finish(services.begin_import(actor=SYSTEM, file=archive, slug="congo", domains=["congo.localhost"]))
    connection.set_autocommit(False)
    try:
        for query in (COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS):
            read = [look(schema, query, *([schema] * query.count("%s"))) for schema in ("congo", "_template")]
            assert read[0] == read[1]
    finally:
        connection.rollback()
        connection.set_autocommit(True)


def test_content_types_are_found_by_name_where_they_have_other_numbers(archive):
    """The archive comes from a deployment that numbered its kinds of objects in another order."""
    with zipfile.ZipFile(archive) as packed:
        types = json.loads(packed.read("manifest.json"))["content_types"]
    turned = dict(zip(types, [*list(types.values())[1:], next(iter(types.values()))], strict=True))
    other = repack(archive, archive.with_name("other.zip"), lambda members: edited(members, content_types=turned))
    finish(services.begin_import(actor=SYSTEM, file=other, slug="congo", domains=["congo.localhost"]))
    ours = {label: int(key) for key, label in types.items()}
    expected = sorted((pk, ours[turned[str(kind)]]) for pk, kind in kinds_of("nile"))
    assert expected
    assert kinds_of("congo") == expected


def kinds_of(schema: str) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, content_type_id FROM {schema}.auth_permission ORDER BY id")
        return list(cursor.fetchall())


def test_the_archive_is_the_owners_alone(archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert not archive.with_name("nile.zip.part").exists()


def test_an_export_sees_one_moment_while_the_shop_goes_on(committed_db, tmp_path):
    shop("nile")
    job = services.begin_export(actor=SYSTEM, slug="nile", output=str(tmp_path / "nile.zip"))
    written: list[str] = []

    def write(running: Job) -> None:
        if not running.is_over and running.done and not written:
            with use_tenant(find("nile")):
                written.append(str(make_user("late@nile.test").pk))

    assert jobs.run(job.pk, tell=write).state == "done"
    assert written
    with zipfile.ZipFile(tmp_path / "nile.zip") as packed:
        assert b"owner@nile.test" in packed.read("tables/accounts_user.copy")
        assert not any(b"late@nile.test" in packed.read(name) for name in packed.namelist())


def test_an_export_that_was_killed_begins_again_and_is_whole(committed_db, tmp_path):
    shop("nile")
    path = tmp_path / "nile.zip"
    job = services.begin_export(actor=SYSTEM, slug="nile", output=str(path))
    die_at(job, "write", 20)
    assert not path.exists()
    finish(job)
    Reader(path).verify(lambda done, total: None)
    assert not path.with_name("nile.zip.part").exists()


@pytest.mark.parametrize(("step", "tells"), [("tables", 0), ("rows", 7), ("constraints", 0), ("files", 2), ("open", 0)])
def test_an_import_that_was_killed_goes_on_to_the_same_tenant(archive, step, tells):
    rows, files = rows_of("nile"), files_of("nile")
    job = services.begin_import(actor=SYSTEM, file=archive, slug="congo", domains=["congo.localhost"])
    die_at(job, step, tells)
    finish(job)
    assert rows_of("congo") == rows
    assert files_of("congo") == files


# --- what is refused ----------------------------------------------------------------------------------------------


def spoil(name: str) -> Any:
    return lambda members: members | {name: members[name][:-10] + b"x" * 10}


def bomb(members: dict[str, bytes]) -> dict[str, bytes]:
    return members | {"media/zeros": b"\0" * 200_000_000}


REFUSED = {
    "a table was changed": (spoil("tables/accounts_user.copy"), ArchiveDamaged),
    "a file was changed": (spoil("media/pictures/0.txt"), ArchiveDamaged),
    "a member is missing": (lambda m: {k: v for k, v in m.items() if "accounts_user" not in k}, ArchiveDamaged),
    "a member is not in the manifest": (lambda m: m | {"media/more": b"x"}, ArchiveDamaged),
    "a path leads out": (lambda m: m | {"media/../../out": b"x"}, ArchiveUnsafe),
    "a path is absolute": (lambda m: m | {"/etc/out": b"x"}, ArchiveUnsafe),
    "a path has backslashes": (lambda m: m | {"media/..\\out": b"x"}, ArchiveUnsafe),
    "a folder is unknown": (lambda m: m | {"code/run.py": b"x"}, ArchiveUnsafe),
    "it is a bomb": (bomb, ArchiveTooLarge),
    "it has no manifest": (lambda m: {k: v for k, v in m.items() if k != "manifest.json"}, ArchiveUnknown),
    "its manifest is no JSON": (lambda m: m | {"manifest.json": b"{"}, ArchiveDamaged),
    "its format is newer": (lambda m: edited(m, format=2), ArchiveUnknown),
    "its migrations are others": (lambda m: edited(m, fingerprint="0" * 64), OtherVersion),
    "it describes no tenant": (lambda m: edited(m, tenant={}), ArchiveDamaged),
    "a table is called otherwise": (lambda m: edited(m, tables={}), ArchiveDamaged),
}


def test_what_is_refused_leaves_nothing(archive):
    before = (Tenant.objects.count(), Domain.objects.count(), Job.objects.count())
    for why, (change, error) in REFUSED.items():
        bad = repack(archive, archive.with_name("bad.zip"), change)
        with pytest.raises(error) as refusal:
            services.begin_import(actor=SYSTEM, file=bad, slug="congo", domains=["congo.localhost"])
        assert refusal.value.code.startswith("archive_"), why
    assert (Tenant.objects.count(), Domain.objects.count(), Job.objects.count()) == before
    junk = archive.with_name("junk.zip")
    junk.write_bytes(b"no zip")
    with pytest.raises(ArchiveUnknown):
        services.begin_import(actor=SYSTEM, file=junk)


def test_a_link_is_no_file(archive):
    link = zipfile.ZipInfo("media/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveUnsafe):
        Reader(archive)


def test_more_than_the_deployment_takes_is_refused(archive, settings):
    settings.IMPORT_MAX_BYTES = 1_000
    with pytest.raises(ArchiveTooLarge):
        Reader(archive)


def test_a_name_or_a_domain_that_is_taken_is_refused(archive):
    with pytest.raises(TenantExists):
        services.begin_import(actor=SYSTEM, file=archive)
    with pytest.raises(DomainTaken):
        services.begin_import(actor=SYSTEM, file=archive, slug="congo")


def test_a_cancelled_import_leaves_nothing(archive):
    job = services.begin_import(actor=SYSTEM, file=archive, slug="congo", domains=["congo.localhost"])

    def cancel(running: Job) -> None:
        if running.step == "rows" and running.done == 3 and not running.is_over:
            services.cancel_job(actor=SYSTEM, job_id=running.pk)

    assert jobs.run(job.pk, tell=cancel).state == "cancelled"
    assert find("congo") is None
    services.begin_import(actor=SYSTEM, file=archive, slug="congo", domains=["congo.localhost"])


# --- exports that a worker makes ----------------------------------------------------------------------------------


def test_an_export_can_be_fetched_for_a_week_and_then_is_gone(committed_db):
    shop("nile")
    job = finish(services.begin_export(actor=SYSTEM, slug="nile"))
    now = timezone.now()
    path = services.download(actor=SYSTEM, job=job, now=now)
    assert path == archive_path("nile", job.pk)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Unauthenticated):
        services.download(actor=ANONYMOUS, job=job, now=now)
    with pytest.raises(ArchiveGone):
        services.download(actor=SYSTEM, job=job, now=now + timedelta(days=8))
    assert services.delete_old_archives(now=now) == 0
    os.utime(path, (0, 0))
    assert services.delete_old_archives(now=now) == 1
    with pytest.raises(ArchiveGone):
        services.download(actor=SYSTEM, job=job, now=now)


def test_a_shops_people_export_nothing(acme, actor):
    boss = actor(make_user("boss@acme.test", role="superadmin", is_staff=True))
    with pytest.raises(NotFound):
        services.begin_export(actor=boss, slug="acme")


def test_the_commands_export_and_import(committed_db, tmp_path, capsys):
    shop("nile")
    path = tmp_path / "out.zip"
    call_command("tenant", "export", "nile", "--output", str(path), "--json")
    assert json.loads(capsys.readouterr().out)["files"] == 3
    call_command("tenant", "import", str(path), "--slug", "congo", "--domain", "congo.localhost", "--quiet")
    assert "imported congo" in capsys.readouterr().out
    with pytest.raises(CommandError, match="tenant_exists"):
        call_command("tenant", "import", str(path), "--slug", "congo", "--domain", "more.localhost")
    with pytest.raises(CommandError, match="archive_unknown_format"):
        call_command("tenant", "import", str(tmp_path / "nothing.zip"))


def test_domains_that_lead_somewhere_go_along_with_what_shows_them(committed_db, tmp_path):
    nile = shop("nile")
    with use_tenant(nile):
        named = services.add_domain(actor=SYSTEM, domain="only-named.example.com")
        shown = services.add_domain(actor=SYSTEM, domain="shown.example.com")
        services.verify_domain(
            actor=SYSTEM, domain_id=shown.pk, look_up=lambda name: [record_value(shown)], now=timezone.now()
        )
    export("nile", tmp_path / "nile.zip")
    Domain.objects.filter(tenant=nile).delete()
    finish(services.begin_import(actor=SYSTEM, file=tmp_path / "nile.zip", slug="congo"))
    there = Domain.objects.leading().filter(tenant=find("congo"))
    assert set(there.values_list("domain", "proof")) == {("nile.localhost", ""), (shown.domain, shown.proof)}
    assert not Domain.objects.filter(domain=named.domain).exists()


def test_a_proof_that_is_none_of_ours_is_refused(archive, tmp_path):
    domains = [{"domain": "congo.localhost", "is_primary": True, "proof": "x\nrustok-verify=y"}]
    bad = repack(archive, tmp_path / "bad.zip", lambda members: edited(members, domains=domains))
    with pytest.raises(ArchiveDamaged):
        services.begin_import(actor=SYSTEM, file=bad, slug="congo")
    assert find("congo") is None
