"""Files that no row names go, and no others."""

from __future__ import annotations

import json
import os
import threading
import time
from io import StringIO
from itertools import chain
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.media import files, orphans, services, tasks
from apps.media.models import Asset, Rendition
from apps.tenant.models import Tenant
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import Unauthenticated
from rustok.kernel.tenancy import use_tenant
from tests.media.factories import SYSTEM, AssetFactory, picture

#: Files of one small image: itself and its one copy.
FILES = 2

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    """An empty folder for files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "acme"


def stored(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def named():
    return {*Asset.objects.values_list("file", flat=True), *Rendition.objects.values_list("file", flat=True)}


def grow_old(folder, days=2):
    """Let all files be so old."""
    moment = time.time() - days * 86_400
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (moment, moment))


def sweep(**options):
    given = {"actor": SYSTEM, "folders": orphans.FOLDERS, "now": timezone.now(), "seconds": 60.0}
    return services.sweep_files(**(given | options))


def leave(count=1):
    """Leave files without a row, as a transaction does that rolls back."""
    for n in range(count):
        with transaction.atomic():
            services.store_image(actor=SYSTEM, content=picture((n % 256, n // 256, 99), (8, 8)))
            transaction.set_rollback(True)


# --- what goes ----------------------------------------------------------------------------------------------------


def test_what_a_rollback_left_goes_and_what_a_row_names_stays(acme, folder):
    AssetFactory(size=(700, 300))
    leave(3)
    assert stored(folder) > named()
    grow_old(folder)
    swept = sweep()
    assert stored(folder) == named()
    assert (swept.deleted, swept.is_held, swept.is_all) == (swept.orphans, False, True)
    assert swept.looked_at == swept.orphans + len(named())
    assert swept.bytes > 0
    assert sweep().orphans == 0


def test_what_a_kill_left_of_a_draft_goes(acme, folder):
    files.absolute("ab").mkdir(parents=True)
    (folder / "ab" / f".{uuid4().hex}.part").write_bytes(b"half")
    assert sweep().deleted == 0
    grow_old(folder)
    assert sweep().deleted == 1
    assert stored(folder) == set()


def test_what_is_younger_than_a_day_stays(acme, folder):
    leave()
    before = stored(folder)
    grow_old(folder, days=0.9)
    assert sweep().looked_at == 0
    assert stored(folder) == before


def test_what_we_did_not_name_stays(acme, folder, tmp_path):
    leave()
    others = ["ab/readme.txt", "ab/.hidden", f"zz/{uuid4()}.jpg", f"ab/{uuid4()}.svg", "logo.png", "ab/cd/x.jpg"]
    for name in others:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"not ours")
    elsewhere = tmp_path / "elsewhere.jpg"
    elsewhere.write_bytes(b"not here")
    (folder / "ab" / f"{uuid4()}.jpg").symlink_to(elsewhere)
    grow_old(folder)
    assert sweep().deleted == FILES
    assert set(others) < stored(folder)
    assert elsewhere.exists()


def test_a_folder_that_leads_elsewhere_is_not_followed(acme, folder, tmp_path):
    other = tmp_path / "globex" / "ab"
    other.mkdir(parents=True)
    (other / f"{uuid4()}.jpg").write_bytes(b"theirs")
    folder.mkdir(exist_ok=True)
    (folder / "ab").symlink_to(other)
    grow_old(tmp_path)
    assert sweep().looked_at == 0
    assert len(stored(other)) == 1


def test_another_shops_files_stay(acme, globex, folder, tmp_path):
    with use_tenant(globex):
        leave()
    grow_old(tmp_path)
    assert sweep().looked_at == 0
    assert stored(tmp_path / "globex")


def test_an_upload_that_is_not_committed_keeps_its_files(committed_db, folder):
    """Another connection sweeps while the rows of an upload are not there yet."""
    acme = Tenant.objects.get(slug="acme")
    swept = []

    def other() -> None:
        try:
            with use_tenant(acme):
                swept.append(sweep())
        finally:
            connections.close_all()

    with use_tenant(acme), transaction.atomic():
        services.store_image(actor=SYSTEM, content=picture("navy"))
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)
    with use_tenant(acme):
        assert swept[0].deleted == 0
        assert stored(folder) == named() != set()


def test_a_dry_run_deletes_nothing(acme, folder):
    AssetFactory()
    leave()
    grow_old(folder)
    before = stored(folder)
    swept = sweep(dry_run=True)
    assert (swept.orphans, swept.deleted) == (FILES, 0)
    assert stored(folder) == before


def test_nobody_else_sweeps(acme, folder):
    leave()
    grow_old(folder)
    with pytest.raises(Unauthenticated):
        sweep(actor=ANONYMOUS)
    assert stored(folder)


# --- when it is the rows that are missing -------------------------------------------------------------------------


def test_where_the_rows_are_missing_nothing_is_deleted(acme, folder, monkeypatch):
    monkeypatch.setattr(orphans, "MANY", 5)
    AssetFactory(size=(8, 8))
    leave(6)
    grow_old(folder)
    before = stored(folder)
    assert sweep().is_held
    assert stored(folder) == before
    swept = sweep(force=True)
    assert (swept.is_held, swept.deleted) == (False, 6 * FILES)
    assert stored(folder) == named()


def test_many_leftovers_among_more_images_are_leftovers(acme, folder, monkeypatch):
    monkeypatch.setattr(orphans, "MANY", 5)
    for _ in range(8):
        AssetFactory(size=(8, 8))
    leave(6)
    grow_old(folder)
    assert sweep().deleted == 6 * FILES


# --- bounds -------------------------------------------------------------------------------------------------------


def test_a_day_has_all_folders_once_and_every_day_others_are_last():
    for day in (0, 1, 5):
        slots = [orphans.folders_of(day * 24 + hour) for hour in range(24)]
        assert sorted(chain(*slots)) == sorted(orphans.FOLDERS)
        assert max(map(len, slots)) == 11
    assert orphans.folders_of(0)[-1] != orphans.folders_of(24)[-1]


def test_a_look_ends_when_its_time_is_over_and_the_next_goes_on(acme, folder, monkeypatch):
    monkeypatch.setattr(orphans, "BATCH", 1)
    leave(1)
    files.absolute("ab").mkdir(exist_ok=True)
    (folder / "ab" / f".{uuid4().hex}.part").write_bytes(b"half")
    grow_old(folder)
    assert [sweep(seconds=0.0).deleted for _ in range(4)] == [1, 1, 1, 0]


def test_a_look_answers_so_many_at_most(acme, folder, monkeypatch):
    monkeypatch.setattr(orphans, "BATCH", 1)
    monkeypatch.setattr(orphans, "MOST", 2)
    leave(2)
    grow_old(folder)
    first = sweep()
    assert (first.deleted, first.is_all) == (2, False)
    assert sweep().deleted == 2
    assert stored(folder) == set()


def test_queries_are_counted_by_batches_not_by_files(acme, folder):
    for _ in range(4):
        AssetFactory(size=(8, 8))
    one = Asset.objects.first()
    for n in range(20):
        files.write(files.file_name(one.pk, "jpg", n + 1), b"x")
    grow_old(folder)
    with CaptureQueriesContext(connection) as queries:
        sweep(folders=[one.file.name[:2]])
    asked = [query for query in queries.captured_queries if "media_" in query["sql"]]
    assert len(asked) == 2


# --- the task and the command -------------------------------------------------------------------------------------


def test_the_task_sweeps_the_folders_of_its_hour(acme, folder):
    leave(4)
    grow_old(folder)
    for slot in range(24):
        tasks.sweep_shop(slot)
    assert stored(folder) == set()


def test_the_command_counts_then_deletes(acme, folder):
    AssetFactory(size=(8, 8))
    leave(2)
    grow_old(folder)
    out = StringIO()
    call_command("media", "sweep", "--tenant", "acme", "--dry-run", "--json", stdout=out)
    (row,) = json.loads(out.getvalue())
    assert (row["tenant"], row["orphans"], row["deleted"]) == ("acme", 2 * FILES, 0)
    out = StringIO()
    call_command("media", "sweep", "--tenant", "acme", stdout=out)
    assert f"acme: {3 * FILES} files looked at, {2 * FILES} without a row" in out.getvalue()
    assert stored(folder) == named()


def test_the_command_leaves_alone_who_is_not_active(acme, folder):
    Tenant.objects.filter(slug="acme").update(status=Tenant.Status.SUSPENDED)
    with pytest.raises(CommandError, match="no such active tenant"):
        call_command("media", "sweep", "--tenant", "acme")


@pytest.fixture
def at_once():
    """Tasks that are sent run here and now."""
    from rustok.celery import app

    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_the_hourly_task_reaches_every_shop(acme, globex, folder, tmp_path, at_once):
    leave()
    with use_tenant(globex):
        leave()
    grow_old(tmp_path)
    now = int(time.time() // 3_600)
    hour = folder / orphans.folders_of(now)[0]
    for shop in (folder, tmp_path / "globex"):
        (shop / hour.name).mkdir(exist_ok=True)
        for path in [path for path in shop.rglob("*") if path.is_file()]:
            path.rename(shop / hour.name / path.name)
    tasks.sweep()
    assert stored(folder) == stored(tmp_path / "globex") == set()
