"""A module that cannot tell how it is does not keep the others from telling."""

import pytest
from django.apps import apps
from django.db import connection

from rustok.kernel import modules
from rustok.kernel.modules import Health, health_of


def breaks():
    raise LookupError("a secret of ours")


def asks_nonsense():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere.nothing")


def takes_forever():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")


@pytest.fixture
def ill(monkeypatch):
    """Let a module's health be what a test says."""

    def make(health) -> None:
        module = type(apps.get_app_config("blog"))
        monkeypatch.setattr(module, "health", lambda self: health(), raising=False)

    return make


@pytest.mark.parametrize(("health", "reason"), [(breaks, "LookupError"), (asks_nonsense, "ProgrammingError")])
def test_a_module_whose_health_raises_is_not_well_and_says_by_which_error(acme, client, ill, health, reason):
    ill(health)
    answer = client.get("/health/modules")
    row = answer.json()["modules"]["blog"]
    assert (row["status"], row["reason"]) == ("unavailable", reason)
    assert row["latency_ms"] >= 0
    assert "secret" not in answer.content.decode()
    assert answer.json()["modules"]["tenant"]["status"] == "ok"
    assert answer.status_code == (503 if row["critical"] else 200)


def test_the_list_of_modules_shows_it_as_well(acme, api, admin_user, ill):
    ill(breaks)
    answer = api(admin_user).get("/api/v1/modules/")
    blog = next(row for row in answer.json()["results"] if row["slug"] == "blog")
    assert (answer.status_code, blog["health"]) == (200, {"status": "unavailable", "reason": "LookupError"})


def test_a_query_that_hangs_is_ended(acme, client, ill, monkeypatch):
    monkeypatch.setattr(modules, "PATIENCE", 1)
    ill(takes_forever)
    row = client.get("/health/modules").json()["modules"]["blog"]
    assert (row["status"], row["reason"]) == ("unavailable", "OperationalError")
    assert 900 < row["latency_ms"] < 20_000


def test_after_it_queries_may_take_as_long_as_before(acme, ill):
    ill(lambda: Health(ok=True))
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()
        assert health_of(apps.get_app_config("blog")).ok
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == before
