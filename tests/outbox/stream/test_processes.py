"""A relay and consumers as processes of their own, on what was really committed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from apps.index.models import IndexProduct
from apps.outbox.consumer import Consumer
from apps.outbox.models import Delivery, Member
from apps.tenant.public import find, use_tenant
from tests import database
from tests.cart.factories import make_variant
from tests.database import ROOT


def soon(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture
def start(committed_db, stream, nats) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start commands of the platform at the test's database and stream."""
    environment = os.environ | {
        "DATABASE_URL": database.url(committed_db), "NATS_URL": nats.url, "STREAM_NAME": stream.layout.name,
        "EVENT_TRANSPORT": "stream", "EVENT_LEASE_SECONDS": "3", "DJANGO_SETTINGS_MODULE": "rustok.settings",
    }  # fmt: skip
    stream._ask(f"STREAM.DELETE.{stream.layout.name}")  # with settings of the tests
    processes: list[subprocess.Popen[str]] = []

    def run(*command: str) -> subprocess.Popen[str]:
        processes.append(subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, text=True, stderr=subprocess.PIPE
        ))  # fmt: skip
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def test_relay_and_consumers_as_processes_deliver_what_was_committed(committed_db, start):
    started = [start("relay"), start("consume"), start("consume", "--group", "index")]
    with use_tenant(find("acme")):
        for number in range(5):
            make_variant(f"tent-{number}")
        assert Delivery.objects.count() > 10
    assert soon(lambda: not Delivery.objects.exists())
    with use_tenant(find("acme")):
        assert IndexProduct.objects.count() == 20  # in two languages and two currencies
    assert soon(lambda: Member.objects.count() == 4), "a relay, two consumers of index and one of default"
    for process in started:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(10) for process in started] == [0, 0, 0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.outbox_lease WHERE owner IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_two_consumers_share_the_partitions_and_one_takes_over(committed_db, stream):
    one, two = Consumer(stream, "default"), Consumer(stream, "default")
    one.partitions.renew()
    two.partitions.renew()
    assert len(one.partitions.renew()) == len(two.partitions.renew()) == 4
    thread = threading.Thread(target=one.run)
    thread.start()
    one.stop()
    thread.join(10)
    assert len(two.partitions.renew()) == 8
