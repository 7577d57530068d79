"""Reading WooCommerce exports."""

import csv
import io
from datetime import UTC, datetime

import pytest

from apps.importer.woocommerce import NotWooCommerce, read

NOW = datetime(2026, 6, 1, tzinfo=UTC)
COLUMNS = [
    "ID", "Type", "SKU", "Name", "Published", "Visibility in catalog", "Description", "In stock?", "Stock", "Weight (lbs)",
    "Sale price", "Regular price", "Date sale price starts", "Date sale price ends", "Categories", "Tags", "Images", "Parent",
    "Grouped products", "External URL", "Button text", "Download 1 URL", "Attribute 1 name", "Attribute 1 value(s)",
    "Attribute 2 name", "Attribute 2 value(s)",
]  # fmt: skip


def export(*rows: dict) -> io.StringIO:
    """Write rows as WooCommerce would."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows({"Published": "1", "In stock?": "1"} | row for row in rows)
    out.seek(0)
    return out


def reading(*rows: dict, currency: str = "USD"):
    return read(export(*rows), currency=currency, now=NOW, zone=UTC)


MUG = {"ID": "1", "Type": "simple", "SKU": "mug", "Name": "Enamel Mug", "Regular price": "12.50"}


def test_a_simple_product_has_one_variant():
    (product,) = reading(MUG | {"Stock": "7", "Weight (lbs)": "0.5"}).products
    (variant,) = product.variants
    assert (product.handle, product.kind, product.published) == ("enamel-mug", "physical", True)
    assert (variant.sku, variant.price, variant.compare_at, variant.stock) == ("mug", 1250, None, 7)
    assert variant.weight_g == 227


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({}, (900, 1250)),
        ({"Date sale price starts": "2026-05-01", "Date sale price ends": "2026-07-01"}, (900, 1250)),
        ({"Date sale price starts": "2026-07-01"}, (1250, None)),
        ({"Date sale price ends": "2026-05-31 23:59:59"}, (1250, None)),
    ],
)
def test_a_sale_price_counts_while_the_sale_lasts(dates, expected):
    (product,) = reading(MUG | {"Sale price": "9"} | dates).products
    assert (product.variants[0].price, product.variants[0].compare_at) == expected


def test_an_open_attribute_becomes_every_value():
    parent = {
        "ID": "2", "Type": "variable", "SKU": "tee", "Name": "Tee", "Attribute 1 name": "Color",
        "Attribute 1 value(s)": "Blue, Red", "Attribute 2 name": "Size", "Attribute 2 value(s)": "M, L",
    }  # fmt: skip
    blue = {
        "Type": "variation", "SKU": "tee-blue", "Name": "Tee - Blue", "Parent": "tee", "Regular price": "25",
        "Attribute 1 name": "Color", "Attribute 1 value(s)": "Blue", "Attribute 2 name": "Size",
    }  # fmt: skip
    (product,) = reading(blue, parent).products
    assert [v.sku for v in product.variants] == ["tee-blue-m", "tee-blue-l"]
    assert product.options == {"Color": ["Blue"], "Size": ["M", "L"]}


def test_the_deepest_category_is_the_products_own_and_others_become_tags():
    (product,) = reading(MUG | {"Categories": "Camping, Camping > Kitchen, Gifts", "Tags": "steel"}).products
    assert product.category == ["Camping", "Kitchen"]
    assert product.tags == ["steel", "Gifts"]


def test_external_grouped_and_downloadable_products_keep_their_kind():
    rows = (
        MUG | {"Type": "external", "External URL": "https://example.com/x", "Button text": "Give"},
        {"Type": "grouped", "SKU": "set", "Name": "Set", "Grouped products": "mug, tee"},
        MUG | {"Type": "simple, downloadable, virtual", "Download 1 URL": "https://example.com/a.mp3"},
    )
    external, grouped, digital = reading(*rows).products
    assert (external.kind, external.external_url, external.button_text) == ("external", "https://example.com/x", "Give")
    assert (grouped.kind, grouped.members, grouped.variants) == ("grouped", ["mug", "tee"], [])
    assert (digital.kind, digital.variants[0].requires_shipping) == ("digital", False)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"Regular price": "abc"}, "its regular price 'abc' is not an amount of USD"),
        ({"Regular price": "1.234"}, "its regular price '1.234' is not an amount of USD"),
        ({"Regular price": "-1"}, "its regular price is negative"),
        ({"Regular price": ""}, "it has no price"),
        ({"Name": ""}, "it has no name"),
        ({"Type": "subscription"}, "the type 'subscription' is not known"),
        ({"Stock": "many"}, "its stock 'many' is not a number"),
        ({"Weight (lbs)": "heavy"}, "its weight 'heavy' is not a number"),
        ({"Type": "variation", "Parent": "ghost"}, "its parent 'ghost' is not in the file or was skipped"),
        ({"Type": "variable"}, "it is variable and has no variations"),
    ],
)
def test_a_bad_row_is_a_remark_and_spoils_no_other(row, reason):
    result = reading(MUG | row, MUG | {"ID": "9", "SKU": "good", "Name": "Good"})
    assert [(r.row, r.reason, r.whole) for r in result.remarks] == [(2, reason, True)]
    assert [product.title for product in result.products] == ["Good"]


def test_a_currency_without_decimals_refuses_them():
    assert reading(MUG, currency="JPY").remarks[0].reason == "its regular price '12.50' is not an amount of JPY"


def test_what_is_no_export_is_refused():
    with pytest.raises(NotWooCommerce):
        read(io.StringIO("a,b\n1,2\n"), currency="USD", now=NOW, zone=UTC)
