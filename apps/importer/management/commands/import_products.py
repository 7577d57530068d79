"""`manage.py import_products`: a catalogue from another system."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.importer import woocommerce
from apps.importer.images import Fetcher
from apps.importer.services import Report, import_products
from apps.tenant import public as tenants
from rustok.kernel.access import Actor
from rustok.kernel.errors import DomainError
from rustok.kernel.modules import require_enabled
from rustok.kernel.money import check_currency


class Command(BaseCommand):
    """Import products into a tenant; what is left out is printed row by row. Safe to run again."""

    help = "Import products into a tenant; what is left out is printed row by row. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--tenant", required=True, help="slug")
        parser.add_argument("--format", required=True, choices=["woocommerce"])
        parser.add_argument("--currency", help="currency of the prices; the tenant's default if left out")
        parser.add_argument("--locale", help="language of the texts; the tenant's default if left out")
        parser.add_argument("--no-images", action="store_true", help="do not fetch images")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        tenant = tenants.find(options["tenant"])
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']!r}")
        try:
            with tenants.use_tenant(tenant):
                require_enabled("importer")
                report = self._import(tenant, options)
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.detail}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']}: {error}") from None
        self._print(report, as_json=options["json"])

    def _import(self, tenant: Any, options: dict[str, Any]) -> Report:
        now = timezone.now()
        currency = check_currency(options["currency"] or tenant.default_currency)
        with options["file"].open(encoding="utf-8-sig", newline="") as source:
            reading = woocommerce.read(source, currency=currency, now=now, zone=ZoneInfo(tenant.timezone))
        return import_products(
            actor=Actor.system("import_products"),
            source=options["format"],
            reading=reading,
            locale=options["locale"] or tenant.default_locale,
            currency=currency,
            now=now,
            fetcher=Fetcher(enabled=not options["no_images"]),
            progress=_bar(quiet=options["json"]),
        )

    def _print(self, report: Report, *, as_json: bool) -> None:
        counts = {name: getattr(report, name) for name in ("created", "updated", "unchanged")}
        if as_json:
            remarks = [{"row": r.row, "key": r.key, "reason": r.reason, "skipped": r.whole} for r in report.remarks]
            totals = {"rows": report.rows, "rows_skipped": report.skipped}
            self.stdout.write(json.dumps(counts | totals | {"remarks": remarks}, indent=2))
            return
        for remark in report.remarks:
            self.stdout.write(str(remark))
        products = ", ".join(f"{count} {word}" for word, count in counts.items())
        self.stdout.write(f"products: {products}; rows: {report.rows} read, {report.skipped} skipped")


def _bar(*, quiet: bool) -> Any:
    """Draw progress on a terminal; a line per hundred products elsewhere."""

    def draw(done: int, total: int) -> None:
        if sys.stderr.isatty():
            filled = 40 * done // max(total, 1)
            sys.stderr.write(
                f"\r[{'█' * filled}{'·' * (40 - filled)}] {done}/{total}" + ("\n" if done == total else "")
            )
        elif done % 100 == 0 or done == total:
            sys.stderr.write(f"{done}/{total} products\n")
        sys.stderr.flush()

    return (lambda done, total: None) if quiet else draw
