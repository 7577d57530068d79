"""`manage.py doctor`: is everything as it must be, and if not, what to do."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rustok.doctor import CHECKS, Finding, Level, examine

SIGNS = {Level.OK: "✓", Level.WARN: "!", Level.BAD: "✗"}


class Command(BaseCommand):
    """Check all that must hold, and say what to do where it does not; fail if something is bad."""

    help = "Check all that must hold, and say what to do where it does not; exits 1 if something is bad."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--fast", action="store_true", help="leave out what takes longer than a moment")
        parser.add_argument("--only", default="", choices=["", *CHECKS], metavar="CHECK", help="make one check alone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        found = []
        for finding in examine(fast=options["fast"], only=options["only"]):
            found.append(finding)
            if not options["json"]:
                self._print(finding)
        if options["json"]:
            self.stdout.write(json.dumps([finding.as_dict() for finding in found], indent=2, ensure_ascii=False))
        wrong = sum(finding.level == Level.BAD for finding in found)
        if wrong:
            raise CommandError(f"{wrong} of {len(found)} findings must not stay")

    def _print(self, finding: Finding) -> None:
        style = {Level.OK: self.style.SUCCESS, Level.WARN: self.style.WARNING, Level.BAD: self.style.ERROR}
        advice = f" — {finding.advice}" if finding.advice else ""
        self.stdout.write(f"{style[finding.level](SIGNS[finding.level])} {finding.check:<20} {finding.text}{advice}")
        self.stdout.flush()
