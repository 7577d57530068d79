"""What must not resolve, and answers that must not be taken."""

from __future__ import annotations

import pytest
from django.db import transaction
from redis import Redis

from apps.tenant.models import Domain, Tenant
from tests.tenant.resolver.asking import ACME


@pytest.mark.parametrize("status", ["preparing", "suspended", "leaving"])
def test_only_active_tenants_resolve_and_the_answer_keeps_their_version(processes, status):
    leaves = {"delete_after": "2030-01-01T00:00Z"} if status == "leaving" else {}
    Tenant.objects.filter(slug="acme").update(status=status, **leaves)
    process = processes()
    assert process.resolve(ACME) is None
    assert process.resolve("slug:acme") is None
    assert process.memory.get(ACME).version == Tenant.objects.get(slug="acme").version


def test_a_domain_that_is_not_verified_leads_nowhere(processes):
    tenant = Tenant.objects.get(slug="acme")
    Domain.objects.create(domain="claimed.example", tenant=tenant, is_primary=False)
    assert processes().resolve("host:claimed.example") is None


@pytest.mark.parametrize(
    "value",
    [b"", b"garbage", b"99999 {}", b"1 null", b'9 {"key":"host:globex.localhost"}', b"\x80\x04pickle", b"9" * 99],
)
def test_a_value_that_cannot_be_read_is_replaced(processes, server, counts, value):
    process = processes()
    process.resolve(ACME)
    client = Redis.from_url(server.url)
    name = process.shared._pair(ACME)[0]
    client.set(name, value, ex=100)
    assert processes().resolve(ACME).slug == "acme"
    assert counts["unreadable"] == 1
    assert client.get(name) != value


def test_answers_of_another_name_are_not_taken(processes, server):
    process = processes()
    process.resolve("host:globex.localhost")
    client = Redis.from_url(server.url)
    names = [process.shared._pair(key)[0] for key in ("host:globex.localhost", ACME)]
    client.set(names[1], client.get(names[0]), ex=100)
    assert processes().resolve(ACME).slug == "acme"


def test_what_a_transaction_sees_is_not_left_for_others(processes):
    process = processes()
    with transaction.atomic():
        Tenant.objects.filter(slug="acme").update(name="Never")
        assert process.resolve(ACME).name == "Never"
        transaction.set_rollback(True)
    assert processes().resolve(ACME).name == "Acme Outdoor"
