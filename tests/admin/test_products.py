"""Making and changing a product on its page, as an editor does."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from apps.inventory.models import StockLevel
from apps.inventory.public import available, default_location
from apps.pricing.public import prices_for
from apps.product.models import Product, Variant
from apps.rbac.services import save_role
from tests.admin.conftest import words
from tests.conftest import make_user
from tests.product.factories import ProductFactory

ADD = "/admin/product/product/add/"


def page_of(product):
    return reverse("admin:product_product_change", args=[product.pk])


def picture(name="tent.png", colour="red"):
    data = BytesIO()
    Image.new("RGB", (600, 400), colour).save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), content_type="image/png")


@pytest.fixture
def client(browser, manager):
    return browser(manager)


def sized(**fields):
    return ProductFactory(
        options=[{"name": "Size", "values": ["S", "M"]}],
        variants=[{"sku": "TEE-S", "options": {"Size": "S"}}, {"sku": "TEE-M", "options": {"Size": "M"}}],
        title="Tee", **fields,
    )  # fmt: skip


# --- from nothing to on sale ------------------------------------------------------------------------------------------


def test_a_product_can_be_made_and_published_from_end_to_end(client, events_of):
    answer = client.send(ADD, title_en="Trail Hoodie", title_de="Trail-Kapuzenpulli", sku="HOOD", price_USD="79.90",
                         price_EUR="74,90", stock_default="12", vendor="Fjell", tag_names="Warm, Soft")  # fmt: skip
    product = Product.objects.get()
    assert answer.status_code == 302, form_errors(answer)
    assert answer["Location"] == page_of(product)
    assert (product.handle, product.status, product.vendor) == ("trail-hoodie", "draft", "Fjell")
    assert {row.locale: row.title for row in product.translations.all()} == {
        "en": "Trail Hoodie", "de": "Trail-Kapuzenpulli",
    }  # fmt: skip
    variant = product.variants.get()
    assert variant.sku == "HOOD"
    assert prices_for([variant.pk], "USD")[variant.pk].amount == 7990
    assert prices_for([variant.pk], "EUR")[variant.pk].amount == 7490
    assert available([variant.pk]) == {variant.pk: 12}
    assert [event["handle"] for event in events_of("product.created")] == ["trail-hoodie"]

    client.post(reverse("admin:product_product_do_publish", args=[product.pk]))
    product.refresh_from_db()
    assert product.status == "active"
    assert len(events_of("product.published")) == 1
    assert "View live" in words(client.get(page_of(product)))


def test_options_make_a_variant_of_every_combination(client):
    client.send(
        ADD, title_en="Tee", sku="TEE", price_USD="20", stock_default="3",
        **{"options-TOTAL_FORMS": "2", "options-0-name": "Size", "options-0-values_text": "S, M, L",
           "options-0-name_de": "Größe", "options-1-name": "Colour", "options-1-values_text": "Red, Blue",
           "options-1-values_de": "Rot, Blau"},
    )  # fmt: skip
    product = Product.objects.get()
    assert sorted(product.variants.values_list("sku", flat=True)) == [
        "TEE-L-BLUE", "TEE-L-RED", "TEE-M-BLUE", "TEE-M-RED", "TEE-S-BLUE", "TEE-S-RED",
    ]  # fmt: skip
    keys = list(product.variants.values_list("pk", flat=True))
    assert {one.amount for one in prices_for(keys, "USD").values()} == {2000}
    assert set(available(keys).values()) == {3}
    size = product.options.get(name="Size")
    assert [row.name for row in size.translations.all()] == ["Größe"]
    red = product.options.get(name="Colour").values.get(value="Red")
    assert red.translations.get(locale="de").text == "Rot"


def test_a_product_without_a_price_is_not_published_and_the_reason_is_said(client, events_of):
    client.send(ADD, title_en="Tent")
    product = Product.objects.get()
    answer = client.post(reverse("admin:product_product_do_publish", args=[product.pk]), follow=True)
    assert "price" in words(answer)
    product.refresh_from_db()
    assert product.status == "draft"
    assert events_of("product.published") == []


def test_uploaded_images_show_the_product_and_can_be_arranged(client):
    values = client.filled(ADD) | {"title_en": "Tent", "uploads": [picture("a.png"), picture("b.png", "blue")]}
    client.post(ADD, values)
    product = Product.objects.get()
    first, second = product.images.order_by("position")
    assert first.asset.translations.get(locale="en").alt == "Tent"

    client.send(page_of(product), **{f"gallery_at_{first.asset_id}": "2", f"gallery_at_{second.asset_id}": "1"})
    assert list(product.images.order_by("position").values_list("asset_id", flat=True)) == [
        second.asset_id, first.asset_id,
    ]  # fmt: skip
    client.send(page_of(product), **{f"gallery_off_{first.asset_id}": "on"})
    assert [image.asset_id for image in product.images.all()] == [second.asset_id]


def test_a_file_that_is_no_image_is_refused_beside_the_field(client):
    values = client.filled(ADD) | {"title_en": "Tent", "uploads": [SimpleUploadedFile("a.png", b"<svg/>")]}
    answer = client.post(ADD, values)
    assert answer.status_code == 200
    assert not Product.objects.exists()
    assert "errors" in answer.content.decode()


# --- changing ---------------------------------------------------------------------------------------------------------


def test_saving_an_untouched_page_changes_nothing_but_the_version(client):
    product = sized()
    before = list(Variant.objects.order_by("pk").values())
    answer = client.send(page_of(product))
    assert answer.status_code == 302, form_errors(answer)
    assert list(Variant.objects.order_by("pk").values()) == before
    assert not StockLevel.objects.exists()


def test_prices_and_stock_are_changed_on_the_same_page(client, events_of):
    product = sized()
    small, medium = product.variants.order_by("position")
    answer = client.send(
        page_of(product),
        **{"variants-0-price_USD": "25.00", "variants-0-before_USD": "30", "variants-1-price_EUR": "22,50",
           "variants-1-stock_default": "7"},
    )  # fmt: skip
    assert answer.status_code == 302, form_errors(answer)
    assert prices_for([small.pk], "USD")[small.pk].compare_at == 3000
    assert prices_for([medium.pk], "EUR")[medium.pk].amount == 2250
    assert available([small.pk, medium.pk]) == {small.pk: 0, medium.pk: 7}
    assert len(events_of("price.updated")) == 2
    assert len(events_of("inventory.updated")) == 1

    place = default_location().pk.hex
    page = client.filled(page_of(product))
    assert page["variants-0-price_USD"] == "25.00"
    assert page[f"variants-1-stock_{place}"] == "7"
    client.send(page_of(product), **{"variants-0-price_USD": "", "variants-0-before_USD": ""})
    assert prices_for([small.pk], "USD") == {}


def test_a_price_before_that_is_not_higher_is_refused_in_its_row(client, events_of):
    product = sized()
    answer = client.send(page_of(product), **{"variants-1-price_USD": "30", "variants-1-before_USD": "20"})
    assert answer.status_code == 200
    errors = form_errors(answer)
    assert any("price before" in one for one in errors), errors
    assert events_of("price.updated") == []


def test_an_amount_that_is_none_is_refused_beside_the_field(client):
    product = sized()
    answer = client.send(page_of(product), **{"variants-0-price_USD": "nineteen"})
    assert answer.status_code == 200
    assert "This is not an amount of USD." in words(answer)


def test_rows_can_be_added_changed_and_removed_together(client):
    product = sized()
    answer = client.send(
        page_of(product),
        **{"variants-TOTAL_FORMS": "3", "variants-0-sku": "TEE-SMALL", "variants-1-DELETE": "on",
           "variants-2-option_0": "XL", "variants-2-sku": "TEE-XL", "variants-2-price_USD": "29",
           "variants-2-is_active": "on", "variants-2-requires_shipping": "on"},
    )  # fmt: skip
    assert answer.status_code == 302, form_errors(answer)
    assert list(product.variants.order_by("position").values_list("sku", flat=True)) == ["TEE-SMALL", "TEE-XL"]
    added = product.variants.get(sku="TEE-XL")
    assert added.title == "XL"
    assert prices_for([added.pk], "USD")[added.pk].amount == 2900


def test_a_sku_of_another_product_is_refused_and_nothing_is_saved(client):
    product = sized()
    ProductFactory(title="Other", variants=[{"sku": "TAKEN"}])
    answer = client.send(page_of(product), title_en="New name", **{"variants-0-sku": "TAKEN"})
    assert answer.status_code == 200
    assert not product.translations.filter(title="New name").exists()
    assert "errors" in answer.content.decode()


def test_two_variants_of_one_choice_are_refused_in_the_row(client):
    product = sized()
    answer = client.send(page_of(product), **{"variants-1-option_0": "S"})
    assert answer.status_code == 200
    assert "options" in " ".join(form_errors(answer))
    assert product.variants.get(sku="TEE-M").title == "M"


def test_an_option_can_be_added_and_a_value_in_use_cannot_be_taken_away(client):
    product = sized()
    answer = client.send(
        page_of(product),
        **{"options-TOTAL_FORMS": "2", "options-1-name": "Fit", "options-1-values_text": "Regular, Slim"},
    )
    assert answer.status_code == 302, form_errors(answer)
    assert [option.name for option in product.options.order_by("position")] == ["Size", "Fit"]
    assert {variant.title for variant in product.variants.all()} == {"S / Regular", "M / Regular"}
    answer = client.send(page_of(product), **{"options-0-values_text": "S"})
    assert answer.status_code == 200
    assert product.options.get(name="Size").values.count() == 2


def test_of_two_editors_the_second_is_told_and_loses_nothing(client):
    product = sized()
    stale = client.filled(page_of(product))
    client.send(page_of(product), title_en="First")
    answer = client.post(page_of(product), stale | {"title_en": "Second"})
    assert answer.status_code == 200
    assert "Somebody changed it" in words(answer)
    assert "Second" in answer.content.decode()
    assert product.translations.get(locale="en").title == "First"
    again = client.post(page_of(product), stale | {"title_en": "Second"})
    assert again.status_code == 200


def test_a_script_in_a_description_is_taken_out(client):
    client.send(ADD, title_en="Tent", description_en="<p>Light</p><script>alert(1)</script>")
    assert Product.objects.get().translations.get().description == "<p>Light</p>"


def test_each_language_has_an_editor_of_rich_text_over_a_text_area(client):
    product = ProductFactory(translations={"en": {"title": "Tent", "description": "<p>Light</p>"}})
    answer = client.get(page_of(product))
    page = answer.content.decode()
    areas = re.findall(r"<textarea[^>]+data-django-prose-editor-configurable[^>]*>", page)
    assert [re.search(r'name="(\w+)"', area)[1] for area in areas] == ["description_en", "description_de"]
    nonce = re.search(r"'nonce-([^']+)'", answer["Content-Security-Policy"])[1]
    assert page.index(f'<script type="importmap" nonce="{nonce}">') < page.index(
        '<script src="/static/django_prose_editor/editor.js"'
    )
    for path in re.findall(r'"(/static/(?:django_prose_editor/|rustok/prose)[^"]+)"', page):
        assert finders.find(path.removeprefix("/static/")), path
    assert client.filled(page_of(product))["description_en"] == "<p>Light</p>"


def test_what_an_editor_sends_is_kept_and_what_is_forged_is_not(client):
    product = ProductFactory(title="Tent")
    good = "<h2>Light</h2><ul><li><p>dry <strong>inside</strong></p></li></ul><blockquote><p>Oh</p></blockquote>"
    client.send(page_of(product), description_en=good + '<p onclick="x()">!<a href="javascript:x()">y</a></p>')
    kept = product.translations.get(locale="en").description
    assert kept.startswith(good)
    assert "onclick" not in kept
    assert "javascript" not in kept


def test_who_may_only_read_sees_formatted_text(browser, system):
    save_role(actor=system, slug="reader", name="Reader", permissions={"products.read": "all"})
    product = ProductFactory(translations={"en": {"title": "Tent", "description": "<p>So <strong>light</strong></p>"}})
    reader = browser(make_user("reader@acme.test", role="reader", is_staff=True))
    page = reader.get(page_of(product)).content.decode()
    assert "<strong>light</strong>" in page
    assert "<textarea" not in page


def test_a_page_is_called_as_its_product_is_not_as_its_handle(client):
    product = ProductFactory(title="Trail Tent", handle="t-1")
    for action in ("change", "history", "delete"):
        page = client.get(reverse(f"admin:product_product_{action}", args=[product.pk])).content.decode()
        path = f'href="{page_of(product)}" class="align-middle'
        assert re.search(rf"{re.escape(path)}[^>]*>\s*Trail Tent\s*<", page), action
    assert "Trail Tent | Change product" in words(client.get(page_of(product)))


def test_a_taken_handle_is_refused_beside_the_field(client):
    ProductFactory(handle="tent", title="Tent")
    answer = client.send(ADD, title_en="Tent", handle="tent")
    assert answer.status_code == 200
    assert "handle is taken" in words(answer) or "already exists" in words(answer)
    assert Product.objects.count() == 1


def test_archiving_and_deleting(client, events_of):
    product = sized()
    client.post(reverse("admin:product_product_do_archive", args=[product.pk]))
    product.refresh_from_db()
    assert product.status == "archived"
    client.post(reverse("admin:product_product_delete", args=[product.pk]), {"post": "yes"})
    assert not Product.objects.exists()
    assert len(events_of("product.deleted")) == 1


def test_the_history_of_a_product_says_who_did_what(client, manager):
    product = sized()
    client.post(reverse("admin:product_product_do_archive", args=[product.pk]))
    page = words(client.get(reverse("admin:product_product_history", args=[product.pk])))
    assert "Archive" in page
    assert manager.email in page


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_costs_the_same_for_any_number_of_products(client, django_assert_num_queries):
    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            assert client.get("/admin/product/product/").status_code == 200
        return len(captured)

    for number in range(3):
        ProductFactory(title=f"One {number}", sized=True)
    queries()
    few = queries()
    for number in range(9):
        ProductFactory(title=f"Two {number}", sized=True)
    assert queries() == few
    assert few <= 30


def test_the_list_finds_by_title_sku_and_handle(client):
    sized()
    ProductFactory(title="Kettle", variants=[{"sku": "KET-1"}])
    for term in ("Kettle", "KET-1", "kettle"):
        page = words(client.get("/admin/product/product/", {"q": term}))
        assert "Kettle" in page
        assert "Tee " not in page


def test_bulk_publishing_says_which_are_not_ready(client):
    ready, bare = sized(), ProductFactory(title="Bare")
    client.send(page_of(ready), **{"variants-0-price_USD": "5"})
    answer = client.post(
        "/admin/product/product/",
        {"action": "publish_all", "_selected_action": [str(ready.pk), str(bare.pk)]}, follow=True,
    )  # fmt: skip
    ready.refresh_from_db()
    bare.refresh_from_db()
    assert (ready.status, bare.status) == ("active", "draft")
    assert "bare" in words(answer)


def form_errors(answer):
    """Collect the errors of a page's form and inlines."""
    context = answer.context or {}
    found = [str(error) for error in context.get("errors") or ()]
    if "adminform" in context:
        found += [str(error) for error in context["adminform"].form.errors.items()]
    return found
