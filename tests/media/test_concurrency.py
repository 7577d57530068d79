"""Two uploads of the same bytes at once, in transactions that really commit."""

import os
import signal
import subprocess
import sys
import threading
import time

from django.conf import settings
from django.db import connection

from apps.media import files, services
from apps.media.models import Asset, Rendition
from apps.tenant.public import find, use_tenant
from tests.media.factories import SYSTEM, picture


def test_the_same_bytes_at_once_are_one_image(committed_db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    acme, content, ids = find("acme"), picture("green", size=(600, 600)), []
    start = threading.Barrier(4)

    def upload():
        try:
            with use_tenant(acme):
                start.wait()
                ids.append(services.store_image(actor=SYSTEM, content=content))
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1
    with use_tenant(acme):
        rows = {*Asset.objects.values_list("file", flat=True), *Rendition.objects.values_list("file", flat=True)}
    on_disk = {str(path.relative_to(tmp_path / "acme")) for path in (tmp_path / "acme").rglob("*") if path.is_file()}
    assert on_disk == rows


_UPLOADER = """
import os, sys, random
import django
django.setup()
from django.conf import settings
from django.db import connections
from pathlib import Path
settings.MEDIA_ROOT = Path(sys.argv[1])
connections["default"].settings_dict["NAME"] = sys.argv[2]
from apps.media.services import store_image
from apps.tenant.public import find, use_tenant
from tests.media.factories import SYSTEM, picture
with use_tenant(find("acme")):
    print("ready", flush=True)
    while True:
        store_image(actor=SYSTEM, content=picture(tuple(random.randbytes(3)), size=(500, 400)))
"""


def test_a_kill_leaves_no_row_without_its_files(committed_db, tmp_path):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "rustok.settings_test"}
    for pause in (0.05, 0.2, 0.35):
        uploader = subprocess.Popen(
            [sys.executable, "-c", _UPLOADER, str(tmp_path), committed_db],
            env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert uploader.stdout.readline() == b"ready\n"
        time.sleep(pause)
        uploader.send_signal(signal.SIGKILL)
        uploader.wait()
    with use_tenant(find("acme")):
        names = [*Asset.objects.values_list("file", flat=True), *Rendition.objects.values_list("file", flat=True)]
        assert names
        before, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path
        try:
            assert all(files.locate(name) for name in names)
        finally:
            settings.MEDIA_ROOT = before
