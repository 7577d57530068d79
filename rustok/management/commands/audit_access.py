"""`manage.py audit_access`: who may do what, everywhere."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rustok.access_audit import audit


class Command(BaseCommand):
    """List every REST method, GraphQL field and admin page with its permission; fail if one has none."""

    help = "List every REST method, GraphQL field and admin page with its permission and roles; fail if one has none."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--quiet", action="store_true", help="print gaps only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        entries = audit()
        gaps = [entry for entry in entries if entry.permission is None]
        if options["json"]:
            self.stdout.write(json.dumps([entry.as_dict() for entry in entries], indent=2))
        else:
            for entry in gaps if options["quiet"] else entries:
                self.stdout.write(f"{entry.edge:<8} {entry.permission or 'NONE':<22} {entry.path:<64} {entry.roles}")
        if gaps:
            raise CommandError(f"{len(gaps)} of {len(entries)} ways in declare no permission")
        if not options["json"]:
            self.stdout.write(f"{len(entries)} ways in, each with a permission")
