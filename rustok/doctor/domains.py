"""Domains: those whose record is gone, shops that nothing leads to, and whether anybody looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from apps.tenant.models import Domain, Tenant
from apps.tenant.services.lapsing import EVERY
from rustok.doctor.findings import Finding, bad, check, ok, warn

#: Names that one line has.
NAMED = 5
#: Looks that a domain may miss until that is worth a word.
MISSED = 3


@check("domains")
def domains() -> Iterator[Finding]:
    """See that every shop has an address, and that the records by which domains were shown are there."""
    found = [*_unreachable(), *_missing(), *_unseen()]
    shown = Domain.objects.by_record().count()
    yield from found or [ok(f"every shop has an address; the records of {shown} domains are there")]


def _unreachable() -> Iterator[Finding]:
    reached = Domain.objects.leading().values("tenant_id")
    lost = Tenant.objects.filter(status=Tenant.Status.ACTIVE).exclude(pk__in=reached).order_by("slug")
    if names := _names(list(lost.values_list("slug", flat=True)[: NAMED + 1])):
        yield bad(f"no domain leads to {names}", "name one: `manage.py tenant domain SLUG --add HOST`")


def _missing() -> Iterator[Finding]:
    gone = Domain.objects.filter(missing_since__isnull=False).order_by("missing_since", "pk")
    if names := _names(list(gone.values_list("domain", flat=True)[: NAMED + 1])):
        yield warn(
            f"DNS records that show domains are missing: {gone.count()} ({names})",
            "their shops were told; if it is many at once, see that DNS_SERVERS answer right",
        )


def _unseen() -> Iterator[Finding]:
    before = timezone.now() - MISSED * EVERY
    late = Domain.objects.by_record().filter(tenant__status=Tenant.Status.ACTIVE, verified_at__lte=before)
    late = late.exclude(checked_at__gt=before)
    if late.exists():
        yield warn(
            f"domains that were not looked at for {MISSED * EVERY / timedelta(days=1):.0f} days: {late.count()}",
            "see that beat and a worker run, and DNS_SERVERS",
        )


def _names(found: list[str]) -> str:
    return ", ".join(found[:NAMED]) + (" …" if len(found) > NAMED else "")
