"""The other pages of a shop: categories, tags, images, collections, stock, shipping, tax."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.inventory.models import Location, StockAdjustment, StockLevel
from apps.media.models import Asset
from apps.product.models import Collection
from apps.shipping.models import ShippingMethod
from apps.tax.models import TaxRate, TaxSettings
from apps.taxonomy.models import Category, Tag
from apps.tenant.models import Domain, Module, Shop
from tests.admin.conftest import words
from tests.admin.test_products import picture
from tests.cart.factories import make_variant
from tests.order.factories import make_order
from tests.product.factories import ProductFactory


@pytest.fixture
def client(browser, manager):
    return browser(manager)


@pytest.fixture
def boss(browser, admin_user):
    return browser(admin_user)


def test_every_list_and_every_new_page_opens(boss, acme):
    """With a row in most tables, nothing answers an error, in any language."""
    make_order("paid")
    ProductFactory(title="Tee", sized=True)
    for language in ("en", "de", "ru"):
        boss.post("/admin/language/", {"language": language})
        for model, page in admin.site._registry.items():
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            answer = boss.get(reverse(f"{name}_changelist"))
            assert answer.status_code in ((302, 200) if page.resource != "tenants" else (403,)), name
            if page is not admin.site._registry[Module]:  # modules are code
                assert boss.get(reverse(f"{name}_add")).status_code in (200, 403), name


def test_the_page_of_a_row_opens(boss, acme):
    make_order("paid")
    ProductFactory(title="Tee", sized=True)
    shared = {Shop: acme, Domain: Domain.objects.get(tenant_id=acme.id)}
    for model, page in admin.site._registry.items():
        if model is Module:
            continue
        row = shared.get(model) or model._base_manager.first()
        if row is not None:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            expected = 200 if page.resource != "tenants" else 403
            assert boss.get(reverse(name, args=[row.pk])).status_code == expected, name


# --- categories and tags ----------------------------------------------------------------------------------------------


def test_a_category_is_made_under_another_in_two_languages(client, events_of):
    client.send("/admin/taxonomy/category/add/", name_en="Camping", name_de="Zelten")
    root = Category.objects.get()
    client.send("/admin/taxonomy/category/add/", name_en="Tents", parent=str(root.pk))
    below = Category.objects.get(parent=root)
    assert below.path == "camping/tents"
    assert {row.locale: row.name for row in root.translations.all()} == {"en": "Camping", "de": "Zelten"}
    assert [event["path"] for event in events_of("category.created")] == ["camping", "camping/tents"]
    page = words(client.get("/admin/taxonomy/category/"))
    assert page.index("Camping") < page.index("Tents")


def test_emptying_a_language_takes_it_away_and_the_default_stays_compulsory(client):
    client.send("/admin/taxonomy/category/add/", name_en="Camping", name_de="Zelten")
    path = reverse("admin:taxonomy_category_change", args=[Category.objects.get().pk])
    client.send(path, name_de="")
    assert [row.locale for row in Category.objects.get().translations.all()] == ["en"]
    answer = client.send(path, name_en="")
    assert answer.status_code == 200
    assert "This field is required" in words(answer)


def test_a_category_is_not_moved_under_itself(client):
    client.send("/admin/taxonomy/category/add/", name_en="Camping")
    root = Category.objects.get()
    client.send("/admin/taxonomy/category/add/", name_en="Tents", parent=str(root.pk))
    below = Category.objects.get(parent=root)
    path = reverse("admin:taxonomy_category_change", args=[root.pk])
    answer = client.send(path, parent=str(below.pk))
    assert answer.status_code == 200
    root.refresh_from_db()
    assert root.parent_id is None


def test_a_category_in_use_says_why_it_stays(client):
    client.send("/admin/taxonomy/category/add/", name_en="Camping")
    root = Category.objects.get()
    client.send("/admin/taxonomy/category/add/", name_en="Tents", parent=str(root.pk))
    path = reverse("admin:taxonomy_category_delete", args=[root.pk])
    answer = client.post(path, {"post": "yes"}, follow=True)
    assert answer.status_code == 200
    assert Category.objects.filter(pk=root.pk).exists()
    assert "camping" in words(answer)
    below = Category.objects.get(parent=root)
    client.post(reverse("admin:taxonomy_category_delete", args=[below.pk]), {"post": "yes"})
    assert not Category.objects.filter(pk=below.pk).exists()


def test_a_tag_is_made_and_renamed_and_keeps_its_slug(client):
    client.send("/admin/taxonomy/tag/add/", name="Warm")
    tag = Tag.objects.get()
    client.send(reverse("admin:taxonomy_tag_change", args=[tag.pk]), name="Very warm")
    tag.refresh_from_db()
    assert (tag.name, tag.slug) == ("Very warm", "warm")


# --- images and collections -------------------------------------------------------------------------------------------


def test_images_are_uploaded_and_described(client, events_of):
    values = client.filled("/admin/media/asset/add/") | {"images": [picture("a.png"), picture("b.png", "blue")]}
    assert client.post("/admin/media/asset/add/", values).status_code == 302
    assert Asset.objects.count() == 2
    asset = Asset.objects.get(original_name="a.png")
    path = reverse("admin:media_asset_change", args=[asset.pk])
    client.send(path, alt_en="A red tent", alt_de="Ein rotes Zelt", focal_x="20", focal_y="80")
    asset.refresh_from_db()
    assert (asset.focal_x, asset.focal_y) == (20, 80)
    assert asset.translations.get(locale="de").alt == "Ein rotes Zelt"
    assert len(events_of("media.uploaded")) == 2
    assert "A red tent" in words(client.get("/admin/media/asset/"))


def test_a_collection_keeps_its_order(client):
    one, two = ProductFactory(title="One"), ProductFactory(title="Two")
    client.send(
        "/admin/product/collection/add/", title_en="Picks",
        **{"items-TOTAL_FORMS": "2", "items-0-product": str(one.pk), "items-0-position": "2",
           "items-1-product": str(two.pk), "items-1-position": "1"},
    )  # fmt: skip
    found = Collection.objects.get()
    assert found.handle == "picks"
    assert list(found.items.order_by("position").values_list("product_id", flat=True)) == [two.pk, one.pk]
    client.send(reverse("admin:product_collection_change", args=[found.pk]), **{"items-0-DELETE": "on"})
    assert list(found.items.values_list("product_id", flat=True)) == [one.pk]


def test_the_choice_of_products_shows_nothing_of_another_tenant(client, globex):
    from apps.tenant.public import use_tenant

    ProductFactory(title="Ours")
    with use_tenant(globex):
        ProductFactory(title="Theirs")
    query = {"app_label": "product", "model_name": "collectionitem", "field_name": "product", "term": "s"}
    answer = client.get("/admin/autocomplete/", query)
    assert [row["text"] for row in answer.json()["results"]] == ["ours"]


# --- stock ------------------------------------------------------------------------------------------------------------


def test_stock_is_adjusted_with_a_reason(client, manager, events_of):
    variant = make_variant("tent", stock=5)
    level = StockLevel.objects.get(variant_id=variant)
    path = reverse("admin:inventory_stocklevel_do_adjust", args=[level.pk])
    assert "Reason" in words(client.get(path))
    answer = client.post(path, {"delta": "-2", "reason": "damaged"}, follow=True)
    level.refresh_from_db()
    assert level.on_hand == 3
    change = StockAdjustment.objects.first()
    assert (change.delta, change.reason, change.actor_id) == (-2, "damaged", manager.pk)
    assert "-2" in words(answer)
    assert events_of("inventory.updated")[-1]["available"] == 3
    assert client.get("/admin/inventory/stocklevel/add/").status_code == 403


def test_less_than_nothing_is_refused_beside_the_field(client):
    variant = make_variant("tent", stock=1)
    level = StockLevel.objects.get(variant_id=variant)
    answer = client.post(
        reverse("admin:inventory_stocklevel_do_adjust", args=[level.pk]), {"delta": "-2", "reason": "damaged"}
    )
    assert answer.status_code == 422
    assert "1 on hand" in words(answer)
    level.refresh_from_db()
    assert level.on_hand == 1


def test_a_location_is_made_and_changed(client):
    make_variant("tent")
    client.send("/admin/inventory/location/add/", name="Berlin", city="Berlin", country="DE")
    place = Location.objects.get(name="Berlin")
    assert place.address == {"city": "Berlin", "country": "DE"}
    default = Location.objects.get(is_default=True)
    answer = client.send(reverse("admin:inventory_location_change", args=[default.pk]), is_active=None)
    assert answer.status_code == 200
    assert "default" in words(answer)
    default.refresh_from_db()
    assert default.is_active


# --- shipping and tax -------------------------------------------------------------------------------------------------


def test_a_shipping_method_has_names_and_prices_as_people_write_them(boss):
    boss.send(
        "/admin/shipping/shippingmethod/add/", name_en="Parcel", name_de="Paket", handle="parcel", price_USD="4.95",
        free_USD="100", price_EUR="4,50", countries="de, AT", is_active="on",
    )  # fmt: skip
    method = ShippingMethod.objects.get()
    assert method.countries == ["AT", "DE"]
    assert {rate.currency: (rate.amount, rate.free_from) for rate in method.rates.all()} == {
        "USD": (495, 10000), "EUR": (450, None),
    }  # fmt: skip
    path = reverse("admin:shipping_shippingmethod_change", args=[method.pk])
    boss.send(path, price_USD="5.95")
    assert method.rates.get(currency="USD").amount == 595
    answer = boss.send(path, price_USD="")
    assert "switch the method off" in words(answer)
    assert "parcel" in boss.get(path).content.decode()


def test_a_tax_rate_is_set_in_percent(boss):
    boss.send("/admin/tax/taxrate/add/", country="de", name="MwSt", percent="19")
    rate = TaxRate.objects.get()
    assert (rate.country, rate.rate_bp) == ("DE", 1900)
    boss.send(reverse("admin:tax_taxrate_change", args=[rate.pk]), percent="7.5")
    rate.refresh_from_db()
    assert rate.rate_bp == 750


def test_the_tax_settings_are_one_page(boss):
    assert boss.get("/admin/tax/taxsettings/")["Location"] == "/admin/tax/taxsettings/add/"
    boss.send("/admin/tax/taxsettings/add/", prices_include_tax="on")
    only = TaxSettings.objects.get()
    assert only.prices_include_tax
    assert boss.get("/admin/tax/taxsettings/")["Location"] == f"/admin/tax/taxsettings/{only.pk}/change/"
    assert boss.get("/admin/tax/taxsettings/add/").status_code == 403


@pytest.mark.parametrize(
    "path", ["inventory/stocklevel", "inventory/stockadjustment", "taxonomy/category", "media/asset"]
)
def test_lists_cost_the_same_for_any_number_of_rows(path, client, system):
    from apps.media.public import store_image
    from apps.taxonomy.public import create_category

    def grow(number):
        make_variant(f"tent-{number}")
        create_category(actor=system, translations={"en": {"name": f"Place {number}"}})
        colour = (number * 20 % 255, 10, 10)
        store_image(actor=system, content=picture(colour=colour).read(), filename=f"{number}.png")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/{path}/").status_code == 200
        return len(captured)

    grow(0)
    queries()
    few = queries()
    for number in range(1, 5):
        grow(number)
    queries()  # what a process remembers for some seconds may be old by now
    assert queries() == few
