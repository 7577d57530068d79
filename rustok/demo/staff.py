"""Who else works in the demo's first shop, and what a shop can say about who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone

from apps.accounts import public as accounts
from apps.rbac import public as rbac
from rustok.demo.sites import PASSWORD
from rustok.kernel.access import Actor, actor_for
from rustok.kernel.context import bind, current_work, new_trace_id
from rustok.kernel.ids import new_id

__all__ = ["ADMIN", "EDITOR", "LARGE", "MANAGER", "VENDOR", "WAREHOUSE", "WAREHOUSE_DESK", "at_work", "ensure_staff"]

ADMIN, MANAGER = "admin@acme.test", "manager@acme.test"
WAREHOUSE, EDITOR, VENDOR = "warehouse@acme.test", "editor@acme.test", "vendor@acme.test"
TEAM = "Shop floor"
#: From which total on an order is for admins, in minor units.
LARGE = 50_000
#: Where people sit: addresses that are kept for examples (RFC 5737).
DESK, WAREHOUSE_DESK = "192.0.2.17", "192.0.2.80"


@contextmanager
def at_work(email: str, address: str = DESK) -> Iterator[Actor]:
    """Act as somebody in the back office, so that the audit log tells who did what, and from where."""
    user = accounts.find_user_by_email(email)
    assert user, f"nobody has the address {email}"
    work = replace(
        current_work(), trace_id=new_trace_id(), correlation_id=new_id(), actor_id=user.pk, actor_label=email,
        address=address, via="admin", is_write=True,
    )  # fmt: skip
    with bind(work):
        yield actor_for(user)


def ensure_staff(now: datetime) -> None:
    """Let the admin hire people, and say who may do what, each in another way."""
    if accounts.find_user_by_email(WAREHOUSE):
        return
    with at_work(ADMIN) as admin:
        _make_roles(admin)
        packer = _hire(admin, WAREHOUSE, "Wanda Warehouse", role="warehouse")
        _hire(admin, EDITOR, "Erik Editor")
        vendor = _hire(admin, VENDOR, "Vera Vendor", role="vendor")
        manager = accounts.find_user_by_email(MANAGER)
        rbac.save_team(actor=admin, name=TEAM, members=[packer.pk, *([manager.pk] if manager else [])])
        rbac.set_attributes(actor=admin, user_id=vendor.pk, attributes={"vendor": "Cascadia Works"})
        _write_policies(admin)
        rbac.invite_person(
            actor=admin, email="nora@acme.test", name="Nora Newcomer", roles=[rbac.MANAGER], now=timezone.now()
        )
        rbac.create_api_key(
            actor=admin, user_id=packer.pk, name="Stock count scanner", now=now, expires_at=now + timedelta(days=90),
            permissions=["inventory.read", "inventory.list", "inventory.update"],
        )  # fmt: skip


def _make_roles(admin: Actor) -> None:
    stock = {"inventory.manage": "all", "orders.read": "all", "orders.list": "all"}
    rbac.save_role(actor=admin, slug="warehouse", name="Warehouse", permissions=stock)
    rbac.save_role(actor=admin, slug="vendor", name="Vendor", permissions={"media.read": "all", "media.list": "all"})


def _hire(admin: Actor, email: str, name: str, *, role: str = "") -> accounts.User:
    person = accounts.create_user(
        actor=admin, email=email, password=PASSWORD, name=name, is_staff=True, verified_at=timezone.now()
    )
    if role:
        rbac.assign_role(actor=admin, user_id=person.pk, role=role)
    return person


def _write_policies(admin: Actor) -> None:
    rbac.save_policy(
        actor=admin, name="Vendors look after their own products", effect="allow", resource="products",
        actions=["read", "list", "update"], condition="object.vendor == subject.vendor",
        description="What somebody is a vendor of, is said on their page, under Attributes.",
    )  # fmt: skip
    rbac.save_policy(
        actor=admin, name="Large orders are for admins", effect="deny", resource="orders", actions=["update", "delete"],
        condition=f'object.total >= {LARGE} and "manager" in subject.roles',
        description="Managers see orders of 500.00 and more, and change none of them.",
    )  # fmt: skip
