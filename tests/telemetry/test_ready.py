"""Whoever asks whether requests can be served has an answer in time, whatever hangs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.apps import apps
from django.db import connections
from django.test import Client
from django.urls import get_resolver

from apps.telemetry import asking
from apps.telemetry.asking import TOTAL, ask_all
from rustok.kernel.modules import Health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loaded() -> None:
    """Have the code loaded, as in a process that serves."""
    assert get_resolver().url_patterns


class Silent:
    """A server that takes every connection and says nothing."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener, self.taken = listener, []
        self.port: int = listener.getsockname()[1]

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                self.taken.append(self.listener.accept()[0])
            except OSError:
                return


@contextmanager
def silent() -> Iterator[Silent]:
    """Have such a server for the length of a block; then its callers are let go."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = Silent(listener)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for one in server.taken:
                one.close()
            until = time.monotonic() + 10
            while asking._on_their_way and time.monotonic() < until:
                time.sleep(0.02)


def ready() -> tuple[float, int, dict[str, dict[str, object]]]:
    """Ask, and answer the seconds that it took, the status and the parts."""
    began = time.monotonic()
    answer = Client().get("/health/ready", headers={"host": "balancer"})
    return time.monotonic() - began, answer.status_code, answer.json()["checks"]


def test_all_is_well():
    took, status, checks = ready()
    assert (status, {name: part["status"] for name, part in checks.items()}) == (
        200, {"code": "ok", "database": "ok", "valkey": "ok"},
    )  # fmt: skip
    assert took < TOTAL


def test_a_valkey_that_takes_connections_and_says_nothing_is_named_and_costs_its_time_once(settings):
    with silent() as server:
        settings.VALKEY_URL = f"redis://127.0.0.1:{server.port}/0"
        took, status, checks = ready()
        assert server.taken
    assert (status, checks["valkey"]["status"], checks["valkey"]["reason"]) == (200, "unavailable", "TimeoutError")
    assert checks["database"]["status"] == "ok"
    assert took < TOTAL


def test_a_database_that_takes_connections_and_says_nothing_takes_the_process_out_of_service_in_time():
    place = connections.settings["default"]
    before = place["HOST"], place["PORT"]
    with silent() as server:
        place["HOST"], place["PORT"] = "127.0.0.1", str(server.port)
        try:
            took, status, checks = ready()
        finally:
            place["HOST"], place["PORT"] = before
        assert server.taken
    assert (status, checks["database"]["status"]) == (503, "unavailable")
    assert checks["database"]["reason"].startswith("no answer after 2.")
    assert (checks["code"]["status"], checks["valkey"]["status"]) == ("ok", "ok")
    assert took < TOTAL + 1


def test_what_hangs_outside_of_any_query_is_bounded_too(monkeypatch):
    """A name that is looked up, for instance: nothing ends that from outside."""
    over = threading.Event()

    def hangs(module):
        over.wait(30)
        return Health(ok=True)

    monkeypatch.setattr(type(apps.get_app_config("outbox")), "health", hangs)
    try:
        began = time.monotonic()
        answer = Client().get("/health/modules", headers={"host": "balancer"})
        assert time.monotonic() - began < TOTAL + 1
    finally:
        over.set()
    rows = answer.json()["modules"]
    assert rows["outbox"]["reason"].startswith("no answer after 2.")
    assert (rows["outbox"]["status"], rows["product"]["status"]) == ("unavailable", "ok")


def test_parts_are_asked_at_once():
    def slow():
        time.sleep(0.3)
        return Health(ok=True)

    began = time.monotonic()
    found = ask_all({"one": slow, "two": slow, "three": slow})
    assert time.monotonic() - began < 0.8
    assert [answer.health.ok for answer in found.values()] == [True, True, True]
    assert all(answer.latency_ms >= 300 for answer in found.values())


def test_what_hangs_is_not_asked_again_until_it_is_over():
    over, calls = threading.Event(), []

    def hangs():
        calls.append(1)
        over.wait(10)
        return Health(ok=True)

    for _probe in range(20):
        (answer,) = ask_all({"stuck": hangs}, within=0.01).values()
        assert not answer.health.ok
    assert len(calls) == 1
    over.set()
    (late,) = ask_all({"stuck": hangs}, within=5).values()
    assert late.health.ok


def test_a_check_that_raises_is_named_by_its_error():
    (answer,) = ask_all({"broken": lambda: Health(ok=bool(1 / 0))}).values()
    assert (answer.health.ok, answer.health.reason) == (False, "ZeroDivisionError")
