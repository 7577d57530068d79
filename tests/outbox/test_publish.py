"""Publishing: an event exists if and only if its change does."""

from typing import Annotated
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from msgspec import Meta

from apps.accounts.models import User
from apps.outbox.models import Delivery, OutboxEvent
from rustok.kernel.context import Work, bind
from rustok.kernel.events import Event, EventInvalid, OutsideTransaction, event, publish
from rustok.kernel.ids import new_id
from tests.conftest import make_user


@event("sample.happened", version=1)
class SampleHappened(Event):
    """Something for the tests."""

    number: Annotated[int, Meta(ge=0, le=10)]
    label: Annotated[str, Meta(max_length=5)] = ""
    other: UUID | None = None


def test_publishing_outside_a_transaction_is_refused(committed_db):
    from apps.tenant.public import find, use_tenant

    with use_tenant(find("acme")):
        assert not connection.in_atomic_block
        with pytest.raises(OutsideTransaction):
            publish(SampleHappened(number=1), aggregate=User(email="x@acme.test"))


def test_a_rolled_back_change_was_never_announced(acme):
    user = make_user("a@acme.test")
    before = OutboxEvent.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(SampleHappened(number=1), aggregate=user)
        raise ZeroDivisionError
    assert OutboxEvent.objects.count() == before


def test_versions_of_an_aggregate_are_contiguous(acme):
    user = make_user("a@acme.test")
    for number in range(5):
        publish(SampleHappened(number=number), aggregate=user)
    versions = OutboxEvent.objects.filter(aggregate_id=user.pk).order_by("aggregate_version")
    assert [v.aggregate_version for v in versions] == [1, 2, 3, 4, 5, 6]


def test_the_envelope_carries_what_it_came_from(acme):
    work = Work(trace_id="a" * 32, correlation_id=new_id(), causation_id=new_id(), actor_id=uuid4())
    user = make_user("a@acme.test")
    with bind(work):
        key = publish(SampleHappened(number=1), aggregate=user)
    row = OutboxEvent.objects.get(pk=key)
    assert (row.trace_id, row.correlation_id, row.causation_id, row.actor_id) == (
        work.trace_id, work.correlation_id, work.causation_id, work.actor_id,
    )  # fmt: skip
    assert row.tenant_id == acme.pk


@pytest.mark.parametrize("bad", [{"number": -1}, {"number": 11}, {"number": "x"}, {"number": 1, "label": "too long"}])
def test_a_bad_event_fails_and_is_not_stored(acme, bad):
    user = make_user("a@acme.test")
    before = OutboxEvent.objects.count()
    with pytest.raises(EventInvalid):
        publish(SampleHappened(**bad), aggregate=user)
    assert OutboxEvent.objects.count() == before


def test_publishing_is_one_statement(acme, django_assert_num_queries):
    user = make_user("a@acme.test")
    with django_assert_num_queries(1):
        publish(SampleHappened(number=1), aggregate=user)


def test_an_event_without_handlers_has_no_deliveries(acme):
    key = publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    assert not Delivery.objects.filter(event_id=key).exists()
