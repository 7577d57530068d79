"""Products keep their promises."""

from uuid import uuid4

import pytest

from apps.product import public, services
from apps.product.models import Option, OptionValue, Product, ProductImage, ProductTag, ProductTranslation, Variant
from apps.taxonomy.models import Tag
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import Conflict, Forbidden, Invalid, PreconditionFailed, Unauthenticated
from rustok.kernel.locales import UnknownLocale
from tests.product.factories import NOW, SIZES, SYSTEM, ProductFactory, asset
from tests.taxonomy.factories import CategoryFactory

pytestmark = pytest.mark.django_db
NINE = [{"options": {"Size": s, "Colour": c}} for s in ("S", "M", "L") for c in ("Red", "Green", "Blue")]


def create(**given):
    return services.create_product(actor=SYSTEM, now=NOW, **({"translations": {"en": {"title": "Tent"}}} | given))


# --- creating -------------------------------------------------------------------------------------------------------


def test_a_product_with_everything_is_created_at_once(acme, events_of):
    category, red, blue = CategoryFactory(name="Shirts"), asset("red"), asset("blue")
    ref = create(
        handle="tee",
        translations={"en": {"title": "Tee", "description": "<p>Soft</p>"}, "de": {"title": "Hemd"}},
        category_id=category.pk,
        tags=["Wool", "Warm"],
        vendor=" Acme ",
        options=[
            {"name": "Size", "values": ["S", "M"]},
            {"name": "Colour", "values": ["Red"], "translations": {"de": {"name": "Farbe", "values": {"Red": "Rot"}}}},
        ],
        variants=[
            {"sku": "TEE-S", "options": {"Size": "S", "Colour": "Red"}, "weight_g": 200, "image_id": blue},
            {"sku": "TEE-M", "options": {"Size": "M", "Colour": "Red"}},
        ],
        images=[red],
    )
    product = Product.objects.get(pk=ref.id)
    assert (product.handle, product.status, product.vendor, product.version) == ("tee", "draft", "Acme", 1)
    assert set(ref.variants) == {"TEE-S", "TEE-M"}
    assert list(product.variants.values_list("title", flat=True)) == ["S / Red", "M / Red"]
    assert sorted(product.tags.values_list("slug", flat=True)) == ["warm", "wool"]
    shown = set(product.images.values_list("asset_id", "variant_id"))
    assert shown == {(red, None), (blue, None), (blue, ref.variants["TEE-S"])}
    assert events_of("product.created") == [{"product_id": str(ref.id), "handle": "tee"}]
    assert events_of("product.published") == []


def test_without_variants_a_product_gets_one(acme):
    ref = create(handle="tent")
    assert list(ref.variants) == ["tent"]


def test_a_handle_is_made_of_the_title_and_numbered_when_taken(acme):
    assert [create().handle for _ in range(3)] == ["tent", "tent-2", "tent-3"]
    assert create(translations={"de": {"title": "Größe Ü"}}).handle == "groesse-ue"
    assert create(translations={"en": {"title": "★"}}).handle == "product"


@pytest.mark.parametrize("handle", ["Tent", "a--b", "-a", "a" * 121, "tent/1", "019a0000-0000-7000-8000-000000000000"])
def test_a_handle_is_lower_case_words_and_no_id(acme, handle):
    with pytest.raises(services.BadHandle):
        create(handle=handle)
    assert not Product.objects.exists()


def test_a_taken_handle_and_a_taken_sku_are_named_and_write_nothing(acme, events_of):
    create(handle="tent", variants=[{"sku": "T1"}])
    with pytest.raises(services.HandleTaken):
        create(handle="tent", variants=[{"sku": "T2"}])
    with pytest.raises(services.SkuTaken):
        create(handle="tent-2", variants=[{"sku": "T1"}])
    assert Product.objects.count() == Variant.objects.count() == len(events_of("product.created")) == 1


def test_a_description_is_sanitised(acme):
    html = '<p onclick="x()">Hi <script>alert(1)</script><a href="javascript:x">y</a></p>'
    ref = create(translations={"en": {"title": "Tent", "description": html}})
    stored = ProductTranslation.objects.get(product=ref.id).description
    assert "script" not in stored
    assert "onclick" not in stored
    assert stored.startswith("<p>Hi ")


