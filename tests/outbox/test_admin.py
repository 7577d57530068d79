"""Dead letters and events in the back office."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.outbox.models import DeadLetter, Delivery
from tests.admin.conftest import words
from tests.outbox.letters import poison

LIST = "/admin/outbox/deadletter/"


@pytest.fixture
def boss(browser, admin_user):
    return browser(admin_user)


def test_a_dead_letter_shows_what_happened_and_is_retried(boss, acme):
    (letter,) = poison(acme, "tests.fail")
    assert "Dead letters 1" in words(boss.get("/admin/"))
    page = words(boss.get(reverse("admin:outbox_deadletter_change", args=[letter.pk])))
    for said in ("rustok.kernel.events.Permanent", "tests.fail", letter.event_type, letter.event.trace_id):
        assert said in page
    path = reverse("admin:outbox_deadletter_do_retry", args=[letter.pk])
    assert boss.get(path).status_code == 405
    boss.post(path)
    letter.refresh_from_db()
    assert letter.state == "retried"
    assert Delivery.objects.get(event_id=letter.event_id).attempts == 0
    assert "it was retried already" in words(boss.post(path, follow=True))


def test_a_dead_letter_is_discarded_with_a_reason(boss, acme):
    (letter,) = poison(acme, "tests.fail")
    path = reverse("admin:outbox_deadletter_do_discard", args=[letter.pk])
    assert boss.post(path, {}).status_code == 422
    boss.post(path, {"reason": "the category is gone"})
    letter.refresh_from_db()
    assert (letter.state, letter.acts.get().reason) == ("discarded", "the category is gone")


def test_the_list_opens_with_the_dead_and_filters(boss, acme):
    one, two = poison(acme, "tests.fail", "tests.other")
    page = words(boss.get(LIST))
    assert one.handler in page
    assert two.handler in page
    only = words(boss.get(LIST, {"handler": two.handler}))
    assert "1 dead letter" in only
    assert "0 dead letters" in words(boss.get(LIST, {"state": "discarded"}))


def test_those_of_another_tenant_are_not_there(boss, acme, globex):
    (theirs,) = poison(globex, "tests.fail")
    assert boss.get(reverse("admin:outbox_deadletter_change", args=[theirs.pk])).status_code == 404
    assert boss.post(reverse("admin:outbox_deadletter_do_retry", args=[theirs.pk])).status_code == 404
    boss.post(LIST, {"action": "retry_all", "_selected_action": [theirs.pk]})
    assert DeadLetter.objects.get(pk=theirs.pk).state == "dead"
    assert "Dead letters 1" not in words(boss.get("/admin/"))
