"""Lists, details and search over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.index.urls")]

LIST = "/api/v1/test/products/"


def test_a_list_has_the_documents_links_and_count(api, catalogue):
    for n in range(3):
        catalogue.add(f"tent-{n}", german=f"Zelt {n}")
    answer = api().get(LIST, {"page_size": 2, "include": "count", "sort": "title"})
    body = answer.json()
    assert [one["handle"] for one in body["results"]] == ["tent-0", "tent-1"]
    assert (body["count"], body["previous"]) == (3, None)
    assert (answer["Content-Type"], answer["Content-Language"]) == ("application/json", "en")
    assert {"Accept-Language", "Authorization"} <= set(answer["Vary"].split(", "))
    rest = api().get(body["next"]).json()
    assert [one["handle"] for one in rest["results"]] == ["tent-2"]
    assert rest["next"] is None
    back = api().get(rest["previous"]).json()
    assert back["results"] == body["results"]
    assert "facets" not in body


def test_facets_come_when_asked(api, catalogue):
    catalogue.add("tent", sizes=("M",))
    body = api().get(LIST, {"include": "facets", "option.size": "m"}).json()
    assert body["facets"]["options"] == {"Size": [{"value": "M", "count": 1}]}
    assert len(body["results"]) == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"locale": "xx"}, "unknown_locale"),
        ({"locale": "no such"}, "unknown_locale"),
        ({"currency": "GBP"}, "unknown_currency"),
        ({"currency": "dollars"}, "unknown_currency"),
        ({"page_size": "0"}, "invalid_page_size"),
        ({"page_size": "1.5"}, "invalid_page_size"),
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"sort": "best"}, "invalid_sort"),
        ({"price_min": "cheap"}, "invalid_amount"),
        ({"in_stock": "maybe"}, "invalid_filter"),
        ({"search": "a\x00b"}, "invalid_filter"),
        ({"option.size": "\x00"}, "invalid_filter"),
    ],
)
def test_bad_questions_are_problems(api, catalogue, params, code):
    answer = api().get(LIST, params)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["'", "\\", "a & | !", ":*", "((", "%", '"open', "a:b:c", "O'Neill", "  ", "the"])
def test_any_text_can_be_searched_for(api, catalogue, text):
    catalogue.add("tent")
    assert api().get(LIST, {"search": text}).status_code == 200
    assert api().get("/api/v1/search/suggest/", {"q": text}).status_code == 200


def test_the_language_is_negotiated_and_told(api, catalogue):
    catalogue.add("tent", german="Zelt")
    catalogue.add("stove")
    german = api().get(LIST + "tent/", HTTP_ACCEPT_LANGUAGE="de-AT, en;q=0.5")
    assert (german.json()["title"], german["Content-Language"]) == ("Zelt", "de")
    fallback = api().get(LIST + "stove/", {"locale": "de"})
    assert (fallback.json()["resolved_locale"], fallback["Content-Language"]) == ("en", "en")


def test_what_the_client_has_is_not_sent_again(api, catalogue):
    key = catalogue.add("tent")
    for path in (LIST, LIST + "tent/", LIST + f"{key}/"):
        etag = api().get(path)["ETag"]
        again = api().get(path, HTTP_IF_NONE_MATCH=etag)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert again["Content-Language"] == "en"
    etags = [api().get(LIST, given)["ETag"] for given in ({}, {"currency": "EUR"}, {"locale": "de"})]
    assert len(set(etags)) == 3
    catalogue.add("tent", key=key, quantity=0)
    assert api().get(LIST, HTTP_IF_NONE_MATCH=etags[0]).status_code == 200


def test_an_answer_needs_one_query_and_no_session(api, catalogue):
    catalogue.add("tent")
    client = api()
    client.get(LIST)
    for path in (LIST, LIST + "tent/"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        assert len([q for q in queries if "SET search_path" not in q["sql"]]) == 1
        assert "sessionid" not in answer.cookies


def test_visitors_see_what_is_on_sale_and_staff_see_all(api, catalogue, customer, manager):
    catalogue.add("tent")
    catalogue.add("draft", status="draft")
    assert api().get(LIST + "draft/").status_code == 404
    assert api(customer).get(LIST + "draft/").status_code == 404
    assert api(manager).get(LIST + "draft/").json()["status"] == "draft"
    assert api().get(LIST, {"status": "draft"}).status_code == 401
    assert api(customer).get(LIST, {"status": "draft"}).status_code == 403
    assert [p["handle"] for p in api(manager).get(LIST, {"status": "draft"}).json()["results"]] == ["draft"]
    assert [p["handle"] for p in api().get(LIST).json()["results"]] == ["tent"]


def test_an_unknown_product_is_not_found(api, catalogue):
    for key in ("nothing", "01900000-0000-7000-8000-000000000000", "%00", "a" * 500):
        assert api().get(f"{LIST}{key}/").status_code == 404


def test_content_is_listed_and_shown(api, catalogue):
    catalogue.add_node("old", en={"title": "Old", "excerpt": "", "body_html": "<p>Long ago</p>"})
    catalogue.add_node("new", en={"title": "New"}, de={"title": "Neu", "slug": "neu"})
    catalogue.add_node("about", kind="page", en={"title": "About"})
    body = api().get("/api/v1/test/posts/", {"include": "count"}).json()
    assert ([one["title"] for one in body["results"]], body["count"]) == (["New", "Old"], 2)
    answer = api().get("/api/v1/test/posts/neu/", {"locale": "de"})
    assert (answer.json()["title"], answer["Content-Language"]) == ("Neu", "de")
    assert api().get("/api/v1/test/posts/old/", {"locale": "de"}).json()["resolved_locale"] == "en"
    assert api().get("/api/v1/test/posts/about/").status_code == 404


def test_search_finds_products_and_content_together(api, catalogue):
    catalogue.add("tent", title="Family tent", german="Familienzelt", description="<p>Waterproof &amp; light</p>")
    catalogue.add("stove")
    catalogue.add_node("pitching", en={"title": "How to pitch tents"}, de={"title": "Zelte aufbauen"})
    body = api().get("/api/v1/search/", {"q": "tents", "include": "count"}).json()
    assert [one["handle"] for one in body["products"]["results"]] == ["tent"]
    assert [one["slug"] for one in body["content"]["results"]] == ["pitching"]
    assert (body["products"]["count"], body["content"]["count"]) == (1, 1)
    assert body["facets"]["vendors"] == [{"value": "Nordwind", "count": 1}]
    for words in ("waterproof", "light famil", "sku-0", '"family tent"', "FAMILY"):
        found = api().get("/api/v1/search/", {"q": words}).json()["products"]["results"]
        assert [one["handle"] for one in found] == ["tent"], words
    german = api().get("/api/v1/search/", {"q": "familienzelte", "locale": "de"}).json()
    assert [one["title"] for one in german["products"]["results"]] == ["Familienzelt"]
    assert api().get("/api/v1/search/").json()["code"] == "nothing_asked"


def test_a_title_counts_more_than_a_description(api, catalogue):
    catalogue.add("stove", description="Fits beside a tent")
    catalogue.add("tent")
    found = api().get(LIST, {"search": "tent"}).json()["results"]
    assert [one["handle"] for one in found] == ["tent", "stove"]


def test_suggestions_complete_what_is_typed_by_one_query(api, catalogue):
    catalogue.add("tent", title="Family tent")
    catalogue.add("draft", title="Family draft", status="draft")
    catalogue.add_node("families", en={"title": "Families outdoors"})
    client = api()
    client.get("/api/v1/search/suggest/", {"q": "x"})
    with CaptureQueriesContext(connection) as queries:
        body = client.get("/api/v1/search/suggest/", {"q": "fam"}).json()
    assert {(one["kind"], one["key"]) for one in body["suggestions"]} == {("product", "tent"), ("post", "families")}
    assert len([q for q in queries if "SET search_path" not in q["sql"]]) == 1
    assert client.get("/api/v1/search/suggest/", {"q": ""}).json() == {"suggestions": []}
