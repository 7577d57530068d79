"""`manage.py relay`: dispatch committed events to the workers."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.outbox.relay import Relay
from apps.outbox.transports import transport
from apps.telemetry.public import serve_metrics


class Command(BaseCommand):
    """Relay committed events from the outbox to the Celery workers until stopped; several may run."""

    help = "Relay committed events from the outbox to the Celery workers until stopped; several may run."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--once", action="store_true", help="dispatch what is due now, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        relay = Relay(transport())
        if options["once"]:
            while relay.step():
                pass
            relay.stop()
            return
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: relay.stop())
        serve_metrics()
        relay.run()
