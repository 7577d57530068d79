"""The relay: its share of the partitions, fair rounds, bounds on what is on its way, and brokers that are away."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.outbox import services
from apps.outbox.leases import Partitions
from apps.outbox.models import PARTITIONS, Delivery, Dispatch, Lease, Member
from apps.outbox.relay import GATHER, QUEUED, Relay
from apps.outbox.transports import InProcess, TransportDown
from apps.tenant.public import find, use_tenant
from rustok.kernel.events import publish_many
from tests.conftest import make_user
from tests.outbox.test_publish import SampleHappened


class Shelf:
    """A broker that takes everything and runs nothing."""

    def __init__(self) -> None:
        self.claims = []

    def send(self, claims):
        self.claims += claims
        return []

    def close(self):
        pass


class Closed(Shelf):
    """A broker that is away."""

    def send(self, claims):
        raise TransportDown("away")


class HalfOpen(Shelf):
    """A broker that goes away in the middle."""

    def send(self, claims):
        return [claim.id for claim in super().send(claims) or claims[1:]]


@contextmanager
def relaying(transport):
    relay = Relay(transport)
    try:
        yield relay
    finally:
        relay.stop()
        relay._leave()


def flood(slug: str, count: int, users: int = 1) -> None:
    with use_tenant(find(slug)), transaction.atomic():
        people = [make_user(f"u{number}@{slug}.test") for number in range(users)]
        publish_many([(SampleHappened(number=1), people[number % users]) for number in range(count)])


# --- partitions -----------------------------------------------------------------------------------------------------


def test_one_relay_owns_all_partitions_as_one_range(acme):
    one = Partitions("tests")
    assert one.renew() == list(range(PARTITIONS))
    with transaction.atomic(), connection.cursor() as cursor:
        assert one.hold(cursor) == [(0, 2**63 - 1)]


def test_two_relays_share_evenly_and_overlap_nowhere(acme):
    one, two = Partitions("tests"), Partitions("tests")
    one.renew()
    assert two.renew() == []
    one.renew()
    two.renew()
    assert (len(one.owned), len(two.owned)) == (PARTITIONS // 2, PARTITIONS // 2)
    assert not set(one.owned) & set(two.owned)


def test_who_leaves_gives_everything_to_the_others_at_once(acme):
    one, two = Partitions("tests"), Partitions("tests")
    for each in (one, two, one, two):
        each.renew()
    one.leave()
    assert len(two.renew()) == PARTITIONS


def test_the_dead_are_buried_by_the_databases_clock(acme, monkeypatch):
    one, two = Partitions("tests"), Partitions("tests")
    one.renew()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_member SET seen_at = seen_at - interval '1 minute'")
    assert len(two.renew()) == PARTITIONS
    assert Member.objects.filter(group="tests").count() == 1
    assert one.renew() == [], "who was away too long owns nothing, whatever it believed"


def test_groups_do_not_disturb_each_other(acme):
    Partitions("tests").renew()
    assert Partitions("others", 8).renew() == list(range(8))
    assert Lease.objects.filter(group="others").count() == 8


def test_a_lease_cannot_be_taken_while_its_owner_claims(committed_db):
    """Its member's row is locked in the claiming transaction: nobody buries it, however old its sign of life."""
    one, two = Partitions("tests"), Partitions("tests")
    one.renew()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_member SET seen_at = seen_at - interval '1 minute'")
    taken = []

    def take_over() -> None:
        try:
            taken.append(two.renew())
        finally:
            connection.close()

    def in_a_thread() -> None:
        thread = threading.Thread(target=take_over)
        thread.start()
        thread.join(timeout=10)

    with transaction.atomic(), connection.cursor() as cursor:
        assert one.hold(cursor)
        in_a_thread()
    in_a_thread()
    assert [len(owned) for owned in taken] == [0, PARTITIONS]
    with transaction.atomic(), connection.cursor() as cursor:
        assert one.hold(cursor) == [], "who was buried owns nothing, whatever it believed"


# --- rounds ---------------------------------------------------------------------------------------------------------


