"""How often somebody may ask: counted by caller, address, subject, tenant and cost; told in headers; with Valkey or not."""

from __future__ import annotations

import time

import pytest
from django.core.cache import caches
from django.test import RequestFactory

from rustok.environment import Environment, InvalidSetting
from rustok.kernel.edges.counters import CAPACITY, Counters, weighing
from rustok.kernel.edges.limits import client_network, limit
from rustok.kernel.errors import TooManyRequests

PRODUCTS = "/api/v1/products/"


@pytest.fixture
def rates(settings):
    def change(**policies):
        settings.RATE_LIMITS = settings.RATE_LIMITS | policies

    return change


def test_an_answer_says_what_is_left(api, rates):
    rates(api={"caller": "5/m", "tenant": "1000/m"})
    client = api()
    answers = [client.get(PRODUCTS) for _ in range(3)]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["4", "3", "2"]
    assert answers[0]["RateLimit-Limit"] == "5"
    assert 1 <= int(answers[0]["RateLimit-Reset"]) <= 60


def test_too_many_are_refused_until_the_window_ends(api, rates):
    rates(api={"caller": "2/m"})
    client = api()
    answers = [client.get(PRODUCTS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limited"
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert refused["RateLimit-Remaining"] == "0"


def test_callers_are_counted_apart(api, rates, customer, manager):
    clients = [api(customer), api(manager), api()]
    rates(api={"caller": "1/m"})
    assert [client.get(PRODUCTS).status_code for client in clients] == [200, 200, 200]
    assert [client.get(PRODUCTS).status_code for client in clients] == [429, 429, 429]


def test_bad_tokens_are_counted_by_the_address(api, rates):
    rates(api={"caller": "2/m"})
    answers = [api().get(PRODUCTS, HTTP_AUTHORIZATION=f"Bearer made-up-{n}").status_code for n in range(3)]
    assert answers == [401, 401, 429]


def test_a_tenant_has_its_own_limit(api, rates, acme):
    rates(api={"tenant": "1000/m"})
    acme.limits = {"requests_per_minute": 1}
    acme.save()
    answers = [api().get(PRODUCTS, REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(2)]
    assert answers == [200, 429]
    assert api(host="globex.localhost").get(PRODUCTS).status_code == 200


def test_the_limit_of_one_tenant_does_not_count_for_another(api, rates):
    rates(api={"caller": "1/m"})
    assert [api().get(PRODUCTS).status_code for _ in range(2)] == [200, 429]
    assert api(host="globex.localhost").get(PRODUCTS).status_code == 200


def test_graphql_is_counted_by_what_it_asks_for(api, rates):
    rates(graphql={"caller": "500/m"})
    small = api().graphql("{ products(first: 1) { nodes { id } } }")
    assert "errors" not in small
    answers = [
        api().post("/api/graphql/", {"query": "{ products(first: 100) { nodes { id handle } } }"}) for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "rate_limited"
    assert int(answers[-1]["Retry-After"]) >= 1


def test_a_document_that_costs_too_much_is_refused_before_it_runs(api):
    wide = " ".join(f"a{n}: products(first: 100) {{ nodes {{ variants {{ id sku title }} }} }}" for n in range(30))
    answer = api().post("/api/graphql/", {"query": f"{{ {wide} }}"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "query_too_complex")


def test_a_page_size_in_a_variable_costs_the_same():
    from rustok.schema import _executor

    written = "{ products(first: 50) { nodes { id } } }"
    asked = "query($n: Int) { products(first: $n) { nodes { id } } }"
    costs = [
        _executor.cost(text, variables=variables, operation=None, introspection=False)
        for text, variables in ((written, None), (asked, {"n": 50}), (asked, {"n": 10**9}), (asked, None))
    ]
    assert costs[0] == costs[1] > costs[3] > 1
    assert costs[2] > costs[0]


def test_checkouts_are_limited_more_strictly(api, rates):
    rates(checkout={"caller": "1/m"})
    path = "/api/v1/carts/018f0000-0000-7000-8000-000000000000/complete/"
    body = {"payment": {"provider": "manual", "token": ""}}
    answers = [api().post(path, body, HTTP_IDEMPOTENCY_KEY=f"key-{n}").status_code for n in range(2)]
    assert answers == [404, 429]


# --- who asks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("not an address", "not an address"),
    ],
)
def test_a_line_is_one_client(address, network):
    assert client_network(RequestFactory().get("/", REMOTE_ADDR=address)) == network


def test_only_a_proxy_of_ours_is_believed(api, rates, settings):
    rates(api={"caller": "1/m"})
    assert [api().get(PRODUCTS, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(2)] == [200, 429]
    settings.TRUST_PROXY = True
    answers = [api().get(PRODUCTS, HTTP_X_FORWARDED_FOR=f"6.6.6.6, 10.0.0.{n}").status_code for n in range(2)]
    assert answers == [200, 200]
    answers = [api().get(PRODUCTS, HTTP_X_FORWARDED_FOR=f"6.6.6.{n}, 10.0.0.9").status_code for n in range(2)]
    assert answers == [200, 429]


# --- counting ---------------------------------------------------------------------------------------------------


@pytest.fixture
def process():
    """Make counters as each process has its own."""
    return lambda: Counters("default", {"KEY_PREFIX": "", "KEY_FUNCTION": "apps.tenant.cache.make_key"})


def count(counters, key, times):
    counters.add(key, 1, 60)
    return [counters.incr(key) for _ in range(times)][-1]


def test_processes_count_together(acme, process):
    one, other = process(), process()
    assert count(one, "together", 3) == 3
    assert count(other, "together", 2) == 5
    assert count(one, "together", 1) == 6


def test_a_flood_is_told_to_valkey_in_shares_of_a_fiftieth(acme, process, monkeypatch):
    one, other = process(), process()
    told = []
    monkeypatch.setattr(one, "_tell", lambda key, entry, tell=one._tell: (told.append(key), tell(key, entry)))
    assert count(one, "flood", 5_000) == 5_000
    assert len(told) < 400
    assert count(other, "flood", 1) >= 4_900


def test_weight_counts_for_more(acme, process):
    counters = process()
    with weighing(40):
        assert count(counters, "heavy", 2) == 80


def test_with_valkey_away_each_process_counts_for_itself(acme, process, settings):
    settings.CACHES = settings.CACHES | {
        "away": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"},
    }
    counters = Counters("away", {"KEY_FUNCTION": "apps.tenant.cache.make_key"})
    begun = time.perf_counter()
    assert count(counters, "alone", 1_000) == 1_000
    assert time.perf_counter() - begun < 1


def test_limits_hold_with_valkey_away(acme, settings):
    settings.CACHES = settings.CACHES | {
        "away": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"},
        "limits": settings.CACHES["limits"] | {"LOCATION": "away"},
    }
    settings.RATE_LIMITS = {"login": {"address": "3/m"}}
    request = RequestFactory().get("/")
    for _ in range(3):
        limit(request, "login")
    with pytest.raises(TooManyRequests):
        limit(request, "login")


def test_counters_are_bounded(acme, process, monkeypatch):
    counters = process()
    monkeypatch.setattr(counters, "_tell", lambda *_: None)
    for n in range(CAPACITY + 500):
        counters.add(f"host-{n}", 1, 60)
    assert len(counters._counts) == CAPACITY


def test_a_count_ends_with_its_window(acme, process):
    counters = process()
    counters.add("short", 1, 0.01)
    assert counters.incr("short") == 1
    time.sleep(0.02)
    counters.add("short", 1, 60)
    assert caches["default"].client.get_client().ttl(caches["default"].make_key("count:short")) <= 60


# --- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "rules"),
    [
        ("5/m", {"address": "5/m", "subject": "5/m"}),
        ("subject=2/h", {"address": "60/m", "subject": "2/h"}),
        ("", {"address": "60/m", "subject": "10/m"}),
    ],
)
def test_rates_are_read_from_the_environment(raw, rules):
    read = Environment({"RATE_LIMIT_LOGIN": raw}).rates("RATE_LIMIT_LOGIN", {"address": "60/m", "subject": "10/m"})
    assert read == rules


@pytest.mark.parametrize("raw", ["often", "0/m", "5/y", "nobody=5/m", "address=", "=5/m"])
def test_a_rate_that_is_none_stops_the_start(raw):
    with pytest.raises(InvalidSetting):
        Environment({"RATE_LIMIT_LOGIN": raw}).rates("RATE_LIMIT_LOGIN", {"address": "60/m"})
