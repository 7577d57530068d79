"""The catalogue over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.product.models import Collection, Product, ProductImage, Variant
from tests.product.factories import CollectionFactory, ProductFactory, asset, picture

pytestmark = pytest.mark.django_db
TENT = {"handle": "tent", "translations": {"en": {"title": "Tent"}, "de": {"title": "Zelt"}}}
URL = "/api/v1/products/tent/"


@pytest.fixture(autouse=True)
def _no_checks(monkeypatch):
    """Let products go on sale without a price: pricing's own tests say that they need one."""
    from apps.product.services import publishing

    monkeypatch.setattr(publishing, "_checks", {})


def test_a_manager_creates_publishes_and_a_visitor_reads(api, manager, deliver_events):
    client = api(manager)
    made = client.post("/api/v1/products/", TENT | {"tags": ["Wool"], "variants": [{"sku": "T1"}]})
    assert made.status_code == 201, made.content
    assert (made.json()["status"], made.json()["tags"]) == ("draft", ["wool"])
    assert [variant["sku"] for variant in made.json()["variants"]] == ["T1"]
    deliver_events()
    assert api().get(URL).status_code == 404
    published = client.post(f"{URL}publish/")
    assert (published.status_code, published.json()["status"]) == (200, "active")
    deliver_events()
    answer = api().get(f"{URL}?locale=de").json()
    assert (answer["title"], answer["resolved_locale"], answer["status"]) == ("Zelt", "de", "active")
    assert [one["handle"] for one in api().get("/api/v1/products/").json()["results"]] == ["tent"]
    assert api().get(f"/api/v1/products/{answer['id']}/").json()["handle"] == "tent"
    client.post(f"{URL}unpublish/")
    deliver_events()
    assert api().get(URL).status_code == 404


def test_the_entity_tag_of_a_read_guards_the_change(api, manager, deliver_events):
    ProductFactory(handle="tent", on_sale=True)
    deliver_events()
    client = api(manager)
    etag = client.get(URL)["ETag"]
    first = client.patch(URL, {"vendor": "Acme"}, HTTP_IF_MATCH=etag)
    assert (first.status_code, first.json()["vendor"]) == (200, "Acme")
    lost = client.patch(URL, {"vendor": "Other"}, HTTP_IF_MATCH=etag)
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition_failed")
    again = client.patch(URL, {"vendor": "Third"}, HTTP_IF_MATCH=first["ETag"])
    assert again.status_code == 200
    assert client.delete(URL, HTTP_IF_MATCH=etag).status_code == 412
    assert Product.objects.get().vendor == "Third"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "translations", "required"),
        ({"translations": {}}, "translations", "empty"),
        ({"translations": {"en": {"title": "x" * 201}}}, "translations.en.title", "max_length"),
        ({"translations": {"en": {"subtitle": "x"}}}, "translations.en.title", "needs_title"),
        ({"translations": {"fr": {"title": "Tente"}}}, "translations.fr", "unknown_locale"),
        (TENT | {"price": 5}, "price", "unknown_field"),
        (TENT | {"kind": "service"}, "kind", "invalid_choice"),
        (TENT | {"status": "active"}, "status", "invalid_choice"),
        (TENT | {"handle": "Tent!"}, "handle", "handle"),
        (TENT | {"external_url": "javascript:alert(1)"}, "external_url", "invalid"),
        (TENT | {"tags": ["x"] * 51}, "tags", "max_length"),
        (TENT | {"variants": [{"weight_g": -1}]}, "variants.0.weight_g", "min_value"),
        (TENT | {"variants": [{"weight_g": 10**9}]}, "variants.0.weight_g", "max_value"),
        (TENT | {"variants": [{"sku": "x" * 65}]}, "variants.0.sku", "max_length"),
        (TENT | {"variants": [{}] * 251}, "variants.non_field_errors", "max_length"),
        (TENT | {"options": [{"name": "S", "values": []}]}, "options.0.values", "min_length"),
        (TENT | {"images": ["nonsense"]}, "images.0", "invalid"),
    ],
)
def test_bad_input_is_400_and_writes_nothing(api, manager, body, field, code, events_of):
    answer = api(manager).post("/api/v1/products/", body)
    assert answer.status_code == 400, answer.content
    assert code in [error["code"] for error in answer.json()["errors"]], answer.json()["errors"]
    assert not Product.objects.exists()
    assert events_of("product.created") == []


