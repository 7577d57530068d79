"""What somebody may do is remembered, and forgotten in time: by every process, and with Valkey down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django_redis.exceptions import ConnectionInterrupted

from apps.rbac import rights, services
from apps.rbac.public import assign_role
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import allows
from tests.conftest import make_user
from tests.rbac.factories import SYSTEM, fresh_actor, policy


@pytest.fixture
def shop(committed_db: str) -> Iterator[Any]:
    """Acme, where transactions really commit, with nothing remembered."""
    rights._memory.clear()
    with use_tenant(find("acme")):
        yield
    rights._memory.clear()


def elsewhere(work: Callable[[], Any]) -> Any:
    """Do something on another connection, with the memory of another process."""
    answer: list[Any] = []

    def run() -> None:
        try:
            with use_tenant(find("acme")):
                answer.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    return answer[0]


@contextmanager
def memory_of_another_process() -> Iterator[None]:
    """Swap what this process remembers for what another one does."""
    mine = dict(rights._memory)
    rights._memory.clear()
    yield
    rights._memory.clear()
    rights._memory.update(mine)


def queries_of(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        work()
    return len(seen)


def test_a_second_request_asks_no_database(shop: Any) -> None:
    user = make_user("m@acme.test", role="manager")
    assert queries_of(lambda: rights.rights_of(user.pk)) == 1
    assert queries_of(lambda: rights.rights_of(user.pk)) == 0
    with memory_of_another_process():  # Valkey tells it
        assert queries_of(lambda: rights.rights_of(user.pk)) == 0


@pytest.mark.parametrize("change", ["role", "policy", "attribute", "permissions of the role"])
def test_every_change_is_seen_by_another_process_with_its_next_request(shop: Any, change: str) -> None:
    user = make_user("m@acme.test")
    role = services.save_role(actor=SYSTEM, slug="helper", name="Helper", permissions={"posts.read": "all"})
    assign_role(actor=SYSTEM, user_id=user.pk, role="helper")
    before = rights.rights_of(user.pk)

    def do() -> None:
        rights_here = dict(rights._memory)
        if change == "role":
            services.withdraw_role(actor=SYSTEM, user_id=user.pk, role="helper")
        elif change == "policy":
            policy("")
        elif change == "attribute":
            services.set_attributes(actor=SYSTEM, user_id=user.pk, attributes={"vendor": "Acme"})
        else:
            services.save_role(
                actor=SYSTEM, slug="helper", name="Helper", permissions={"pages.read": "all"}, role_id=role.pk
            )
        rights._memory.update(rights_here)  # the other process forgot for itself; this one only hears of it

    elsewhere(do)
    assert rights._memory
    assert rights.rights_of(user.pk) != before


def test_what_is_taken_back_was_never_remembered(shop: Any) -> None:
    user = make_user("m@acme.test")
    with pytest.raises(RuntimeError), transaction.atomic():
        assign_role(actor=SYSTEM, user_id=user.pk, role="manager")
        assert allows(fresh_actor(user), "products.read")
        raise RuntimeError
    assert not allows(fresh_actor(user), "products.read")


def test_with_valkey_down_a_revoked_role_ends_within_the_bound(shop: Any, monkeypatch: Any) -> None:
    def down(*args: Any, **kwargs: Any) -> Any:
        raise ConnectionInterrupted(connection=None)

    for name in ("get", "set", "add"):
        monkeypatch.setattr(f"django_redis.cache.RedisCache.{name}", down)
    user = make_user("m@acme.test", role="manager")
    assert allows(fresh_actor(user), "products.read")
    kept = dict(rights._memory)
    began = time.monotonic()
    services.withdraw_role(actor=SYSTEM, user_id=user.pk, role="manager")
    rights._memory.update(kept)  # a process that did not hear of it
    while allows(fresh_actor(user), "products.read"):
        assert time.monotonic() - began <= rights.BOUND + 0.5
        time.sleep(0.1)
    assert time.monotonic() - began >= 1  # it was remembered


def test_with_valkey_down_a_request_waits_for_it_once_a_second_at_most(shop: Any, monkeypatch: Any) -> None:
    asked = []

    def down(*args: Any, **kwargs: Any) -> Any:
        asked.append(args)
        raise ConnectionInterrupted(connection=None)

    monkeypatch.setattr("django_redis.cache.RedisCache.get", down)
    monkeypatch.setattr(rights, "_down_until", 0.0)
    user = make_user("m@acme.test", role="manager")
    for _ in range(50):
        rights.rights_of(user.pk)
    assert len(asked) == 1


def test_what_a_process_remembers_is_bounded(shop: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(rights, "CAPACITY", 3)
    for number in range(5):
        rights.rights_of(make_user(f"u{number}@acme.test").pk)
    assert len(rights._memory) == 3
