"""Delivering: at least once on the wire, exactly once in effect, in order, and never lost."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.accounts.models import User
from apps.outbox import services
from apps.outbox.models import DeadLetter, Delivery, Dispatch
from apps.outbox.services.delivering import MISSING
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import Actor
from rustok.kernel.context import current_work
from rustok.kernel.errors import Forbidden
from rustok.kernel.events import Permanent, RetryPolicy, publish
from rustok.kernel.tenancy import current_schema
from tests.conftest import claims_of, make_user
from tests.outbox.test_publish import SampleHappened

SYSTEM = Actor.system("tests")


def mine():
    return Delivery.objects.filter(handler__startswith="tests.")


def letter() -> DeadLetter:
    return DeadLetter.objects.get(handler__startswith="tests.")


def make_due() -> None:
    Delivery.objects.filter(state="waiting").update(next_at=Now() - timedelta(seconds=1))


def say(label: str = "", user: User | None = None):
    return publish(SampleHappened(number=1, label=label), aggregate=user or make_user("a@acme.test"))


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
    assert not mine().exists()
    assert not Dispatch.objects.exists()


def test_a_dispatch_that_comes_twice_runs_once(acme, listen):
    seen = []
    listen(lambda event: seen.append(event.id))
    say()
    (claim,) = claims_of(acme.pk)
    assert [services.deliver(claim.id) for _ in range(3)] == [1, 0, 0]
    assert len(seen) == 1


def test_a_worker_whose_lease_was_taken_away_does_nothing(acme, listen):
    seen = []
    listen(lambda event: seen.append(event.id))
    say()
    (late,) = claims_of(acme.pk)
    Dispatch.objects.update(lease_until=Now() - timedelta(seconds=1))
    services.expire()
    (claim,) = claims_of(acme.pk)
    assert services.deliver(late.id) == 0
    assert services.deliver(late.id, late.delivery_ids) == 0
    assert services.deliver(claim.id) == 1
    assert len(seen) == 1


def test_the_effect_of_a_failed_attempt_is_rolled_back(acme, listen, deliver_events):
    def fail_late(event):
        User.objects.filter(email="a@acme.test").update(name="changed")
        raise RuntimeError("late")

    listen(fail_late)
    publish(SampleHappened(number=3), aggregate=make_user("a@acme.test"))
    deliver_events()
    assert User.objects.get(email="a@acme.test").name == ""
    row = mine().get()
    assert (row.state, row.attempts, row.error_class) == ("waiting", 1, "builtins.RuntimeError")
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
    dead = letter()
    assert (dead.attempts, dead.error_class, seen) == (3, "builtins.ValueError", ["good"])


def test_a_permanent_error_is_dead_at_once(acme, listen, deliver_events):
    def never(event):
        raise Permanent("no use")

    listen(never)
    publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    deliver_events()
    assert (letter().state, letter().attempts, mine().count()) == ("dead", 1, 0)


def test_a_delivery_that_kills_its_worker_is_given_up(acme, listen, deliver_events):
    listen(lambda event: None, retry=RetryPolicy(max_attempts=2))
    say()
    for _ in range(2):
        assert claims_of(acme.pk)
        Dispatch.objects.update(started_at=Now(), lease_until=Now() - timedelta(seconds=1))
        assert services.expire() == 1
    deliver_events()
    assert (letter().attempts, "worker died" in letter().error) == (3, True)


def test_a_lease_that_ends_before_anybody_began_is_no_attempt(acme, listen):
    listen(lambda event: None)
    say()
    assert claims_of(acme.pk)
    assert claims_of(acme.pk) == []
    assert services.expire() == 0
    Dispatch.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert services.expire() == 1
    assert (mine().get().attempts, Dispatch.objects.count()) == (0, 0)
    assert claims_of(acme.pk)


def test_what_could_not_be_sent_waits_again(acme, listen):
    listen(lambda event: None)
    say()
    (claim,) = claims_of(acme.pk)
    assert services.release([claim.id]) == 1
    assert claims_of(acme.pk)


def test_what_killed_its_worker_goes_alone_from_then_on(acme, listen):
    listen(lambda events: None, batch=True)
    for name in "abc":
        say(user=make_user(f"{name}@acme.test"))
    (claim,) = claims_of(acme.pk)
    assert len(claim.delivery_ids) == 3
    Dispatch.objects.update(started_at=Now(), lease_until=Now() - timedelta(seconds=1))
    services.expire()
    assert [len(claim.delivery_ids) for claim in claims_of(acme.pk)] == [1, 1, 1]


def test_a_run_of_one_aggregate_is_one_dispatch_in_order(acme, listen, deliver_events):
    seen = []
    listen(lambda event: seen.append(event.payload["label"]))
    user = make_user("a@acme.test")
    labels = [str(number) for number in range(40)]
    for label in labels:
        say(label, user)
    assert [len(claim.delivery_ids) for claim in claims_of(acme.pk)] == [40]
    assert claims_of(acme.pk) == []
    services.release(list(Dispatch.objects.values_list("pk", flat=True)))
    deliver_events()
    assert seen == labels


def test_a_claim_goes_round_all_lanes_in_bounded_steps(acme, listen):
    listen(lambda event: None)
    for number in range(7):
        say(user=make_user(f"u{number}@acme.test"))
    claimed, position = [], services.Position()
    for _ in range(4):
        claims, position = services.claim(acme.pk, after=position, limit=2)
        claimed += [key for claim in claims for key in claim.delivery_ids]
    assert len(set(claimed)) == 7
    assert services.claim(acme.pk, after=position, limit=2) == ([], services.Position())


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
    (whole, *singles) = batches
    assert sorted(whole) == ["a", "bad", "c"]
    assert singles == [[label] for label in whole]
    assert mine().get().event.payload["label"] == "bad"


def test_an_event_of_a_newer_version_is_parked(acme, listen, deliver_events):
    listen(lambda event: None)
    key = publish(SampleHappened(number=1), aggregate=make_user("a@acme.test"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.outbox_outboxevent SET schema_version = 9 WHERE id = %s", [key])
    deliver_events()
    assert mine().get().state == "parked"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.outbox_outboxevent SET schema_version = 1 WHERE id = %s", [key])
    assert services.unpark() == 1
    deliver_events()
    assert not mine().exists()


def test_retrying_a_dead_letter_runs_it_again_and_discarding_ends_it(acme, listen, deliver_events, customer, actor):
    broken = [True]

    def flaky(event):
        if broken[0]:
            raise Permanent("down")

    listen(flaky)
    publish(SampleHappened(number=1), aggregate=customer)
    deliver_events()
    with pytest.raises(Forbidden):
        services.retry_dead_letter(actor=actor(customer), letter_id=letter().pk)
    broken[0] = False
    services.retry_dead_letter(actor=SYSTEM, letter_id=letter().pk)
    deliver_events()
    assert (letter().state, mine().count()) == ("retried", 0)
    with pytest.raises(services.NotDead):
        services.discard_dead_letter(actor=SYSTEM, letter_id=letter().pk, reason="late")


def test_a_handler_that_this_code_has_not_is_waited_for(acme, listen, deliver_events):
    """Others may have it, while a deployment rolls out; what is gone for good becomes a dead letter."""
    listen(lambda event: None)
    say()
    Delivery.objects.update(handler="tests.gone")
    deliver_events()
    assert (mine().get().state, mine().get().attempts) == ("waiting", 1)
    for _ in range(MISSING.max_attempts):
        make_due()
        deliver_events()
    assert "no handler 'tests.gone' here" in letter().error
    assert not Dispatch.objects.exists()


def test_in_process_delivery_runs_after_commit(committed_db, settings, listen):
    settings.EVENT_TRANSPORT = "inprocess"
    seen = []
    listen(lambda event: seen.append(event.payload["number"]))
    with use_tenant(find("acme")):
        with transaction.atomic():
            publish(SampleHappened(number=7), aggregate=make_user("a@acme.test"))
            assert seen == []
        assert seen == [7]


def test_in_process_a_handlers_own_events_follow_it(committed_db, settings, listen):
    settings.EVENT_TRANSPORT = "inprocess"
    seen = []

    def chain(event):
        number = event.payload["number"]
        if number < 3:
            publish(SampleHappened(number=number + 1), aggregate=User.objects.get(email="a@acme.test"))
        seen.append(number)

    listen(chain)
    with use_tenant(find("acme")):
        with transaction.atomic():
            publish(SampleHappened(number=0), aggregate=make_user("a@acme.test"))
        assert seen == [0, 1, 2, 3]
        assert not mine().exists()


def test_in_process_what_fails_waits_and_hurts_nobody(committed_db, settings, listen):
    settings.EVENT_TRANSPORT = "inprocess"

    def broken(event):
        raise RuntimeError

    listen(broken)
    with use_tenant(find("acme")):
        with transaction.atomic():
            say()
        assert (mine().get().state, mine().get().attempts) == ("waiting", 1)
