"""Categories over GraphQL."""

import pytest

from tests.taxonomy.factories import CategoryFactory

pytestmark = pytest.mark.django_db

QUERY = """
query ($first: Int, $after: String, $locale: String) {
  categories(first: $first, after: $after, locale: $locale) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { cursor node { id path name ancestors { name } children { path } resolvedLocale } }
  }
}"""


def test_categories_are_a_connection(api):
    camping = CategoryFactory(translations={"en": {"name": "Camping"}, "de": {"name": "Zelten"}})
    CategoryFactory(name="Tents", parent=camping)
    first = api().graphql(QUERY, first=1, locale="de")["data"]["categories"]
    node = first["edges"][0]["node"]
    assert (node["path"], node["name"], node["children"]) == ("camping", "Zelten", [{"path": "camping/tents"}])
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    second = api().graphql(QUERY, after=first["pageInfo"]["endCursor"], locale="de")["data"]["categories"]
    assert second["edges"][0]["node"]["ancestors"] == [{"name": "Zelten"}]


def test_a_page_is_bounded(api):
    answer = api().graphql(QUERY, first=101)
    assert answer["errors"][0]["extensions"]["code"] == "invalid_page_size"


def test_an_unknown_locale_is_refused(api):
    assert api().graphql(QUERY, locale="ru")["errors"][0]["extensions"]["code"] == "unknown_locale"
