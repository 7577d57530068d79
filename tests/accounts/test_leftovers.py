"""What is over goes, a bit at a time, in every tenant; what is not stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import BrowserSession, EmailChange, ResetRequest, SecondFactor, Session
from apps.accounts.services import leftovers
from apps.accounts.tasks import prune
from apps.rbac.models import Invitation
from apps.rbac.services import prune_invitations
from apps.rbac.tasks import prune as prune_rbac
from apps.tenant.public import use_tenant
from rustok.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def ago(**span):
    return timezone.now() - timedelta(**span)


def browser(key: str, user=None, **changes) -> BrowserSession:
    values = {
        "session_key": key, "session_data": "", "expire_date": timezone.now() + timedelta(days=10), "user": user,
        "started_at": timezone.now(), "used_at": timezone.now(),
    }  # fmt: skip
    return BrowserSession.objects.create(**values | changes)


def program(user, **changes) -> Session:
    values = {"token_id": new_id(), "expires_at": timezone.now() + timedelta(days=3), "used_at": timezone.now()}
    return Session.objects.create(user=user, **values | changes)


def keys(model):
    return set(model.objects.values_list("pk", flat=True))


def test_sessions_of_browsers_go_when_they_are_over(customer, manager):
    stays = {
        browser("open", customer).pk,
        browser("long", customer, used_at=ago(days=9), started_at=ago(days=9)).pk,
        browser("desk", manager, is_staff=True).pk,
    }
    browser("old", customer, expire_date=ago(seconds=1))
    browser("nobody", expire_date=ago(days=1))
    browser("idle", manager, is_staff=True, used_at=ago(minutes=61))
    browser("promoted", manager, used_at=ago(minutes=1), started_at=ago(hours=13))
    assert services.prune(now=timezone.now()) == 4
    assert keys(BrowserSession) == stays


def test_a_program_is_remembered_for_a_month_after_its_session(customer):
    stays = {program(customer).pk, program(customer, expires_at=ago(days=29)).pk}
    program(customer, expires_at=ago(days=31))
    program(customer, revoked_at=ago(days=31))
    assert services.prune(now=timezone.now()) == 2
    assert keys(Session) == stays


def test_requests_wishes_and_secrets_that_nobody_confirmed_go(customer, manager):
    for days in (0, 2):
        made = ResetRequest.objects.create(email="a@acme.test")
        ResetRequest.objects.filter(pk=made.pk).update(created_at=ago(days=days))
    for days in (3, 31):
        made = EmailChange.objects.create(
            user=customer, old_email="a@acme.test", new_email="b@acme.test", old_is_verified=True
        )
        EmailChange.objects.filter(pk=made.pk).update(created_at=ago(days=days))
    SecondFactor.objects.create(user=customer, secret="x")
    SecondFactor.objects.create(user=manager, secret="x", confirmed_at=ago(days=300))
    SecondFactor.objects.update(updated_at=ago(days=2))
    services.prune(now=timezone.now())
    assert (ResetRequest.objects.count(), EmailChange.objects.count()) == (1, 1)
    assert [one.user_id for one in SecondFactor.objects.all()] == [manager.pk]


def invitation(email: str, **changes) -> Invitation:
    values = {"sent_at": timezone.now(), "expires_at": timezone.now() + timedelta(days=7)}
    return Invitation.objects.create(email=email, **values | changes)


def test_invitations_stay_for_a_month_after_they_are_over(acme):
    stays = {
        invitation("open@acme.test").pk,
        invitation("late@acme.test", expires_at=ago(days=29)).pk,
        invitation("new@acme.test", accepted_at=ago(days=29), expires_at=ago(days=25)).pk,
    }
    invitation("long@acme.test", expires_at=ago(days=31))
    invitation("in@acme.test", accepted_at=ago(days=31))
    invitation("out@acme.test", revoked_at=ago(days=31))
    assert prune_invitations(now=timezone.now()) == 3
    assert keys(Invitation) == stays


def test_one_run_deletes_so_many_and_the_next_the_rest(customer, monkeypatch):
    monkeypatch.setattr(leftovers, "BATCH", 2)
    monkeypatch.setattr(leftovers, "ROUNDS", 2)
    for number in range(5):
        browser(f"old-{number}", expire_date=ago(days=1))
    assert services.prune(now=timezone.now()) == 4
    assert services.prune(now=timezone.now()) == 1


def test_a_batch_costs_the_same_however_much_is_over(customer):
    costs = []
    for number in (3, 30):
        for one in range(number):
            browser(f"old-{one}", expire_date=ago(days=1))
            program(customer, revoked_at=ago(days=31))
        with CaptureQueriesContext(connection) as queries:
            assert services.prune(now=timezone.now()) == 2 * number
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_tasks_go_through_every_tenant(acme, globex):
    for tenant in (acme, globex):
        with use_tenant(tenant):
            browser("old", expire_date=ago(days=1))
            invitation("long@acme.test", expires_at=ago(days=31))
    prune()
    prune_rbac()
    for tenant in (acme, globex):
        with use_tenant(tenant):
            assert (BrowserSession.objects.count(), Invitation.objects.count()) == (0, 0)


def test_the_platforms_clock_knows_both_tasks(settings):
    from rustok.celery import app

    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {"accounts.prune", "rbac.prune"} <= planned
    assert all(app.tasks[name].runs_as for name in ("accounts.prune", "rbac.prune"))
