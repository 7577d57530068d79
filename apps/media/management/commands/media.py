"""`manage.py media`: the files of shops."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.media.orphans import FOLDERS
from apps.media.services import sweep_files
from apps.tenant.public import each_tenant
from rustok.kernel.access import Actor

ACTOR = Actor.system("manage.py media sweep")
#: Seconds of one shop.
SECONDS = 3_600.0


class Command(BaseCommand):
    """Delete files that no row names; a task does the same every day."""

    help = "Files of shops: delete those that no row names and that are older than a day. A task does it every day."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        commands = parser.add_subparsers(dest="what", metavar="COMMAND", required=True)
        sweep = commands.add_parser("sweep", help="delete files that no row names and that are older than a day")
        sweep.add_argument("--tenant", help="slug; all active ones if left out")
        sweep.add_argument("--dry-run", action="store_true", help="only count them")
        sweep.add_argument("--force", action="store_true", help="even if they are more than half of all files")
        sweep.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep shop by shop; those that are being made, moved or deleted are left alone."""
        rows = [
            {"tenant": tenant.slug} | self._sweep(options)
            for tenant in each_tenant(module="media")
            if options["tenant"] in (None, tenant.slug)
        ]
        if not rows:
            raise CommandError("there is no such active tenant that uses media")
        self.stdout.write(json.dumps(rows, indent=2) if options["json"] else "\n".join(map(_line, rows)))
        held = [str(row["tenant"]) for row in rows if row["is_held"]]
        if held:
            raise CommandError(
                f"more than half of the files have no row in {', '.join(held)}: nothing was deleted there."
                " Is the database of another day than the files? --force deletes them."
            )

    def _sweep(self, options: dict[str, Any]) -> dict[str, Any]:
        swept = sweep_files(
            actor=ACTOR, folders=FOLDERS, now=timezone.now(), seconds=SECONDS,
            dry_run=options["dry_run"], force=options["force"],
        )  # fmt: skip
        return asdict(swept)


def _line(row: dict[str, Any]) -> str:
    more = "" if row["is_all"] else "; there is more, call again"
    return (
        f"{row['tenant']}: {row['looked_at']} files looked at, {row['orphans']} without a row"
        f" ({row['bytes'] / 1e6:.1f} MB), {row['deleted']} deleted{more}"
    )
