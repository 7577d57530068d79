"""What two do at the same moment, on connections of their own."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.services import issue_ticket, take_ticket
from rustok.kernel.errors import DomainError
from tests.accounts.test_second_factor import enrol
from tests.conftest import make_user


@pytest.fixture
def settled(committed_db):
    """A customer of acme whose second factor is committed."""
    from apps.tenant.public import find, use_tenant

    acme = find("acme")
    with use_tenant(acme):
        user = make_user("twice@acme.test")
        totp, codes = enrol(user)
        yield acme, user, totp, codes


def race(tenant, act, count=2):
    """Run `act` on so many connections at once; answer what each answered."""
    from apps.tenant.public import use_tenant

    answers, gate = [], threading.Barrier(count)

    def one():
        try:
            with use_tenant(tenant):
                gate.wait()
                try:
                    act()
                    answers.append("in")
                except DomainError as refusal:
                    answers.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def test_of_two_who_send_the_same_code_at_once_one_gets_in(settled):
    acme, user, totp, _codes = settled
    for code in (totp.now(), totp.at(time.time() + 30)):
        ticket = issue_ticket(user).ticket
        answers = race(acme, lambda: take_ticket(ticket=ticket, code=code, now=timezone.now()))  # noqa: B023
        assert answers == ["in", "wrong_code"]


def test_of_two_who_send_the_same_recovery_code_at_once_one_gets_in(settled):
    acme, user, _totp, codes = settled
    for code in codes[:5]:
        ticket = issue_ticket(user).ticket
        answers = race(acme, lambda: take_ticket(ticket=ticket, recovery_code=code, now=timezone.now()))  # noqa: B023
        assert answers == ["in", "wrong_code"]