@pytest.mark.parametrize(
    ("options", "variants", "refused"),
    [
        (SIZES, [{"options": {"Size": "S"}}], services.BadOptions),
        (SIZES, [{"options": {"Size": "S", "Colour": "Pink"}}], services.BadOptions),
        (SIZES, [{"options": {"Size": "S", "Colour": "Red", "Cut": "Slim"}}], services.BadOptions),
        (SIZES, [], services.BadOptions),
        (SIZES, [NINE[0], NINE[0]], services.SameChoice),
        (SIZES, [NINE[0] | {"sku": "X"}, NINE[1] | {"sku": "X"}], services.SkuTaken),
        ([{"name": "Size", "values": ["S", "S"]}], [], services.BadOptions),
        ([{"name": "Size", "values": ["S"]}, {"name": "SIZE", "values": ["S"]}], [], services.BadOptions),
        ([{"name": f"O{n}", "values": ["x"]} for n in range(6)], [], services.TooMany),
        ([{"name": "Size", "values": [str(n) for n in range(101)]}], [], services.TooMany),
        ([], [{"options": {"Size": str(n)}} for n in range(251)], services.TooMany),
        ([], [{"sku": "A"}, {"sku": "B"}], services.SameChoice),
    ],
)
def test_options_and_variants_that_do_not_fit_are_refused(acme, options, variants, refused, events_of):
    with pytest.raises(refused):
        create(options=options, variants=variants)
    assert not Product.objects.exists()
    assert events_of("product.created") == []


def test_options_follow_from_the_variants_when_none_are_given(acme):
    create(variants=[{"options": {"Size": "S"}}, {"options": {"Size": "M"}}])
    assert list(OptionValue.objects.order_by("position").values_list("option__name", "value")) == [
        ("Size", "S"), ("Size", "M"),
    ]  # fmt: skip


def test_a_product_of_nine_variants_takes_few_queries(acme, django_assert_max_num_queries):
    category, image = CategoryFactory(name="Shirts"), asset()
    create(tags=["Wool"])
    with django_assert_max_num_queries(19):
        create(options=SIZES, variants=NINE, tags=["Wool"], category_id=category.pk, images=[image], handle="tee")


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"translations": {}}, services.NeedsTitle),
        ({"translations": {"en": {"title": "  "}}}, services.NeedsTitle),
        ({"translations": {"ru": {"title": "Палатка"}}}, UnknownLocale),
        ({"category_id": uuid4()}, Invalid),
        ({"images": [uuid4()]}, Invalid),
        ({"tags": [f"t{n}" for n in range(51)]}, services.TooMany),
        ({"members": [uuid4()]}, Invalid),
    ],
)
def test_what_does_not_exist_or_is_too_much_is_refused(acme, given, refused, events_of):
    with pytest.raises(refused):
        create(**given)
    assert not Product.objects.exists()
    assert not Tag.objects.exists()
    assert events_of("product.created") == []


def test_a_group_holds_products(acme):
    mug, tee = create(handle="mug"), create(handle="tee")
    group = create(handle="set", kind="grouped", members=[tee.id, mug.id])
    product = Product.objects.get(pk=group.id)
    assert list(product.member_links.values_list("member__handle", flat=True)) == ["tee", "mug"]
    with pytest.raises(Invalid):
        create(handle="sets", kind="grouped", members=[group.id])


# --- changing -------------------------------------------------------------------------------------------------------


def test_a_change_counts_the_version_up_and_an_old_version_loses(acme, events_of):
    ref = create()
    product = services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, expected_version=1, vendor="Acme")
    assert product.version == 2
    with pytest.raises(PreconditionFailed):
        services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, expected_version=1, vendor="Other")
    assert Product.objects.get().vendor == "Acme"
    assert len(events_of("product.updated")) == 1


def test_words_change_one_locale_and_one_field_at_a_time(acme):
    ref = create(translations={"en": {"title": "Tent", "subtitle": "Dry"}, "de": {"title": "Zelt"}})
    services.update_product(
        actor=SYSTEM, product_id=ref.id, now=NOW, translations={"en": {"title": "Dome"}, "de": None}
    )
    rows = list(ProductTranslation.objects.values_list("locale", "title", "subtitle"))
    assert rows == [("en", "Dome", "Dry")]
    with pytest.raises(services.NeedsTitle):
        services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, translations={"en": None})
    assert ProductTranslation.objects.count() == 1


def test_tags_are_replaced(acme):
    ref = create(tags=["Wool", "Warm"])
    services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, tags=["warm", "New"])
    assert sorted(ProductTag.objects.values_list("tag__slug", flat=True)) == ["new", "warm"]


def test_reshaping_options_carries_the_variants_along(acme):
    ref = create(variants=[{"sku": "S", "options": {"Size": "S"}}, {"sku": "M", "options": {"Size": "M"}}])
    services.update_product(
        actor=SYSTEM,
        product_id=ref.id,
        now=NOW,
        options=[
            {"name": "Colour", "values": ["Red", "Blue"]},
            {"name": "Size", "values": ["L", "M", "S"], "translations": {"de": {"name": "Größe"}}},
        ],
    )
    assert dict(Variant.objects.values_list("sku", "title")) == {"S": "Red / S", "M": "Red / M"}
    names = list(Option.objects.order_by("position").values_list("name", flat=True))
    assert names == ["Colour", "Size"]
    added = services.add_variant(actor=SYSTEM, product_id=ref.id, options={"Colour": "Blue", "Size": "S"})
    assert added.title == "Blue / S"