def test_what_is_taken_is_409(api, manager, events_of):
    client = api(manager)
    client.post("/api/v1/products/", TENT | {"variants": [{"sku": "T1"}]})
    handle = client.post("/api/v1/products/", TENT)
    assert (handle.status_code, handle.json()["code"]) == (409, "handle_taken")
    sku = client.post("/api/v1/products/", TENT | {"handle": "other", "variants": [{"sku": "T1"}]})
    assert (sku.status_code, sku.json()["code"]) == (409, "sku_taken")
    assert Product.objects.count() == len(events_of("product.created")) == 1


def test_strangers_are_told_so_and_change_nothing(api, customer, events_of):
    product = ProductFactory(handle="tent", variants=[{"sku": "S", "options": {"Size": "S"}}])
    variant = product.variants.get()
    before = len(events_of("product.created"))
    for client, status in ((api(), 401), (api(customer), 403)):
        assert client.post("/api/v1/products/", TENT).status_code == status
        assert client.patch(URL, {"vendor": "Mine"}).status_code == status
        assert client.delete(URL).status_code == status
        assert client.post(f"{URL}publish/").status_code == status
        assert client.post(f"{URL}variants/", {"options": {"Size": "M"}}).status_code == status
        assert client.patch(f"/api/v1/variants/{variant.pk}/", {"sku": "MINE"}).status_code == status
        assert client.delete(f"/api/v1/variants/{variant.pk}/").status_code == status
        assert client.post(f"{URL}images/", {"asset_id": str(product.pk)}).status_code == status
        assert client.post("/api/v1/collections/", TENT).status_code == status
    product.refresh_from_db()
    assert (product.version, product.status, product.vendor) == (1, "draft", "")
    assert len(events_of("product.created")) == before
    assert events_of("product.updated") == events_of("product.published") == events_of("product.deleted") == []


def test_variants_are_written_below_their_product(api, manager):
    ProductFactory(handle="tent", variants=[{"sku": "S", "options": {"Size": "S"}}])
    client = api(manager)
    made = client.post(f"{URL}variants/", {"sku": "M", "options": {"Size": "M"}, "weight_g": 900})
    assert made.status_code == 201, made.content
    assert (made.json()["title"], made.json()["weight_g"]) == ("M", 900)
    url = f"/api/v1/variants/{made.json()['id']}/"
    etag = client.get(url)["ETag"]
    assert client.patch(url, {"weight_g": 950}, HTTP_IF_MATCH=etag).json()["weight_g"] == 950
    assert client.patch(url, {"weight_g": 990}, HTTP_IF_MATCH=etag).status_code == 412
    same = client.patch(url, {"options": {"Size": "S"}})
    assert (same.status_code, same.json()["code"]) == (409, "same_options")
    assert [one["sku"] for one in client.get(f"{URL}variants/").json()] == ["S", "M"]
    assert client.delete(url).status_code == 204
    last = client.delete(f"/api/v1/variants/{Variant.objects.get().pk}/")
    assert (last.status_code, last.json()["code"]) == (409, "last_variant")


def test_a_draft_and_its_variants_are_not_shown_to_visitors(api, manager):
    product = ProductFactory(handle="tent")
    variant = product.variants.get()
    for path in (URL, f"{URL}variants/", f"{URL}images/", f"/api/v1/variants/{variant.pk}/"):
        assert api().get(path).status_code == 404, path
    assert api(manager).get(f"/api/v1/variants/{variant.pk}/").status_code == 200


def test_images_are_shown_and_taken_away(api, manager):
    ProductFactory(handle="tent")
    client, image = api(manager), asset("red", en="A red tent")
    made = client.post(f"{URL}images/", {"asset_id": str(image)})
    assert made.status_code == 201, made.content
    assert made.json()["alt"] == "A red tent"
    assert client.post(f"{URL}images/", {"asset_id": str(image)}).status_code == 409
    assert len(client.get(f"{URL}images/").json()) == 1
    assert client.delete(f"{URL}images/{made.json()['id']}/").status_code == 204
    assert client.delete(f"{URL}images/{made.json()['id']}/").status_code == 404
    assert not ProductImage.objects.exists()


