"""What happened lately in the demo's shops: the back office has something to show, and the log reads as a story."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from apps.accounts import public as accounts
from apps.inventory import public as inventory
from apps.order import public as orders
from apps.outbox.models import DeadLetter, Delivery, OutboxEvent
from apps.outbox.services.delivering import MISSING
from apps.outbox.services.draining import deliver_lanes
from apps.outbox.services.publishing import lane_of
from apps.pages import public as pages
from apps.pricing import public as pricing
from apps.product import public as catalogue
from apps.rbac import public as rbac
from apps.tenant import public as tenants
from apps.tenant.services import add_domain
from rustok.demo import staff
from rustok.demo.tenants import DEMO, ensure_suspended
from rustok.kernel.access import Actor
from rustok.kernel.context import bind, current_work
from rustok.kernel.errors import Forbidden, Unauthenticated
from rustok.kernel.money import Money
from rustok.kernel.pages import PageRequest
from rustok.kernel.tenancy import current_tenant

__all__ = ["GONE_HANDLER", "SECOND_DOMAIN", "tell_story"]

SECOND_DOMAIN = "gear.acme.example"
#: Of a module that acme used once: no code has it any more.
GONE_HANDLER = "courier.book_pickup"
PAGE, SHARED, REDUCED = "shipping", "stormline-jacket", "glacier-fleece"
#: An address that is kept for examples (RFC 5737).
STRANGER = "198.51.100.23"


def tell_story(slug: str, now: datetime) -> None:
    """Let happen in a shop what its back office is to show; what happened already does not happen again."""
    if slug == "globex":
        _do_without_the_forum()
        return
    with transaction.atomic():
        staff.ensure_staff(now)
        is_new = _work_a_day()
    if is_new:
        _refuse(now)
    _leave_a_dead_letter()
    ensure_suspended()


def _do_without_the_forum() -> None:
    """Switch a module off: what is in it stays, and comes back with one switch."""
    if "forum" not in current_tenant().disabled_modules:
        tenants.disable_module(actor=DEMO, slug="forum")


def _work_a_day() -> bool:
    """Let people share something, lower a price, count stock and name a domain; tell whether it was to do."""
    tenant = tenants.find(current_tenant().slug)
    if tenant is None or tenant.domains.filter(domain=SECOND_DOMAIN).exists():
        return False
    with staff.at_work(staff.ADMIN) as admin:
        _share(admin)
        add_domain(actor=admin, domain=SECOND_DOMAIN)
    with staff.at_work(staff.MANAGER) as manager:
        _reduce(manager)
    with staff.at_work(staff.WAREHOUSE, staff.WAREHOUSE_DESK) as packer:
        _count_again(packer)
    return True


def _share(admin: Actor) -> None:
    """Share a page with one editor, and a product with a team."""
    editor, page = accounts.find_user_by_email(staff.EDITOR), pages.page_by_path(PAGE, current_tenant().default_locale)
    product = catalogue.find_by_handle(SHARED)
    [team] = rbac.list_teams(actor=admin)
    if editor and page:
        _grant(admin, "pages.update", "page", UUID(page["id"]), rbac.Grantee("user", editor.pk))
    if product:
        _grant(admin, "products.update", "product", product.id, rbac.Grantee("team", team.pk))


def _grant(admin: Actor, permission: str, kind: str, key: UUID, to: rbac.Grantee) -> None:
    obj = rbac.shared_object(actor=admin, kind=kind, object_id=key)
    rbac.grant_access(actor=admin, permission=permission, obj=obj, to=to)


def _reduce(manager: Actor) -> None:
    """Put a product on sale: fifteen percent off, in every currency."""
    product = catalogue.find_by_handle(REDUCED)
    ids = list(product.variants.values()) if product else []
    prices = []
    for currency in current_tenant().currencies:
        for key, price in pricing.prices_for(ids, currency).items():
            regular = price.compare_at or price.amount
            reduced = round(regular * 0.85 / 100) * 100
            prices.append(pricing.NewPrice(key, Money(reduced, currency), Money(regular, currency)))
    if prices:
        pricing.set_prices(actor=manager, prices=prices)


def _count_again(packer: Actor) -> None:
    """Count two pieces less of something than were thought to be there."""
    product = catalogue.find_by_handle(SHARED)
    stock = inventory.stock_of(list(product.variants.values())) if product else {}
    key = max(stock, key=lambda one: stock[one].on_shelf, default=None)
    if key is not None and stock[key].on_shelf > 2:
        inventory.adjust_stock(actor=packer, variant_id=key, delta=-2)


def _refuse(now: datetime) -> None:
    """Let a policy refuse a manager a large order, and a stranger guess a password: a refusal leaves a trace."""
    placed = orders.list_orders(actor=DEMO, page=PageRequest(size=100)).results
    for order in [order for order in placed if order.total >= staff.LARGE][:1]:
        with suppress(Forbidden), staff.at_work(staff.MANAGER) as manager:
            orders.cancel_order(actor=manager, order_id=order.pk, now=now, reason="Ordered twice")
    with suppress(Unauthenticated), bind(replace(current_work(), address=STRANGER, via="admin", is_write=True)):
        accounts.log_in(email=staff.ADMIN, password="letmein2026", device="curl/8.5", now=now)


# --- a dead letter --------------------------------------------------------------------------------------------------


def _leave_a_dead_letter() -> None:
    """Give up telling a module of an order that this code does not have any more, as half an hour of tries would."""
    tenant = current_tenant()
    event = OutboxEvent.objects.filter(tenant_id=tenant.id, event_type="order.placed").order_by("-id").first()
    if event is None or DeadLetter.objects.filter(tenant_id=tenant.id, handler=GONE_HANDLER).exists():
        return
    lane = lane_of(event.tenant_id, event.aggregate_type, event.aggregate_id)
    Delivery.objects.create(
        event=event, handler=GONE_HANDLER, tenant_id=tenant.id, lane=lane, aggregate_version=event.aggregate_version,
        attempts=MISSING.max_attempts - 1, next_at=Now(), created_at=Now(),
    )  # fmt: skip
    with _without_alarm():
        deliver_lanes(tenant.id, [lane])


@contextmanager
def _without_alarm() -> Iterator[None]:
    """Keep the alarm about it from whoever starts the demo for the first time and would look for what is broken."""
    log = logging.getLogger("apps.outbox.services.failing")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
