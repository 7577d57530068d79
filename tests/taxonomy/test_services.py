"""The tree keeps its shape."""

import pytest

from apps.taxonomy import public, selectors, services
from apps.taxonomy.models import Category, CategoryTranslation, Tag
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.errors import Forbidden, PreconditionFailed, Unauthenticated
from rustok.kernel.locales import UnknownLocale
from tests.taxonomy.factories import CategoryFactory, TagFactory

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def test_a_path_follows_from_the_names(acme, events_of):
    camping = CategoryFactory(name="Camping & Hiking")
    tents = CategoryFactory(name="Zelte für Große", parent=camping)
    assert tents.path == "camping-and-hiking/zelte-fuer-grosse"
    assert [event["path"] for event in events_of("category.created")] == ["camping-and-hiking", tents.path]


def test_a_name_in_cyrillic_has_a_slug(acme):
    assert CategoryFactory(name="Кофе и чай").slug == "kofe-i-chay"


def test_a_name_without_letters_asks_for_a_slug(acme):
    with pytest.raises(services.NoSlug):
        CategoryFactory(name="★★★")
    assert CategoryFactory(name="★★★", slug="stars").path == "stars"


def test_moving_a_category_carries_along_what_is_under_it(acme, events_of):
    camping, outdoor = CategoryFactory(name="Camping"), CategoryFactory(name="Outdoor")
    tents = CategoryFactory(name="Tents", parent=camping)
    CategoryFactory(name="Domes", parent=tents)
    CategoryFactory(name="Camping stoves")
    services.update_category(actor=SYSTEM, category_id=camping.pk, parent_id=outdoor.pk)
    rows = dict(Category.objects.values_list("path", "depth"))
    assert rows == {
        "outdoor": 1, "outdoor/camping": 2, "outdoor/camping/tents": 3, "outdoor/camping/tents/domes": 4,
        "camping-stoves": 1,
    }  # fmt: skip
    assert events_of("category.updated") == [{"category_id": str(camping.pk), "path": "outdoor/camping"}]


def test_a_new_slug_carries_along_what_is_under_it(acme):
    camping = CategoryFactory(name="Camping")
    CategoryFactory(name="Tents", parent=camping)
    services.update_category(actor=SYSTEM, category_id=camping.pk, slug="camp")
    assert set(Category.objects.values_list("path", flat=True)) == {"camp", "camp/tents"}


def test_a_category_cannot_stand_under_itself(acme):
    top = CategoryFactory(name="Top")
    below = CategoryFactory(name="Below", parent=top)
    for parent in (top, below):
        with pytest.raises(services.UnderItself):
            services.update_category(actor=SYSTEM, category_id=top.pk, parent_id=parent.pk)


def test_the_ninth_level_is_refused_when_made_and_when_moved(acme, events_of):
    at = None
    for level in range(8):
        at = CategoryFactory(name=f"Level {level}", parent=at)
    with pytest.raises(services.TooDeep):
        CategoryFactory(name="Too deep", parent=at)
    other = CategoryFactory(name="Other")
    with pytest.raises(services.TooDeep):
        services.update_category(actor=SYSTEM, category_id=Category.objects.get(path="level-0").pk, parent_id=other.pk)
    assert events_of("category.updated") == []
    assert Category.objects.get(pk=at.pk).depth == 8


def test_siblings_have_different_slugs(acme):
    CategoryFactory(name="Tents")
    with pytest.raises(services.SlugTaken):
        CategoryFactory(name="Tents!")


def test_a_category_needs_a_name(acme):
    with pytest.raises(services.NeedsName):
        CategoryFactory(translations={}, slug="nameless")
    category = CategoryFactory(name="Tents")
    with pytest.raises(services.NeedsName):
        services.update_category(actor=SYSTEM, category_id=category.pk, translations={"en": None})
    assert CategoryTranslation.objects.count() == 1


def test_a_locale_of_another_shop_is_refused(acme):
    with pytest.raises(UnknownLocale):
        CategoryFactory(translations={"en": {"name": "Tents"}, "ru": {"name": "Палатки"}})
    assert not Category.objects.exists()