def test_an_option_value_that_a_variant_has_stays(acme):
    ref = create(options=[{"name": "Size", "values": ["S", "M"]}], variants=[{"options": {"Size": "S"}}])
    with pytest.raises(services.OptionInUse):
        services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, options=[{"name": "Size", "values": ["M"]}])
    assert OptionValue.objects.count() == 2


def test_an_option_that_tells_variants_apart_stays(acme):
    ref = create(variants=[{"options": {"Size": "S"}}, {"options": {"Size": "M"}}])
    with pytest.raises(services.SameChoice):
        services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, options=[])
    assert Option.objects.count() == 1


# --- variants and images --------------------------------------------------------------------------------------------


def test_a_new_variant_may_bring_a_new_value(acme):
    ref = create(variants=[{"options": {"Size": "S"}}])
    variant = services.add_variant(actor=SYSTEM, product_id=ref.id, options={"Size": "XL"}, weight_g=5)
    assert (variant.title, variant.sku) == ("XL", "tent-2")
    with pytest.raises(services.SameChoice):
        services.add_variant(actor=SYSTEM, product_id=ref.id, sku="other", options={"Size": "XL"})
    with pytest.raises(services.BadOptions):
        services.add_variant(actor=SYSTEM, product_id=ref.id)
    assert Product.objects.get().version == 2


def test_a_variant_changes_its_choice_and_its_sku(acme):
    ref = create(variants=[{"sku": "S", "options": {"Size": "S"}}, {"sku": "M", "options": {"Size": "M"}}])
    services.update_variant(actor=SYSTEM, variant_id=ref.variants["S"], sku="L", options={"Size": "L"})
    assert dict(Variant.objects.values_list("sku", "title")) == {"L": "L", "M": "M"}
    with pytest.raises(services.SameChoice):
        services.update_variant(actor=SYSTEM, variant_id=ref.variants["S"], options={"Size": "M"})
    with pytest.raises(services.SkuTaken):
        services.update_variant(actor=SYSTEM, variant_id=ref.variants["S"], sku="M")
    assert dict(Variant.objects.values_list("sku", "title")) == {"L": "L", "M": "M"}


def test_the_last_variant_stays(acme):
    ref = create(variants=[{"sku": "S", "options": {"Size": "S"}}, {"sku": "M", "options": {"Size": "M"}}])
    services.delete_variant(actor=SYSTEM, variant_id=ref.variants["S"])
    with pytest.raises(services.LastVariant):
        services.delete_variant(actor=SYSTEM, variant_id=ref.variants["M"])
    assert Variant.objects.count() == 1


def test_images_are_added_in_order_and_removed_everywhere(acme):
    red, blue = asset("red"), asset("blue")
    ref = create(images=[red])
    variant = ref.variants["tent"]
    first = services.add_image(actor=SYSTEM, product_id=ref.id, asset_id=blue, position=0)
    services.add_image(actor=SYSTEM, product_id=ref.id, asset_id=blue, variant_id=variant)
    order = list(ProductImage.objects.filter(variant=None).order_by("position").values_list("asset_id", flat=True))
    assert order == [blue, red]
    with pytest.raises(Conflict):
        services.add_image(actor=SYSTEM, product_id=ref.id, asset_id=blue)
    services.remove_image(
        actor=SYSTEM, product_id=ref.id, image_id=ProductImage.objects.get(asset=blue, variant=None).pk
    )
    assert list(ProductImage.objects.values_list("asset_id", flat=True)) == [red]
    assert first.asset_id == blue


# --- on sale --------------------------------------------------------------------------------------------------------


def test_a_check_of_a_module_above_keeps_a_product_off_sale(acme, events_of, monkeypatch):
    from apps.product.services import publishing

    monkeypatch.setattr(publishing, "_checks", {})

    def no_price(product_id):
        raise Conflict("no price")

    public.register_publish_check(no_price)
    ref = create()
    with pytest.raises(Conflict):
        services.publish_product(actor=SYSTEM, product_id=ref.id, now=NOW)
    with pytest.raises(Conflict):
        services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, status="active")
    assert Product.objects.get().status == "draft"
    assert events_of("product.published") == events_of("product.updated") == []


@pytest.fixture
def no_checks(monkeypatch):
    from apps.product.services import publishing

    monkeypatch.setattr(publishing, "_checks", {})


