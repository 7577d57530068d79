"""Writing nodes."""

from datetime import timedelta

import pytest

from apps.content import services
from apps.content.models import Node, NodeTranslation
from apps.content.public import find_node, get_node, list_nodes
from rustok.kernel.errors import Forbidden, Invalid, NotFound, PreconditionFailed, Unauthenticated
from rustok.kernel.locales import UnknownLocale
from rustok.kernel.pages import PageRequest
from tests.content.factories import NASTY, NOW, SYSTEM, TRACES, make_post, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def create(**given):
    given.setdefault("translations", {"en": {"title": "Hello there"}})
    return services.create_node(actor=given.pop("actor", SYSTEM), kind=given.pop("kind", "post"), now=NOW, **given)


def test_a_new_node_is_a_draft_with_a_slug_out_of_its_title(events_of):
    node = create()
    row = node.translations.get()
    assert (row.slug, row.status, row.published_at) == ("hello-there", "draft", None)
    assert events_of("node.created") == [{"node_id": str(node.pk), "kind": "post"}]
    assert events_of("node.published") == []


def test_a_slug_that_was_not_asked_for_gives_way(acme):
    first, second = create(), create()
    slugs = [node.translations.get().slug for node in (first, second)]
    assert slugs[0] == "hello-there"
    assert slugs[1].startswith("hello-there-")


def test_a_slug_that_was_asked_for_is_refused_when_it_is_taken(events_of):
    create()
    with pytest.raises(services.SlugTaken) as refusal:
        create(translations={"en": {"title": "Other", "slug": "hello-there"}})
    assert refusal.value.errors[0].field == "translations.en.slug"
    assert Node.objects.count() == 1
    assert len(events_of("node.created")) == 1


def test_a_title_that_cannot_be_spelled_borrows_the_slug_of_another_language(acme):
    node = create(translations={"en": {"title": "Tea"}, "de": {"title": "茶"}})
    assert {row.locale: row.slug for row in node.translations.all()} == {"en": "tea", "de": "tea"}


def test_the_body_is_sanitised_on_writing(acme):
    html = create(translations={"en": {"title": "x", "body": NASTY}}).translations.get().body_html
    assert "<strong>you</strong>" in html
    assert not [trace for trace in TRACES if trace in html]


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ({}, services.NoText),
        ({"en": {"title": " "}}, Invalid),
        ({"en": {"body": "no title"}}, Invalid),
        ({"en": {"title": "x" * 201}}, Invalid),
        ({"en": {"title": "x", "body": "y" * 100_001}}, Invalid),
        ({"en": {"title": "NUL\x00"}}, Invalid),
        ({"en": {"title": "x", "slug": "No Slug"}}, Invalid),
        ({"fr": {"title": "Bonjour"}}, UnknownLocale),
    ],
)
def test_bad_texts_write_nothing(texts, error, events_of):
    with pytest.raises(error):
        create(translations=texts)
    assert (Node.objects.count(), events_of("node.created")) == (0, [])


def test_an_unknown_kind_is_refused(acme):
    with pytest.raises(Invalid):
        create(kind="product")


def test_publishing_is_per_language_and_announced_once(events_of):
    node = create(translations={"en": {"title": "Tea"}, "de": {"title": "Tee"}})
    for _ in range(2):
        services.publish_node(actor=SYSTEM, node_id=node.pk, locale="de", now=NOW)
    assert dict(node.translations.values_list("locale", "status")) == {"en": "draft", "de": "published"}
    assert len(events_of("node.published")) == 1


def test_publishing_all_keeps_the_date_that_a_language_had(acme):
    node = create(translations={"en": {"title": "Tea"}, "de": {"title": "Tee"}})
    services.publish_node(actor=SYSTEM, node_id=node.pk, locale="de", now=NOW)
    later = NOW + timedelta(days=3)
    services.publish_node(actor=SYSTEM, node_id=node.pk, now=later)
    assert dict(node.translations.values_list("locale", "published_at")) == {"en": later, "de": NOW}


def test_a_language_that_is_not_there_cannot_be_published(acme):
    with pytest.raises(services.NotTranslated):
        services.publish_node(actor=SYSTEM, node_id=create().pk, locale="de", now=NOW)


def test_a_date_to_come_is_refused(acme):
    with pytest.raises(services.DateToCome):
        services.publish_node(actor=SYSTEM, node_id=create().pk, published_at=NOW + timedelta(1), now=NOW)


def test_an_update_of_an_old_version_is_refused(events_of):
    node = create()
    services.update_node(actor=SYSTEM, node_id=node.pk, translations={"en": {"title": "One"}}, now=NOW, expected=1)
    with pytest.raises(PreconditionFailed):
        services.update_node(actor=SYSTEM, node_id=node.pk, translations={"en": {"title": "Two"}}, now=NOW, expected=1)
    assert node.translations.get().title == "One"
    assert len(events_of("node.updated")) == 1


def test_an_update_leaves_the_other_languages_and_fields_alone(acme):
    node = create(translations={"en": {"title": "Tea", "excerpt": "hot"}})
    services.update_node(actor=SYSTEM, node_id=node.pk, translations={"de": {"title": "Tee"}}, now=NOW)
    services.update_node(actor=SYSTEM, node_id=node.pk, translations={"en": {"title": "Green tea"}}, now=NOW)
    english = node.translations.get(locale="en")
    assert (english.title, english.slug, english.excerpt) == ("Green tea", "tea", "hot")
    assert node.translations.get(locale="de").status == "draft"


