"""Who has an account is told to nobody: known and unknown addresses get one answer, made with the same work.

Registering is the one that has to say it; how often it does is limited.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.hashers import BasePasswordHasher, MD5PasswordHasher
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import EmailChange, User
from apps.audit import recorder
from tests.accounts.letters import letters
from tests.admin.conftest import Browser
from tests.conftest import ApiClient, make_user

pytestmark = pytest.mark.django_db

PASSWORD, WRONG = "correct-horse-9", "wrong-horse-8"
REGISTER = "/api/v1/auth/register/"
#: Addresses, keys, moments and secrets differ between any two answers.
_VARIES = re.compile(r"[\w.+-]+@acme\.test|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9_-]{30,}|\d+")

#: What a process asks of the shop itself from time to time.
_OF_THE_SHOP = re.compile(r"SET search_path|FROM \"tenant_tenant\"")


@dataclass(frozen=True)
class Work:
    """What an answer looks like, and what it took."""

    status: int
    headers: tuple[str, ...]
    body: str
    hashes: tuple[str, ...]
    queries: tuple[str, ...]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], Work]:
    """Measure what asking takes: what varies by chance is left out."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(BasePasswordHasher, "harden_runtime", lambda *given: hashed.append("harden"))
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *given: hashed.append("encode") or encode(self, *given)
    )

    for most in ("PER_ORIGIN", "PER_TENANT"):  # of refusals that the log keeps in a minute, whosever they are
        monkeypatch.setattr(recorder, most, 1_000_000)

    def measure(ask: Callable[[], Any]) -> Work:
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = ask()
        said = _VARIES.sub("…", answer.content.decode())
        written = (one["sql"] for one in queries if not _OF_THE_SHOP.search(one["sql"]))
        asked = tuple(_VARIES.sub("…", re.sub(r"'[^']*'", "…", sql)) for sql in written)
        return Work(answer.status_code, tuple(sorted(answer.headers)), said, tuple(hashed), asked)

    return measure


def rest(path: str, **body: Any) -> Callable[[Any, str], Any]:
    """Ask over REST."""
    return lambda user, email: ApiClient("acme.localhost", user).post(path, {"email": email, **body})


def graphql(name: str, **body: Any) -> Callable[[Any, str], Any]:
    """Ask over GraphQL."""
    document = f"mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ errors {{ code message }} }} }}"

    def ask(user: Any, email: str) -> Any:
        sent = {"query": document, "variables": {"input": {"email": email, **body}}}
        return ApiClient("acme.localhost", user).post("/api/graphql/", sent)

    return ask


def form(path: str, field: str = "email", **body: Any) -> Callable[[Any, str], Any]:
    """Ask by a form of the shop or the back office."""

    def ask(user: Any, email: str) -> Any:
        return Browser("acme.localhost", user).post(path, {field: email, **body})

    return ask


LOGINS = {
    "REST": rest("/api/v1/auth/login/", password=WRONG),
    "GraphQL": graphql("login", password=WRONG),
    "shop": form("/account/login/", password=WRONG),
    "back office": form("/admin/login/", "username", password=WRONG),
}
RESETS = {
    "REST": rest("/api/v1/auth/password/reset/"),
    "GraphQL": graphql("passwordReset"),
    "shop": form("/account/password/reset/"),
}
CHANGES = {
    "REST": rest("/api/v1/auth/email/change/", current_password=PASSWORD),
    "GraphQL": graphql("emailChange", currentPassword=PASSWORD),
    "shop": form("/account/email/", current_password=PASSWORD),
}


@pytest.mark.parametrize("way", LOGINS)
@pytest.mark.parametrize("who", ["a customer", "staff", "somebody switched off"])
def test_a_login_tells_nobody_who_has_an_account(work, customer, manager, way, who):
    if who == "somebody switched off":
        User.objects.filter(pk=customer.pk).update(is_active=False)
    known = manager.email if who == "staff" else customer.email
    ask = LOGINS[way]
    ask(None, "warm@acme.test")
    assert work(lambda: ask(None, known)) == work(lambda: ask(None, "nobody@acme.test"))


@pytest.mark.parametrize("way", RESETS)
def test_a_forgotten_password_tells_nobody_who_has_an_account(work, customer, way):
    ask = RESETS[way]
    ask(None, "warm@acme.test")
    assert work(lambda: ask(None, customer.email)) == work(lambda: ask(None, "nobody@acme.test"))


