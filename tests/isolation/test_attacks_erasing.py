"""What is left in the log of somebody who was erased: nothing that says who they were, and nothing less of others."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import EmailChange, User
from apps.audit.models import AuditEntry
from apps.audit.services import erase_person
from apps.blog.services import create_post
from apps.rbac.models import Invitation
from rustok.kernel.access import ANONYMOUS, Actor, actor_for
from rustok.kernel.audit import record
from tests.conftest import make_user

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("tests")


def log() -> str:
    return str([
        (row.actor_label, row.object_label, row.address, row.before, row.after) for row in AuditEntry.objects.all()
    ])  # fmt: skip


def rename(user: Any, **values: str) -> None:
    User.objects.because("a test").filter(pk=user.pk).update(**values)


def test_an_address_that_somebody_had_goes_along(acme):
    user = make_user("former@acme.test")
    rename(user, email="latter@acme.test")
    record("login.failed", actor=ANONYMOUS, label="former@acme.test")
    erase_person(actor=SYSTEM, user_id=user.pk)
    assert "former@acme.test" not in log()
    assert "latter@acme.test" not in log()


def test_an_address_that_is_somebody_elses_by_now_stays_theirs(acme):
    user = make_user("passed.on@acme.test")
    rename(user, email="latter@acme.test")
    other = make_user("passed.on@acme.test")
    record("login.failed", actor=ANONYMOUS, label="passed.on@acme.test")
    erase_person(actor=SYSTEM, user_id=user.pk)
    assert AuditEntry.objects.filter(object_id=str(other.pk), object_label="passed.on@acme.test").exists()
    assert AuditEntry.objects.filter(action="login.failed", object_label="passed.on@acme.test").exists()


def test_an_address_that_somebody_only_asked_for_is_not_theirs(acme):
    user, other = make_user("asks@acme.test"), make_user("asked.for@acme.test")
    EmailChange.objects.because("a test").create(
        user=user, old_email=user.email, new_email=other.email, old_is_verified=True
    )
    erase_person(actor=SYSTEM, user_id=user.pk)
    assert AuditEntry.objects.filter(object_id=str(other.pk), object_label=other.email).exists()


def test_by_the_address_alone_as_much_goes_as_by_the_id(acme):
    user = make_user("by.address@acme.test")
    rename(user, name="Ellen Erasable")
    rename(user, name="Ellen Erased")
    erase_person(actor=SYSTEM, email="by.address@acme.test")
    assert "Ellen" not in log()


def test_the_name_under_what_somebody_wrote_goes_and_that_of_others_stays(acme):
    for email, name in (("writes@acme.test", "Ellen Erasable"), ("stays@acme.test", "Stella Stays")):
        user = make_user(email, role="manager", is_staff=True)
        rename(user, name=name)
        user.refresh_from_db()
        texts = {"en": {"title": f"Of {email[:3]}", "body": "Text"}}
        create_post(actor=actor_for(user), translations=texts, author_name=name, now=timezone.now())
    assert log().count("Ellen Erasable") >= 2
    erase_person(actor=SYSTEM, email="writes@acme.test")
    assert "Ellen" not in log()
    assert log().count("Stella Stays") >= 2


def test_the_name_in_an_invitation_goes_with_its_address_and_not_with_its_authors(acme):
    author = make_user("author@acme.test")
    Invitation.objects.because("a test").create(
        email="asked@acme.test",
        name="Ellen Asked",
        invited_by=author,
        expires_at=timezone.now(),
        sent_at=timezone.now(),
    )
    erase_person(actor=SYSTEM, user_id=author.pk)
    assert "Ellen Asked" in log()
    erase_person(actor=SYSTEM, email="asked@acme.test")
    assert "Ellen Asked" not in log()
    assert "asked@acme.test" not in log()
