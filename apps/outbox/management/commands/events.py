"""`manage.py events`: what events and handlers there are, and whether their schemas hold."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.outbox import schemas
from rustok.kernel.events import event_types, handlers_of


class Command(BaseCommand):
    """List events and handlers, check their schemas, write the schema files of new versions."""

    help = "List events and their handlers; check or write the schema files in docs/events."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("what", choices=["list", "check", "write"])
        parser.add_argument("--json", action="store_true", help="print JSON (list)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        getattr(self, f"_{options['what']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        rows: list[dict[str, Any]] = [
            {"event": name, "version": version, "handlers": [handler.name for handler in handlers_of(name)]}
            for name, version in sorted(event_types())
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            self.stdout.write(f"{row['event']:<28} v{row['version']}  {', '.join(row['handlers']) or '—'}")

    def _check(self, options: dict[str, Any]) -> None:
        problems = list(schemas.check())
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problem(s) with events")
        self.stdout.write(f"{len(event_types())} event versions, all as committed")

    def _write(self, options: dict[str, Any]) -> None:
        for path in schemas.write():
            self.stdout.write(f"wrote {path.name}")