@pytest.mark.parametrize("way", CHANGES)
def test_asking_for_another_address_tells_nobody_who_has_it(work, customer, manager, way, deliver_events):
    ask, browser = CHANGES[way], way == "shop"
    deliver_events()
    mail.outbox.clear()
    ask(customer, "warm@acme.test")
    taken, free = (work(lambda to=to: ask(customer, to)) for to in (manager.email, "free@acme.test"))
    assert taken == free
    assert taken.status == (302 if browser else 200 if way == "GraphQL" else 202)
    assert EmailChange.objects.filter(user=customer).count() == 3


def test_whose_address_it_is_learns_of_it_and_nobody_gets_it(api, customer, manager, deliver_events):
    deliver_events()
    mail.outbox.clear()
    CHANGES["REST"](customer, manager.email)
    deliver_events()
    (note,) = letters(manager.email)
    assert "stays yours" in note.subject
    assert "token=" not in note.body
    assert customer.email not in note.body
    assert letters(customer.email, "about to change")


def test_a_link_of_nobody_is_refused_as_one_that_somebody_made_up(api, work, customer):
    paths = ("email/verify/", "password/reset/confirm/", "email/change/confirm/", "email/change/revert/")
    gone = make_user("gone@acme.test")
    from rustok.kernel import links

    for path, purpose in zip(paths, ("verify", "reset", "email_change", "email_revert"), strict=True):
        body = {"new_password": "green-canoe-78"} if "reset" in path else {}
        ask = partial(_follow, api, path, body)
        tokens = [links.sign(purpose, key, "stale") for key in (customer.pk, gone.pk)]
        User.objects.because("a test").filter(pk=gone.pk).update(is_active=False)
        ask(tokens[0])
        first, second = (work(partial(ask, token)) for token in tokens)
        assert first == second
        assert first.status == 401


def _follow(api: Any, path: str, body: dict[str, str], token: str) -> Any:
    return api().post(f"/api/v1/auth/{path}", {"token": token, **body})


# --- registering ------------------------------------------------------------------------------------------------------


@pytest.fixture
def rates(settings: Any) -> Any:
    """Limit for real."""
    caches["limits"].clear()
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"taken": {"address": "3/h", "tenant": "5/h"}}
    yield settings
    caches["limits"].clear()


def register(email: str, address: str = "192.0.2.1") -> Any:
    """Register from somewhere."""
    sent = {"email": email, "password": "blue-canoe-77"}
    return ApiClient("acme.localhost").post(REGISTER, sent, REMOTE_ADDR=address)


def test_registering_takes_the_hash_whether_or_not_the_address_is_free(work, customer):
    register("warm@acme.test")
    taken, free = (work(lambda to=to: register(to)) for to in (customer.email, "free@acme.test"))
    assert (taken.status, free.status) == (409, 201)
    assert taken.hashes == free.hashes != ()


def test_who_was_told_often_enough_that_addresses_are_taken_registers_none_for_a_while(customer, manager, rates):
    for _try in range(3):
        assert register(customer.email).json()["code"] == "email_taken"
    for email in (customer.email, "free@acme.test"):
        answer = register(email)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert 1 <= int(answer["Retry-After"]) <= 3600
    assert not User.objects.filter(email="free@acme.test").exists()
    assert register("free@acme.test", "192.0.2.9").status_code == 201


def test_over_graphql_and_in_the_shop_the_same_answers_are_counted(customer, rates):
    graphql("register", password="blue-canoe-77")(None, customer.email)
    form("/account/register/", password="blue-canoe-77")(None, customer.email)
    register(customer.email, "127.0.0.1")
    assert register("free@acme.test", "127.0.0.1").status_code == 429
    said = graphql("register", password="blue-canoe-77")(None, "free@acme.test").json()
    assert said["data"]["register"]["errors"][0]["code"] == "rate_limited"
    assert form("/account/register/", password="blue-canoe-77")(None, "free@acme.test").status_code == 429


def test_a_crowd_that_asks_leaves_one_answer_to_each_and_keeps_nobody_else_waiting(customer, rates):
    for place in range(1, 3):
        for _try in range(3):
            register(customer.email, f"192.0.2.{place}")
    assert register("new@acme.test", "198.51.100.7").status_code == 201
    assert register(customer.email, "198.51.100.8").status_code == 409
    assert register("other@acme.test", "198.51.100.8").status_code == 429


def test_who_registers_in_peace_is_not_counted(rates):
    for number in range(8):
        assert register(f"new{number}@acme.test").status_code == 201
