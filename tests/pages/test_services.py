"""Pages and their blocks."""

import pytest

from apps.media.public import store_image
from apps.pages import services
from apps.pages.models import MAX_BLOCKS, Block, Page
from apps.pages.models.blocks import BlockInvalid, TooManyBlocks
from apps.pages.public import page_by_path, paths_of
from rustok.kernel.errors import Conflict, Forbidden, Invalid, PreconditionFailed
from tests.content.factories import NASTY, NOW, SYSTEM, TRACES, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def blocks_of(*blocks):
    return {"en": [{"type": kind, "data": data} for kind, data in blocks]}


def picture():
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "PNG")
    return store_image(actor=SYSTEM, content=buffer.getvalue(), filename="teal.png", alt={"en": "Teal"})


def test_a_page_answers_its_blocks_in_order_with_images_and_html(acme):
    asset_id = picture()
    make_page(
        path="about/us",
        blocks=blocks_of(
            ("hero", {"title": "Hi", "image_id": str(asset_id), "cta_label": "Shop", "cta_url": "/products/"}),
            ("text", {"body": "Some *words*."}),
            ("product_grid", {"title": "New", "handles": ["tent", "stove"]}),
        ),
    )
    found = page_by_path("about/us", "de")
    assert (found["path"], found["resolved_locale"]) == ("about/us", "en")
    assert [block["type"] for block in found["blocks"]] == ["hero", "text", "product_grid"]
    assert found["blocks"][0]["data"]["image"]["alt"] == "Teal"
    assert found["blocks"][1]["data"] == {"html": "<p>Some <em>words</em>.</p>"}
    assert found["blocks"][2]["data"]["handles"] == ["tent", "stove"]


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("carousel", {}, "blocks.en.0.type"),
        ("hero", {}, "blocks.en.0.data"),
        ("hero", {"title": "x", "colour": "red"}, "blocks.en.0.data"),
        ("hero", {"title": 7}, "blocks.en.0.data.title"),
        ("hero", {"title": "x" * 201}, "blocks.en.0.data.title"),
        ("hero", {"title": "x", "cta_url": "javascript:alert(1)"}, "blocks.en.0.data.cta_url"),
        ("hero", {"title": "x", "cta_url": "//evil.example"}, "blocks.en.0.data.cta_url"),
        ("hero", {"title": "x", "image_id": "nine"}, "blocks.en.0.data.image_id"),
        ("text", {"body": "x" * 50_001}, "blocks.en.0.data.body"),
        ("image", {}, "blocks.en.0.data"),
        ("product_grid", {"limit": 0}, "blocks.en.0.data.limit"),
        ("product_grid", {"limit": 10**9}, "blocks.en.0.data.limit"),
        ("product_grid", {"handles": ["x"] * 25}, "blocks.en.0.data.handles"),
        ("product_grid", {"handles": ["No Handle"]}, "blocks.en.0.data.handles"),
    ],
)
def test_a_block_that_is_not_as_its_type_wants_it_is_refused(kind, data, field, events_of):
    with pytest.raises(BlockInvalid) as refusal:
        make_page(blocks=blocks_of((kind, data)))
    assert refusal.value.errors[0].field.startswith(field)
    assert (Page.objects.count(), Block.objects.count(), events_of("node.created")) == (0, 0, [])


@pytest.mark.parametrize("block", ["text", {}, {"type": 3}, {"type": "text", "data": []}, {"type": "text", "html": ""}])
def test_what_is_no_block_is_refused(block):
    with pytest.raises(BlockInvalid):
        make_page(blocks={"en": [block]})


def test_every_wrong_block_is_named(acme):
    with pytest.raises(BlockInvalid) as refusal:
        make_page(blocks=blocks_of(("text", {}), ("text", {"body": "fine"}), ("hero", {})))
    assert [error.field.split(".")[2] for error in refusal.value.errors] == ["0", "2"]


def test_a_page_has_so_many_blocks_and_no_more(acme):
    with pytest.raises(TooManyBlocks):
        make_page(blocks=blocks_of(*[("text", {"body": "x"})] * (MAX_BLOCKS + 1)))


def test_text_blocks_are_sanitised(acme):
    make_page(path="x", blocks=blocks_of(("text", {"body": NASTY})))
    html = page_by_path("x", "en")["blocks"][0]["data"]["html"]
    assert "<strong>you</strong>" in html
    assert not [trace for trace in TRACES if trace in html]


def test_blocks_are_replaced_per_language(acme):
    page = make_page(translations={"en": {"title": "A"}, "de": {"title": "B"}}, path="x")
    services.set_blocks(
        actor=SYSTEM, page_id=page.pk, locale="de", blocks=[{"type": "text", "data": {"body": "Hallo"}}], now=NOW
    )
    assert [block["type"] for block in page_by_path("x", "en")["blocks"]] == ["hero"]
    assert [block["type"] for block in page_by_path("x", "de")["blocks"]] == ["text"]


def test_a_lost_race_loses_nothing(events_of):
    page = make_page(path="x")
    services.update_page(actor=SYSTEM, page_id=page.pk, path="y", now=NOW, expected=1)
    with pytest.raises(PreconditionFailed):
        services.update_page(actor=SYSTEM, page_id=page.pk, path="z", blocks={"en": []}, now=NOW, expected=1)
    assert page_by_path("y", "en")["blocks"]
    assert len(events_of("node.updated")) == 1


@pytest.mark.parametrize(
    "path", ["", "/", "A", "a//b", "a b", "../etc", "x" * 201, "admin", "api/x", "de", "about/publish"]
)
def test_paths_that_cannot_be_are_refused(path):
    with pytest.raises(Invalid):
        make_page(path=path)
    assert Page.objects.count() == 0


def test_a_path_belongs_to_one_page(events_of):
    make_page(path="about")
    with pytest.raises(Conflict):
        make_page(path="about")
    other = make_page(path="other")
    with pytest.raises(Conflict):
        services.update_page(actor=SYSTEM, page_id=other.pk, path="about", now=NOW)
    assert len(events_of("node.created")) == 2
    assert events_of("node.updated") == []


def test_two_pages_may_end_alike(acme):
    make_page(path="a/contact")
    make_page(path="b/contact")
    assert page_by_path("b/contact", "en")["slug"] == "contact"


def test_drafts_have_no_public_path(acme):
    shown, hidden = make_page(path="shown"), make_page(path="hidden", published=False)
    assert page_by_path("hidden", "en") is None
    assert paths_of([shown.pk, hidden.pk], "en") == {shown.pk: "shown"}


def test_a_customer_makes_no_page(customer, actor, events_of):
    with pytest.raises(Forbidden):
        services.create_page(actor=actor(customer), path="x", translations={"en": {"title": "x"}}, now=NOW)
    assert (Page.objects.count(), events_of("node.created")) == (0, [])


def test_a_page_costs_a_handful_of_queries(django_assert_max_num_queries):
    make_page(path="x", blocks=blocks_of(*[("image", {"image_id": str(picture())})] * 5))
    with django_assert_max_num_queries(6):
        page_by_path("x", "en")
