"""Filling the demo tenants: complete, repeatable, and resumable after an interruption."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.public import find_user_by_email
from apps.audit.models import AuditEntry
from apps.blog.models import Post
from apps.comments.models import Comment
from apps.forum.models import Reply, Topic
from apps.index.public import ProductQuery, list_products
from apps.inventory.public import stock_of
from apps.navigation.public import menu
from apps.order.models import Order
from apps.outbox.models import DeadLetter, OutboxEvent
from apps.pages.models import Page
from apps.pages.selectors import find_page
from apps.pricing.public import prices_for
from apps.product.models import Product, ProductImage, Variant
from apps.tenant.public import find, use_tenant
from rustok.demo import build, sales, staff, story
from rustok.demo.painters import Painters
from rustok.demo.sites import PASSWORD, SITES, load_shop
from rustok.kernel.access import actor_for, allows

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
STATES = ["delivered", "cancelled", "shipped", "paid", "confirmed", "pending"]


class Interrupted(Exception):
    pass


class Counter:
    """A progress that can pull the plug."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after, self.done, self.totals = stop_after, 0, []

    def begin(self, name: str, total: int) -> None:
        self.totals.append(total)

    def advance(self, what: str) -> None:
        self.done += 1
        if self.done == self.stop_after:
            raise Interrupted

    def end(self) -> None:
        pass


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> dict:
    """Shops of a few things, so that a test takes seconds."""
    shops = {}
    for slug in SITES:
        shop = load_shop(slug)
        odd = [product for product in shop.products if product.status != "active"]
        pages = [page for page in shop.pages if page.path in ("home", "about", story.PAGE)]
        told = [product for product in shop.products if product.handle in (story.SHARED, story.REDUCED)]
        others = [product for product in shop.products if product.options and product not in told]
        menus = {"header": shop.menus["header"], "footer": shop.menus["footer"][:1]}
        products = (*[*told, *others][:4], *odd)
        shops[slug] = replace(
            shop, products=products, posts=shop.posts[:2], pages=tuple(pages), menus=menus, topics=shop.topics[:2]
        )
    monkeypatch.setattr(build, "load_shop", shops.__getitem__)
    monkeypatch.setattr(sales, "_STATES", STATES)
    monkeypatch.setattr(sales, "COUNT", len(STATES))
    return shops


def run(**options) -> Counter:
    progress = Counter(**options)
    with Painters() as painters:
        build.build_demo(now=NOW, progress=progress, painters=painters)
    return progress


def rows() -> dict[str, int]:
    tables = (Product, Variant, ProductImage, Post, Comment, Page, Topic, Reply, Order, AuditEntry)
    found = {}
    for slug in SITES:
        with use_tenant(find(slug)):
            found |= {f"{slug} {table.__name__}": table.objects.count() for table in tables}
    return found | {"events": OutboxEvent.objects.count(), "letters": DeadLetter.objects.count()}


def test_a_demo_is_complete_though_it_was_interrupted_and_is_not_made_twice(committed_db, small):
    for stop in (3, 9):
        with pytest.raises(Interrupted):
            run(stop_after=stop)
    run()
    made = rows()
    assert run().totals == [0, 0]
    assert rows() == made
    for slug, shop in small.items():
        with use_tenant(find(slug)):
            check(shop)
    check_story()


def check(shop) -> None:
    default, second = shop.site.locales
    every = {variant.sku: variant for product in shop.products for variant in product.variants}
    ids = dict(Variant.objects.values_list("sku", "pk"))
    assert set(ids) == set(every)
    assert Product.objects.filter(status="active").count() == 4
    assert all(product.images.exists() for product in Product.objects.all())
    reduced = {
        variant.sku for product in shop.products if product.handle == story.REDUCED for variant in product.variants
    }
    for currency in shop.site.currencies:
        assert {key: info.amount for key, info in prices_for(list(ids.values()), currency).items()} == {
            ids[sku]: variant.prices[currency] if sku not in reduced else round(variant.prices[currency] * 0.0085) * 100
            for sku, variant in every.items()
        }
    listed = list_products(ProductQuery(locale=second, currency=shop.site.currencies[0], page_size=50)).results
    assert {found["title"] for found in listed} == {
        product.title[second] for product in shop.products if product.status == "active"
    }
    assert (Post.objects.count(), Page.objects.count(), Topic.objects.count()) == (2, 3, 2)
    assert len(menu("header", second)) == len(shop.menus["header"])
    assert menu("footer", default)[0]["url"] == "/about/"
    check_orders(every, ids, lost=2 if shop.site.slug == "acme" else 0)
    check_people(shop.site.slug)


