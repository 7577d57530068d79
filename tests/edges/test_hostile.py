"""What an attacker or a careless client sends: refused in the words of the edge, never a defect of ours."""

import pytest

from tests.conftest import TenantClient


@pytest.fixture
def stranger(acme):
    """A browser that tells a defect as a 500, as a server would."""
    return TenantClient(raise_request_exception=False)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/products/%00/images/", 404), ("/api/v1/pages/a%00b/", 404), ("/api/v1/forum/topics/?category=%00", 400)],
)
def test_a_nul_in_an_address_leads_nowhere(stranger, path, status):
    answer = stranger.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


def test_a_nul_in_a_page_or_a_cookie_is_refused(stranger):
    assert stranger.get("/orders/aaaaaaaaaaaaaaaaaaaa%00/").status_code == 404
    for path in ("/account/", "/api/v1/auth/me/"):
        assert stranger.get(path, HTTP_COOKIE=r'session="aaaaaaaaaaaaaaaaaaaa\000bbbb"').status_code == 400


@pytest.mark.parametrize("category", ["\0", 7, [[]], {"a": 1}])
def test_a_variable_that_does_not_fit_is_the_clients_mistake(api, category):
    query = "query($c: String) { topics(category: $c) { nodes { id } } }"
    answer = api().graphql(query, c=category)
    assert answer["errors"][0]["extensions"]["code"] in ("graphql_invalid", "invalid", "not_found")


@pytest.mark.parametrize("word", ["null", "x", '{"a": 1}', "NaN"])
def test_a_word_as_the_way_back_is_no_name_of_a_page(stranger, word):
    answer = stranger.post("/preferences/", {"mode": "dark", "next": word})
    assert answer.status_code == 302


def test_digits_of_other_scripts_make_no_handle(stranger):
    answer = stranger.post("/cart/", {"action": "choose", "handle": "\uff11\uff12"})
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/account/login/", "/cart/", "/admin/login/"])
def test_a_form_in_another_alphabet_is_a_bad_request(stranger, path):
    stranger.handler.enforce_csrf_checks = True
    stranger.get("/account/login/")
    form = "application/x-www-form-urlencoded; charset=utf-7"
    token = stranger.cookies["csrf"].value
    assert stranger.post(path, b"email=x", content_type=form, HTTP_X_CSRFTOKEN=token).status_code == 400


@pytest.mark.parametrize("path", ["/account/login/", "/admin/login/"])
def test_passwords_are_not_guessed_at_the_forms_either(stranger, customer, settings, path):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"login": {"subject": "3/m"}}
    wrong = {"email": customer.email, "username": customer.email, "password": "guess"}
    answers = [stranger.post(path, wrong) for _ in range(4)]
    assert answers[-1].status_code == (302 if "admin" in path else 429)
    right = wrong | {"password": "correct-horse-9"}
    assert stranger.post(path, right).status_code in (302, 429)
    assert "_auth_user_id" not in stranger.session


def test_an_address_without_a_company_is_shown(acme):
    from rustok.schema import schema

    address = schema.graphql_schema.type_map["Address"]
    assert address.fields["company"].resolve({"city": "Bonn"}, None) == ""
