"""Menus over the service, REST and GraphQL."""

import pytest

from apps.navigation import services
from apps.navigation.models import Menu, MenuItem
from apps.navigation.public import menu, set_menu
from apps.pages.services import unpublish_page
from rustok.kernel.errors import DomainError, Forbidden, PreconditionFailed
from rustok.kernel.ids import new_id
from tests.content.factories import NOW, SYSTEM, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def item(label="Shop", url="/products/", **more):
    return {"labels": {"en": label}, "url": url} | more


def test_a_menu_nests_and_falls_back(events_of):
    tree = [item("Shop", children=[item("Tents", "/categories/tents/", labels={"en": "Tents", "de": "Zelte"})])]
    set_menu(actor=SYSTEM, location="header", items=tree)
    assert menu("header", "de") == [
        {"label": "Shop", "url": "/products/", "children": [
            {"label": "Zelte", "url": "/categories/tents/", "children": []},
        ]},
    ]  # fmt: skip
    assert [event["location"] for event in events_of("menu.updated")] == ["header"]
    assert menu("footer", "en") == []


def test_an_item_follows_its_page(acme):
    page, home = make_page(path="about"), make_page(path="home")
    items = [{"labels": {"en": "About"}, "page_id": str(page.pk)}, {"labels": {"en": "Home"}, "page_id": str(home.pk)}]
    set_menu(actor=SYSTEM, location="header", items=items)
    assert [one["url"] for one in menu("header", "en")] == ["/about/", "/"]
    unpublish_page(actor=SYSTEM, page_id=page.pk, now=NOW)
    assert [one["label"] for one in menu("header", "en")] == ["Home"]


@pytest.mark.parametrize(
    "items",
    [
        ["text"],
        [{}],
        [item(url="")],
        [item(url="javascript:alert(1)")],
        [item(url="//evil.example")],
        [item(url="x" * 501)],
        [item(url=7)],
        [item(label="")],
        [item(label="x" * 81)],
        [item(labels={"fr": "Bonjour"})],
        [item(labels="Shop")],
        [item(page_id=str(new_id()))],
        [{"labels": {"en": "x"}, "page_id": str(new_id())}],
        [{"labels": {"en": "x"}, "page_id": "nine"}],
        [item(colour="red")],
        [item(children="many")],
        [item(children=[item(children=[item(children=[item()])])])],
        [item()] * 101,
    ],
)
def test_bad_items_leave_the_menu_as_it_was(items, events_of):
    set_menu(actor=SYSTEM, location="header", items=[item("Old")])
    with pytest.raises(DomainError):
        set_menu(actor=SYSTEM, location="header", items=items)
    assert [one["label"] for one in menu("header", "en")] == ["Old"]
    assert len(events_of("menu.updated")) == 1


def test_a_lost_race_loses_nothing(acme):
    version = set_menu(actor=SYSTEM, location="header", items=[item("One")]).version
    set_menu(actor=SYSTEM, location="header", items=[item("Two")], expected=version)
    with pytest.raises(PreconditionFailed):
        set_menu(actor=SYSTEM, location="header", items=[], expected=version)
    assert [one["label"] for one in menu("header", "en")] == ["Two"]


def test_a_customer_changes_no_menu(customer, actor, events_of):
    with pytest.raises(Forbidden):
        set_menu(actor=actor(customer), location="header", items=[item()])
    assert (Menu.objects.count(), events_of("menu.updated")) == (0, [])


def test_an_unknown_location_is_refused(acme):
    with pytest.raises(services.UnknownLocation):
        set_menu(actor=SYSTEM, location="attic", items=[])


def test_a_menu_of_any_size_costs_two_queries(django_assert_max_num_queries):
    set_menu(actor=SYSTEM, location="header", items=[item(f"No {number}") for number in range(20)])
    with django_assert_max_num_queries(2):
        assert len(menu("header", "en")) == 20


def test_rest_reads_and_replaces(api, manager, customer):
    path = "/api/v1/menus/header/"
    assert api().get(path).json() == {"location": "header", "items": []}
    assert api().get("/api/v1/menus/attic/").status_code == 404
    for client, status in ((api(), 401), (api(customer), 403)):
        assert client.put(path, {"items": [item()]}).status_code == status
    assert MenuItem.objects.count() == 0
    client = api(manager)
    tag = client.put(path, {"items": [item()]})["ETag"]
    assert client.put(path, {"items": [item("New")]}, HTTP_IF_MATCH=tag).status_code == 200
    assert client.put(path, {"items": []}, HTTP_IF_MATCH=tag).status_code == 412
    answer = api().get(path)
    assert answer.json()["items"][0]["label"] == "New"
    assert api().get(path, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    assert [one["location"] for one in api().get("/api/v1/menus/").json()["results"]] == ["header"]
    assert api(host="globex.localhost").get(path).json()["items"] == []


def test_graphql_reads(api):
    set_menu(actor=SYSTEM, location="header", items=[item(children=[item("Tents")])])
    data = api().graphql('{ menu(location: "header", locale: "de") { label url children { label } } }')["data"]
    assert data["menu"] == [{"label": "Shop", "url": "/products/", "children": [{"label": "Tents"}]}]
