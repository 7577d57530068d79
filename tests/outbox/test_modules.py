"""Events go past the handlers of modules that a tenant does not use."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.outbox import metrics
from apps.outbox.models import DeadLetter, Delivery, Dispatch
from apps.tenant.public import find
from apps.tenant.services.modules import disable_module, enable_module
from rustok.kernel import events as kernel_events
from rustok.kernel.access import Actor
from rustok.kernel.events import on, publish
from tests.conftest import make_user
from tests.outbox.test_publish import SampleHappened

SYSTEM = Actor.system("tests")


@pytest.fixture
def blogs_handler():
    """Register a handler as the blog would; answer what it was given."""
    seen, added = [], []

    def register(**options):
        def note(event):
            seen.append(event)

        note.__module__ = "apps.blog.handlers"
        on("sample.happened", name="tests.of_the_blog", runs_as="is a test", **options)(note)
        added.append("tests.of_the_blog")
        return seen

    yield register
    for name in added:
        kernel_events._by_event["sample.happened"].remove(kernel_events._handlers.pop(name))


@pytest.fixture
def skipped(monkeypatch):
    """What was counted as passed by."""
    counted = []
    monkeypatch.setattr(metrics, "skipped", lambda handler, count=1: counted.append((handler, count)))
    return counted


def say(times: int = 1):
    user = make_user("a@acme.test")
    for number in range(times):
        publish(SampleHappened(number=number, label=""), aggregate=user)


@pytest.mark.parametrize("batch", [False, True])
def test_a_tenant_that_does_not_use_the_module_is_passed_by(acme, deliver_events, blogs_handler, skipped, batch):
    seen = blogs_handler(batch=batch)
    disable_module(actor=SYSTEM, slug="blog")
    say(times=3)
    deliver_events()
    assert seen == []
    assert sum(count for handler, count in skipped if handler == "tests.of_the_blog") == 3
    assert not Delivery.objects.filter(handler="tests.of_the_blog").exists()
    assert not Dispatch.objects.filter(handler="tests.of_the_blog").exists()
    assert not DeadLetter.objects.exists()


def test_it_hears_again_once_it_is_on(acme, deliver_events, blogs_handler):
    seen = blogs_handler()
    disable_module(actor=SYSTEM, slug="blog")
    enable_module(actor=SYSTEM, slug="blog")
    say()
    deliver_events()
    assert len(seen) == 1


def test_another_tenant_hears_as_before(acme, globex, deliver_events, blogs_handler):
    from apps.tenant.public import use_tenant

    seen = blogs_handler()
    with use_tenant(globex):
        disable_module(actor=SYSTEM, slug="blog")
    say()
    deliver_events()
    assert [event.tenant_id for event in seen] == [acme.pk]


def test_what_keeps_things_consistent_runs_although_the_module_is_off(acme, deliver_events, blogs_handler):
    seen = blogs_handler(even_off=True)
    disable_module(actor=SYSTEM, slug="blog")
    say()
    deliver_events()
    assert len(seen) == 1


def test_a_handler_that_would_fail_leaves_no_dead_letter_where_its_module_is_off(acme, deliver_events, blogs_handler):
    blogs_handler()
    disable_module(actor=SYSTEM, slug="blog")
    kernel_events._handlers["tests.of_the_blog"].function = _failing
    say()
    deliver_events()
    assert not DeadLetter.objects.exists()


def _failing(event):
    raise kernel_events.Permanent("broken")


_failing.__module__ = "apps.blog.handlers"


def test_work_over_all_tenants_leaves_out_who_does_not_use_the_module(acme, globex):
    from apps.tenant.public import each_tenant

    disable_module(actor=SYSTEM, slug="commerce")
    before = connection.tenant
    walked = {tenant.slug for tenant in each_tenant(module="commerce")}
    connection.set_tenant(before)
    assert "acme" not in walked
    assert "globex" in walked
    assert find("acme").slug in {tenant.slug for tenant in each_tenant()}
