"""Dead letters and events in the back office."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.outbox.models import DeadLetter, DeadLetterAct, Delivery, OutboxEvent
from apps.tenant.public import find, use_tenant
from rustok.kernel.ids import new_id
from tests.admin.conftest import Browser, words
from tests.outbox.letters import EVENT, listening, poison, publish, run

LIST, EVENTS = "/admin/outbox/deadletter/", "/admin/outbox/outboxevent/"
RETRY, DISCARD = f"{LIST}matching/retry/", f"{LIST}matching/discard/"


@pytest.fixture
def boss(browser, admin_user):
    return browser(admin_user)


@pytest.fixture
def platform(operator):
    client = Browser("localhost")
    with use_tenant(find("platform")):
        client.force_login(operator, backend="apps.accounts.backends.EmailBackend")
        yield client


def page_of(letter):
    return reverse("admin:outbox_deadletter_change", args=[letter.pk])


def listed(answer):
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list}


def states():
    return dict(DeadLetter.objects.values_list("pk", "state"))


@pytest.mark.parametrize(
    "query",
    ["q=" + "x" * 3000, "p=99999999", "p=x", "o=9.9", "error_class=%27", "event_type=" + "y" * 500, "all=", "e=1",
     "nonsense=1"],
)  # fmt: skip
@pytest.mark.parametrize("path", [LIST, EVENTS, RETRY])
def test_a_hostile_address_breaks_nothing(boss, acme, path, query):
    assert boss.get(f"{path}?{query}").status_code in (200, 302)


@pytest.mark.parametrize("name", ["q", "handler", "state", "tenant", "age"])
@pytest.mark.parametrize("path", [LIST, EVENTS, RETRY])
def test_a_nul_in_an_address_is_refused(boss, acme, path, name):
    assert boss.get(f"{path}?{name}=%00").status_code == 400


# --- one letter -------------------------------------------------------------------------------------------------------


def test_a_dead_letter_shows_what_happened_and_is_retried(boss, acme):
    (letter,) = poison(acme, "tests.fail")
    assert "Dead letters 1" in words(boss.get("/admin/"))
    page = words(boss.get(page_of(letter)))
    for said in (
        "category.created → tests.fail", "Permanent: cannot read", "rustok.kernel.events.Permanent",
        "Traceback (most recent call last)", "category_id", letter.event.trace_id, "Nothing yet.", "Chain",
    ):  # fmt: skip
        assert said in page
    path = reverse("admin:outbox_deadletter_do_retry", args=[letter.pk])
    assert boss.get(path).status_code == 405
    boss.post(path)
    assert states() == {letter.pk: "retried"}
    assert Delivery.objects.get(event_id=letter.event_id).attempts == 0
    assert "it was retried already" in words(boss.post(path, follow=True))
    assert DeadLetterAct.objects.count() == 1


def test_a_dead_letter_is_discarded_with_a_reason_that_stays(boss, acme, admin_user):
    (letter,) = poison(acme, "tests.fail")
    path = reverse("admin:outbox_deadletter_do_discard", args=[letter.pk])
    for typed in ({}, {"reason": "  "}, {"reason": "x" * 301}):
        assert boss.post(path, typed).status_code == 422
    assert states() == {letter.pk: "dead"}
    boss.post(path, {"reason": "the category is gone"})
    assert states() == {letter.pk: "discarded"}
    page = words(boss.get(page_of(letter)))
    for said in ("discarded", "the category is gone", admin_user.email):
        assert said in page
    assert "Retry" not in page


def test_a_letter_of_an_event_that_is_gone_still_explains_itself(boss, acme):
    (letter,) = poison(acme, "tests.fail")
    OutboxEvent.objects.filter(pk=letter.event_id).delete()
    page = words(boss.get(page_of(letter)))
    assert "The event is no longer kept." in page
    assert "Permanent: cannot read" in page


def test_a_traceback_is_shown_as_text(boss, acme):
    (letter,) = poison(acme, "tests.fail")
    DeadLetter.objects.filter(pk=letter.pk).update(error="ValueError: <script>alert(1)</script>")
    for path in (page_of(letter), LIST, "/admin/"):
        assert "<script>alert(1)</script>" not in boss.get(path).content.decode()


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_opens_with_the_dead_and_filters(boss, acme):
    one, two, done = poison(acme, "tests.fail", "tests.other", "tests.done")
    DeadLetter.objects.filter(pk=two.pk).update(died_at=timezone.now() - timedelta(days=9))
    DeadLetter.objects.filter(pk=done.pk).update(state="discarded", resolved_at=timezone.now())
    for query, found in (
        ({}, {one, two}),
        ({"state": "discarded"}, {done}),
        ({"state": "any"}, {one, two, done}),
        ({"handler": "tests.other"}, {two}),
        ({"handler": ["tests.other", "tests.fail"]}, {one, two}),
        ({"error_class": "rustok.kernel.events.Permanent"}, {one, two}),
        ({"error_class": "builtins.ValueError"}, set()),
        ({"event_type": "order.placed"}, set()),
        ({"age": "day"}, {one}),
        ({"age": "older"}, {two}),
        ({"q": "other"}, {two}),
        ({"q": str(one.event_id)}, {one, two}),
        ({"q": "nothing"}, set()),
        ({"state": "lost"}, set()),
        ({"age": "never"}, {one, two}),
    ):
        assert listed(boss.get(LIST, query)) == {row.pk for row in found}, query


def test_those_that_were_chosen_are_retried(boss, acme):
    one, two, three = poison(acme, "tests.fail", "tests.other", "tests.third")
    answer = boss.post(LIST, {"action": "retry_chosen", "_selected_action": [one.pk, two.pk]}, follow=True)
    assert "Retried: 2" in words(answer)
    assert states() == {one.pk: "retried", two.pk: "retried", three.pk: "dead"}


def test_all_that_match_are_retried_after_a_question(boss, acme, globex):
    one, two = poison(acme, "tests.fail", "tests.other")
    (theirs,) = poison(globex, "tests.fail")
    assert RETRY in boss.get(LIST, {"handler": "tests.fail"}).content.decode()
    question = boss.get(RETRY, {"handler": "tests.fail"})
    assert "1 dead letter" in words(question)
    assert set(states().values()) == {"dead"}
    answer = boss.post(f"{RETRY}?handler=tests.fail", {"until": question.context["form"]["until"].value()}, follow=True)
    assert "Retried: 1" in words(answer)
    assert states() == {one.pk: "retried", two.pk: "dead", theirs.pk: "dead"}


def test_what_died_after_the_question_is_left(boss, acme):
    (one,) = poison(acme, "tests.fail")
    until = boss.get(RETRY).context["form"]["until"].value()
    (two,) = poison(acme, "tests.fail", name="Lamps")
    boss.post(RETRY, {"until": until})
    assert states() == {one.pk: "retried", two.pk: "dead"}


def test_all_that_match_are_discarded_with_a_reason(boss, acme):
    one, two = poison(acme, "tests.fail", "tests.other")
    until = boss.get(DISCARD).context["form"]["until"].value()
    for typed in (
        {},
        {"until": until},
        {"until": until, "reason": " "},
        {"reason": "x"},
        {"until": until, "reason": "x" * 301},
    ):
        assert boss.post(DISCARD, typed).status_code == 422, typed
    assert set(states().values()) == {"dead"}
    boss.post(f"{DISCARD}?q=other", {"until": until, "reason": "old"})
    assert states() == {one.pk: "dead", two.pk: "discarded"}
    assert DeadLetterAct.objects.get().reason == "old"


@pytest.mark.parametrize("until", ["", "soon", "2026-13-45T99:00:00+00:00", "\0", "9" * 50])
def test_nothing_is_done_by_a_form_that_was_not_shown(boss, acme, until):
    (letter,) = poison(acme, "tests.fail")
    assert boss.post(RETRY, {"until": until}).status_code == 422
    assert states() == {letter.pk: "dead"}


def test_acting_on_all_needs_the_csrf_token(acme, admin_user):
    (letter,) = poison(acme, "tests.fail")
    client = Browser("acme.localhost", admin_user)
    client.handler.enforce_csrf_checks = True
    assert client.post(RETRY, {"until": timezone.now().isoformat()}).status_code == 403
    assert states() == {letter.pk: "dead"}


# --- who may ----------------------------------------------------------------------------------------------------------


def test_those_of_another_tenant_are_not_there(boss, acme, globex):
    (theirs,) = poison(globex, "tests.fail")
    assert boss.get(page_of(theirs)).status_code == 404
    assert boss.get(reverse("admin:outbox_outboxevent_change", args=[theirs.event_id])).status_code == 404
    assert boss.post(reverse("admin:outbox_deadletter_do_retry", args=[theirs.pk])).status_code == 404
    assert boss.post(reverse("admin:outbox_outboxevent_do_deliver_again", args=[theirs.event_id])).status_code == 404
    boss.post(LIST, {"action": "retry_chosen", "_selected_action": [theirs.pk]})
    boss.post(f"{RETRY}?tenant={globex.pk}", {"until": timezone.now().isoformat()})
    assert states() == {theirs.pk: "dead"}
    assert listed(boss.get(EVENTS, {"tenant": str(globex.pk)})) == set()
    assert "Dead letters 1" not in words(boss.get("/admin/"))


@pytest.mark.parametrize("who", ["customer", "manager"])
def test_who_may_not_see_logs_sees_nothing(browser, request, acme, who):
    (letter,) = poison(acme, "tests.fail")
    client = browser(request.getfixturevalue(who))
    away = (302, 403, 404)
    paths = [LIST, EVENTS, page_of(letter), RETRY, DISCARD]
    assert all(client.get(path).status_code in away for path in paths)
    for path in (RETRY, DISCARD, reverse("admin:outbox_deadletter_do_retry", args=[letter.pk])):
        assert client.post(path, {"until": timezone.now().isoformat(), "reason": "x"}).status_code in away
    assert states() == {letter.pk: "dead"}
    assert not DeadLetterAct.objects.exists()


def test_who_may_only_look_is_offered_nothing_and_can_do_nothing(browser, acme, system):
    from apps.rbac.services import save_role
    from tests.conftest import make_user

    save_role(actor=system, slug="looker", name="Looker", permissions={"logs.read": "all"})
    client = browser(make_user("looker@acme.test", role="looker", is_staff=True))
    (letter,) = poison(acme, "tests.fail")
    assert "Retry" not in words(client.get(page_of(letter)))
    assert "match" not in words(client.get(LIST))
    assert client.get(RETRY).status_code == 403
    assert client.post(RETRY, {"until": timezone.now().isoformat()}).status_code == 403
    assert client.post(reverse("admin:outbox_deadletter_do_retry", args=[letter.pk])).status_code == 403
    client.post(LIST, {"action": "retry_chosen", "_selected_action": [letter.pk]})
    assert states() == {letter.pk: "dead"}


def test_the_platform_sees_and_treats_what_is_everybodys(platform, acme, globex):
    (ours,), (theirs,) = poison(acme, "tests.fail"), poison(globex, "tests.fail")
    assert listed(platform.get(LIST)) == {ours.pk, theirs.pk}
    assert "Globex" in words(platform.get(page_of(theirs)))
    assert listed(platform.get(LIST, {"tenant": str(globex.pk)})) == {theirs.pk}
    assert listed(platform.get(LIST, {"tenant": "rubbish"})) == set()
    assert listed(platform.get(EVENTS, {"tenant": str(acme.pk), "event_type": EVENT})) == {ours.event_id}
    platform.post(f"{RETRY}?tenant={globex.pk}", {"until": timezone.now().isoformat()})
    assert states() == {ours.pk: "dead", theirs.pk: "retried"}
    assert OutboxEvent.objects.get(event_type="dead_letter.retried").tenant_id == globex.pk


def test_nothing_of_it_is_written_by_hand(boss, acme):
    (letter,) = poison(acme, "tests.fail")
    event = reverse("admin:outbox_outboxevent_change", args=[letter.event_id])
    for path in (page_of(letter), event, f"{LIST}add/", f"{EVENTS}add/"):
        assert boss.post(path, {"state": "discarded", "event_type": "x"}).status_code == 403, path
    for path in (page_of(letter), event):
        assert boss.post(path.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert states() == {letter.pk: "dead"}


# --- events -----------------------------------------------------------------------------------------------------------


def test_an_event_shows_its_envelope_chain_and_how_it_fared(boss, acme):
    (letter,) = poison(acme, "tests.fail")
    with listening("tests.waits"):
        publish(acme, "Lamps")
    waiting = OutboxEvent.objects.filter(event_type=EVENT).first()
    page = words(boss.get(reverse("admin:outbox_outboxevent_change", args=[letter.event_id])))
    for said in (str(letter.event_id), str(letter.event.correlation_id), "tests.fail", "dead", "category_id"):
        assert said in page
    assert "waiting" in words(boss.get(reverse("admin:outbox_outboxevent_change", args=[waiting.pk])))
    rows = words(boss.get(EVENTS, {"event_type": EVENT}))
    assert "1 dead" in rows
    assert "1 waiting" in rows


def test_events_are_found_by_type_age_and_id(boss, acme):
    one, two = (OutboxEvent.objects.get(aggregate_id=publish(acme, name).pk) for name in ("Tents", "Lamps"))
    for query, found in (
        ({"event_type": EVENT}, {one, two}),
        ({"event_type": "order.placed"}, set()),
        ({"event_type": EVENT, "age": "hour"}, {one, two}),
        ({"age": "older"}, set()),
        ({"q": str(one.pk)}, {one}),
        ({"q": str(two.aggregate_id)}, {two}),
        ({"q": str(two.correlation_id), "event_type": EVENT}, {two}),
        ({"q": one.trace_id}, {one}),
        ({"q": "tents"}, set()),
    ):
        assert listed(boss.get(EVENTS, query)) == {row.pk for row in found}, query


def test_an_event_is_delivered_again_to_one_handler_or_to_all(boss, acme):
    with listening("tests.one", "tests.two", function=lambda envelope: None):
        category = publish(acme)
        run(acme)
        event = OutboxEvent.objects.get(aggregate_id=category.pk)
        path = reverse("admin:outbox_outboxevent_do_deliver_again", args=[event.pk])
        assert "tests.two" in words(boss.get(path))
        assert "1 delivery is on its way." in words(boss.post(path, {"handler": "tests.two"}, follow=True))
        assert "It is on its way already." in words(boss.post(path, {"handler": "tests.two"}, follow=True))
        assert "1 delivery is on its way." in words(boss.post(path, {"handler": ""}, follow=True))
        assert boss.post(path, {"handler": "order.unheard"}).status_code == 422
    assert sorted(Delivery.objects.values_list("handler", flat=True)) == ["tests.one", "tests.two"]


def test_an_event_that_is_not_there_is_not_found(boss, acme):
    for key in (new_id(), "7", "rubbish"):
        assert boss.get(reverse("admin:outbox_outboxevent_change", args=[key])).status_code == 404
        assert boss.get(reverse("admin:outbox_deadletter_change", args=[key])).status_code == 404


# --- all of it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/", LIST, EVENTS])
@pytest.mark.parametrize("host", ["acme", "platform"])
def test_a_longer_list_asks_no_more_questions(boss, operator, acme, globex, path, host, django_assert_num_queries):
    client = boss
    if host == "platform":
        client = Browser("localhost")
        with use_tenant(find("platform")):
            client.force_login(operator, backend="apps.accounts.backends.EmailBackend")
    poison(acme, "tests.fail"), poison(globex, "tests.fail")
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    short = len(asked)
    for number in range(8):
        poison(acme, "tests.fail", "tests.other", name=f"Poison {number}")
    client.get("/admin/jsi18n/")  # the connection comes back to the client's tenant
    with django_assert_num_queries(short):
        assert client.get(path).status_code == 200


def test_the_pages_speak_german(boss, acme):
    (letter,) = poison(acme, "tests.fail")
    boss.cookies["django_language"] = "de"
    seen = words(boss.get(LIST))
    for said in ("Unzustellbare Ereignisse", "Alle passenden erneut versuchen", "Aufgegeben", "unzustellbar"):
        assert said in seen
    page = words(boss.get(page_of(letter)))
    for said in ("Fehlerverlauf", "Was getan wurde", "Noch nichts.", "Kette", "Verwerfen"):
        assert said in page
    assert "1 unzustellbares Ereignis" in words(boss.get(DISCARD))


def test_the_dashboard_of_the_platform_tells_what_waits(platform, acme):
    with listening("tests.waits"):
        publish(acme)
    Delivery.objects.update(created_at=timezone.now() - timedelta(minutes=7))
    page = words(platform.get("/admin/"))
    assert "Waiting 1" in page
    assert "Lag 7 min" in page
