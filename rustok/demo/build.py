"""Fills the demo tenants through the services, step by step; what is there already is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from apps.index import public as index
from apps.product import public as catalogue
from rustok.demo import sales, shelves, story, tenants, writing
from rustok.demo.art.look import Picture
from rustok.demo.painters import Painters
from rustok.demo.pictures import Studio
from rustok.demo.records import Page, Post, Product, Shop, Site, Topic, Words
from rustok.demo.sites import SITES, load_shop
from rustok.kernel.tenancy import Tenant, use_tenant

__all__ = ["Progress", "build_demo"]


class Progress(Protocol):
    """Tells a person how far a tenant is."""

    def begin(self, name: str, total: int) -> None:
        """Begin a tenant of so many steps."""

    def advance(self, what: str) -> None:
        """Tell that one step is done."""

    def end(self) -> None:
        """Tell that the tenant is complete."""


@dataclass(frozen=True)
class Todo:
    """What a shop lacks."""

    products: list[Product]
    posts: list[Post]
    pages: list[Page]
    topics: list[Topic]
    sales: list[sales.Sale]

    @classmethod
    def of(cls, shop: Shop, now: datetime) -> Todo:
        """Compare a shop's data with what the tenant has.

        Orders are made last: a shop that has them lacks nothing, and what was deleted since stays deleted.
        """
        planned = sales.missing_sales(shop, now=now)
        if not planned:
            return cls([], [], [], [], [])
        return cls(
            shelves.missing_products(shop),
            writing.missing_posts(shop),
            writing.missing_pages(shop),
            writing.missing_topics(shop),
            planned,
        )

    @property
    def steps(self) -> int:
        """How many things there are to make."""
        texts = len(self.posts) + len(self.pages) + len(self.topics)
        return len(self.products) + texts + len(self.sales)

    def pictures(self) -> dict[Picture, Words]:
        """List the drawings that are needed, in the order in which they are, with what they show."""
        wanted = {image.picture: image.alt for product in self.products for image in product.images}
        for page in self.pages:
            wanted |= {block.picture: page.title for block in page.blocks if block.picture}
        return wanted | {post.cover: post.title for post in self.posts if post.cover not in wanted}


def build_demo(*, now: datetime, progress: Progress, painters: Painters) -> None:
    """Make the operator and both demo shops complete; safe to run again, and after a kill."""
    tenants.ensure_platform()
    with Studio(painters) as studio:
        orders = [_take_stock(site, studio, now) for site in SITES.values()]
        for tenant, shop, todo in orders:
            with use_tenant(tenant):
                _complete(shop, todo, studio, now, progress)


def _take_stock(site: Site, studio: Studio, now: datetime) -> tuple[Tenant, Shop, Todo]:
    """See what a shop lacks, and have its pictures drawn."""
    tenant, shop = tenants.ensure_tenant(site), load_shop(site.slug)
    with use_tenant(tenant):
        todo = Todo.of(shop, now)
    studio.order(tenant, todo.pictures())
    return tenant, shop, todo


def _complete(shop: Shop, todo: Todo, studio: Studio, now: datetime, progress: Progress) -> None:
    progress.begin(shop.site.name, todo.steps)
    if todo.steps:
        tenants.ensure_people(shop.site)
        tenants.ensure_conditions(shop.site)
        _write(shop, todo.topics, now, progress)
        _stock(shop, todo.products, studio, now, progress)
        _publish(shop, todo, studio, now, progress)
        _sell(shop, todo.sales[:-1], now, progress)
        story.tell_story(shop.site.slug, now)
        _sell(shop, todo.sales[-1:], now, progress)  # the last of all: a shop that has it lacks nothing
        _index(shop)
    progress.end()


def _write(shop: Shop, topics: list[Topic], now: datetime, progress: Progress) -> None:
    """Write what needs no picture, while the first ones are drawn."""
    writing.write_boards(shop)
    for topic in topics:
        writing.write_topic(topic, now=now)
        progress.advance("forum")


def _stock(shop: Shop, products: list[Product], studio: Studio, now: datetime, progress: Progress) -> None:
    categories, locations = shelves.ensure_categories(shop), shelves.ensure_locations(shop)
    for product in products:
        shelves.put_on_shelf(product, shop=shop, studio=studio, categories=categories, locations=locations, now=now)
        progress.advance("catalogue")
    shelves.ensure_collections(shop)


def _publish(shop: Shop, todo: Todo, studio: Studio, now: datetime, progress: Progress) -> None:
    for page in todo.pages:
        writing.write_page(page, studio, now=now)
        progress.advance("pages")
    for post in reversed(todo.posts):
        writing.write_post(post, studio, now=now)
        progress.advance("posts")
    writing.write_menus(shop)


def _sell(shop: Shop, planned: list[sales.Sale], now: datetime, progress: Progress) -> None:
    variants = shelves.variant_ids(shop)
    for sale in planned:
        sales.make_sale(sale, variants, slug=shop.site.slug, now=now)
        progress.advance("orders")


def _index(shop: Shop) -> None:
    """Show everything at once; the events come to the same result later."""
    refs = catalogue.find_by_skus(product.variants[0].sku for product in shop.products)
    index.reindex_products([ref.product_id for ref in refs.values()])
    index.reindex_content(writing.node_ids(shop))
