"""Publishing: an event exists if and only if its change does."""

from typing import Annotated
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from msgspec import Meta

from apps.accounts.models import User
from apps.outbox.models import Aggregate, Delivery, OutboxEvent
from rustok.kernel.context import Work, bind
from rustok.kernel.events import Event, EventInvalid, OutsideTransaction, event, publish, publish_many
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


def test_a_thousand_events_are_one_statement_in_order(acme, django_assert_num_queries):
    users = [make_user(f"u{number}@acme.test") for number in range(3)]
    facts = [(SampleHappened(number=number % 10), users[number % 3]) for number in range(1_000)]
    with django_assert_num_queries(1):
        ids = publish_many(facts)
    rows = OutboxEvent.objects.filter(aggregate_id=users[0].pk).order_by("aggregate_version")
    assert [row.aggregate_version for row in rows] == list(range(1, len(rows) + 1))
    assert [row.pk for row in rows if row.pk in set(ids)] == ids[::3]


def test_the_version_of_an_aggregate_cannot_go_back(acme):
    user = make_user("a@acme.test")
    publish(SampleHappened(number=1), aggregate=user)
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        Aggregate.objects.filter(aggregate_id=user.pk).update(version=1)


def test_no_two_events_of_a_day_have_the_same_version(acme):
    user = make_user("a@acme.test")
    publish(SampleHappened(number=1), aggregate=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxEvent.objects.filter(aggregate_id=user.pk, event_type="sample.happened").update(aggregate_version=1)
