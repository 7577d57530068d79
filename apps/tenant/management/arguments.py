"""What `manage.py tenant` takes."""

from __future__ import annotations

from django.core.management.base import CommandParser

from apps.tenant.services import GRACE_DAYS

__all__ = ["declare"]


def declare(parser: CommandParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _create(actions.add_parser("create", help="create a tenant"))
    actions.add_parser("list", help="list tenants with their state")
    suspend = actions.add_parser("suspend", help="refuse a tenant everywhere; its work waits, nothing is lost")
    suspend.add_argument("slug")
    suspend.add_argument("--reason", default="", help="why, for those who run the platform")
    resume = actions.add_parser("resume", help="let a tenant in again that is suspended or about to be deleted")
    resume.add_argument("slug")
    _domain(actions.add_parser("domain", help="name a domain of a tenant on the platform's word, or take one away"))
    _delete(actions.add_parser("delete", help="delete a tenant after a grace period, or now"))
    export = actions.add_parser("export", help="write a tenant into one archive: data, files, settings")
    export.add_argument("slug")
    export.add_argument("--output", help="file; SLUG.zip if left out. It holds password hashes: only you may read it")
    _import(actions.add_parser("import", help="make a tenant of an archive, from here or another deployment"))
    _migrate(actions.add_parser("migrate", help="bring all schemas to the newest migration"))
    _jobs(actions.add_parser("jobs", help="list jobs; cancel one, run one again"))
    for command in actions.choices.values():
        command.add_argument("--json", action="store_true", help="print JSON")
        command.add_argument("--quiet", action="store_true", help="show no progress")


def _create(parser: CommandParser) -> None:
    parser.add_argument("slug", help="names the schema and never changes")
    parser.add_argument("--name", help="shown to people; the slug if left out")
    parser.add_argument("--domain", action="append", help="repeatable, the first is primary; SLUG.localhost if none")
    parser.add_argument("--locale", action="append", help="BCP 47; repeatable, the first is the default; en if none")
    parser.add_argument(
        "--currency", action="append", help="ISO 4217; repeatable, the first is the default; USD if none"
    )
    parser.add_argument("--timezone", default="UTC")


def _domain(parser: CommandParser) -> None:
    parser.add_argument("slug")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--add", default="", metavar="HOST", help="leads there without a DNS record from now on")
    what.add_argument("--remove", default="", metavar="HOST", help="leads there no more, whoever named it")


def _delete(parser: CommandParser) -> None:
    parser.add_argument("slug")
    parser.add_argument(
        "--grace-days",
        type=int,
        default=GRACE_DAYS,
        help=f"until then `resume` takes it back; {GRACE_DAYS} if none",
    )
    parser.add_argument("--now", action="store_true", help="delete all of it now; needs --yes SLUG")
    parser.add_argument("--yes", metavar="SLUG", default="", help="the slug once more: this cannot be taken back")


def _import(parser: CommandParser) -> None:
    parser.add_argument("file")
    parser.add_argument("--slug", default="", help="another slug than in the archive")
    parser.add_argument("--domain", action="append", help="other domains than in the archive; the first is primary")


def _migrate(parser: CommandParser) -> None:
    parser.add_argument("--parallel", type=int, default=1, metavar="N", help="processes; 1 if left out")
    parser.add_argument(
        "--canary", default="", metavar="SLUG", help="goes first; if it fails, nothing else is migrated"
    )
    parser.add_argument("--tenant", action="append", metavar="SLUG", help="only these; may be repeated")


def _jobs(parser: CommandParser) -> None:
    parser.add_argument("--tenant", default="", metavar="SLUG", help="only of this tenant")
    parser.add_argument("--cancel", metavar="ID", help="stop a job")
    parser.add_argument("--retry", metavar="ID", help="run a job again that failed, at the step where it stopped")
    parser.add_argument("--limit", type=int, default=20)