def test_a_relay_delivers_what_was_committed(committed_db, listen):
    seen = []
    listen(lambda event: seen.append(event.aggregate_version))
    flood("acme", 120)
    with relaying(InProcess()) as relay:
        while relay.step():
            pass
    assert len(seen) == 120
    assert seen == sorted(seen)
    assert not Delivery.objects.exists()
    assert not Dispatch.objects.exists()


def test_no_tenant_waits_for_anothers_flood(committed_db, listen):
    order = []
    listen(lambda event: order.append(event.tenant_id))
    flood("acme", 3_000, users=50)
    flood("globex", 10)
    with relaying(InProcess()) as relay:
        while relay.step():
            pass
    globex = find("globex").pk
    last = max(number for number, tenant in enumerate(order) if tenant == globex)
    assert (len(order), last < 600) == (3_010, True), f"the last of the ten came as number {last}"


def test_what_is_on_its_way_is_bounded_for_a_tenant_and_for_all(committed_db, listen, settings):
    settings.EVENT_TENANT_IN_FLIGHT, settings.EVENT_IN_FLIGHT = 300, 500
    listen(lambda event: None)
    for slug in ("acme", "globex", "platform"):
        flood(slug, 1_000, users=20)
    shelf = Shelf()
    with relaying(shelf) as relay:
        for _ in range(10):
            relay.step()
    sizes = Counter()
    for claim in shelf.claims:
        sizes[claim.tenant_id] += len(claim.delivery_ids)
    assert sum(sizes.values()) <= 500
    assert max(sizes.values()) <= 300
    assert len(sizes) >= 2
    assert sum(flight.deliveries for flight in services.in_flight().values()) == sum(sizes.values())


def test_events_gather_while_workers_are_behind(committed_db, listen):
    listen(lambda event: None)
    with use_tenant(find("acme")):
        people = [make_user(f"{number}@acme.test") for number in range(QUEUED + 3)]
    with relaying(Shelf()) as relay:

        def dispatched(count=1):
            with use_tenant(find("acme")), transaction.atomic():
                publish_many([(SampleHappened(number=1), people.pop()) for _ in range(count)])
            return relay.step()

        assert [dispatched() for _ in range(QUEUED)] == [1] * QUEUED
        assert dispatched(2) == 0
        time.sleep(GATHER)
        assert relay.step() == 2
        Dispatch.objects.update(started_at=Now())
        assert dispatched() == 1


@pytest.mark.parametrize(("broker", "kept"), [(Closed, 0), (HalfOpen, 1)])
def test_what_a_broker_does_not_take_waits_again(committed_db, listen, broker, kept):
    listen(lambda event: None)
    flood("acme", 60, users=60)
    with relaying(broker()) as relay, pytest.raises(TransportDown):
        relay.step()
    assert Dispatch.objects.count() == kept
    assert Delivery.objects.filter(state="waiting", attempts=0).count() == 60 - 25 * kept


def test_a_lane_that_is_held_back_costs_no_other(committed_db, listen):
    """Heads in a pause and their long backlog are looked at by one probe each."""
    seen = []
    listen(lambda event: seen.append(event.aggregate_id))
    flood("acme", 2_000, users=2)
    first = Delivery.objects.order_by("id").first()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_delivery SET next_at = now() + interval '1 hour' WHERE id = %s", [first.pk])
    with relaying(InProcess()) as relay:
        for _ in range(60):
            relay.step()
    assert (len(seen), len(set(seen))) == (1_000, 1)
    assert Delivery.objects.count() == 1_000


def test_two_relays_deliver_each_event_once_and_in_order(committed_db, listen):
    seen = []
    listen(lambda event: seen.append((event.aggregate_id, event.aggregate_version)))
    flood("acme", 1_500, users=40)

    def relay_on() -> None:
        try:
            with relaying(InProcess()) as relay:
                for _ in range(400):
                    relay.step()
                    relay.bell.sleep(0.005)
        finally:
            connection.close()

    threads = [threading.Thread(target=relay_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(seen) == len(set(seen)) == 1_500
    for key in {aggregate for aggregate, _ in seen}:
        versions = [version for aggregate, version in seen if aggregate == key]
        assert versions == sorted(versions)
