"""`manage.py demo`: two shops full of things, and people to log in as."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.utils import timezone

from rustok.demo.build import build_demo
from rustok.demo.painters import Painters
from rustok.demo.sites import PASSWORD, SITES

#: Columns of the progress bar.
WIDTH = 30


class Bar:
    """A progress bar a tenant on a terminal; elsewhere a line for every quarter."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out = out
        self.live = out.isatty()
        self.name, self.total, self.done, self.started = "", 0, 0, 0.0

    def begin(self, name: str, total: int) -> None:
        """Begin a tenant of so many steps."""
        self.name, self.total, self.done, self.started = name, total, 0, time.monotonic()
        if total and not self.live:
            self._say(f"{total} things to make: pictures, products, articles, orders")

    def advance(self, what: str) -> None:
        """Tell that one step is done."""
        self.done += 1
        if self.live:
            filled = WIDTH * self.done // self.total
            bar = "█" * filled + "░" * (WIDTH - filled)
            self.out.write(f"\r  {self.name:<24} {bar} {self.done:>3}/{self.total} {what:<10}", ending="")
            self.out.flush()
        elif self.done < self.total and self.done * 4 // self.total > (self.done - 1) * 4 // self.total:
            self._say(f"{self.done * 100 // self.total} % ({what})")

    def end(self) -> None:
        """Tell that the tenant is complete."""
        seconds = time.monotonic() - self.started
        told = f"{self.total} things made in {seconds:.1f} s" if self.total else "complete already"
        self._say(f"{told:<60}" if self.live and self.total else told, "\r" if self.live else "")

    def _say(self, words: str, start: str = "") -> None:
        self.out.write(f"{start}  {self.name:<24} {words}")
        self.out.flush()


class Command(BaseCommand):
    """Create the demo tenants acme and globex, with everything that a shop has."""

    help = (
        "Create the demo tenants acme and globex with catalogue, images, content, orders and accounts. "
        "Safe to repeat, and to repeat after an interruption."
    )
    stealth_options = ("painters",)  # of a caller who has them at work already

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--in-production", action="store_true", help="run although this is production: the passwords are public"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        if not (settings.DEBUG or settings.DEMO or options["in_production"]):
            raise CommandError(
                "this is production (DEBUG and RUSTOK_DEMO are off), and the demo's passwords are public; "
                "--in-production does it all the same"
            )
        started = time.monotonic()
        with options.get("painters") or Painters() as painters:
            build_demo(now=timezone.now(), progress=Bar(self.stdout), painters=painters)
        self.stdout.write(f"  demo ready in {time.monotonic() - started:.1f} s")
        if options["verbosity"] > 1:
            for slug in SITES:
                self.stdout.write(f"  admin@{slug}.test, manager@{slug}.test, customer@{slug}.test / {PASSWORD}")
