"""`manage.py dead_letters` and `manage.py events replay`."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.outbox.models import DeadLetter, DeadLetterAct, Delivery, OutboxEvent
from apps.outbox.services import replays
from rustok.kernel.ids import new_id
from tests.outbox.letters import EVENT, listening, poison, publish, run


def manage(*args):
    out = StringIO()
    call_command(*map(str, args), stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(*args):
    with pytest.raises(CommandError) as caught:
        manage(*args)
    said = str(caught.value)
    assert said.count("\n") == 0, said
    return said


def nothing_happened():
    assert set(DeadLetter.objects.values_list("state", flat=True)) <= {"dead"}
    assert not DeadLetterAct.objects.exists()
    assert not Delivery.objects.exists()


# --- dead letters -----------------------------------------------------------------------------------------------------


def test_letters_of_all_tenants_are_listed_by_what_is_asked_for(acme, globex):
    (one, two), (theirs,) = poison(acme, "tests.fail", "tests.other"), poison(globex, "tests.fail")
    DeadLetter.objects.filter(pk=two.pk).update(died_at=timezone.now() - timedelta(days=3))
    for options, found in (
        ((), {one.pk, two.pk, theirs.pk}),
        (("--tenant", "acme"), {one.pk, two.pk}),
        (("--handler", "tests.other", "--handler", "x.y"), {two.pk}),
        (("--error", "Permanent"), {one.pk, two.pk, theirs.pk}),
        (("--error", "rustok.kernel.events.Permanent", "--tenant", "globex"), {theirs.pk}),
        (("--error", "ermanent"), set()),
        (("--event", "order.placed"), set()),
        (("--older-than", "2d"), {two.pk}),
        (("--newer-than", "2d"), {one.pk, theirs.pk}),
        (("--state", "retried"), set()),
    ):
        rows = json.loads(manage("dead_letters", "list", "--json", *options))
        assert {row["id"] for row in rows} == {str(pk) for pk in found}, options
    lines = manage("dead_letters", "list", "--limit", 1)
    assert "3 dead letters, the newest 1 shown" in lines


def test_a_letter_is_shown_with_all_that_is_known(acme):
    (letter,) = poison(acme, "tests.fail")
    manage("dead_letters", "discard", letter.pk, "--reason", "the category is gone")
    page = manage("dead_letters", "show", letter.pk)
    for said in (str(letter.event_id), "Traceback (most recent call last)", '"category_id"', "the category is gone"):
        assert said in page
    whole = json.loads(manage("dead_letters", "show", letter.pk, "--json"))
    assert (whole["state"], whole["acts"][0]["actor"]) == ("discarded", "manage.py dead_letters")


def test_letters_are_retried_by_id_and_by_filter_and_announced_in_their_tenants(acme, globex):
    (one, two), (theirs,) = poison(acme, "tests.fail", "tests.other"), poison(globex, "tests.fail")
    connection.set_schema_to_public()
    assert manage("dead_letters", "retry", one.pk) == "retried 1 dead letter\n"
    assert manage("dead_letters", "retry", "--all", "--tenant", "globex") == "retried 1 dead letter\n"
    assert json.loads(manage("dead_letters", "retry", "--all", "--json")) == {"retried": 1}
    assert manage("dead_letters", "retry", "--all") == "no dead letter matches; nothing was done\n"
    told = OutboxEvent.objects.filter(event_type="dead_letter.retried").values_list("tenant_id", "payload__letter_id")
    assert set(told) == {(acme.pk, str(one.pk)), (acme.pk, str(two.pk)), (globex.pk, str(theirs.pk))}
    assert Delivery.objects.filter(handler__startswith="tests.").count() == 3


def test_all_that_match_are_discarded_with_a_reason(acme, globex):
    (one, two), (theirs,) = poison(acme, "tests.fail", "tests.other"), poison(globex, "tests.fail")
    assert manage("dead_letters", "discard", "--all", "--handler", "tests.fail", "--reason", "old") == (
        "discarded 2 dead letters\n"
    )
    states = dict(DeadLetter.objects.values_list("pk", "state"))
    assert states == {one.pk: "discarded", two.pk: "dead", theirs.pk: "discarded"}
    assert set(DeadLetterAct.objects.values_list("reason", "actor_label")) == {("old", "manage.py dead_letters")}


def test_a_letter_that_is_done_stops_the_command_and_nothing_is_done(acme):
    one, two = poison(acme, "tests.fail", "tests.other")
    manage("dead_letters", "retry", one.pk)
    assert refused("dead_letters", "retry", two.pk, one.pk) == (
        f"letter {one.pk}: it was retried already; nothing was done"
    )
    assert DeadLetter.objects.get(pk=two.pk).state == "dead"
    assert DeadLetterAct.objects.count() == 1
    assert OutboxEvent.objects.filter(event_type="dead_letter.retried").count() == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["list", "--tenant", "nobody"], "there is no tenant 'nobody'"),
        (["list", "--older-than", "soon"], "'soon' is no span"),
        (["list", "--newer-than", "999999w"], "longer ago than there was time"),
        (["list", "--limit", "0"], "--limit is a number"),
        (["show", "seven"], "'seven' is no id"),
        (["show", new_id()], "there is no dead letter"),
        (["retry"], "--all"),
        (["retry", "--handler", "tests.fail"], "--all"),
        (["retry", new_id(), "--all"], "not both"),
        (["retry", new_id()], "there is no dead letter"),
        (["retry", "--all", "--tenant", "nobody"], "there is no tenant"),
        (["discard", "--all"], "with a reason"),
        (["discard", "--all", "--reason", " "], "with a reason"),
        (["discard", "--all", "--reason", "x" * 301], "with a reason"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_done(acme, args, said):
    poison(acme, "tests.fail")
    assert said in refused("dead_letters", *args)
    nothing_happened()


# --- replay -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def heard(acme):
    """Three events that two handlers heard of, all done."""
    with listening("tests.one", "tests.two", function=lambda envelope: None):
        keys = [publish(acme, name).pk for name in ("Tents", "Lamps", "Boots")]
        run(acme)
        yield list(OutboxEvent.objects.filter(event_type=EVENT, aggregate_id__in=keys).order_by("id"))


def again():
    return sorted(Delivery.objects.values_list("event_id", "handler"))


def test_events_are_replayed_to_all_who_listen(heard):
    out = manage("events", "replay", "--type", EVENT)
    assert out == "3 events read, 6 on their way again; what still was, is left as it is\n"
    assert len(again()) == 6
    assert json.loads(manage("events", "replay", "--type", EVENT, "--json")) == {
        "events": 3, "deliveries": 0, "last": str(heard[-1].pk),
    }  # fmt: skip


def test_a_replay_is_narrowed_by_time_position_tenant_and_handler(heard, acme, globex):
    first, second, third = heard
    for options, found in (
        (["--since", second.created_at.isoformat()], [second, third]),
        (["--until", second.created_at.isoformat()], [first]),
        (["--from-position", second.position, "--to-position", second.position], [second]),
        (["--after", second.pk], [third]),
        (["--tenant", "acme", "--since", (timezone.now() - timedelta(days=1)).date()], heard),
    ):
        manage("events", "replay", "--handler", "tests.one", *options)
        assert again() == [(row.pk, "tests.one") for row in found], options
        Delivery.objects.all().delete()
    assert "No event matches" in refused("events", "replay", "--handler", "tests.one", "--tenant", "globex")


def test_a_dry_run_only_tells(heard):
    out = manage("events", "replay", "--type", EVENT, "--dry-run")
    assert out.splitlines()[-1] == "3 events found, 6 deliveries to be made; nothing was done"
    told = json.loads(manage("events", "replay", "--type", EVENT, "--dry-run", "--json"))
    assert told == {"dry_run": True, "events": 3, "handlers": {"tests.one": 3, "tests.two": 3}}
    assert again() == []


def test_a_replay_that_is_stopped_names_where_to_go_on(heard, monkeypatch):
    monkeypatch.setattr(replays, "CHUNK", 1)
    inserts = []

    def stop_at_the_second(execute, sql, params, many, context):
        if "INSERT INTO public.outbox_delivery" in sql:
            inserts.append(sql)
            if len(inserts) == 2:
                os.kill(os.getpid(), signal.SIGTERM)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(stop_at_the_second), pytest.raises(CommandError) as caught:
        manage("events", "replay", "--handler", "tests.one")
    assert str(caught.value) == f"stopped after 1 event; go on with --after {heard[0].pk}"
    assert caught.value.returncode == 130
    assert again() == [(heard[0].pk, "tests.one")]
    manage("events", "replay", "--handler", "tests.one", "--after", heard[0].pk)
    assert again() == [(row.pk, "tests.one") for row in heard]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--since", "2030-01-01"], "No event matches; the outbox holds positions"),
        (["--from-position", "999999999"], "No event matches"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], "No event matches"),
        (["--handler", "nobody.listens"], "There is no handler of that name: nobody.listens"),
        (["--type", "order.lost"], "There is no event of that name: order.lost"),
        (["--tenant", "nobody"], "there is no tenant 'nobody'"),
        (["--since", "yesterday"], "'yesterday' is no moment"),
        (["--until", "2026-13-01"], "is no moment"),
        (["--after", "7"], "'7' is no id"),
    ],
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_wrong_range_is_said_in_one_line_and_nothing_is_done(heard, args, said, dry):
    assert said in refused("events", "replay", *args, *dry)
    assert again() == []
