"""What processes see of each other's changes: real ones, with Valkey and without, and with one that died in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from apps.outbox.models import OutboxEvent
from apps.tenant.models import Tenant
from apps.tenant.resolver import STALE, announce_again
from apps.tenant.resolver.lookup import HEAR_EVERY
from tests import database, valkey

pytestmark = pytest.mark.slow

ASK = """
import json, sys, time
import django
django.setup()
from apps.tenant.resolver import resolve_host, resolver
while True:
    tenant = resolve_host("acme.localhost")
    print(json.dumps({"at": time.time(), "found": tenant is not None}), flush=True)
    time.sleep(0.02)
"""
SUSPEND_AND_DIE = """
import os, signal
import django
django.setup()
from django.db import connection, transaction
from apps.tenant.models import Tenant
from apps.tenant.resolver import announce
with transaction.atomic():
    tenant = Tenant.objects.get(slug="acme")
    Tenant.objects.filter(pk=tenant.pk).update(status="suspended")
    transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    announce(tenant)
"""
SUSPEND = SUSPEND_AND_DIE.replace("    transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))\n", "")


@pytest.fixture
def server(committed_db: str) -> Iterator[valkey.Server]:
    with valkey.running() as own:
        yield own


def environment(server: valkey.Server) -> dict[str, str]:
    name = settings.DATABASES["default"]["NAME"]
    return os.environ | {
        "DATABASE_URL": database.url(name), "VALKEY_URL": server.url, "DJANGO_SETTINGS_MODULE": "rustok.settings_test",
        "PYTHONPATH": str(database.ROOT),
    }  # fmt: skip


@contextmanager
def asking(server: valkey.Server) -> Iterator[list[subprocess.Popen[str]]]:
    """Run two processes that resolve acme all the time."""
    command = [sys.executable, "-c", ASK]
    both = [
        subprocess.Popen(command, env=environment(server), stdout=subprocess.PIPE, text=True, cwd=database.ROOT)
        for _ in range(2)
    ]
    try:
        for process in both:
            assert answer_of(process)["found"]
        yield both
    finally:
        for process in both:
            process.kill()
            process.wait()


def answer_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def refused_after(processes: list[subprocess.Popen[str]], since: float) -> float:
    """Read until both refuse, and answer after how many seconds the last one began to."""
    last = 0.0
    for process in processes:
        answer = answer_of(process)
        while answer["found"]:
            assert answer["at"] - since < STALE + 5
            answer = answer_of(process)
        last = max(last, answer["at"])
    return last - since


def run(code: str, server: valkey.Server) -> int:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment(server), cwd=database.ROOT, check=False).returncode


def test_two_processes_see_an_announced_suspension_within_a_second(server):
    with asking(server) as both:
        assert run(SUSPEND, server) == 0
        assert refused_after(both, time.time()) < HEAR_EVERY + 0.5


def test_two_processes_see_a_suspension_within_the_bound_if_its_maker_dies_right_after_the_commit(server):
    with asking(server) as both:
        assert run(SUSPEND_AND_DIE, server) == -signal.SIGKILL
        assert Tenant.objects.get(slug="acme").status == "suspended"
        assert refused_after(both, time.time()) < STALE + 0.5


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_two_processes_see_a_suspension_within_the_bound_while_valkey_is_away(server, how):
    with asking(server) as both:
        server.kill() if how == "killed" else server.signal(signal.SIGSTOP)
        assert run(SUSPEND, server) == 0
        assert refused_after(both, time.time()) < STALE + 0.5


def test_what_nobody_announced_is_announced_by_its_event(server, deliver_events):
    """The maker died after its commit; the relay delivers the event that it left behind."""
    assert OutboxEvent.objects.count() == 0
    call_command("tenant", "suspend", "acme", reason="tests")
    assert [name for name in OutboxEvent.objects.values_list("event_type", flat=True) if name == "tenant.suspended"]
    from apps.tenant.resolver import resolver

    tenant_id = Tenant.objects.get(slug="acme").pk
    heard = resolver.shared.hear(0)[0]
    deliver_events()
    assert resolver.shared.hear(0)[0] > heard
    announce_again(tenant_id)
    assert resolver.resolve("host:acme.localhost") is None
