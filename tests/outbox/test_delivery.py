"""Delivering: at least once on the wire, exactly once in effect, in order, and never lost."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.accounts.models import User
from apps.outbox import services
from apps.outbox.models import Delivery
from rustok.kernel import events as kernel_events
from rustok.kernel.access import Actor
from rustok.kernel.context import current_work
from rustok.kernel.errors import Forbidden
from rustok.kernel.events import Permanent, RetryPolicy, on, publish
from rustok.kernel.tenancy import current_schema
from tests.conftest import make_user
from tests.outbox.test_publish import SampleHappened

SYSTEM = Actor.system("tests")


@pytest.fixture
def listen():
    """Register handlers for the length of a test."""
    added = []

    def register(function, **options):
        on("sample.happened", name=f"tests.{function.__name__}", **options)(function)
        added.append(f"tests.{function.__name__}")
        return function

    yield register
    for name in added:
        handler = kernel_events._handlers.pop(name)
        kernel_events._by_event["sample.happened"].remove(handler)


def only() -> Delivery:
    return Delivery.objects.get(handler__startswith="tests.")


def make_due() -> None:
    Delivery.objects.filter(state="pending").update(next_at=Now() - timedelta(seconds=1))


def test_a_handler_runs_in_the_tenant_with_the_cause_of_the_event(acme, listen, deliver_events):
    seen = []

    def note(event):
        seen.append(
            (event.payload["number"], current_schema(), current_work().causation_id == event.id, event.retry_count)
        )

    listen(note)
    publish(SampleHappened(number=3), aggregate=make_user("a@acme.test"))
    deliver_events()
    assert seen == [(3, "acme", True, 0)]
    assert only().state == "done"


def test_a_delivery_that_is_done_is_not_run_again(acme, listen, deliver_events):
    seen = []
    listen(lambda event: seen.append(event.id)).__name__
    publish(SampleHappened(number=3), aggregate=make_user("a@acme.test"))
    deliver_events()
    row = only()
    services.deliver(row.tenant_id, row.handler, [row.pk])
    services.deliver(row.tenant_id, row.handler, [row.pk])
    assert len(seen) == 1


def test_the_effect_of_a_failed_attempt_is_rolled_back(acme, listen, deliver_events):
    def fail_late(event):
        User.objects.filter(email="a@acme.test").update(name="changed")
        raise RuntimeError("late")

    listen(fail_late)
    publish(SampleHappened(number=3), aggregate=make_user("a@acme.test"))
    deliver_events()
    assert User.objects.get(email="a@acme.test").name == ""
    row = only()
    assert (row.state, row.attempts, row.error_class) == ("pending", 1, "builtins.RuntimeError")
    assert "fail_late" in row.error


def test_one_handlers_failure_reruns_no_other(acme, listen, deliver_events):
    seen = []

    def good(event):
        seen.append(event.id)

    def bad(event):
        raise RuntimeError

    listen(good)
    listen(bad)
    publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    for _ in range(3):
        deliver_events()
        make_due()
    assert len(seen) == 1


def test_a_failing_event_holds_back_only_its_aggregate(acme, listen, deliver_events):
    seen = []
    broken = [True]

    def picky(event):
        if event.payload["label"] == "a1" and broken[0]:
            raise RuntimeError
        seen.append(event.payload["label"])

    listen(picky)
    first, second = make_user("a@acme.test"), make_user("b@acme.test")
    for label, aggregate in (("a1", first), ("a2", first), ("b1", second), ("b2", second)):
        publish(SampleHappened(number=1, label=label), aggregate=aggregate)
    deliver_events()
    assert seen == ["b1", "b2"]
    broken[0] = False
    make_due()
    deliver_events()
    assert seen == ["b1", "b2", "a1", "a2"]


def test_attempts_end_in_a_dead_letter_that_frees_its_aggregate(acme, listen, deliver_events):
    seen = []

    def poison(event):
        if event.payload["label"] == "bad":
            raise ValueError("poison")
        seen.append(event.payload["label"])

    listen(poison, retry=RetryPolicy(max_attempts=3))
    user = make_user("a@acme.test")
    publish(SampleHappened(number=1, label="bad"), aggregate=user)
    publish(SampleHappened(number=1, label="good"), aggregate=user)
    for _ in range(4):
        deliver_events()
        make_due()
    dead = Delivery.objects.get(state="dead")
    assert (dead.attempts, dead.error_class, seen) == (3, "builtins.ValueError", ["good"])


def test_a_permanent_error_is_dead_at_once(acme, listen, deliver_events):
    def never(event):
        raise Permanent("no use")

    listen(never)
    publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    deliver_events()
    assert (only().state, only().attempts) == ("dead", 1)


def test_a_delivery_that_kills_its_worker_is_given_up(acme, listen, deliver_events):
    listen(lambda event: None, retry=RetryPolicy(max_attempts=2))
    publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    Delivery.objects.update(attempts=2)
    deliver_events()
    assert only().state == "dead"


def test_an_expired_lease_is_dispatched_again(acme, listen):
    listen(lambda event: None)
    publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    assert services.claim()
    assert services.claim() == []
    assert services.expire_leases() == 0
    Delivery.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert services.expire_leases() == 1
    assert services.claim()


def test_a_batch_runs_as_one_and_falls_apart_only_around_the_bad_one(acme, listen, deliver_events):
    batches = []

    def bulk(events):
        batches.append([event.payload["label"] for event in events])
        if any(event.payload["label"] == "bad" for event in events):
            raise ValueError

    listen(bulk, batch=True)
    for label in ("a", "bad", "c"):
        publish(SampleHappened(number=1, label=label), aggregate=make_user(f"{label}@acme.test"))
    deliver_events()
    assert batches == [["a", "bad", "c"], ["a"], ["bad"], ["c"]]
    assert sorted(Delivery.objects.filter(handler="tests.bulk").values_list("state", flat=True)) == [
        "done",
        "done",
        "pending",
    ]


def test_an_event_of_a_newer_version_is_parked(acme, listen, deliver_events):
    listen(lambda event: None)
    key = publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.outbox_outboxevent SET schema_version = 9 WHERE id = %s", [key])
    deliver_events()
    assert only().state == "parked"


def test_retrying_a_dead_letter_runs_it_again_and_discarding_ends_it(acme, listen, deliver_events, customer, actor):
    broken = [True]

    def flaky(event):
        if broken[0]:
            raise Permanent("down")

    listen(flaky)
    publish(SampleHappened(number=1), aggregate=customer)
    deliver_events()
    with pytest.raises(Forbidden):
        services.retry_dead_letter(actor=actor(customer), delivery_id=only().pk)
    broken[0] = False
    services.retry_dead_letter(actor=SYSTEM, delivery_id=only().pk)
    deliver_events()
    assert only().state == "done"
    with pytest.raises(services.NotDead):
        services.discard_dead_letter(actor=SYSTEM, delivery_id=only().pk)


def test_a_delivery_of_a_handler_that_is_gone_is_dead_and_says_so(acme, listen):
    listen(lambda event: None)
    publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    Delivery.objects.update(handler="tests.gone")
    (claim,) = services.claim()
    services.deliver(claim.tenant_id, claim.handler, claim.delivery_ids)
    assert (only().state, only().error) == ("dead", "no handler 'tests.gone' here")


def test_in_process_delivery_runs_after_commit(committed_db, settings, listen):
    from apps.tenant.public import find, use_tenant

    settings.EVENT_TRANSPORT = "inprocess"
    seen = []
    listen(lambda event: seen.append(event.payload["number"]))
    with use_tenant(find("acme")):
        with transaction.atomic():
            publish(SampleHappened(number=7), aggregate=make_user("a@acme.test"))
            assert seen == []
        assert seen == [7]


def test_pruning_keeps_what_is_open_or_young(acme, listen, deliver_events):
    listen(lambda event: None)
    user = make_user("a@acme.test")
    old = publish(SampleHappened(number=1), aggregate=user)
    deliver_events()
    publish(SampleHappened(number=2), aggregate=user)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.outbox_outboxevent SET created_at = now() - interval '20 days'")
    assert services.prune(days=14) >= 1
    from apps.outbox.models import OutboxEvent

    left = set(OutboxEvent.objects.filter(event_type="sample.happened").values_list("pk", flat=True))
    assert old not in left
    assert len(left) == 1
