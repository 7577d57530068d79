"""Who else works in the demo's first shop, and what a shop can say about who may do what."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts import public as accounts
from apps.rbac import public as rbac
from rustok.demo.sites import PASSWORD
from rustok.kernel.access import Actor

__all__ = ["ensure_staff"]

DEMO = Actor.system("demo")
WAREHOUSE = "warehouse@acme.test"


@transaction.atomic
def ensure_staff() -> None:
    """Make a role of the shop's own with somebody who has it, a team, a policy and an invitation: all, or nothing."""
    if accounts.find_user_by_email(WAREHOUSE):
        return
    rbac.save_role(
        actor=DEMO, slug="warehouse", name="Warehouse",
        permissions={"inventory.manage": "all", "orders.read": "all", "orders.list": "all"},
    )  # fmt: skip
    packer = accounts.create_user(
        actor=DEMO, email=WAREHOUSE, password=PASSWORD, name="Wanda Warehouse", is_staff=True,
        verified_at=timezone.now(),
    )  # fmt: skip
    rbac.assign_role(actor=DEMO, user_id=packer.pk, role="warehouse")
    manager = accounts.find_user_by_email("manager@acme.test")
    rbac.save_team(actor=DEMO, name="Shop floor", members=[packer.pk, *([manager.pk] if manager else [])])
    rbac.save_policy(
        actor=DEMO, name="Large orders are for admins", effect="deny", resource="orders", actions=["update", "delete"],
        condition='object.total >= 100000 and "manager" in subject.roles',
        description="Managers see orders of 1,000.00 and more, and change none of them.",
    )  # fmt: skip
    rbac.invite_person(
        actor=DEMO, email="nora@acme.test", name="Nora Newcomer", roles=[rbac.MANAGER], now=timezone.now()
    )
