"""`manage.py events`: what events and handlers there are, and whether their schemas hold."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.outbox import schemas
from apps.outbox.management import replaying
from apps.outbox.schemas.reference import module_of, retry_in_words
from rustok.kernel.events import Handler, event_types, handlers_of


class Command(BaseCommand):
    """List events and handlers, check them against the committed files, write the files of new versions."""

    help = "List events and their handlers; check or write what is committed of them under docs/."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare one parser per subcommand; each names the method that runs it."""
        commands = parser.add_subparsers(dest="what", metavar="COMMAND", required=True)
        one = commands.add_parser("list", help="show every event version and who hears it")
        one.add_argument("--json", action="store_true", help="print JSON")
        one.set_defaults(run=self.list_events)
        one = commands.add_parser("check", help="name everything in which the code and docs/events differ")
        one.set_defaults(run=self.check_files)
        one = commands.add_parser("write", help="write the files of new versions and handlers, and the reference page")
        one.set_defaults(run=self.write_files)
        one = commands.add_parser("replay", help="deliver events of the past again")
        replaying.add_arguments(one)
        one.set_defaults(run=self.replay)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen subcommand."""
        options["run"](options)

    def list_events(self, options: dict[str, Any]) -> None:
        """Show every event version, as lines or as JSON."""
        if options["json"]:
            self.stdout.write(json.dumps([_as_dict(*version) for version in sorted(event_types())], indent=2))
            return
        for name, version in sorted(event_types()):
            heard = handlers_of(name)
            self.stdout.write(f"{name:<28} v{version}  {_in_words(heard[0]) if heard else '—'}")
            for handler in heard[1:]:
                self.stdout.write(f"{'':<32} {_in_words(handler)}")

    def check_files(self, options: dict[str, Any]) -> None:
        """Name every problem in one line."""
        problems = schemas.check()
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problem(s) with events")
        self.stdout.write(f"{len(event_types())} event versions, all as committed")

    def replay(self, options: dict[str, Any]) -> None:
        """Deliver events of the past again."""
        replaying.run(options, self.stdout, self.stderr)

    def write_files(self, options: dict[str, Any]) -> None:
        """Write what is missing, then name what is left for people to do."""
        for path in schemas.write():
            self.stdout.write(f"wrote {path.name}")
        self.check_files(options)


def _as_dict(name: str, version: int) -> dict[str, Any]:
    kind = event_types()[name, version]
    heard = [
        {
            "name": one.name, "group": one.group, "batch": one.batch,
            "retry": {"max_attempts": one.retry.max_attempts, "base": one.retry.base, "ceiling": one.retry.ceiling},
        }
        for one in handlers_of(name)
    ]  # fmt: skip
    return {"event": name, "version": version, "module": module_of(kind), "handlers": heard}


def _in_words(handler: Handler) -> str:
    how = "batches, " if handler.batch else ""
    return f"{handler.name} (group {handler.group}, {how}{retry_in_words(handler.retry)})"
