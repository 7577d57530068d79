"""`manage.py index`: rebuild, verify and describe the index."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.index import selectors, services
from apps.index.parts import Kind
from apps.tenant.public import each_tenant, find, use_tenant

#: Columns of the progress bar.
WIDTH = 30


class Command(BaseCommand):
    """Rebuild, verify and describe the index of products and content."""

    help = "Rebuild, verify and describe the index of products and content."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        actions = parser.add_subparsers(dest="action", required=True)
        rebuild = actions.add_parser("rebuild", help="compute every row again; goes on where it was interrupted")
        rebuild.add_argument("--restart", action="store_true", help="forget how far an interrupted rebuild came")
        verify = actions.add_parser("verify", help="compare every row with its source; exit code 1 if they differ")
        verify.add_argument("--repair", action="store_true", help="write the differing rows anew")
        status = actions.add_parser("status", help="tell how many rows there are and how the last rebuild went")
        for command in (rebuild, verify, status):
            command.add_argument("--tenant", help="slug of one tenant; every active one if left out")
            command.add_argument("--json", action="store_true", help="print JSON")
        for command in (rebuild, verify):
            command.add_argument("--kind", choices=["products", "content"], action="append", help="both if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        self.as_json = options["json"]
        kinds: list[Kind] = options.get("kind") or ["products", "content"]
        answers = {}
        for tenant in self._tenants(options["tenant"]):
            run = getattr(self, f"_{options['action']}")
            answers[tenant.slug] = run(options) if options["action"] == "status" else run(tenant.slug, kinds, options)
        if self.as_json:
            self.stdout.write(json.dumps(answers, indent=2, default=str))
        elif options["action"] == "status":
            self._print_status(answers)
        if options["action"] == "verify" and not options["repair"] and any(answers.values()):
            raise CommandError(f"{sum(map(len, answers.values()))} row(s) differ; --repair writes them anew")

    def _tenants(self, slug: str | None) -> Iterator[Any]:
        if slug is None:
            yield from each_tenant()
            return
        tenant = find(slug)
        if tenant is None:
            raise CommandError(f"there is no tenant {slug!r}")
        with use_tenant(tenant):
            yield tenant

    def _rebuild(self, slug: str, kinds: list[Kind], options: dict[str, Any]) -> dict[str, int]:
        done: dict[str, int] = {}
        for kind in kinds:
            started = time.monotonic()
            done[kind] = services.rebuild(kind, restart=options["restart"], progress=self._bar(f"{slug} {kind}"))
            rate = done[kind] / max(time.monotonic() - started, 0.001)
            self._say(f"{slug}: {done[kind]} {kind} indexed, {rate:.0f} a second")
        return done

    def _verify(self, slug: str, kinds: list[Kind], options: dict[str, Any]) -> list[dict[str, str]]:
        found = []
        for kind in kinds:
            for drift in services.verify(kind, repair=options["repair"], progress=self._bar(f"{slug} {kind}")):
                found.append({"kind": kind, "key": str(drift.key), "row": drift.row, "problem": drift.problem})
                self._say(f"{slug}: {kind} {drift.key} {drift.row}: {drift.problem}")
        verb = "repaired" if options["repair"] else "differ from their source"
        self._say(f"{slug}: {len(found)} row(s) {verb}")
        return found

    def _status(self, options: dict[str, Any]) -> dict[Kind, dict[str, Any]]:
        return selectors.status()

    def _print_status(self, answers: dict[str, Any]) -> None:
        for slug, kinds in answers.items():
            for kind, state in kinds.items():
                run = state["last_rebuild"]
                last = f"last rebuild {run['state']}, {run['done']}/{run['total']}" if run else "never rebuilt"
                self.stdout.write(f"{slug:<20} {kind:<9} {state['keys']:>8} keys {state['rows']:>9} rows  {last}")

    def _say(self, text: str) -> None:
        if not self.as_json:
            self.stdout.write(text)

    def _bar(self, label: str) -> services.Progress:
        """Draw a progress bar on a terminal; nothing elsewhere."""
        if self.as_json or not sys.stderr.isatty():
            return lambda done, total: None

        def draw(done: int, total: int) -> None:
            filled = WIDTH * done // max(total, 1)
            end = "\n" if done >= total else ""
            self.stderr.write(f"\r{label} [{'█' * filled}{'·' * (WIDTH - filled)}] {done}/{total}", ending=end)

        return draw
