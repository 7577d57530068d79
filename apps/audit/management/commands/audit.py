"""`manage.py audit`: the log of one tenant, on the command line."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.audit import selectors, services
from apps.audit.triggers import accepted_changes, logs, missing_triggers
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import Actor
from rustok.kernel.errors import DomainError
from rustok.kernel.ids import parse_id
from rustok.kernel.tenancy import PUBLIC

ACTOR = Actor.system("manage.py audit")
#: Entries that `list` shows unless it is told otherwise, and the most.
LIST, MOST = 50, 10_000


class Command(BaseCommand):
    """List, export and check the audit log of a tenant, and erase somebody from it."""

    help = "List, export and check the audit log of a tenant, and erase somebody from it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare one parser per subcommand; each names the method that runs it."""
        commands = parser.add_subparsers(dest="what", metavar="COMMAND", required=True)
        listing = commands.add_parser("list", help="list entries, newest first")
        listing.add_argument("--limit", type=int, default=LIST, help=f"{LIST} if left out, at most {MOST}")
        listing.add_argument("--json", action="store_true", help="print JSON")
        listing.set_defaults(run=self.list_entries)
        export = commands.add_parser("export", help=f"write entries to the standard output, {services.MAX_EXPORT:,}")
        export.add_argument("--format", choices=["csv", "jsonl"], default="jsonl")
        export.set_defaults(run=self.export)
        for one in (listing, export):
            one.add_argument("--object", default="", help="id of an object: with all that is a part of it")
            one.add_argument("--person", help="id of somebody who acted")
            one.add_argument("--type", action="append", default=[], help="such as product.product; may be repeated")
            one.add_argument("--action", action="append", default=[], help="such as login.failed; may be repeated")
            one.add_argument("--since", help="2026-01-31T12:00:00Z")
            one.add_argument("--search", default="", help="an id, an address, or a part of a name")
        erase = commands.add_parser("erase", help="erase somebody's name and addresses; what was done stays")
        erase.add_argument("--user", help="id")
        erase.add_argument("--email", default="")
        erase.set_defaults(run=self.erase)
        verify = commands.add_parser("verify", help="check all triggers, and try whether a log can be changed")
        verify.set_defaults(run=self.verify)
        for one in commands.choices.values():
            one.add_argument("--tenant", required=one is not verify, help="slug")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen subcommand in the tenant.

        :raises CommandError: if there is no such tenant, or the log refuses
        """
        if options["tenant"] is None:
            options["run"](options)
            return
        tenant = find(options["tenant"])
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']!r}")
        try:
            with use_tenant(tenant):
                options["run"](options)
        except DomainError as refusal:
            raise CommandError(f"{refusal.code}: {refusal.detail}") from None

    def list_entries(self, options: dict[str, Any]) -> None:
        """List entries, as lines or as JSON."""
        if not 1 <= options["limit"] <= MOST:
            raise CommandError(f"--limit is a number from 1 to {MOST}")
        rows = list(selectors.entries(ACTOR, _wanted(options))[: options["limit"]])
        if options["json"]:
            self.stdout.write(json.dumps([selectors.entry_document(row) for row in rows], indent=2))
            return
        selectors.who_did(rows)
        for row in rows:
            changed = ", ".join(sorted(row.after or {})) if row.action == "row.update" else ""
            who = getattr(row, "who", "") or row.actor_kind
            self.stdout.write(
                f"{row.at:%Y-%m-%d %H:%M:%S}  {row.action:<16} {row.object_type:<24} {row.object_label[:28]:<28} "
                f"{who[:32]:<32} {row.via:<10} {row.address:<15} {changed}"
            )

    def export(self, options: dict[str, Any]) -> None:
        """Write entries to the standard output."""
        for piece in services.export_entries(actor=ACTOR, wanted=_wanted(options), format=options["format"]):
            sys.stdout.write(piece.decode())

    def erase(self, options: dict[str, Any]) -> None:
        """Erase somebody."""
        user_id = _key(options["user"])
        count = services.erase_person(actor=ACTOR, user_id=user_id, email=options["email"])
        self.stdout.write(f"{count} entries changed")

    def verify(self, options: dict[str, Any]) -> None:
        """Name the tables without a trigger, and the logs that let somebody change them: it is tried.

        :raises CommandError: if there is one
        """
        found = _missing(options["tenant"])
        for schema, tables in found.items():
            self.stderr.write(f"{schema}: no audit trigger on {', '.join(tables)}")
        open_to = _changeable(options["tenant"])
        for schema, changes in open_to.items():
            self.stderr.write(f"{schema}: the log let {' and '.join(changes)} through")
        if found or open_to:
            raise CommandError("run `manage.py setup`: it installs what is missing")
        self.stdout.write("every audited table has its trigger, and the log is append-only")


def _missing(slug: str | None) -> dict[str, list[str]]:
    slugs = [slug] if slug else [PUBLIC, *logs()]
    return {one: tables for one in slugs if (tables := missing_triggers(one))}


def _changeable(slug: str | None) -> dict[str, list[str]]:
    return {one: changes for one in ([slug] if slug else logs()) if (changes := accepted_changes(one))}


def _wanted(options: dict[str, Any]) -> selectors.EntryFilter:
    return selectors.EntryFilter(
        history_of=options["object"], actor_id=_key(options["person"]), object_types=options["type"],
        actions=options["action"], since=_moment(options["since"]), search=options["search"],
    )  # fmt: skip


def _key(text: str | None) -> Any:
    if text is None:
        return None
    found = parse_id(text)
    if found is None:
        raise CommandError(f"{text!r} is no id")
    return found


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"{text!r} is no moment: write 2026-01-31T12:00:00Z")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
