"""`manage.py audit_access`: who may do what, everywhere."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rustok.access_audit import Entry, Finding, audit, probe, unasked


class Command(BaseCommand):
    """List every way in with its permission and roles; try each as those whom it is not for; fail on any gap."""

    help = (
        "List every REST method, GraphQL field, admin page and action, view, task and handler with its permission and "
        "roles; with --probe try each as nobody, a customer, staff without a role and a foreign admin; fail on a gap."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--quiet", action="store_true", help="print gaps only")
        parser.add_argument("--probe", action="store_true", help="try each; needs a database, and leaves nothing in it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        entries = audit()
        gaps = [entry for entry in entries if entry.permission is None]
        idle = unasked(entries)
        began = time.monotonic()
        findings = probe() if options["probe"] and not gaps else []
        if options["json"]:
            self.stdout.write(json.dumps({
                "ways_in": [entry.as_dict() for entry in entries],
                "unasked": idle,
                "probes": [one.as_dict() for one in findings],
            }, indent=2))  # fmt: skip
        else:
            self._print(gaps if options["quiet"] else entries, findings, time.monotonic() - began)
            self._print_unasked({name: why for name, why in idle.items() if not (why and options["quiet"])})
        wrong = [one for one in findings if not one.ok]
        if gaps:
            raise CommandError(f"{len(gaps)} of {len(entries)} ways in declare no permission")
        if unexplained := [name for name, why in idle.items() if not why]:
            raise CommandError(f"nothing asks for {', '.join(unexplained)}, and nobody says why there it is")
        if wrong:
            raise CommandError(f"{len(wrong)} of {len(findings)} probes got further than they may, or broke something")
        if not options["json"]:
            self.stdout.write(f"{len(entries)} ways in, each with a permission")

    def _print_unasked(self, idle: dict[str, str]) -> None:
        """Name the permissions that no way in asks for, by reason."""
        reasons: dict[str, list[str]] = {}
        for name, why in idle.items():
            reasons.setdefault(why or "nobody says why", []).append(name)
        if reasons:
            self.stdout.write("\nno way in asks for")
        for why, names in reasons.items():
            self.stdout.write(f"  {', '.join(names)}: {why}")

    def _print(self, entries: list[Entry], findings: list[Finding], took: float) -> None:
        for entry in entries:
            self.stdout.write(f"{entry.edge:<8} {entry.permission or 'NONE':<22} {entry.path:<64} {entry.roles}")
        for one in findings:
            if not one.ok:
                where = f"{one.entry.edge} {one.entry.path}"
                self.stdout.write(f"GAP  {one.who:<22} {where}: {one.answer} (asks for {one.entry.permission})")
        if findings:
            self.stdout.write(f"\n{'edge':<8} {'as':<22} {'tried':>6} {'refused or allowed':>20} {'wrong':>6}")
            tried = Counter((one.entry.edge, one.who) for one in findings)
            wrong = Counter((one.entry.edge, one.who) for one in findings if not one.ok)
            for key, count in tried.items():
                self.stdout.write(f"{key[0]:<8} {key[1]:<22} {count:>6} {count - wrong[key]:>20} {wrong[key]:>6}")
            self.stdout.write(f"{len(findings)} probes in {took:.1f} s")
