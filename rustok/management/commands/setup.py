"""`manage.py setup`: from an empty database, or an older version, to a ready one."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.tenant import public as tenants
from rustok.kernel.access import Actor


class Command(BaseCommand):
    """Migrate the shared tables, the template and every tenant; create the platform's own tenant."""

    help = "Migrate the shared tables, the template and every tenant; create the platform's own tenant. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the steps, telling each."""
        started = time.monotonic()
        if tenants.something_is_behind():
            job = tenants.migrate_here(actor=Actor.system("setup"))
            self.stdout.write(f"  migrated {job.result.get('migrated', 0)} tenants")
            if job.error:
                raise CommandError(f"{job.error_code}: {job.error}")
        self._hide_tables()
        if tenants.find("platform") is None:
            tenants.create_tenant(
                actor=Actor.system("setup"), slug="platform", name="RusToK", domains=["localhost", "127.0.0.1"]
            )
            self.stdout.write("  created tenant platform")
        self.stdout.write(f"  database ready in {time.monotonic() - started:.1f} s")

    def _hide_tables(self) -> None:
        """Let a new connection see no tables before a tenant is chosen."""
        if refusal := tenants.hide_tables():
            self.stdout.write(f"  {refusal}; ask who may: {tenants.hiding_statement()}")
