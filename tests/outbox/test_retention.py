"""Partitions: a day each, made ahead, and dropped when nobody waits for anything in them."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from apps.outbox import services
from apps.outbox.models import DeadLetter, Delivery, OutboxEvent
from rustok.kernel.events import Permanent, publish
from tests.conftest import make_user
from tests.outbox.test_publish import SampleHappened

TODAY = datetime.now(UTC).date()
LONG_AGO = TODAY - timedelta(days=40)


def partitions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'outbox_outboxevent'::regclass"
        )
        return {name.rpartition("_")[2] for (name,) in cursor.fetchall()}


@pytest.fixture
def old_event(acme, monkeypatch):
    """Publish an event forty days ago; answer its key."""
    keys = iter(UUID(int=services.first_id(LONG_AGO).int + number) for number in range(1, 100))

    def make(user=None) -> UUID:
        with monkeypatch.context() as patch:
            patch.setattr("apps.outbox.services.publishing.new_id", lambda: next(keys))
            return publish(SampleHappened(number=1), aggregate=user or make_user("a@acme.test"))

    return make


def test_partitions_of_the_next_days_are_there(acme):
    assert {f"{TODAY + timedelta(days=ahead):%Y%m%d}" for ahead in range(3)} <= partitions()
    assert services.ensure_partitions(TODAY) == 0


def test_a_key_of_today_lies_in_the_partition_of_today(acme):
    key = publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM outbox_outboxevent WHERE id = %s", [key])
        assert cursor.fetchone()[0].endswith(f"{TODAY:%Y%m%d}")


def test_events_that_came_before_their_partition_move_into_it(acme, listen, old_event):
    listen(lambda event: None)
    key = old_event()
    assert services.ensure_partitions(LONG_AGO) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM outbox_outboxevent WHERE id = %s", [key])
        assert cursor.fetchone()[0].endswith(f"{LONG_AGO:%Y%m%d}")
    assert Delivery.objects.filter(event_id=key).exists()


def test_a_day_that_is_over_is_dropped_as_a_whole(acme, old_event):
    services.ensure_partitions(LONG_AGO)
    key = old_event()
    assert services.prune(before=TODAY) >= 1
    assert not OutboxEvent.objects.filter(pk=key).exists()
    assert f"{LONG_AGO:%Y%m%d}" not in partitions()


def test_a_day_on_which_something_is_open_keeps_it_and_loses_the_rest(acme, listen, deliver_events, old_event):
    services.ensure_partitions(LONG_AGO)
    user = make_user("a@acme.test")
    over = old_event(user)
    listen(lambda event: None)
    waiting = old_event(user)
    assert services.prune(before=TODAY) == 1
    assert list(OutboxEvent.objects.filter(pk__in=[over, waiting]).values_list("pk", flat=True)) == [waiting]
    deliver_events()
    services.prune(before=TODAY)
    assert not OutboxEvent.objects.filter(pk=waiting).exists()


def test_an_event_with_a_dead_letter_stays_until_that_is_resolved(acme, system, listen, deliver_events, old_event):
    def never(event):
        raise Permanent

    listen(never)
    key = old_event(make_user("a@acme.test"))
    deliver_events()
    assert services.prune(before=TODAY) == 0
    letter = DeadLetter.objects.get(event_id=key)
    services.discard_dead_letter(actor=system, letter_id=letter.pk, reason="nobody needs it")
    assert services.prune(before=TODAY) == 1


def test_what_is_young_stays(acme):
    key = publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    services.prune(before=TODAY)
    assert OutboxEvent.objects.filter(pk=key).exists()


def test_a_transaction_in_the_way_postpones_the_drop_and_fails_nothing(committed_db):
    services.ensure_partitions(LONG_AGO)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT count(*) FROM public.outbox_outboxevent")
        begun = time.monotonic()
        assert services.prune(before=TODAY) == 0
        assert time.monotonic() - begun < 1.5, "publishers wait as long as this"
        assert f"{LONG_AGO:%Y%m%d}" in partitions()
    services.prune(before=TODAY)
    assert f"{LONG_AGO:%Y%m%d}" not in partitions()
