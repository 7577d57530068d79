"""Guessing is slowed down, and nobody can be locked out by somebody else."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.core.cache import cache

from apps.accounts.services import attempts, lockouts, verify_credentials
from apps.accounts.services.lockouts import FIRST_WAIT, TooManyAttempts, attempt, network_of
from apps.accounts.services.sessions import WrongCredentials
from rustok.kernel.context import bind, current_work
from rustok.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-9"
LOGIN = "/api/v1/auth/login/"


@contextmanager
def coming_from(address):
    with bind(replace(current_work(), address=address)):
        yield


def guess(email, address, password="wrong-wrong-1", seen=""):
    """Try once from an address; answer the seconds to wait, 0 for an answer that was only wrong."""
    with coming_from(address):
        try:
            verify_credentials(email=email, password=password, seen=seen)
        except TooManyAttempts as refusal:
            return refusal.retry_after
        except WrongCredentials:
            return 0
    return None


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves."""

    class Clock:
        now = time.time()

        def __call__(self):
            return self.now

    moved = Clock()
    monkeypatch.setattr(lockouts.time, "time", moved)
    return moved


@pytest.fixture
def no_valkey(monkeypatch):
    def away(*names):
        raise ConnectionError("Valkey is away")

    monkeypatch.setattr(attempts, "get_redis_connection", away)
    monkeypatch.setattr(attempts, "_local", attempts._Local())
    monkeypatch.setattr(attempts, "_away_until", 0.0)


def under_attack(email, networks=40):
    """Let strangers guess at an account from many networks."""
    for number in range(networks):
        guess(email, f"203.0.113.{number}")


def test_five_failures_are_free_and_then_the_wait_doubles(customer, clock):
    waits = []
    for _number in range(10):
        waited = guess(customer.email, "198.51.100.7")
        waits.append(waited)
        clock.now += waited
        if waited:
            assert guess(customer.email, "198.51.100.7") == 0
    assert waits[:6] == [0, 0, 0, 0, 0, 0]
    assert waits[6:] == [1, 2, 4, 8]


def test_the_wait_never_grows_beyond_a_quarter_of_an_hour(customer, clock):
    waits = [guess(customer.email, "198.51.100.7")]
    for _number in range(40):
        clock.now += waits[-1]
        waits.append(guess(customer.email, "198.51.100.7"))
    assert max(waits) <= 900


def test_the_right_password_has_to_wait_too_and_then_resets_the_count(customer, clock):
    for _number in range(6):
        guess(customer.email, "198.51.100.7")
    assert guess(customer.email, "198.51.100.7", PASSWORD) == 1
    clock.now += 1
    assert guess(customer.email, "198.51.100.7", PASSWORD) is None
    assert [guess(customer.email, "198.51.100.7") for _number in range(6)] == [0] * 6


def test_one_password_tried_at_many_accounts_is_slowed_down(customer, clock):
    waits = [guess(f"user{number}@acme.test", "198.51.100.7") for number in range(25)]
    assert waits[:21] == [0] * 21
    assert all(waits[21:])
    assert guess(customer.email, "198.51.100.8", PASSWORD) is None


def test_logging_in_to_an_own_account_does_not_buy_tries_at_others(customer, clock):
    refused = 0
    for number in range(40):
        refused += bool(guess(f"user{number}@acme.test", "198.51.100.7"))
        guess(customer.email, "198.51.100.7", PASSWORD)
    assert refused > 10


