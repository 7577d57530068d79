"""GraphQL refuses what costs too much, before anything runs."""

import hashlib
from uuid import uuid4

import pytest
from graphql import get_introspection_query


def code(answer):
    return answer["errors"][0]["extensions"]["code"]


def test_an_unknown_field_is_an_error(api):
    assert code(api().graphql("{ nonsense }")) == "graphql_invalid"


def test_a_broken_document_and_a_broken_body_are_errors(api):
    assert code(api().graphql("{ me")) == "graphql_invalid"
    for body in (b"{", b"[]", b'{"query": 1}', b'{"query": "{me{id}}", "variables": []}'):
        answer = api().generic("POST", "/api/graphql/", body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_aliases_are_limited(api):
    query = "{" + " ".join(f"a{n}: me {{ id }}" for n in range(100)) + "}"
    assert code(api().graphql(query)) == "query_too_complex"


def test_a_cycle_of_fragments_is_refused(api):
    query = "{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }"
    assert code(api().graphql(query)) == "graphql_invalid"


def test_depth_is_limited_also_through_fragments(api):
    deep = "{ __schema " + "{ types { fields { type " * 8 + "{ name }" + "} } }" * 8 + "}"
    assert code(api().graphql(deep)) == "query_too_complex"


def test_the_question_that_tools_ask_about_the_schema_is_not_too_deep(api, manager, settings):
    assert "errors" not in api(manager).graphql(get_introspection_query())


def test_tokens_are_limited(api):
    assert code(api().graphql("{ me { " + "id " * 5_000 + "} }")) == "graphql_invalid"


def test_introspection_is_for_developers_and_staff(api, settings, customer, manager):
    settings.DEBUG = settings.DEMO = False
    query = "{ __schema { queryType { name } } }"
    assert "errors" in api(customer).graphql(query)
    assert api(manager).graphql(query)["data"]["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_only_post_runs_documents(api, method):
    assert getattr(api(), method)("/api/graphql/").status_code == 400


def test_a_bad_token_is_401(api):
    answer = api().post("/api/graphql/", {"query": "{ me { id } }"}, HTTP_AUTHORIZATION="Bearer nonsense")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_spreads_of_spreads_are_refused_before_they_double(api):
    doubling = " ".join(f"fragment F{n} on User {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    query = "{ me { ...F0 } } " + doubling + " fragment F40 on User { id }"
    assert code(api().graphql(query)) == "query_too_complex"


def test_nesting_without_end_is_refused(api):
    deep = "{ me " + "{ ... " * 300 + "{ id }" + "}" * 300 + " }"
    assert code(api().graphql(deep)) in ("query_too_complex", "graphql_invalid")


def persisted(api, query=None, digest=""):
    body = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    return api().post("/api/graphql/", body | ({"query": query} if query else {})).json()


def test_a_query_is_remembered_under_its_hash(api):
    query = f"{{ me {{ id }} }} # {uuid4()}"
    digest = hashlib.sha256(query.encode()).hexdigest()
    unknown = persisted(api, digest=digest)
    assert (code(unknown), unknown["errors"][0]["message"]) == ("persisted_query_not_found", "PersistedQueryNotFound")
    assert persisted(api, query, digest) == {"data": {"me": None}}
    assert persisted(api, digest=digest) == {"data": {"me": None}}
    assert (
        "errors"
        in api(host="globex.localhost")
        .post("/api/graphql/", {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}})
        .json()
    )


@pytest.mark.parametrize("digest", ["0" * 64, "x", "", 5, None])
def test_a_hash_that_is_not_the_querys_is_refused(api, digest):
    answer = persisted(api, "{ me { id } }", digest)
    assert answer == {"data": {"me": None}} if digest is None else code(answer) == "persisted_query_mismatch"


def test_a_misspelt_name_is_not_put_right_for_those_who_may_not_read_the_schema(api, settings, manager):
    settings.DEBUG = settings.DEMO = False
    said = api().post("/api/graphql/", {"query": "{ prodcts { nodes { id } } }"}).json()["errors"][0]["message"]
    assert "Did you mean" not in said
    assert "prodcts" in said
    told = api(manager).post("/api/graphql/", {"query": "{ prodcts { nodes { id } } }"}).json()
    assert "Did you mean" in told["errors"][0]["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_read(api, kind):
    answer = api().post("/api/graphql/", '{"query": "{ __typename }"}', content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
