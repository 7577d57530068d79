"""What is off is not found; what is on again is found as the tables have it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from apps.blog.public import create_post
from apps.content.public import update_node
from apps.index import services
from apps.index.models import IndexContent, IndexProduct, IndexRun
from apps.index.public import ContentQuery, ProductQuery, get_content, get_product, list_content, list_products, suggest
from apps.pricing.public import NewPrice, set_prices
from apps.tenant.public import find
from apps.tenant.services.modules import disable_module, enable_module
from rustok.kernel.access import Actor
from rustok.kernel.money import Money
from tests.content.factories import make_post, make_topic
from tests.storefront.factories import make_jacket

SYSTEM = Actor.system("tests")


def switch(slug: str, *, on: bool) -> None:
    (enable_module if on else disable_module)(actor=SYSTEM, slug=slug, with_dependencies=True)
    connection.set_tenant(find("acme"))


def drift() -> list:
    return [*services.verify("products"), *services.verify("content")]


def titles(search: str = "") -> set[str]:
    return {row["title"] for row in list_content(ContentQuery(locale="en", search=search)).results}


@pytest.fixture
def jacket(acme, deliver_events):
    variants = make_jacket()
    deliver_events()
    return variants


def test_posts_leave_lists_details_search_and_suggestions_at_once(acme, deliver_events, api):
    post = make_post(translations={"en": {"title": "Alps", "body": "Mountains"}})
    make_topic(title="Mountains?", body="Which mountains")
    deliver_events()
    assert titles("mountains") == {"Alps", "Mountains?"}
    switch("blog", on=False)
    assert titles() == titles("mountains") == {"Mountains?"}
    assert get_content("alps", "en", kind="post") is None
    assert get_content(post.pk, "en") is None
    assert suggest("alps", locale="en", currency="USD") == []
    found = api().get("/api/v1/search/?q=mountains").json()
    assert [row["title"] for row in found["content"]["results"]] == ["Mountains?"]
    switch("blog", on=True)
    assert titles() == {"Alps", "Mountains?"}


def test_what_changed_while_the_blog_was_off_is_found_once_it_is_on(acme, deliver_events):
    post = make_post(translations={"en": {"title": "Alps", "body": "Mountains"}})
    deliver_events()
    switch("blog", on=False)
    now = timezone.now()
    update_node(actor=SYSTEM, node_id=post.pk, translations={"en": {"title": "Andes"}}, now=now)
    create_post(actor=SYSTEM, translations={"en": {"title": "Atlas"}}, now=now, publish_at=now)
    deliver_events()
    assert drift() == []
    assert set(IndexContent.objects.values_list("title", flat=True)) == {"Alps"}  # asleep, as it was
    switch("blog", on=True)
    assert titles() == {"Alps"}  # there at once, and brought up to date by what comes next
    deliver_events()
    assert titles() == {"Andes", "Atlas"}
    assert drift() == []


def test_a_catalogue_sleeps_and_wakes_with_what_changed(acme, jacket, deliver_events):
    switch("product", on=False)
    assert list_products(ProductQuery(locale="en", currency="USD", facets=True)).results == []
    assert list_products(ProductQuery(locale="en", currency="USD", search="jacket")).results == []
    assert get_product("jacket", "en", "USD") is None
    assert suggest("jacket", locale="en", currency="USD") == []
    make_jacket("coat")
    deliver_events()
    assert drift() == []
    assert {row.handle for row in IndexProduct.objects.all()} == {"jacket"}
    switch("product", on=True)
    assert get_product("jacket", "en", "USD") is not None
    deliver_events()
    assert {row["handle"] for row in list_products(ProductQuery(locale="en", currency="USD")).results} == {
        "jacket", "coat",
    }  # fmt: skip
    assert drift() == []


def test_prices_leave_the_catalogue_and_come_back_as_they_are_then(acme, jacket, deliver_events):
    switch("pricing", on=False)
    deliver_events()
    assert get_product("jacket", "en", "USD")["price_range"] is None
    assert drift() == []
    set_prices(actor=SYSTEM, prices=[NewPrice(jacket["blue"], Money(7000, "USD"))])
    deliver_events()
    assert get_product("jacket", "en", "USD")["price_range"] is None
    switch("pricing", on=True)
    deliver_events()
    assert get_product("jacket", "en", "USD")["price_range"]["min"]["amount"] == "70.00"
    assert drift() == []


def test_a_rebuild_in_the_background_goes_on_stretch_by_stretch(acme, deliver_events, monkeypatch, events_of):
    for number in range(7):
        make_post(translations={"en": {"title": f"No. {number}"}})
    deliver_events()
    monkeypatch.setattr(services, "BATCH", 2)
    monkeypatch.setattr(services, "STRETCH", 1)
    switch("blog", on=False)
    switch("blog", on=True)
    IndexContent.objects.all().delete()
    deliver_events()
    assert len(titles()) == 7
    run = IndexRun.objects.get(kind="content", state="done", done=7)
    assert run.reached is not None
    assert len(events_of("index.rebuild_continued")) >= 4


def test_switches_in_a_row_begin_one_rebuild(acme, deliver_events):
    first, second = services.begin_rebuild("products"), services.begin_rebuild("products")
    assert first.pk == second.pk
    deliver_events()
    assert IndexRun.objects.filter(kind="products").count() == 1
    assert IndexRun.objects.get(pk=first.pk).state == "done"


def test_a_rebuild_that_was_ended_by_hand_is_left_alone(acme, jacket):
    run = services.begin_rebuild("products")
    services.rebuild("products", restart=True)
    services.continue_rebuild(run.pk)
    assert not IndexRun.objects.filter(pk=run.pk).exists()