def test_deleting_announces_it_and_takes_the_translations(events_of):
    node = create()
    services.delete_node(actor=SYSTEM, node_id=node.pk)
    assert NodeTranslation.objects.count() == 0
    assert events_of("node.deleted") == [{"node_id": str(node.pk), "kind": "post"}]


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["post", "page"])
def test_a_customer_writes_no_posts_and_pages(kind, customer, actor, events_of):
    with pytest.raises(Forbidden):
        create(kind=kind, actor=actor(customer))
    assert (Node.objects.count(), events_of("node.created")) == (0, [])


def test_nobody_writes_nothing(events_of):
    from rustok.kernel.access import ANONYMOUS

    node = create()
    for attempt in (
        lambda: create(actor=ANONYMOUS),
        lambda: services.update_node(actor=ANONYMOUS, node_id=node.pk, translations={}, now=NOW),
        lambda: services.publish_node(actor=ANONYMOUS, node_id=node.pk, now=NOW),
        lambda: services.delete_node(actor=ANONYMOUS, node_id=node.pk),
    ):
        with pytest.raises(Unauthenticated):
            attempt()
    assert Node.objects.get().version == 1
    assert (events_of("node.updated"), events_of("node.published"), events_of("node.deleted")) == ([], [], [])


def test_a_customer_changes_only_own_topics(customer, actor, events_of):
    me = actor(customer)
    own, foreign = make_topic(actor=me, author_name=""), make_topic()
    services.update_node(actor=me, node_id=own.pk, translations={"en": {"title": "Mine"}}, now=NOW)
    with pytest.raises(Forbidden):
        services.update_node(actor=me, node_id=foreign.pk, translations={"en": {"title": "Not mine"}}, now=NOW)
    assert len(events_of("node.updated")) == 1


def test_a_customer_writes_under_no_other_name(customer, actor):
    with pytest.raises(services.ForeignAuthor):
        create(kind="topic", actor=actor(customer), author_name="The owner")


def test_the_author_is_named_but_never_by_address(customer, actor):
    customer.name = ""
    customer.save()
    assert create(kind="topic", actor=actor(customer)).author_name == "Member"


def test_a_manager_writes(manager, actor):
    assert create(actor=actor(manager)).author_id == manager.pk


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_read_says_which_language_it_is_in(acme):
    node = create(translations={"en": {"title": "Tea"}}, publish_at=NOW)
    assert get_node(node.pk, "de").locale == "en"
    services.update_node(actor=SYSTEM, node_id=node.pk, translations={"de": {"title": "Tee"}}, now=NOW)
    assert get_node(node.pk, "de").locale == "en", "a draft is no answer"
    services.publish_node(actor=SYSTEM, node_id=node.pk, now=NOW)
    assert get_node(node.pk, "de").locale == "de"
    assert get_node(node.pk, "de").slugs == {"en": "tea", "de": "tee"}


def test_what_is_only_said_in_another_language_is_still_found(acme):
    node = create(translations={"de": {"title": "Tee"}}, publish_at=NOW)
    assert get_node(node.pk, "en").locale == "de"
    assert [view.locale for view in list_nodes("post", "en", PageRequest()).results] == ["de"]


def test_a_slug_of_any_language_finds_the_node(acme):
    node = create(translations={"en": {"title": "Tea"}, "de": {"title": "Tee"}}, publish_at=NOW)
    assert find_node("post", "tea", "de").locale == "de"
    assert find_node("post", "tee", "en").id == node.pk
    assert find_node("page", "tea", "en") is None


def test_a_slug_that_two_nodes_share_means_the_one_of_the_language_asked_for(acme):
    english = create(translations={"en": {"title": "Gift"}}, publish_at=NOW)
    german = create(translations={"en": {"title": "Poison"}, "de": {"title": "Gift"}}, publish_at=NOW)
    assert find_node("post", "gift", "en").id == english.pk
    assert find_node("post", "gift", "de").id == german.pk


def test_a_list_has_each_node_once_in_its_best_language(acme):
    create(translations={"en": {"title": "Tea"}, "de": {"title": "Tee"}}, publish_at=NOW)
    create(translations={"en": {"title": "Water"}}, publish_at=NOW - timedelta(days=1))
    create(translations={"en": {"title": "Secret"}})
    assert [view.title for view in list_nodes("post", "de", PageRequest()).results] == ["Tee", "Water"]


def test_pages_of_a_list_meet_without_gap_or_overlap(acme):
    for number in range(7):
        create(translations={"en": {"title": f"Post {number}"}}, publish_at=NOW + timedelta(hours=number - 10))
    seen, cursor = [], None
    while True:
        page = list_nodes("post", "en", PageRequest(size=3, cursor=cursor))
        seen += [view.title for view in page.results]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [f"Post {number}" for number in reversed(range(7))]


def test_a_list_costs_one_query(django_assert_num_queries):
    for _ in range(3):
        make_post()
    with django_assert_num_queries(1):
        assert len(list_nodes("post", "de", PageRequest()).results) == 3


def test_a_draft_is_seen_by_editors_and_its_author(customer, manager, actor):
    node = create(kind="topic", actor=actor(customer))
    assert get_node(node.pk, "en") is None
    assert get_node(node.pk, "en", actor=actor(manager)).status == "draft"
    assert get_node(node.pk, "en", actor=actor(customer)).status == "draft"


def test_another_tenants_node_is_not_there(globex):
    from apps.tenant.public import use_tenant

    node = create(publish_at=NOW)
    with use_tenant(globex):
        assert get_node(node.pk, "en") is None
        with pytest.raises(NotFound):
            services.publish_node(actor=SYSTEM, node_id=node.pk, now=NOW)
