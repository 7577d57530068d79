"""`manage.py tenant`: create and list tenants."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.tenant.models import Tenant
from apps.tenant.services import create_tenant
from rustok.kernel.access import Actor
from rustok.kernel.errors import DomainError


class Command(BaseCommand):
    """Create and list tenants."""

    help = "Create and list tenants: each has its own PostgreSQL schema, users, files and settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="create a tenant")
        create.add_argument("slug")
        create.add_argument("--name", help="shown to people; the slug if left out")
        create.add_argument(
            "--domain", action="append", help="may be repeated, the first is primary; SLUG.localhost if none"
        )
        create.add_argument(
            "--locale", action="append", help="BCP 47; may be repeated, the first is the default; en if none"
        )
        create.add_argument(
            "--currency", action="append", help="ISO 4217; may be repeated, the first is the default; USD if none"
        )
        create.add_argument("--timezone", default="UTC")
        listing = actions.add_parser("list", help="list tenants")
        for command in (create, listing):
            command.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        try:
            getattr(self, f"_{options['action']}")(options)
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.detail}") from None

    def _create(self, options: dict[str, Any]) -> None:
        slug = options["slug"]
        tenant = create_tenant(
            actor=Actor.system("manage.py tenant create"),
            slug=slug,
            name=options["name"] or slug,
            domains=options["domain"] or [f"{slug.strip().lower()}.localhost"],
            locales=options["locale"] or ["en"],
            currencies=options["currency"] or ["USD"],
            timezone=options["timezone"],
        )
        if options["json"]:
            self.stdout.write(json.dumps(_row(tenant)))
        else:
            self.stdout.write(f"created {tenant.slug}: {', '.join(d.domain for d in tenant.domains.all())}")

    def _list(self, options: dict[str, Any]) -> None:
        rows = [_row(tenant) for tenant in Tenant.objects.prefetch_related("domains")]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            lists = f"{','.join(row['locales']):<12} {','.join(row['currencies']):<12} {', '.join(row['domains'])}"
            self.stdout.write(f"{row['slug']:<20} {row['status']:<10} {lists}")


def _row(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": str(tenant.pk),
        "slug": tenant.slug,
        "name": tenant.name,
        "status": tenant.status,
        "locales": tenant.locales,
        "currencies": tenant.currencies,
        "domains": [domain.domain for domain in tenant.domains.all()],
    }
