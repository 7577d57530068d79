"""The filters of a list, from its address and back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict

from apps.storefront.filters import MAX_VALUES, Filters

FACETS = {
    "options": {"Colour": [{"value": "Red", "count": 4}, {"value": "Blue", "count": 1}]},
    "vendors": [{"value": "Northcut", "count": 3}, {"value": "Harbour", "count": 2}],
    "price": {"min": "5", "max": "90"},
}


def filters(query="", *, facets=FACETS, searching=False):
    return Filters(path="/categories/tents/", query=QueryDict(query), facets=facets, searching=searching)


def test_facets_become_groups_with_what_is_chosen_checked():
    colour, brand = filters("option.Colour=Blue").groups
    assert (colour["name"], brand["name"]) == ("option.Colour", "vendor")
    assert [(one["value"], one["count"], one["checked"]) for one in colour["values"]] == [
        ("Red", 4, False),
        ("Blue", 1, True),
    ]


def test_a_chosen_value_that_finds_nothing_stays_to_be_unchecked():
    colour, _brand = filters("option.Colour=Green").groups
    assert {"Green"} == {one["value"] for one in colour["values"] if one["checked"]}


def test_one_brand_is_no_choice():
    facets = {**FACETS, "vendors": FACETS["vendors"][:1]}
    assert [group["name"] for group in filters(facets=facets).groups] == ["option.Colour"]


def test_a_chip_leads_to_the_list_without_it_and_back_to_the_first_page():
    state = filters("option.Colour=Red&option.Colour=Blue&price_max=50&cursor=abc&sort=price")
    red, blue, price = state.chips
    assert parse_qs(urlsplit(red["url"]).query) == {"option.Colour": ["Blue"], "price_max": ["50"], "sort": ["price"]}
    assert parse_qs(urlsplit(price["url"]).query) == {"option.Colour": ["Red", "Blue"], "sort": ["price"]}
    assert blue["label"] == "Blue"


def test_clearing_keeps_the_words_and_the_order():
    assert (
        filters("q=tent&sort=price&in_stock=true", searching=True).clear_url == "/categories/tents/?q=tent&sort=price"
    )
    assert filters("in_stock=true").clear_url == "/categories/tents/"


@pytest.mark.parametrize("asked", ["", "random", "relevance"])
def test_an_unknown_order_is_the_usual_one(asked):
    assert filters(f"sort={asked}").sort == "newest"


def test_the_best_match_is_an_order_of_searches_only():
    assert filters(searching=True).sort == "relevance"


def test_no_address_makes_a_group_without_end():
    query = "&".join(f"option.Colour=c{number}" for number in range(500))
    assert len(filters(query).groups[0]["values"]) == MAX_VALUES
