"""`manage.py consume`: run the handlers of events that travel by stream (EVENT_TRANSPORT=stream)."""

from __future__ import annotations

import json
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.outbox import stream as streams
from apps.outbox.consumer import Consumer, run_all
from apps.outbox.rebuilding import rebuild
from apps.outbox.stream import Stream, StreamDrift, StreamUnavailable
from apps.telemetry.public import serve_metrics
from rustok.kernel.events import groups


class Command(BaseCommand):
    """Take events from the stream and run their handlers until stopped; several may run."""

    help = "Take events from the stream and run their handlers until stopped; several may run."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--group", action="append", default=[], help="a group of handlers; default: every group")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--setup", action="store_true", help="make the stream and its consumers, and end")
        action.add_argument("--rebuild", action="store_true", help="empty the stream and fill it from the outbox")
        action.add_argument("--status", action="store_true", help="show the stream and its consumers, and end")
        parser.add_argument("--update", action="store_true", help="with --setup: bring what differs in line")
        parser.add_argument(
            "--continue", dest="go_on", action="store_true", help="with --rebuild: go on after the last"
        )
        parser.add_argument("--json", action="store_true", help="with --status: print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        self._check(options)
        stream = streams.configured("rustok-consumer")
        try:
            self._action(options)(stream, options)
        except StreamDrift as drift:
            raise CommandError(f"{drift}; `manage.py consume --setup --update` brings it in line") from None
        except StreamUnavailable as error:
            raise CommandError(str(error)) from None
        finally:
            stream.close()

    @staticmethod
    def _check(options: dict[str, Any]) -> None:
        known = groups()
        if unknown := sorted(set(options["group"]) - set(known)):
            raise CommandError(f"no handler is in group {', '.join(unknown)}; there are {', '.join(known)}")
        for option, of in (("update", "setup"), ("go_on", "rebuild"), ("json", "status")):
            if options[option] and not options[of]:
                name = "continue" if option == "go_on" else option
                raise CommandError(f"--{name} goes with --{of}")

    def _action(self, options: dict[str, Any]) -> Any:
        names = [name for name in ("setup", "rebuild", "status") if options[name]]
        return getattr(self, f"_{names[0]}") if names else self._consume

    def _setup(self, stream: Stream, options: dict[str, Any]) -> None:
        stream.setup(update=options["update"])
        self.stdout.write(f"stream {stream.layout.name} has its {len(stream.layout.consumers())} consumers")

    def _rebuild(self, stream: Stream, options: dict[str, Any]) -> None:
        try:
            count = rebuild(stream, go_on=options["go_on"], say=self.stdout.write)
        except StreamUnavailable as error:
            raise CommandError(f"{error}; `manage.py consume --rebuild --continue` goes on from here") from None
        self.stdout.write(f"{count} events are in stream {stream.layout.name}")

    def _status(self, stream: Stream, options: dict[str, Any]) -> None:
        status = stream.status()
        if options["json"]:
            self.stdout.write(json.dumps(status, indent=2))
            return
        self.stdout.write("{stream}: {messages} messages, {first_sequence} to {last_sequence}".format(**status))
        for each in status["consumers"]:
            self.stdout.write("  {name:<16} {pending:>9} to come, {ack_pending:>6} being worked on".format(**each))

    def _consume(self, stream: Stream, options: dict[str, Any]) -> None:
        """Run a consumer for each group; a stream that is away is waited for, one that differs is an error."""
        try:
            stream.setup()
        except StreamUnavailable as error:
            self.stderr.write(f"{error}; waiting for it")
        consumers = [Consumer(stream, group) for group in sorted(set(options["group"])) or groups()]

        def stop(*_: object) -> None:
            for consumer in consumers:
                consumer.stop()

        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, stop)
        serve_metrics()
        for thread in run_all(consumers):
            thread.join()