def check_orders(every, ids, *, lost: int) -> None:
    orders = list(Order.objects.order_by("placed_at"))
    assert [order.status for order in orders] == STATES
    assert [order.number for order in orders] == [str(1001 + number) for number in range(len(STATES))]
    assert NOW - timedelta(days=61) < orders[0].placed_at < NOW - timedelta(days=30)
    assert orders[-1].placed_at < NOW
    assert all(step.at <= NOW for order in orders for step in order.transitions.all())
    start = sum(sum(variant.stock.values()) for variant in every.values())
    left = sum(stock.quantity for stock in stock_of(list(ids.values())).values())
    held = [order for order in orders if order.status != "cancelled"]
    assert start - left - lost == sum(line.quantity for order in held for line in order.lines.all())


def check_people(slug: str) -> None:
    admin, manager, customer = (find_user_by_email(f"{who}@{slug}.test") for who in ("admin", "manager", "customer"))
    assert admin.check_password(PASSWORD)
    assert actor_for(admin).scope("users.manage") == "all"
    assert actor_for(manager).scope("products.update") == "all"
    assert (manager.is_staff, customer.is_staff) == (True, False)


def check_story() -> None:
    """What the demo shows of access, modules, tenants and events."""
    with use_tenant(find("acme")):
        editor, manager, vendor = (
            actor_for(find_user_by_email(who)) for who in (staff.EDITOR, staff.MANAGER, staff.VENDOR)
        )
        page = find_page(story.PAGE)
        large = Order(total=staff.LARGE, status="paid")
        theirs, others = Product(vendor="Cascadia Works"), Product(vendor="Fjellvik")
        assert allows(editor, "pages.update", page)
        assert not allows(editor, "pages.update", find_page("about"))
        assert allows(manager, "orders.read", large)
        assert not allows(manager, "orders.update", large)
        assert allows(vendor, "products.update", theirs)
        assert not allows(vendor, "products.update", others)
        letter = DeadLetter.objects.get()
        assert (letter.handler, letter.error_class.rpartition(".")[2]) == (story.GONE_HANDLER, "NoHandler")
        told = list(AuditEntry.objects.order_by("pk").values_list("actor_label", "action", "object_type"))
        for entry in (
            (staff.ADMIN, "row.insert", "rbac.policy"),
            (staff.ADMIN, "row.insert", "guardian.userobjectpermission"),
            (staff.MANAGER, "row.update", "pricing.price"),
            (staff.WAREHOUSE, "row.insert", "inventory.stockadjustment"),
        ):
            assert entry in told
        assert "login.failed" in {action for _, action, _ in told}
    assert find("initech").status == "suspended"
    assert find("globex").disabled_modules == ["forum"]
    assert find("acme").domains.get(domain=story.SECOND_DOMAIN).verified_at is None


def test_plans_are_the_same_every_time_and_in_order():
    shop = load_shop("acme")
    plan = sales.plan_sales(shop, now=NOW)
    assert plan == sales.plan_sales(shop, now=NOW)
    assert len(plan) == 40
    assert {sale.state for sale in plan} == set(STATES)
    days = [sale.placed_at for sale in plan]
    assert days == sorted(days)
    assert days[-1] < NOW


def test_production_is_refused(settings):
    settings.DEBUG = settings.DEMO = False
    with pytest.raises(CommandError, match="production"):
        call_command("demo", stdout=StringIO())
