"""What ends a delivery badly, and what then must still hold: found by the fault tests, kept where it is quick."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from apps.accounts.models import User
from apps.outbox import services
from apps.outbox.leases import Partitions
from apps.outbox.models import PARTITIONS, DeadLetter, Delivery, Dispatch, OutboxEvent
from apps.outbox.relay import Relay
from apps.outbox.services import delivering
from apps.outbox.transports import InProcess, TransportDown
from rustok.kernel import events as kernel_events
from rustok.kernel.events import RetryPolicy, on, publish
from tests.conftest import claims_of, make_user
from tests.outbox.test_publish import SampleHappened

ONCE = RetryPolicy(max_attempts=1)


@pytest.fixture
def listen() -> Iterator[Callable]:
    """Register a handler for the length of a test."""
    added = []

    def register(function, **options):
        on("sample.happened", name="tests.handle", runs_as="is a test", **options)(function)
        added.append("tests.handle")

    yield register
    for name in added:
        kernel_events._by_event["sample.happened"].remove(kernel_events._handlers.pop(name))


@pytest.fixture
def users(acme) -> list[User]:
    return [make_user(f"{name}@acme.test") for name in "abc"]


def say(users: list[User], number: int = 1) -> None:
    for user in users:
        publish(SampleHappened(number=number), aggregate=user)


def mine_of(tenant) -> list[services.Claim]:
    return [claim for claim in claims_of(tenant.pk) if claim.handler == "tests.handle"]


def test_a_part_that_comes_twice_does_not_forget_the_others(acme, users, listen):
    """The second run of a part must not end the dispatch: what is left of it would be leased for ever."""
    seen = []
    listen(lambda event: seen.append(event.id))
    say(users[:2])
    (claim,) = mine_of(acme)
    first, second = claim.delivery_ids
    assert [services.deliver(claim.id, [first]) for _ in range(2)] == [1, 0]
    assert services.deliver(claim.id, [second]) == 1
    assert len(seen) == 2
    assert not Dispatch.objects.filter(pk=claim.id).exists()


def test_a_part_that_comes_before_its_turn_waits_again(acme, users, listen):
    """The stream lost the message before it, or a slow consumer still has that: order is worth more than speed."""
    seen = []
    listen(lambda event: seen.append(event.payload["number"]))
    for number in (1, 2, 3):
        say(users[:1], number)
    [claim] = mine_of(acme)
    first, second, third = claim.delivery_ids
    assert services.deliver(claim.id, [third, second]) == 0
    assert seen == []
    waiting = Delivery.objects.filter(pk__in=[second, third])
    assert list(waiting.values_list("state", "attempts")) == [("waiting", 0)] * 2
    assert mine_of(acme) == [], "the first is still on its way"
    assert services.deliver(claim.id, [first]) == 1
    assert not Dispatch.objects.filter(pk=claim.id).exists()
    [again] = mine_of(acme)
    assert services.deliver(again.id, [third, second]) == 2
    assert seen == [1, 2, 3]


def test_a_part_waits_for_the_attempts_of_one_that_failed_before_it(acme, users, listen):
    def refuse(event):
        seen.append(event.payload["number"])
        raise ValueError("not now")

    seen = []
    listen(refuse, batch=False)
    for number in (1, 2):
        say(users[:1], number)
    [claim] = mine_of(acme)
    first, second = claim.delivery_ids
    services.deliver(claim.id, [first])
    services.deliver(claim.id, [second])
    assert seen == [1]
    assert not Dispatch.objects.filter(pk=claim.id).exists()


def test_a_part_that_fails_twice_does_not_forget_the_others(acme, users, listen):
    def fail(event):
        raise RuntimeError

    listen(fail)
    say(users[:2])
    (claim,) = mine_of(acme)
    for delivery_id in (claim.delivery_ids[0], claim.delivery_ids[0], claim.delivery_ids[1]):
        services.deliver(claim.id, [delivery_id])
    assert set(Delivery.objects.filter(handler="tests.handle").values_list("state", "attempts")) == {("waiting", 1)}
    assert not Dispatch.objects.filter(pk=claim.id).exists()


def test_a_batch_that_fails_slowly_is_still_tried_one_by_one(acme, users, listen, monkeypatch):
    """Or it would be made into the same batch again, and fail slowly for ever."""
    monkeypatch.setattr(delivering, "BUDGET", 0.05)

    def fail(events):
        time.sleep(0.06)
        raise RuntimeError

    listen(fail, batch=True, retry=ONCE)
    say(users)
    while claims := mine_of(acme):
        for claim in claims:
            services.deliver(claim.id)
    assert DeadLetter.objects.filter(handler="tests.handle").count() == 3


@pytest.mark.parametrize("words", ["half a pair: \ud800", "nothing: \0", "\ud800" * 9_000])
def test_an_error_that_no_text_can_hold_is_recorded(acme, users, listen, words):
    def fail(event):
        raise RuntimeError(words)

    listen(fail, retry=ONCE)
    say(users[:1])
    (claim,) = mine_of(acme)
    services.deliver(claim.id)
    assert "RuntimeError" in DeadLetter.objects.get(handler="tests.handle").error_class


def test_a_payload_that_python_refuses_to_read_ends_as_a_dead_letter(acme, users, listen):
    seen = []
    listen(lambda events: seen.extend(events), batch=True, retry=ONCE)
    say(users)
    bad = OutboxEvent.objects.filter(event_type="sample.happened").defer("payload").first()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_outboxevent SET payload = ('{\"number\": ' || repeat('9', 5000) || '}')::jsonb WHERE id = %s",
            [bad.pk],
        )
    (claim,) = mine_of(acme)
    services.deliver(claim.id)
    letter = DeadLetter.objects.get(handler="tests.handle")
    assert (letter.event_id, letter.event_type, letter.aggregate_id) == (bad.pk, "sample.happened", bad.aggregate_id)
    assert len(seen) == 2


def test_a_delivery_without_its_event_ends_as_a_dead_letter(acme, users, listen):
    """As a replay may leave behind whose events are pruned meanwhile."""
    listen(lambda event: None, retry=ONCE)
    say(users[:1])
    event = OutboxEvent.objects.get(event_type="sample.happened")
    (claim,) = mine_of(acme)
    OutboxEvent.objects.filter(pk=event.pk).delete()
    services.deliver(claim.id)
    letter = DeadLetter.objects.get(handler="tests.handle")
    assert (letter.event_id, letter.event_type, letter.error_class) == (
        event.pk, "unknown", "apps.outbox.services.delivering.Gone",
    )  # fmt: skip
    assert not Delivery.objects.filter(handler="tests.handle").exists()


def test_a_relay_whose_connection_is_gone_waits_for_another(committed_db, monkeypatch):
    """`InterfaceError` is what a closed connection gives, and no `DatabaseError`."""
    relay = Relay(InProcess(), "tests")
    steps = iter([InterfaceError("connection already closed"), OperationalError("gone"), TransportDown("full")])

    def step() -> int:
        if error := next(steps, None):
            raise error
        relay.stop()
        return 0

    monkeypatch.setattr("apps.outbox.relay.AWAY", 0.01)
    monkeypatch.setattr(relay, "step", step)
    relay.run()
    assert next(steps, None) is None


def test_a_relay_that_did_not_hear_whether_it_gave_partitions_up_claims_nothing(committed_db, monkeypatch):
    """The database may have committed and gone: others may own by now what this one had."""
    first, second = Partitions("tests"), Partitions("tests")
    assert len(first.renew()) == PARTITIONS
    second.renew()
    with monkeypatch.context() as patch:
        patch.setattr("apps.outbox.leases.transaction.atomic", commit_and_lose_the_answer)
        with pytest.raises(OperationalError):
            first.renew()
    second.renew()
    with transaction.atomic(), connection.cursor() as cursor:
        assert first.hold(cursor) == []
    assert set(first.renew()) & set(second.owned) == set()


@contextmanager
def commit_and_lose_the_answer() -> Iterator[None]:
    with transaction.Atomic(using=None, savepoint=True, durable=False):
        yield
    raise OperationalError("server closed the connection unexpectedly")


def test_a_long_reader_holds_up_a_new_partition_and_nobody_else(committed_db):
    """A partition is made under a lock; whoever waits for that lock keeps out all who read events after it."""
    far = datetime(2040, 1, 1, tzinfo=UTC).date()
    with connection.get_new_connection(connection.get_connection_params()) as reader:
        reader.execute("SELECT count(*) FROM public.outbox_outboxevent")
        connection.cursor().execute("SET statement_timeout = '20s'")
        begun = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            services.ensure_partitions(far)
        assert time.monotonic() - begun < 10
    assert services.ensure_partitions(far) == 3
