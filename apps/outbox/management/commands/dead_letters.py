"""`manage.py dead_letters`: what was given up, and what to do with it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.outbox import selectors, services
from apps.outbox.management.arguments import ago, bar, key, tenant_id, work
from apps.outbox.models import DeadLetter
from rustok.kernel.access import Actor
from rustok.kernel.errors import NotFound

ACTOR = Actor.system("manage.py dead_letters")
#: Letters that `list` shows unless it is told otherwise, and the most.
LIST, MOST = 50, 10_000


class Command(BaseCommand):
    """List, show, retry and discard the deliveries that were given up, of all tenants."""

    help = "List, show, retry and discard the deliveries that were given up, of all tenants or of one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare one parser per subcommand; each names the method that runs it."""
        commands = parser.add_subparsers(dest="what", metavar="COMMAND", required=True)
        one = commands.add_parser("list", help="list letters, newest first")
        one.add_argument("--state", choices=[*DeadLetter.State.values, "any"], default="dead")
        one.add_argument("--limit", type=int, default=LIST, help=f"{LIST} if left out, at most {MOST}")
        _add_filters(one)
        one.set_defaults(run=self.list_letters)
        one = commands.add_parser("show", help="show a letter with traceback, payload and what was done with it")
        one.add_argument("id", metavar="ID")
        one.set_defaults(run=self.show_letter)
        for name, run in (("retry", self.retry), ("discard", self.discard)):
            one = commands.add_parser(name, help=f"{name} letters by id, or all that match")
            one.add_argument("ids", nargs="*", metavar="ID")
            one.add_argument("--all", action="store_true", help="all that match the filters")
            _add_filters(one)
            one.set_defaults(run=run)
        one.add_argument("--reason", default="", help="why nobody needs them; required, and stays on record")
        for one in commands.choices.values():
            one.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen subcommand."""
        with work():
            options["run"](options)

    # --- reading

    def list_letters(self, options: dict[str, Any]) -> None:
        """List letters, as lines or as JSON."""
        if not 1 <= options["limit"] <= MOST:
            raise CommandError(f"--limit is a number from 1 to {MOST}")
        found = services.letters(ACTOR, _wanted(options))
        rows = selectors.letter_documents(list(found[: options["limit"]]))
        if options["json"]:
            self._print(rows)
            return
        for row in rows:
            self.stdout.write(
                f"{row['id']}  {row['died_at'][:19]}  {row['tenant'] or '—':<12} {row['state']:<9} "
                f"{row['event_type']:<24} {row['handler']:<28} {row['error'][:80]}"
            )
        total = found.count()
        self.stdout.write(_letters(total) + (f", the newest {len(rows)} shown" if total > len(rows) else ""))

    def show_letter(self, options: dict[str, Any]) -> None:
        """Show one letter, as lines or as JSON."""
        wanted = services.LetterFilter(ids=[key(options["id"])], states=())
        letter = services.letters(ACTOR, wanted).first()
        if letter is None:
            raise CommandError(f"there is no dead letter {options['id']}")
        row = selectors.letter_documents([letter], whole=True)[0]
        if options["json"]:
            self._print(row)
            return
        event, acts, trace = row.pop("event"), row.pop("acts"), row.pop("traceback")
        for name, value in row.items():
            self.stdout.write(f"{name:<18} {'—' if value is None else value}")
        self.stdout.write(f"\n{trace.rstrip()}\n")
        self.stdout.write(json.dumps(event["payload"], indent=2) if event else "The event is no longer kept.")
        for act in acts:
            self.stdout.write(f"{act['at'][:19]}  {act['action']} by {act['actor']}  {act['reason']}")

    # --- acting

    def retry(self, options: dict[str, Any]) -> None:
        """Deliver letters again."""
        if _chosen(options):
            count = self._each(options, lambda one: services.retry_dead_letter(actor=ACTOR, letter_id=one))
        else:
            progress = self._bar("retried", options)
            count = services.retry_matching(actor=ACTOR, wanted=_wanted(options), progress=progress)
        self._done("retried", count, options)

    def discard(self, options: dict[str, Any]) -> None:
        """Give letters up for good."""
        reason = options["reason"]
        if _chosen(options):
            discard = services.discard_dead_letter
            count = self._each(options, lambda one: discard(actor=ACTOR, letter_id=one, reason=reason))
        else:
            progress, wanted = self._bar("discarded", options), _wanted(options)
            count = services.discard_matching(actor=ACTOR, wanted=wanted, reason=reason, progress=progress)
        self._done("discarded", count, options)

    @transaction.atomic
    def _each(self, options: dict[str, Any], act: Any) -> int:
        """Act on each letter that was named, or on none."""
        ids = list(dict.fromkeys(map(key, options["ids"])))
        for one in ids:
            try:
                act(one)
            except NotFound:
                raise CommandError(f"there is no dead letter {one}; nothing was done") from None
            except services.NotDead as refusal:
                raise CommandError(f"letter {one}: {refusal.detail}; nothing was done") from None
        return len(ids)

    def _bar(self, label: str, options: dict[str, Any]) -> Any:
        return bar(self.stderr, label, quiet=options["json"])

    def _done(self, verb: str, count: int, options: dict[str, Any]) -> None:
        if options["json"]:
            self._print({verb: count})
        else:
            self.stdout.write(f"{verb} {_letters(count)}" if count else "no dead letter matches; nothing was done")

    def _print(self, body: Any) -> None:
        self.stdout.write(json.dumps(body, indent=2))


def _add_filters(parser: CommandParser) -> None:
    parser.add_argument("--handler", action="append", default=[], help="may be repeated")
    parser.add_argument("--event", action="append", default=[], help="name of an event; may be repeated")
    parser.add_argument("--error", action="append", default=[], help="class of an error; may be repeated")
    parser.add_argument("--tenant", help="slug")
    parser.add_argument("--older-than", metavar="SPAN", help="given up so long ago: 30s, 10m, 2h, 7d, 1w")
    parser.add_argument("--newer-than", metavar="SPAN", help="given up since then")


def _wanted(options: dict[str, Any]) -> services.LetterFilter:
    tenant, state = tenant_id(options["tenant"]), options.get("state", "dead")
    return services.LetterFilter(
        handlers=options["handler"], event_types=options["event"], error_classes=options["error"],
        tenant_ids=[tenant] if tenant else [], died_after=ago(options["newer_than"]),
        died_before=ago(options["older_than"]), states=() if state == "any" else (state,),
    )  # fmt: skip


def _chosen(options: dict[str, Any]) -> bool:
    """Tell whether letters were named, not described.

    :raises CommandError: if they were neither, or both
    """
    filters = ("handler", "event", "error", "tenant", "older_than", "newer_than")
    described = options["all"] or any(options[name] for name in filters)
    if options["ids"] and described:
        raise CommandError("name letters by id, or describe them by --all and filters, not both")
    if not options["ids"] and not options["all"]:
        raise CommandError("name letters by id, or say --all, with filters or without")
    return bool(options["ids"])


def _letters(count: int) -> str:
    return f"{count:,} dead letter{'' if count == 1 else 's'}"
