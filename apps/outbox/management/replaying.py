"""`manage.py events replay`: deliver events of the past again."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from apps.outbox import services
from apps.outbox.management.arguments import bar, key, moment, tenant_id, work
from apps.outbox.services import Replay
from rustok.kernel.access import Actor

__all__ = ["add_arguments", "run"]

ACTOR = Actor.system("manage.py events replay")
#: What a shell answers for Ctrl-C.
INTERRUPTED = 130


def add_arguments(parser: CommandParser) -> None:
    """Declare the options."""
    parser.add_argument("--since", metavar="MOMENT", help="ISO 8601, included; UTC if it names no zone")
    parser.add_argument("--until", metavar="MOMENT", help="not included")
    parser.add_argument("--from-position", type=int, metavar="N", help="position in the outbox, included")
    parser.add_argument("--to-position", type=int, metavar="N", help="included")
    parser.add_argument("--tenant", help="slug; all if left out")
    parser.add_argument("--type", action="append", default=[], help="name of an event; may be repeated")
    parser.add_argument("--handler", action="append", default=[], help="who gets them; may be repeated; all who listen")
    parser.add_argument("--after", metavar="ID", help="go on after this event, which a stopped replay named")
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be delivered")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: dict[str, Any], stdout: OutputWrapper, stderr: OutputWrapper) -> None:
    """Make events deliverable again, wave by wave.

    :raises CommandError: if there is no such event, handler or tenant; and when it was stopped
    """
    with work():
        wanted = Replay(
            since=moment(options["since"]), until=moment(options["until"]), first=options["from_position"],
            last=options["to_position"], tenant_id=tenant_id(options["tenant"]), event_types=options["type"],
            handlers=options["handler"], after=key(options["after"]) if options["after"] else None,
        )  # fmt: skip
        if options["dry_run"]:
            _tell(services.plan(wanted), stdout, as_json=options["json"])
        else:
            _replay(wanted, stdout, stderr, as_json=options["json"])


def _tell(plan: services.Plan, stdout: OutputWrapper, *, as_json: bool) -> None:
    if as_json:
        stdout.write(json.dumps({"dry_run": True, "events": plan.events, "handlers": plan.handlers}, indent=2))
        return
    for name, count in plan.handlers.items():
        stdout.write(f"{name:<40} {count:>10,}")
    total = sum(plan.handlers.values())
    stdout.write(f"{_events(plan.events)} found, {total:,} deliveries to be made; nothing was done")


def _replay(wanted: Replay, stdout: OutputWrapper, stderr: OutputWrapper, *, as_json: bool) -> None:
    total = services.count_of(wanted)
    draw = bar(stderr, "replayed", quiet=as_json)
    events = deliveries = 0
    last = wanted.after
    try:
        for wave in services.replay(actor=ACTOR, wanted=wanted):
            events, deliveries, last = events + wave.events, deliveries + wave.deliveries, wave.last
            draw(events, max(total, events))
    except KeyboardInterrupt:
        again = f"go on with --after {last}" if last else "nothing was done"
        raise CommandError(f"stopped after {_events(events)}; {again}", returncode=INTERRUPTED) from None
    if as_json:
        stdout.write(json.dumps({"events": events, "deliveries": deliveries, "last": str(last)}, indent=2))
    else:
        stdout.write(f"{_events(events)} read, {deliveries:,} on their way again; what still was, is left as it is")


def _events(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"
