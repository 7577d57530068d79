"""`manage.py module`: what a tenant uses, and the switch."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.tenant.models import Tenant
from apps.tenant.services.modules import disable_module, enable_module
from apps.tenant.switches import module_rows
from rustok.kernel.access import Actor
from rustok.kernel.errors import DomainError
from rustok.kernel.tenancy import use_tenant


class Command(BaseCommand):
    """List a tenant's modules, and switch them on and off."""

    help = "List a tenant's modules, and switch them on and off. What a module has is kept while it is off."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="tell which modules a tenant uses")
        enable = actions.add_parser("enable", help="switch modules on")
        disable = actions.add_parser("disable", help="switch modules off")
        for command in (enable, disable):
            command.add_argument("slug", nargs="+", help="several are switched all or none")
        enable.add_argument("--with-dependencies", action="store_true", help="also what they require")
        disable.add_argument("--with-dependencies", action="store_true", help="also what requires them")
        for command in (listing, enable, disable):
            command.add_argument("--tenant", required=True, help="its slug")
            command.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']!r}")
        try:
            with use_tenant(tenant):
                getattr(self, f"_{options['action']}")(tenant, options)
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.detail}") from None

    def _enable(self, tenant: Tenant, options: dict[str, Any]) -> None:
        self._switch(tenant, options, on=True)

    def _disable(self, tenant: Tenant, options: dict[str, Any]) -> None:
        self._switch(tenant, options, on=False)

    @transaction.atomic
    def _switch(self, tenant: Tenant, options: dict[str, Any], *, on: bool) -> None:
        act = enable_module if on else disable_module
        changed: list[str] = []
        for slug in options["slug"]:
            done = act(
                actor=Actor.system(f"manage.py module {options['action']}"), slug=slug, tenant_slug=tenant.slug,
                with_dependencies=options["with_dependencies"],
            )  # fmt: skip
            changed += done.slugs
        if options["json"]:
            self.stdout.write(json.dumps({"tenant": tenant.slug, "enabled": on, "changed": changed}))
        else:
            names = f"switched {'on' if on else 'off'} {', '.join(changed)}" if changed else "nothing to change"
            self.stdout.write(f"{tenant.slug}: {names}")

    def _list(self, tenant: Tenant, options: dict[str, Any]) -> None:
        rows = module_rows(tenant)
        if options["json"]:
            listed = [
                {
                    "slug": row.slug, "name": row.name, "version": row.version, "enabled": row.enabled,
                    "toggleable": row.toggleable, "requires": row.requires, "required_by": row.required_by,
                    "missing": row.missing, "health": {"ok": row.health.ok, "reason": row.health.reason},
                }
                for row in rows
            ]  # fmt: skip
            self.stdout.write(json.dumps(listed, indent=2))
            return
        for row in rows:
            state = "on" if row.enabled else "off"
            note = f" (without {', '.join(row.missing)})" if row.missing else "" if row.toggleable else " (always on)"
            self.stdout.write(
                f"{row.slug:<12} {state:<4} {row.version:<8} {row.description}{f' ({note})' if note else ''}"
            )