def test_an_upload_becomes_the_image_of_a_product(api, manager, deliver_events):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test.client import MULTIPART_CONTENT

    client = api(manager)
    file = SimpleUploadedFile("tent.png", picture(size=(700, 500)), "image/png")
    form = {"file": file, "alt": "A tent"}
    from django.test.client import BOUNDARY, encode_multipart

    uploaded = client.generic(
        "POST", "/api/v1/media/", encode_multipart(BOUNDARY, form), content_type=MULTIPART_CONTENT
    )
    assert uploaded.status_code == 201, uploaded.content
    client.post("/api/v1/products/", TENT | {"images": [uploaded.json()["id"]]})
    client.post(f"{URL}publish/")
    deliver_events()
    (image,) = api().get(URL).json()["images"]
    assert image["alt"] == "A tent"
    assert api().get(image["url"]).status_code == 200


def test_a_new_alt_text_reaches_the_product(api, manager, deliver_events):
    image = asset("red", en="Red")
    ProductFactory(handle="tent", on_sale=True, images=[image])
    deliver_events()
    api(manager).patch(f"/api/v1/media/{image}/", {"alt": {"en": "A red tent"}})
    deliver_events()
    assert api().get(URL).json()["images"][0]["alt"] == "A red tent"


def test_a_moved_category_reaches_its_products(api, manager, deliver_events):
    from tests.taxonomy.factories import CategoryFactory

    camping = CategoryFactory(name="Camping")
    tents = CategoryFactory(name="Tents", parent=camping)
    ProductFactory(handle="tent", on_sale=True, category_id=tents.pk)
    deliver_events()
    api(manager).patch(f"/api/v1/categories/{camping.pk}/", {"slug": "camp"})
    deliver_events()
    assert api().get(URL).json()["category"]["path"] == "camp/tents"


def test_collections_hold_products_in_order(api, manager, deliver_events):
    tent, mug = ProductFactory(handle="tent", on_sale=True), ProductFactory(handle="mug", on_sale=True)
    client = api(manager)
    body = {"translations": {"en": {"title": "Summer"}}, "products": [str(mug.pk), str(tent.pk)]}
    made = client.post("/api/v1/collections/", body)
    assert made.status_code == 201, made.content
    assert (made.json()["handle"], made.json()["product_count"]) == ("summer", 2)
    deliver_events()
    found = api().get("/api/v1/products/?collection=summer").json()["results"]
    assert {one["handle"] for one in found} == {"tent", "mug"}
    assert found[0]["collections"] == [{"handle": "summer", "title": "Summer"}]
    etag = client.get("/api/v1/collections/summer/")["ETag"]
    changed = client.patch("/api/v1/collections/summer/", {"products": [str(tent.pk)]}, HTTP_IF_MATCH=etag)
    assert changed.json()["product_count"] == 1
    assert client.patch("/api/v1/collections/summer/", {"position": 1}, HTTP_IF_MATCH=etag).status_code == 412
    deliver_events()
    assert [one["handle"] for one in api().get("/api/v1/products/?collection=summer").json()["results"]] == ["tent"]
    assert client.delete("/api/v1/collections/summer/").status_code == 204
    deliver_events()
    assert api().get("/api/v1/products/?collection=summer").json()["results"] == []
    assert not Collection.objects.exists()


def test_lists_of_collections_are_pages_of_constant_cost(api):
    for n in range(5):
        CollectionFactory(products=[ProductFactory().pk], handle=f"c{n}")
    client, counts = api(), []
    client.get("/api/v1/collections/")
    for size in (1, 5):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/api/v1/collections/?page_size={size}&include=count").json()
        counts.append(len(queries))
        assert (len(page["results"]), page["count"]) == (size, 5)
    assert counts[0] == counts[1] <= 5


def test_another_shop_has_none_of_it(api, manager):
    product = ProductFactory(handle="tent", on_sale=True)
    elsewhere = api(host="globex.localhost")
    assert elsewhere.get(f"/api/v1/variants/{product.variants.get().pk}/").status_code == 404
    assert elsewhere.get(f"{URL}variants/").status_code == 404
