"""Events and dead letters by REST."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.outbox.models import DeadLetter, DeadLetterAct, Delivery, OutboxEvent
from apps.tenant.public import find, use_tenant
from rustok.kernel.ids import new_id
from tests.conftest import ApiClient
from tests.outbox.letters import EVENT, listening, poison, publish, run

EVENTS, LETTERS = "/api/v1/events/", "/api/v1/events/dead-letters/"


@pytest.fixture
def staff(api, admin_user):
    return api(admin_user)


@pytest.fixture
def platform(operator):
    with use_tenant(find("platform")):
        yield ApiClient("localhost", operator)


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def nothing_happened(letter):
    letter.refresh_from_db()
    assert letter.state == "dead"
    assert not DeadLetterAct.objects.exists()
    assert not Delivery.objects.filter(event_id=letter.event_id).exists()
    assert not OutboxEvent.objects.filter(event_type__startswith="dead_letter.").exists()


# --- events -----------------------------------------------------------------------------------------------------------


def test_an_event_shows_its_envelope_and_how_it_fared(staff, acme):
    with listening("tests.slow", "tests.fail"):
        category = publish(acme)
        event = OutboxEvent.objects.get(aggregate_id=category.pk)
        waiting = staff.get(f"{EVENTS}{event.pk}/").json()
        run(acme)
    assert [(one["handler"], one["state"]) for one in waiting["deliveries"]] == [
        ("tests.fail", "waiting"), ("tests.slow", "waiting"),
    ]  # fmt: skip
    Delivery.objects.filter(event_id=event.pk, handler="tests.slow").delete()
    DeadLetter.objects.filter(handler="tests.slow").update(state="retried", resolved_at=timezone.now())
    answer = staff.get(f"{EVENTS}{event.pk}/")
    seen = answer.json()
    assert (seen["type"], seen["tenant"], seen["aggregate_id"], seen["aggregate_version"]) == (
        EVENT, "acme", str(category.pk), 1,
    )  # fmt: skip
    assert seen["payload"]["category_id"] == str(category.pk)
    failed, done = seen["deliveries"]
    assert (failed["state"], failed["attempts"], failed["error"].split(":")[0]) == ("dead", 1, "Permanent")
    assert failed["dead_letter_id"] == str(DeadLetter.objects.get(handler="tests.fail").pk)
    assert (done["handler"], done["state"], done["dead_letter_id"]) == ("tests.slow", "delivered", None)
    again = staff.get(f"{EVENTS}{event.pk}/", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304


def test_events_are_listed_newest_first_in_pages_that_lead_on(staff, acme):
    for name in ("Tents", "Lamps", "Boots"):
        publish(acme, name)
    newest = [str(pk) for pk in OutboxEvent.objects.order_by("-id").values_list("pk", flat=True)]
    first = staff.get(EVENTS, {"page_size": 2}).json()
    assert [row["id"] for row in first["results"]] == newest[:2]
    assert ids(staff.get(first["next"])) == newest[2:4]
    assert staff.get(EVENTS, {"include": "count"}).json()["count"] == len(newest)


def test_events_are_found_by_type_aggregate_chain_and_time(staff, acme):
    one, two = publish(acme, "Tents"), publish(acme, "Lamps")
    first, second = (OutboxEvent.objects.get(aggregate_id=row.pk, event_type=EVENT) for row in (one, two))
    for query, found in (
        ({"type": EVENT}, [second, first]),
        ({"type": ["order.placed", EVENT], "aggregate_id": str(one.pk)}, [first]),
        ({"type": "order.placed"}, []),
        ({"type": EVENT, "aggregate_type": "taxonomy.category"}, [second, first]),
        ({"type": EVENT, "correlation_id": str(second.correlation_id)}, [second]),
        ({"type": EVENT, "since": second.created_at.isoformat()}, [second]),
        ({"type": EVENT, "until": second.created_at.isoformat()}, [first]),
        ({"type": EVENT, "since": (timezone.now() + timedelta(days=2)).isoformat()}, []),
        ({"type": EVENT, "since": "0001-01-01T00:00:00Z", "until": "9999-12-31T23:59:59Z"}, [second, first]),
        ({"type": EVENT, "tenant": "acme"}, [second, first]),
    ):
        assert ids(staff.get(EVENTS, query)) == [str(row.pk) for row in found], query


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"since": "yesterday"}, "invalid"),
        ({"aggregate_id": "7"}, "invalid"),
        ({"correlation_id": "x" * 5000}, "invalid"),
        ({"tenant": "nobody"}, "unknown_tenant"),
        ({"tenant": "globex"}, "unknown_tenant"),
        ({"cursor": "rubbish"}, "invalid_cursor"),
        ({"page_size": "1000"}, "invalid_page_size"),
        ({"type": ["x"] * 51}, "invalid"),
    ],
)
def test_a_wrong_filter_is_named(staff, acme, globex, query, code):
    answer = staff.get(EVENTS, query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert staff.get(LETTERS, {"state": "lost"}).status_code == 400
    assert staff.get(LETTERS, {"died_after": "soon"}).status_code == 400


def test_an_event_is_delivered_again_to_all_or_to_some(staff, acme):
    with listening("tests.fail", "tests.other"):
        category = publish(acme)
        run(acme)
        event = OutboxEvent.objects.get(aggregate_id=category.pk)
        path = f"{EVENTS}{event.pk}/replay/"
        answer = staff.post(path, {"handlers": ["tests.other"]}).json()
        assert answer["count"] == 1
        assert {one["handler"]: one["state"] for one in answer["event"]["deliveries"]} == {
            "tests.fail": "dead", "tests.other": "waiting",
        }  # fmt: skip
        assert staff.post(path, {"handlers": "tests.other"}).json()["count"] == 0
        assert staff.post(path).json()["count"] == 1
        assert Delivery.objects.filter(event_id=event.pk).count() == 2


def test_a_replay_to_a_handler_that_does_not_listen_is_refused(staff, acme):
    with listening("tests.fail"):
        category = publish(acme)
        run(acme)
        event = OutboxEvent.objects.get(aggregate_id=category.pk)
        for chosen in (["nobody.at_all"], ["tests.fail", "order.unheard"], [""], {"a": 1}, 7):
            answer = staff.post(f"{EVENTS}{event.pk}/replay/", {"handlers": chosen})
            assert answer.status_code == 400, chosen
        assert staff.post(f"{EVENTS}{event.pk}/replay/", {"handlers": ["x.y"]}).json()["code"] == "unknown_handler"
        assert staff.post(f"{EVENTS}{event.pk}/replay/", {"handler": ["tests.fail"]}).status_code == 400
        assert staff.post(f"{EVENTS}{new_id()}/replay/").status_code == 404
    assert not Delivery.objects.exists()


# --- dead letters -----------------------------------------------------------------------------------------------------


def test_a_letter_shows_why_and_what_was_done(staff, acme, admin_user):
    (letter,) = poison(acme, "tests.fail")
    (row,) = staff.get(LETTERS).json()["results"]
    assert (row["id"], row["handler"], row["state"], row["tenant"]) == (str(letter.pk), "tests.fail", "dead", "acme")
    assert row["error"].startswith("Permanent: cannot read <")
    assert "traceback" not in row
    whole = staff.get(f"{LETTERS}{letter.pk}/").json()
    assert whole["traceback"].startswith("Traceback (most recent call last)")
    assert whole["event"]["id"] == str(letter.event_id)
    assert whole["acts"] == []
    done = staff.post(f"{LETTERS}{letter.pk}/discard/", {"reason": " never mind "}).json()
    assert (done["state"], done["acts"][0]["reason"], done["acts"][0]["actor"]) == (
        "discarded", "never mind", admin_user.email,
    )  # fmt: skip
    assert done["event"]["deliveries"][0]["state"] == "discarded"
    assert staff.get(LETTERS).json()["results"] == []
    assert ids(staff.get(LETTERS, {"state": "any"})) == [str(letter.pk)]


def test_a_letter_outlives_its_event(staff, acme):
    (letter,) = poison(acme, "tests.fail")
    OutboxEvent.objects.filter(pk=letter.event_id).delete()
    assert staff.get(f"{LETTERS}{letter.pk}/").json()["event"] is None


def test_letters_are_found_by_handler_error_type_and_time(staff, acme):
    one, two = poison(acme, "tests.fail", "tests.other")
    for query, found in (
        ({"handler": "tests.other"}, [two]),
        ({"handler": ["tests.other", "tests.fail"]}, [two, one]),
        ({"error_class": "rustok.kernel.events.Permanent"}, [two, one]),
        ({"error_class": "ValueError"}, []),
        ({"event_type": "order.placed"}, []),
        ({"died_after": two.died_at.isoformat()}, [two]),
        ({"died_before": two.died_at.isoformat()}, [one]),
        ({"state": "retried"}, []),
        ({"tenant": ""}, [two, one]),
    ):
        assert sorted(ids(staff.get(LETTERS, query))) == sorted(str(row.pk) for row in found), query


def test_a_letter_is_retried_once(staff, acme):
    (letter,) = poison(acme, "tests.fail")
    answer = staff.post(f"{LETTERS}{letter.pk}/retry/")
    assert (answer.status_code, answer.json()["state"]) == (200, "retried")
    assert Delivery.objects.get(event_id=letter.event_id, handler="tests.fail").attempts == 0
    Delivery.objects.all().delete()
    for path, body in ((f"{LETTERS}{letter.pk}/retry/", {}), (f"{LETTERS}{letter.pk}/discard/", {"reason": "x"})):
        again = staff.post(path, body)
        assert (again.status_code, again.json()["code"]) == (409, "not_a_dead_letter")
    assert (DeadLetterAct.objects.count(), Delivery.objects.count()) == (1, 0)


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 301}])
def test_nothing_is_discarded_without_a_reason(staff, acme, body):
    (letter,) = poison(acme, "tests.fail")
    for path in (f"{LETTERS}{letter.pk}/discard/", f"{LETTERS}discard/"):
        answer = staff.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "reason_required"), path
    nothing_happened(letter)


@pytest.mark.parametrize(
    "body",
    [{"handlers": ["tests.fail"]}, {"handler": 5}, {"died_before": "x"}, {"state": "any"}, ["x"], {"tenant": "no"}],
)
def test_a_bulk_act_with_a_wrong_filter_does_nothing(staff, acme, body):
    (letter,) = poison(acme, "tests.fail")
    for name in ("retry", "discard"):
        sent = {**body, "reason": "x"} if isinstance(body, dict) and name == "discard" else body
        assert staff.post(f"{LETTERS}{name}/", sent).status_code == 400, name
    nothing_happened(letter)


def test_all_that_match_are_retried_or_discarded(staff, acme, globex):
    one, two = poison(acme, "tests.fail", "tests.other")
    (theirs,) = poison(globex, "tests.fail")
    assert staff.post(f"{LETTERS}retry/", {"handler": "tests.fail"}).json() == {"count": 1, "left": 0}
    assert staff.post(f"{LETTERS}discard/", {"handler": ["tests.other"], "reason": "old"}).json()["count"] == 1
    assert staff.post(f"{LETTERS}retry/", {}).json() == {"count": 0, "left": 0}
    states = dict(DeadLetter.objects.values_list("pk", "state"))
    assert states == {one.pk: "retried", two.pk: "discarded", theirs.pk: "dead"}


# --- who may ----------------------------------------------------------------------------------------------------------


def test_what_is_another_tenants_is_not_there(staff, acme, globex):
    (theirs,) = poison(globex, "tests.fail")
    assert staff.get(LETTERS).json()["results"] == []
    assert not set(ids(staff.get(EVENTS))) & {str(theirs.event_id)}
    for path in (f"{LETTERS}{theirs.pk}/", f"{EVENTS}{theirs.event_id}/", f"{LETTERS}{new_id()}/", f"{EVENTS}7/"):
        assert staff.get(path).status_code == 404, path
    for path, body in (
        (f"{LETTERS}{theirs.pk}/retry/", {}), (f"{LETTERS}{theirs.pk}/discard/", {"reason": "x"}),
        (f"{EVENTS}{theirs.event_id}/replay/", {}),
    ):  # fmt: skip
        answer = staff.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    nothing_happened(theirs)


@pytest.mark.parametrize("who", [None, "customer", "manager"])
def test_only_those_who_may_see_logs_get_in(api, request, acme, who):
    (letter,) = poison(acme, "tests.fail")
    client = api(request.getfixturevalue(who) if who else None)
    refused = 403 if who else 401
    for path in (EVENTS, f"{EVENTS}{letter.event_id}/", LETTERS, f"{LETTERS}{letter.pk}/"):
        assert client.get(path).status_code == refused, path
    for path in (f"{LETTERS}{letter.pk}/retry/", f"{LETTERS}{letter.pk}/discard/", f"{LETTERS}retry/",
                 f"{LETTERS}discard/", f"{EVENTS}{letter.event_id}/replay/"):  # fmt: skip
        assert client.post(path, {"reason": "x"}).status_code == refused, path
    nothing_happened(letter)


def test_somebody_who_may_only_look_cannot_act(api, acme, system):
    from apps.rbac.services import save_role
    from tests.conftest import make_user

    save_role(actor=system, slug="looker", name="Looker", permissions={"logs.read": "all"})
    client = api(make_user("looker@acme.test", role="looker", is_staff=True))
    (letter,) = poison(acme, "tests.fail")
    assert client.get(f"{LETTERS}{letter.pk}/").status_code == 200
    assert client.post(f"{LETTERS}{letter.pk}/retry/").status_code == 403
    assert client.post(f"{LETTERS}retry/").status_code == 403
    nothing_happened(letter)


def test_the_platform_sees_and_treats_what_is_everybodys(platform, acme, globex):
    (ours,), (theirs,) = poison(acme, "tests.fail"), poison(globex, "tests.fail")
    rows = platform.get(LETTERS).json()["results"]
    assert {row["tenant"] for row in rows} == {"acme", "globex"}
    assert ids(platform.get(LETTERS, {"tenant": "globex"})) == [str(theirs.pk)]
    assert platform.get(LETTERS, {"tenant": "nobody"}).json()["code"] == "unknown_tenant"
    assert str(ours.event_id) in ids(platform.get(EVENTS, {"type": EVENT}))
    assert platform.post(f"{LETTERS}retry/", {"tenant": "globex"}).json()["count"] == 1
    assert DeadLetter.objects.get(pk=ours.pk).state == "dead"
    assert OutboxEvent.objects.get(event_type="dead_letter.retried").tenant_id == globex.pk


@pytest.mark.parametrize("path", [EVENTS, LETTERS])
def test_a_longer_list_asks_no_more_questions(staff, acme, path, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    poison(acme, "tests.fail")
    with CaptureQueriesContext(connection) as short:
        staff.get(path)
    for number in range(8):
        poison(acme, "tests.fail", "tests.other", name=f"Poison {number}")
    with django_assert_num_queries(len(short)):
        assert len(ids(staff.get(path))) > 8