def test_translations_are_written_one_locale_at_a_time(acme):
    category = CategoryFactory(translations={"en": {"name": "Tents", "description": "Dry."}})
    services.update_category(actor=SYSTEM, category_id=category.pk, translations={"de": {"name": "Zelte"}})
    document = selectors.category_by_path("tents", "de")
    assert (document["name"], document["description"], document["resolved_locale"]) == ("Zelte", "", "de")
    services.update_category(actor=SYSTEM, category_id=category.pk, translations={"de": None})
    document = selectors.category_by_path("tents", "de")
    assert (document["name"], document["description"], document["resolved_locale"]) == ("Tents", "Dry.", "en")


def test_an_old_version_loses(acme, events_of):
    category = CategoryFactory(name="Tents")
    services.update_category(actor=SYSTEM, category_id=category.pk, expected_version=1, position=4)
    with pytest.raises(PreconditionFailed):
        services.update_category(actor=SYSTEM, category_id=category.pk, expected_version=1, position=5)
    assert Category.objects.get().position == 4
    assert len(events_of("category.updated")) == 1


def test_only_an_empty_category_is_deleted(acme, events_of):
    top = CategoryFactory(name="Top")
    below = CategoryFactory(name="Below", parent=top)
    with pytest.raises(services.CategoryInUse):
        services.delete_category(actor=SYSTEM, category_id=top.pk)
    assert events_of("category.deleted") == []
    services.delete_category(actor=SYSTEM, category_id=below.pk)
    services.delete_category(actor=SYSTEM, category_id=top.pk)
    assert not Category.objects.exists()


def test_ensuring_a_path_twice_makes_it_once(acme):
    first = public.ensure_category(actor=SYSTEM, path=["Clothing", "Hoodies"], locale="en")
    again = public.ensure_category(actor=SYSTEM, path=["clothing", "HOODIES"], locale="en")
    assert first == again
    assert Category.objects.count() == 2


def test_ensuring_tags_keeps_their_order_and_drops_repetitions(acme):
    TagFactory(name="Sale")
    ids = public.ensure_tags(actor=SYSTEM, names=["Wool", "sale", "wool", "Warm"])
    assert [public.tag_slugs(ids)[one] for one in ids] == ["wool", "sale", "warm"]
    assert Tag.objects.get(slug="sale").name == "Sale"


@pytest.mark.parametrize("who", ["anonymous", "customer"])
def test_strangers_change_nothing(acme, actor, customer, who, events_of):
    stranger = ANONYMOUS if who == "anonymous" else actor(customer)
    refused = Unauthenticated if who == "anonymous" else Forbidden
    category = CategoryFactory(name="Tents")
    before = len(events_of("category.created"))
    for attempt in (
        lambda: services.create_category(actor=stranger, translations={"en": {"name": "Mine"}}),
        lambda: services.update_category(actor=stranger, category_id=category.pk, slug="mine"),
        lambda: services.delete_category(actor=stranger, category_id=category.pk),
        lambda: public.ensure_category(actor=stranger, path=["Mine"], locale="en"),
        lambda: public.ensure_tags(actor=stranger, names=["Mine"]),
        lambda: services.create_tag(actor=stranger, name="Mine"),
    ):
        with pytest.raises(refused):
            attempt()
    assert list(Category.objects.values_list("slug", flat=True)) == ["tents"]
    assert not Tag.objects.exists()
    assert len(events_of("category.created")) == before
    assert events_of("category.updated") == events_of("category.deleted") == []


def test_the_tree_costs_two_queries_however_large(acme, django_assert_num_queries):
    for n in range(3):
        top = CategoryFactory(name=f"Top {n}")
        for m in range(4):
            CategoryFactory(name=f"Leaf {m}", parent=top)
    with django_assert_num_queries(2):
        tree = public.category_tree("en")
    assert [len(root["children"]) for root in tree] == [4, 4, 4]


def test_references_in_many_locales_cost_three_queries(acme, django_assert_num_queries):
    camping = CategoryFactory(translations={"en": {"name": "Camping"}, "de": {"name": "Zelten"}})
    tents = CategoryFactory(name="Tents", parent=camping)
    with django_assert_num_queries(3):
        refs = public.category_refs([camping.pk, tents.pk], ["en", "de"])
    assert refs[tents.pk]["de"] == {
        "id": str(tents.pk), "path": "camping/tents", "name": "Tents",
        "ancestors": [{"path": "camping", "name": "Zelten"}],
    }  # fmt: skip