def test_publishing_twice_is_publishing_once(acme, events_of, no_checks):
    ref = create()
    services.publish_product(actor=SYSTEM, product_id=ref.id, now=NOW)
    services.publish_product(actor=SYSTEM, product_id=ref.id, now=NOW)
    assert Product.objects.get().published_at == NOW
    assert len(events_of("product.published")) == 1
    services.unpublish_product(actor=SYSTEM, product_id=ref.id)
    services.unpublish_product(actor=SYSTEM, product_id=ref.id)
    assert Product.objects.get().status == "draft"
    assert len(events_of("product.unpublished")) == 1


def test_a_status_in_a_change_publishes_and_archives(acme, events_of, no_checks):
    ref = create()
    services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, status="active")
    services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, status="archived")
    assert (len(events_of("product.published")), len(events_of("product.unpublished"))) == (1, 1)
    assert Product.objects.get().status == "archived"


def test_what_is_sold_elsewhere_says_where(acme):
    ref = create(kind="external")
    with pytest.raises(services.ProductNotReady):
        services.publish_product(actor=SYSTEM, product_id=ref.id, now=NOW)
    services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, external_url="https://example.com/")
    services.publish_product(actor=SYSTEM, product_id=ref.id, now=NOW)


def test_only_the_platform_creates_what_is_on_sale_at_once(acme, manager, actor, events_of):
    with pytest.raises(services.ProductNotReady):
        services.create_product(actor=actor(manager), now=NOW, translations={"en": {"title": "Tent"}}, status="active")
    assert not Product.objects.exists()
    create(status="active")
    assert len(events_of("product.published")) == 1


def test_deleting_takes_the_parts_along_and_leaves_the_image(acme, events_of):
    image = asset()
    ref = create(options=SIZES, variants=NINE, images=[image], tags=["Wool"])
    services.delete_product(actor=SYSTEM, product_id=ref.id)
    assert Product.objects.count() + Variant.objects.count() + Option.objects.count() == 0
    assert events_of("product.deleted") == [{"product_id": str(ref.id), "handle": "tent"}]


@pytest.mark.parametrize("who", ["anonymous", "customer"])
def test_strangers_change_nothing(acme, actor, customer, who, events_of):
    stranger = ANONYMOUS if who == "anonymous" else actor(customer)
    refused = Unauthenticated if who == "anonymous" else Forbidden
    ref = create(variants=[{"sku": "S", "options": {"Size": "S"}}, {"sku": "M", "options": {"Size": "M"}}])
    variant, image = ref.variants["S"], asset()
    for attempt in (
        lambda: services.create_product(actor=stranger, now=NOW, translations={"en": {"title": "Mine"}}),
        lambda: services.update_product(actor=stranger, product_id=ref.id, now=NOW, vendor="Mine"),
        lambda: services.publish_product(actor=stranger, product_id=ref.id, now=NOW),
        lambda: services.unpublish_product(actor=stranger, product_id=ref.id),
        lambda: services.delete_product(actor=stranger, product_id=ref.id),
        lambda: services.add_variant(actor=stranger, product_id=ref.id, options={"Size": "L"}),
        lambda: services.update_variant(actor=stranger, variant_id=variant, sku="MINE"),
        lambda: services.delete_variant(actor=stranger, variant_id=variant),
        lambda: services.add_image(actor=stranger, product_id=ref.id, asset_id=image),
        lambda: services.remove_image(actor=stranger, product_id=ref.id, image_id=image),
        lambda: services.create_collection(actor=stranger, translations={"en": {"title": "Mine"}}),
    ):
        with pytest.raises(refused):
            attempt()
    product = Product.objects.get()
    assert (product.version, product.variants.count(), product.images.count()) == (1, 2, 0)
    kinds = ("updated", "published", "unpublished", "deleted")
    assert [events_of(f"product.{kind}") for kind in kinds] == [[], [], [], []]
    assert len(events_of("product.created")) == 1
    assert events_of("collection.created") == []


def test_a_category_and_a_tag_that_products_have_are_not_deleted(acme):
    from apps.taxonomy.services import CategoryInUse, TagInUse, delete_category, delete_tag

    category = CategoryFactory(name="Tents")
    create(category_id=category.pk, tags=["Wool"])
    with pytest.raises(CategoryInUse):
        delete_category(actor=SYSTEM, category_id=category.pk)
    with pytest.raises(TagInUse):
        delete_tag(actor=SYSTEM, tag_id=Tag.objects.get().pk)


def test_products_of_the_factory_are_alike_those_of_the_service(acme):
    assert ProductFactory(sized=True).variants.count() == 9


def test_an_address_elsewhere_is_a_web_address(acme):
    with pytest.raises(Invalid):
        create(kind="external", external_url="javascript:alert(1)")
    ref = create(kind="external", external_url="https://example.com/tent")
    with pytest.raises(Invalid):
        services.update_product(actor=SYSTEM, product_id=ref.id, now=NOW, external_url="data:text/html,x")
    assert Product.objects.get().external_url == "https://example.com/tent"
