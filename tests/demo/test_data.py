"""The demo's data: complete in every language, unique, consistent."""

import pytest

from rustok.demo.art import draw
from rustok.demo.records import Shop
from rustok.demo.sites import SITES, load_shop


@pytest.fixture(params=sorted(SITES))
def shop(request: pytest.FixtureRequest) -> Shop:
    return load_shop(request.param)


def twice(things: list[str]) -> list[str]:
    return sorted({thing for thing in things if things.count(thing) > 1})


def test_a_shop_is_large_enough(shop: Shop) -> None:
    assert len(shop.products) >= 60
    assert len(shop.posts) == 12
    assert len(shop.pages) == 6
    assert {"header", "footer"} == set(shop.menus)
    assert len(shop.topics) >= 8
    assert len(shop.customers) >= 10


def test_handles_and_skus_are_unique(shop: Shop) -> None:
    assert twice([product.handle for product in shop.products]) == []
    assert twice([variant.sku for product in shop.products for variant in product.variants]) == []
    assert twice([row.handle for row in (*shop.categories, *shop.collections)]) == []
    assert twice([post.handle for post in shop.posts]) == []
    assert twice([page.path for page in shop.pages]) == []


def test_skus_differ_from_those_of_the_other_tenant() -> None:
    every = [variant.sku for slug in SITES for product in load_shop(slug).products for variant in product.variants]
    assert twice(every) == []


def test_every_word_is_said_in_every_language(shop: Shop) -> None:
    words = [
        text
        for product in shop.products
        for text in (product.title, product.subtitle, product.description, *(image.alt for image in product.images))
    ]
    words += [option.name for product in shop.products for option in product.options]
    words += [value.name for product in shop.products for option in product.options for value in option.values]
    words += [
        text for row in (*shop.categories, *shop.collections, *shop.boards) for text in (row.name, row.description)
    ]
    words += [text for post in shop.posts for text in (post.title, post.excerpt, post.body)]
    words += [text for page in shop.pages for text in (page.title, page.summary)]
    words += [item.label for items in shop.menus.values() for item in items]
    for text in words:
        assert set(text) == set(shop.site.locales)
        assert all(said.strip() for said in text.values())
    for page in shop.pages:
        for block in page.blocks:
            assert set(block.words) == set(shop.site.locales)
            assert len({frozenset(said) for said in block.words.values()}) == 1


def test_texts_of_two_languages_differ(shop: Shop) -> None:
    default, second = shop.site.locales
    for product in shop.products:
        assert product.description[default] != product.description[second]


def test_descriptions_have_two_sentences_or_more(shop: Shop) -> None:
    for product in shop.products:
        for text in product.description.values():
            assert 60 <= len(text) <= 700
            assert text[-1] in ".!?…"


def test_products_point_at_what_exists(shop: Shop) -> None:
    categories = {row.handle for row in shop.categories}
    collections = {row.handle for row in shop.collections}
    for product in shop.products:
        assert product.category in categories
        assert set(product.collections) <= collections
        assert product.vendor
        assert product.tags


def test_every_category_and_collection_leads_somewhere(shop: Shop) -> None:
    filled = {product.category for product in shop.products if product.status == "active"}
    filled |= {row.parent for row in shop.categories}
    assert {row.handle for row in shop.categories} <= filled
    shown = {name for product in shop.products if product.status == "active" for name in product.collections}
    assert {row.handle for row in shop.collections} <= shown


def test_categories_are_two_or_three_levels_deep_and_parents_come_first(shop: Shop) -> None:
    depth: dict[str, int] = {}
    for row in shop.categories:
        depth[row.handle] = depth[row.parent] + 1 if row.parent else 1
    assert max(depth.values()) == 3


def test_variants_are_every_combination_once(shop: Shop) -> None:
    for product in shop.products:
        expected = 1
        for option in product.options:
            expected *= len(option.values)
        assert len({variant.values for variant in product.variants}) == len(product.variants) == expected
        for variant in product.variants:
            for option, chosen in zip(product.options, variant.values, strict=True):
                assert chosen in {value.handle for value in option.values}


def test_prices_are_whole_in_every_currency(shop: Shop) -> None:
    for product in shop.products:
        for variant in product.variants:
            assert set(variant.prices) == set(shop.site.currencies)
            assert all(isinstance(amount, int) and amount > 0 for amount in variant.prices.values())
            for currency, regular in variant.compare_at.items():
                assert variant.prices[currency] < regular


def test_the_catalogue_shows_every_situation(shop: Shop) -> None:
    statuses = {product.status for product in shop.products}
    assert statuses == {"draft", "active", "archived"}
    active = [product for product in shop.products if product.status == "active"]
    totals = [[sum(variant.stock.values()) for variant in product.variants] for product in active]
    assert sum(all(total == 0 for total in stock) for stock in totals) >= 1
    assert sum(any(0 < total <= 3 for total in stock) for stock in totals) >= 3
    assert sum(bool(product.variants[0].compare_at) for product in active) >= 5


def test_stock_stands_at_known_locations(shop: Shop) -> None:
    codes = {location.code for location in shop.locations}
    for product in shop.products:
        for variant in product.variants:
            assert set(variant.stock) == codes
            assert min(variant.stock.values()) >= 0


def test_menus_and_topics_point_at_what_exists(shop: Shop) -> None:
    paths = {page.path for page in shop.pages}
    boards = {row.handle for row in shop.boards}
    for item in (item for items in shop.menus.values() for item in items):
        assert bool(item.url) != bool(item.page)
        assert not item.page or item.page in paths
    for topic in shop.topics:
        assert topic.board in boards
        assert topic.locale in shop.site.locales
        assert all(reply.days_ago <= topic.days_ago for reply in topic.replies)


def test_every_image_can_be_drawn_small_enough(shop: Shop) -> None:
    different = {
        (one.subject, one.style, one.title, one.backdrop == shop.site.backdrop): one for one in shop.pictures()
    }
    names = set()
    for picture in different.values():
        drawing = draw(picture)
        assert len(drawing.content) < 120_000, picture
        names.add(drawing.name)
    assert len(names) == len(different)
