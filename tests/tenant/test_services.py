"""Creating tenants."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.outbox.models import OutboxEvent
from apps.rbac.models import Role
from apps.tenant.models import Domain, Tenant
from apps.tenant.public import create_tenant, find, use_tenant
from apps.tenant.services.tenants import BadTenantSettings, DomainTaken, TenantExists
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.errors import Unauthenticated

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace")
        return {row[0] for row in cursor.fetchall()}


def test_a_new_tenant_has_a_schema_roles_and_an_event(db):
    tenant = create_tenant(actor=SYSTEM, slug="Nile-Books", name="Nile", domains=["nile.example", "www.nile.example"])
    assert tenant.schema_name == "nile-books"
    with use_tenant(tenant):
        assert {role.slug for role in Role.objects.all()} == {"superadmin", "admin", "manager", "customer"}
    assert [d.domain for d in Domain.objects.filter(tenant=tenant, is_primary=True)] == ["nile.example"]
    assert OutboxEvent.objects.get(tenant_id=tenant.pk).event_type == "tenant.created"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"slug": "acme"}, TenantExists),
        ({"domains": ["ACME.localhost"]}, DomainTaken),
        ({"currencies": ["XXQ"]}, Exception),
        ({"locales": []}, BadTenantSettings),
        ({"timezone": "Mars/Olympus"}, BadTenantSettings),
    ],
)
def test_a_refused_tenant_leaves_nothing(db, changes, error):
    before = (schemas(), Tenant.objects.count(), OutboxEvent.objects.count())
    with pytest.raises(error):
        create_tenant(actor=SYSTEM, **{"slug": "nile", "name": "Nile", "domains": ["nile.example"]} | changes)
    assert (schemas(), Tenant.objects.count(), OutboxEvent.objects.count()) == before


def test_nobody_creates_a_tenant(db):
    with pytest.raises(Unauthenticated):
        create_tenant(actor=ANONYMOUS, slug="nile", name="Nile", domains=["nile.example"])
    assert find("nile") is None


def test_the_command_creates_and_lists(db, capsys):
    call_command("tenant", "create", "nile", "--locale", "fr", "--currency", "EUR")
    call_command("tenant", "list", "--json")
    rows = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert {"slug": "nile", "locales": ["fr"], "domains": ["nile.localhost"]}.items() <= {
        k: v for k, v in next(r for r in rows if r["slug"] == "nile").items() if k in ("slug", "locales", "domains")
    }.items()


def test_the_command_tells_a_refusal_in_one_line(db):
    with pytest.raises(CommandError, match=r"^invalid_slug: "):
        call_command("tenant", "create", "public")