def test_an_attack_from_elsewhere_does_not_stop_the_owner_on_a_known_device(api, customer, clock):
    owner = api()
    assert owner.post(LOGIN, {"email": customer.email, "password": PASSWORD}).status_code == 200
    assert owner.cookies["device"]["httponly"]
    under_attack(customer.email)
    elsewhere = {"REMOTE_ADDR": "192.0.2.50"}
    assert owner.post(LOGIN, {"email": customer.email, "password": PASSWORD}, **elsewhere).status_code == 200
    stranger = api().post(LOGIN, {"email": customer.email, "password": PASSWORD}, REMOTE_ADDR="192.0.2.51")
    assert (stranger.status_code, stranger.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(stranger["Retry-After"]) <= FIRST_WAIT


def test_an_attack_from_the_same_network_does_not_stop_the_known_device(api, customer, clock):
    owner = api()
    owner.post(LOGIN, {"email": customer.email, "password": PASSWORD})
    for _number in range(12):
        api().post(LOGIN, {"email": customer.email, "password": "wrong-wrong-1"})
    assert api().post(LOGIN, {"email": customer.email, "password": PASSWORD}).status_code == 429
    assert owner.post(LOGIN, {"email": customer.email, "password": PASSWORD}).status_code == 200


def test_a_network_with_a_live_session_of_the_account_does_not_wait_for_others(api, customer, clock):
    home = {"REMOTE_ADDR": "192.0.2.60"}
    assert api().post(LOGIN, {"email": customer.email, "password": PASSWORD}, **home).status_code == 200
    under_attack(customer.email)
    assert api().post(LOGIN, {"email": customer.email, "password": PASSWORD}, **home).status_code == 200


def test_from_a_fresh_device_the_owner_gets_in_after_a_few_seconds_while_the_attack_goes_on(customer, clock):
    under_attack(customer.email)
    began, place = clock.now, "192.0.2.70"
    wait = guess(customer.email, place, PASSWORD)
    assert 0 < wait <= FIRST_WAIT
    under_attack(customer.email, networks=80)
    clock.now += wait
    under_attack(customer.email, networks=80)
    assert guess(customer.email, place, PASSWORD) is None
    assert clock.now - began <= FIRST_WAIT


def test_failures_of_a_known_device_are_counted_as_well(api, customer, clock):
    owner = api()
    owner.post(LOGIN, {"email": customer.email, "password": PASSWORD})
    codes = [owner.post(LOGIN, {"email": customer.email, "password": "wrong-wrong-1"}).status_code for _n in range(8)]
    assert codes == [401] * 6 + [429] * 2


def test_a_device_cookie_of_one_account_or_tenant_says_nothing_about_another(customer, globex):
    from apps.accounts.services.known_devices import device_of, remember_account
    from apps.tenant.public import use_tenant

    seen = remember_account(customer, "")
    assert device_of(seen, customer.email.upper())
    assert not device_of(seen, "other@acme.test")
    assert not device_of(seen[:-2], customer.email)
    with use_tenant(globex):
        assert not device_of(seen, customer.email)


def test_an_unknown_address_is_slowed_down_exactly_like_a_user(customer, clock):
    def waits(email, address):
        return [guess(email, address) for _number in range(8)]

    assert waits(customer.email, "198.51.100.7") == waits("nobody@acme.test", "198.51.100.8")


def test_an_unknown_address_costs_the_same_queries_as_a_user(customer, django_assert_num_queries):
    for email in (customer.email, "nobody@acme.test"):
        with django_assert_num_queries(4):  # who has the address, and the entry in the log with its savepoint
            guess(email, "198.51.100.7")


def test_tries_sent_at_once_are_counted_one_by_one(acme):
    """Thirty at the same moment, of which five are free and the sixth fails: no more may be looked at."""
    looked_at, gate = [], threading.Barrier(30)

    def one():
        from apps.tenant.public import use_tenant

        with use_tenant(acme), coming_from("198.51.100.9"):
            gate.wait()
            try:
                with attempt("password", "target@acme.test"):
                    looked_at.append(1)
                    raise Forbidden()
            except (Forbidden, TooManyAttempts):
                pass

    threads = [threading.Thread(target=one) for _number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(looked_at) <= 6


def test_a_failure_of_ours_is_no_failure_of_the_user(acme, clock):
    for _number in range(20):
        with pytest.raises(ZeroDivisionError), coming_from("198.51.100.7"), attempt("login", "a@acme.test"):
            raise ZeroDivisionError
    assert guess("a@acme.test", "198.51.100.7") == 0


def test_with_valkey_away_each_process_counts_for_itself(customer, clock, no_valkey):
    waits = [guess(customer.email, "198.51.100.7") for _number in range(8)]
    assert waits[:6] == [0] * 6
    assert all(waits[6:])


def test_the_memory_of_one_process_is_bounded(customer, no_valkey, monkeypatch):
    monkeypatch.setattr(attempts, "CAPACITY", 50)
    for number in range(200):
        guess(f"u{number}@acme.test", f"2001:db8:0:{number:x}::1")
    assert len(attempts._local._counts) <= 50


def test_what_is_refused_leaves_nothing_in_valkey(customer, clock):
    def keys():
        return len(list(cache.iter_keys("attempts:*")))

    for number in range(30):
        guess(f"user{number}@acme.test", "198.51.100.7")
    before = keys()
    for number in range(50):
        guess(f"more{number}@acme.test", "198.51.100.7")
    assert keys() == before


def test_tenants_are_counted_apart(customer, globex, clock):
    from apps.tenant.public import use_tenant

    for _number in range(8):
        guess(customer.email, "198.51.100.7")
    with use_tenant(globex):
        assert guess(customer.email, "198.51.100.7") == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"), ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("fe80::1%eth0", "fe80::"), ("", ""),
    ],
)  # fmt: skip
def test_a_line_of_one_customer_is_one_network(address, network):
    assert network_of(address) == network


def test_failures_and_waits_are_audited(customer, clock, monkeypatch):
    said = []
    monkeypatch.setattr(lockouts, "record", lambda action, **data: said.append((action, data["label"])))
    for _number in range(9):
        guess(customer.email, "198.51.100.7")
    assert said == [("login.failed", customer.email)] * 6 + [("login.locked", customer.email)]


def test_the_storefront_and_the_admin_are_behind_the_same_wall(browser_of, customer, manager, clock):
    shop, office = browser_of(), browser_of()
    for _number in range(6):
        shop.post("/account/login/", {"email": customer.email, "password": "wrong"})
        office.post("/admin/login/", {"username": manager.email, "password": "wrong"})
    refused = shop.post("/account/login/", {"email": customer.email, "password": PASSWORD})
    assert refused.status_code == 429
    assert "_auth_user_id" not in shop.session
    office.post("/admin/login/", {"username": manager.email, "password": PASSWORD})
    assert "_auth_user_id" not in office.session


@pytest.fixture
def browser_of(acme):
    from tests.admin.conftest import Browser

    return Browser


def test_guessing_the_current_password_with_a_stolen_session_is_slowed_down(api, customer):
    client = api(customer)
    body = {"current_password": "wrong-wrong-1", "new_password": "blue-canoe-77"}
    codes = [client.post("/api/v1/auth/password/change/", body).json()["code"] for _number in range(8)]
    assert codes == ["wrong_password"] * 6 + ["too_many_attempts"] * 2
    second = client.post("/api/v1/auth/second-factor/disable/", {"password": PASSWORD, "code": "123456"})
    assert second.json()["code"] == "too_many_attempts"
