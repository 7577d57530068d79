"""Dead letters for tests: events whose handler really fails, until nobody tries again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.outbox.models import DeadLetter, Delivery
from apps.outbox.services import Position, claim, deliver
from apps.taxonomy.public import create_category
from apps.tenant.public import use_tenant
from rustok.kernel import events
from rustok.kernel.access import Actor
from rustok.kernel.context import Work, bind, new_trace_id
from rustok.kernel.events import Permanent
from rustok.kernel.ids import new_id

__all__ = ["EVENT", "fail", "listening", "poison", "publish", "run"]

EVENT = "category.created"


def fail(envelope: Any) -> None:
    """Give up at once."""
    raise Permanent(f"cannot read <{envelope.payload['category_id']}>")


@contextmanager
def listening(*names: str, function: Any = fail) -> Iterator[None]:
    """Let handlers listen to the events of categories inside the block."""
    before = {name: list(heard) for name, heard in events._by_event.items()}
    for name in names:
        events.on(EVENT, name=name, runs_as="is a test")(function)
    try:
        yield
    finally:
        for name in names:
            events._handlers.pop(name)
        events._by_event.clear()
        events._by_event.update(before)


def publish(tenant: Any, name: str = "Tents") -> Any:
    """Let something happen to a new category, as work of its own; answer it."""
    with use_tenant(tenant), bind(Work(new_trace_id(), new_id(), reason="tests")):
        return create_category(actor=Actor.system("tests"), translations={"en": {"name": name}})


def run(tenant: Any) -> None:
    """Deliver what is due of a tenant, as relay and worker would."""
    while claims := claim(tenant.pk, after=Position(), limit=1_000)[0]:
        for one in claims:
            deliver(one.id)


def poison(tenant: Any, *handlers: str, name: str = "Tents") -> list[DeadLetter]:
    """Publish an event of a tenant that these handlers give up; answer their dead letters in that order."""
    with use_tenant(tenant), listening(*handlers):
        category = publish(tenant, name)
        run(tenant)
    rows = {row.handler: row for row in DeadLetter.objects.filter(aggregate_id=category.pk)}
    assert not Delivery.objects.filter(tenant_id=tenant.pk).exists()
    return [rows[handler] for handler in handlers]
