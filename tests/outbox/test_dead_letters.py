"""Dead letters and what is done with them: by services, for every edge."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from apps.outbox.models import DeadLetter, DeadLetterAct, Delivery, OutboxEvent
from apps.outbox.services import (
    LetterFilter,
    Replay,
    discard_matching,
    letters,
    replay,
    retry_dead_letter,
    retry_matching,
)
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import actor_for
from rustok.kernel.errors import NotFound
from tests.outbox.letters import listening, poison, run


def test_acts_are_announced_in_the_tenant_of_the_letter(acme, globex, system):
    (ours,), (theirs,) = poison(acme, "tests.fail"), poison(globex, "tests.fail")
    with use_tenant(find("platform")):
        assert retry_matching(actor=system, wanted=LetterFilter()) == 2
    told = {
        row.tenant_id: row.payload["letter_id"] for row in OutboxEvent.objects.filter(event_type="dead_letter.retried")
    }
    assert told == {acme.pk: str(ours.pk), globex.pk: str(theirs.pk)}


def test_a_limit_takes_the_oldest_and_progress_is_told(acme, system):
    first, second = poison(acme, "tests.fail")[0], poison(acme, "tests.fail", name="Lamps")[0]
    told = []
    done = discard_matching(
        actor=system, wanted=LetterFilter(), reason="old", limit=1, progress=lambda *counts: told.append(counts)
    )
    assert (done, told) == (1, [(1, 1)])
    assert list(DeadLetter.objects.values_list("pk", "state").order_by("pk")) == [
        (first.pk, "discarded"), (second.pk, "dead"),
    ]  # fmt: skip


def test_a_replay_that_fails_renews_the_letter_that_is_there(acme, system):
    (letter,) = poison(acme, "tests.fail")
    with listening("tests.fail"):
        list(replay(actor=system, wanted=Replay(handlers=["tests.fail"])))
        run(acme)
    assert not Delivery.objects.exists()
    again = DeadLetter.objects.get(event_id=letter.event_id, handler="tests.fail")
    assert (again.pk, again.state) == (letter.pk, "dead")
    assert again.died_at > letter.died_at


@pytest.mark.parametrize("change", [lambda rows: rows.update(reason="never mind"), lambda rows: rows.delete()])
def test_the_database_refuses_to_change_or_forget_an_act(acme, system, change):
    (letter,) = poison(acme, "tests.fail")
    retry_dead_letter(actor=system, letter_id=letter.pk)
    with pytest.raises(IntegrityError, match="stays on record"), transaction.atomic():
        change(DeadLetterAct.objects.all())
    act = DeadLetterAct.objects.get()
    assert (act.action, act.actor_label, act.reason) == ("retry", "tests", "")


def test_a_search_finds_parts_of_names_and_whole_ids(acme, system):
    one, two = poison(acme, "tests.fail", "tests.other")
    for text, found in (
        ("FAIL", {one.pk}), ("permanent", {one.pk, two.pk}), (str(two.pk), {two.pk}), ("nothing", set()),
        (str(one.event_id), {one.pk, two.pk}), (f" {one.aggregate_id} ", {one.pk, two.pk}),
    ):  # fmt: skip
        assert {row.pk for row in letters(system, LetterFilter(search=text))} == found, text


def test_a_person_of_one_tenant_neither_sees_nor_treats_letters_of_another(acme, globex, admin_user):
    (theirs,) = poison(globex, "tests.fail")
    actor = actor_for(admin_user)
    wanted = LetterFilter(tenant_ids=[globex.pk])
    assert not letters(actor, wanted).exists()
    assert retry_matching(actor=actor, wanted=wanted) == 0
    with pytest.raises(NotFound):
        retry_dead_letter(actor=actor, letter_id=theirs.pk)
    theirs.refresh_from_db()
    assert theirs.state == "dead"


def test_an_act_names_who_did_it(acme, admin_user):
    (letter,) = poison(acme, "tests.fail")
    retry_dead_letter(actor=actor_for(admin_user), letter_id=letter.pk)
    act = letter.acts.get()
    assert (act.actor_id, act.actor_label) == (admin_user.pk, admin_user.email)
