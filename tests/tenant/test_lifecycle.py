"""Suspending, resuming and deleting tenants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.outbox.models import DeadLetter, DeadLetterAct, Delivery, OutboxEvent
from apps.outbox.services import deliver
from apps.tenant import services, tasks
from apps.tenant.models import Job, Tenant
from apps.tenant.operators import PlatformStays
from apps.tenant.public import find, use_tenant
from apps.tenant.services import jobs
from apps.tenant.services.suspending import BadGrace, BadReason, NotActive, NotSuspended
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import NotFound, Unauthenticated
from tests.conftest import claims_of, make_user
from tests.tenant.lives import SYSTEM, finish, folder, left_in_public, shop

NOW = timezone.now()


def told(event_type: str) -> list[dict[str, object]]:
    rows = OutboxEvent.objects.filter(tenant_id=find("platform").pk, event_type=event_type).order_by("id")
    return [row.payload for row in rows]


def test_a_suspended_tenant_is_refused_and_comes_back_as_it_was(api, acme):
    assert api().get("/api/v1/products/").status_code == 200
    services.suspend_tenant(actor=SYSTEM, slug="acme", reason="unpaid")
    assert api().get("/api/v1/products/").status_code == 404
    assert (find("acme").status, find("acme").status_reason) == ("suspended", "unpaid")
    services.resume_tenant(actor=SYSTEM, slug="acme")
    assert api().get("/api/v1/products/").status_code == 200
    assert (find("acme").status, find("acme").status_reason) == ("active", "")
    assert [event["reason"] for event in told("tenant.suspended")] == ["unpaid"]
    assert len(told("tenant.resumed")) == 1
    assert list(Job.objects.filter(tenant_slug="acme").values_list("kind", flat=True))[:2] == ["resume", "suspend"]


def test_suspending_again_says_nothing_new(acme):
    for _ in range(2):
        services.suspend_tenant(actor=SYSTEM, slug="acme")
    assert len(told("tenant.suspended")) == 1


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda: services.suspend_tenant(actor=SYSTEM, slug="platform"), PlatformStays),
        (lambda: services.leave_tenant(actor=SYSTEM, slug="platform", now=NOW), PlatformStays),
        (lambda: services.begin_deletion(actor=SYSTEM, slug="platform", now=NOW), PlatformStays),
        (lambda: services.suspend_tenant(actor=SYSTEM, slug="nobody"), NotFound),
        (lambda: services.suspend_tenant(actor=SYSTEM, slug="acme", reason="x" * 301), BadReason),
        (lambda: services.leave_tenant(actor=SYSTEM, slug="acme", now=NOW, grace_days=366), BadGrace),
        (lambda: services.suspend_tenant(actor=ANONYMOUS, slug="acme"), Unauthenticated),
        (lambda: services.leave_tenant(actor=ANONYMOUS, slug="acme", now=NOW), Unauthenticated),
    ],
)
def test_what_is_refused_changes_nothing(acme, act, error):
    with pytest.raises(error):
        act()
    assert set(Tenant.objects.values_list("status", flat=True)) == {"active"}
    assert not OutboxEvent.objects.filter(event_type__startswith="tenant.").exists()
    assert not Job.objects.filter(tenant_slug="acme").exclude(kind="create").exists()


def test_a_shops_superadmin_suspends_nobody(acme, actor):
    boss = actor(make_user("boss@acme.test", role="superadmin", is_staff=True))
    for slug in ("acme", "globex"):
        with pytest.raises(NotFound):
            services.suspend_tenant(actor=boss, slug=slug)
        with pytest.raises(NotFound):
            services.leave_tenant(actor=boss, slug=slug, now=NOW)


def test_what_is_being_set_up_is_neither_suspended_nor_resumed(db):
    services.begin_creation(actor=SYSTEM, slug="nile", name="Nile", domains=["nile.localhost"], by_hand=True)
    with pytest.raises(NotActive):
        services.suspend_tenant(actor=SYSTEM, slug="nile")
    with pytest.raises(NotSuspended):
        services.resume_tenant(actor=SYSTEM, slug="nile")


# --- work in the background waits ---------------------------------------------------------------------------------


def test_events_of_a_suspended_tenant_wait_and_go_on(acme, customer, deliver_events):
    waiting = Delivery.objects.filter(tenant_id=acme.pk).count()
    assert waiting
    services.suspend_tenant(actor=SYSTEM, slug="acme")
    deliver_events()
    assert Delivery.objects.filter(tenant_id=acme.pk, state="waiting", attempts=0).count() == waiting
    services.resume_tenant(actor=SYSTEM, slug="acme")
    deliver_events()
    assert not Delivery.objects.filter(tenant_id=acme.pk).exists()
    assert not DeadLetter.objects.exists()


def test_a_dispatch_that_is_on_its_way_when_its_tenant_is_suspended_waits_again(acme, customer):
    waiting = Delivery.objects.filter(tenant_id=acme.pk).count()
    claims = claims_of(acme.pk)
    services.suspend_tenant(actor=SYSTEM, slug="acme")
    assert [deliver(claim.id) for claim in claims] == [0] * len(claims)
    assert Delivery.objects.filter(tenant_id=acme.pk, state="waiting", attempts=0).count() == waiting
    assert not DeadLetter.objects.exists()


# --- leaving and deleting -----------------------------------------------------------------------------------------


def test_a_leaving_tenant_is_refused_and_can_be_taken_back(api, acme):
    tenant = services.leave_tenant(actor=SYSTEM, slug="acme", now=NOW, grace_days=3)
    assert tenant.delete_after == NOW + timedelta(days=3)
    assert api().get("/api/v1/products/").status_code == 404
    services.resume_tenant(actor=SYSTEM, slug="acme")
    assert api().get("/api/v1/products/").status_code == 200
    assert find("acme").delete_after is None


def test_the_end_of_the_grace_period_deletes_once(acme):
    services.leave_tenant(actor=SYSTEM, slug="acme", now=NOW, grace_days=3)
    assert services.due_deletions(now=NOW + timedelta(days=2)) == 0
    assert services.due_deletions(now=NOW + timedelta(days=3)) == 1
    assert services.due_deletions(now=NOW + timedelta(days=3)) == 0
    with pytest.raises(jobs.TenantBusy):
        services.resume_tenant(actor=SYSTEM, slug="acme")


def letter_of(tenant: Tenant) -> None:
    event = OutboxEvent.objects.filter(tenant_id=tenant.pk).first()
    letter = DeadLetter.objects.create(
        event=event, event_type="x.y", tenant_id=tenant.pk, handler="x.y", lane=1, aggregate_type="x",
        aggregate_id=event.pk, aggregate_version=1, attempts=1, error_class="E", error="e", occurred_at=NOW,
        died_at=NOW,
    )  # fmt: skip
    DeadLetterAct.objects.create(letter=letter, action="retry", actor_label="x", at=NOW)


def test_deleting_leaves_nothing_of_one_and_all_of_the_others(committed_db):
    gone, stays = shop("nile"), shop("amazon")
    for tenant in (gone, stays):
        letter_of(tenant)
        with use_tenant(tenant):
            cache.set("seen", tenant.slug)
    before = left_in_public(stays.pk)
    job = finish(services.begin_deletion(actor=SYSTEM, slug="nile", now=NOW, by_hand=True))
    assert not any(job.result["left"].values())
    assert {"tables", "files", "domains", "cache_keys", "outbox_deadletter", "outbox_deadletteract"} <= {
        name for name, count in job.result["removed"].items() if count
    }
    assert left_in_public(gone.pk) == {}
    assert left_in_public(stays.pk) == before
    with use_tenant(gone):
        assert cache.get("seen") is None
    with use_tenant(stays):
        assert cache.get("seen") == "amazon"
    assert folder("amazon").exists()
    assert not folder("nile").exists()
    assert [event["slug"] for event in told("tenant.deleted")] == ["nile"]
    assert DeadLetterAct.objects.count() == 1
    shop("nile")  # the name is free again
    services.leave_tenant(actor=SYSTEM, slug="nile", now=NOW)
    assert services.resume_tenant(actor=SYSTEM, slug="nile").status == "active"


def test_acts_of_other_tenants_stay_on_record_while_one_is_erased(committed_db):
    tenant = shop("nile")
    letter_of(tenant)
    with connection.cursor() as cursor, pytest.raises(Exception, match="stays on record"):
        cursor.execute("SELECT set_config('rustok.erasing', %s, false)", [str(find("acme").pk)])
        cursor.execute("DELETE FROM public.outbox_deadletteract")


def test_deleting_waits_for_whoever_still_works_in_the_schema(committed_db):
    import psycopg

    from tests import database

    shop("nile")
    job = services.begin_deletion(actor=SYSTEM, slug="nile", now=NOW, by_hand=True)
    other = psycopg.connect(database.url(committed_db))
    other.execute("SELECT count(*) FROM nile.accounts_user")  # its transaction holds the table

    def let_go(running: Job) -> None:
        if running.step == "schema" and running.attempts == 0:
            other.rollback()

    assert jobs.run(job.pk, tell=let_go).state == "done"
    other.close()


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_suspends_resumes_and_deletes(committed_db, capsys):
    shop("nile")
    call_command("tenant", "suspend", "nile", "--reason", "unpaid")
    assert find("nile").status_reason == "unpaid"
    call_command("tenant", "resume", "nile")
    call_command("tenant", "delete", "nile")
    assert "resume nile" in capsys.readouterr().out
    with pytest.raises(CommandError, match="--yes nile"):
        call_command("tenant", "delete", "nile", "--now")
    call_command("tenant", "delete", "nile", "--now", "--yes", "nile")
    assert "tenant_tenant 0" in capsys.readouterr().out
    call_command("tenant", "jobs", "--tenant", "nile")
    assert "delete" in capsys.readouterr().out
    with pytest.raises(CommandError, match="not_found"):
        call_command("tenant", "suspend", "nile")


def test_a_command_goes_on_with_what_was_left(committed_db, capsys):
    services.begin_creation(actor=SYSTEM, slug="nile", name="Nile", domains=["nile.localhost"], by_hand=True)
    call_command("tenant", "create", "nile")
    assert find("nile").status == "active"


def test_beat_knows_the_tasks(settings):
    from celery import current_app

    for name in (tasks.resume_jobs.name, tasks.delete_due.name, tasks.prune_exports.name):
        assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in current_app.tasks
