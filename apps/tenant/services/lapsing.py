"""Looking at domains again: one whose record is gone is told of, and after a while leads to its shop no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Literal

from django.db import transaction
from django.db.models import F, Q

from apps.tenant.events import DomainLapsed, DomainMissing
from apps.tenant.models import Domain, Tenant
from apps.tenant.records import DnsUnanswered, record_name, record_value
from apps.tenant.resolver import announce
from rustok.kernel import audit
from rustok.kernel.access import Actor
from rustok.kernel.context import Work, bind, new_trace_id
from rustok.kernel.events import publish
from rustok.kernel.ids import new_id
from rustok.kernel.tenancy import use_tenant

__all__ = ["EVERY", "MOST", "LookUp", "displace", "found_again", "heir_of", "holder_of", "look_again"]

#: Answers the texts of a TXT record; none where there is no such record.
LookUp = Callable[[str], Sequence[str]]

#: How often a domain is looked at, and how many turns there are meanwhile: one a minute.
EVERY, TURNS = timedelta(days=1), 1_440
#: Domains of one turn at most; looked for by so many threads, five seconds each, they take less than half a minute.
MOST, THREADS = 40, 8


def look_again(*, now: datetime, look_up: LookUp, grace: timedelta) -> int:
    """Look for the records of the domains whose turn it is; answer how many.

    A turn has as many of those that were looked at longest ago as make a day's work of all of them. Each is marked
    before anything is done about it, so that one with which something is wrong does not hold up the others. An answer
    that does not come, or says nothing, changes nothing.
    """
    turn = _turn(now)
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(partial(_look, look_up), turn))
    for domain, said in zip(turn, answers, strict=True):
        with use_tenant(None):
            Domain.objects.filter(pk=domain.pk).update(checked_at=now)
        is_gone = said is not None and record_value(domain) not in said
        if is_gone or (said is not None and domain.missing_since):
            _note(domain, is_gone=is_gone, now=now, grace=grace)
    return len(turn)


def _turn(now: datetime) -> list[Domain]:
    with use_tenant(None):
        shown = Domain.objects.by_record().filter(tenant__status=Tenant.Status.ACTIVE).select_related("tenant")
        share = min(MOST, ceil(shown.count() / TURNS))
        due = shown.filter(Q(checked_at=None) | Q(checked_at__lte=now - EVERY))
        return list(due.order_by(F("checked_at").asc(nulls_first=True), "pk")[:share])


def _look(look_up: LookUp, domain: Domain) -> Sequence[str] | None:
    """Answer what the records say; None if nobody knows."""
    try:
        return look_up(record_name(domain))
    except DnsUnanswered:
        return None


def _note(seen: Domain, *, is_gone: bool, now: datetime, grace: timedelta) -> None:
    """Write down what was seen, if the domain is still as it was."""
    with use_tenant(seen.tenant), transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(pk=seen.tenant_id).first()
        domain = Domain.objects.by_record().filter(pk=seen.pk, proof=seen.proof).first()
        if tenant is None or domain is None:
            return
        if not is_gone:
            found_again(domain, now=now)
        elif domain.missing_since is None:
            domain.missing_since = now
            domain.save(update_fields=["missing_since"])
            publish(DomainMissing(domain=domain.domain, lapses_at=now + grace), aggregate=tenant)
        elif domain.missing_since <= now - grace and heir_of(domain):
            _lapse(tenant, domain, "record_missing")


def found_again(domain: Domain, *, now: datetime) -> None:
    """Take the warning back."""
    domain.missing_since, domain.checked_at = None, now
    domain.save(update_fields=["missing_since", "checked_at"])


def holder_of(domain: Domain) -> Domain | None:
    """Answer the domain of that name by which it leads to another tenant."""
    return Domain.objects.leading().filter(domain=domain.domain).exclude(tenant_id=domain.tenant_id).first()


def heir_of(domain: Domain) -> Domain | None:
    """Answer what leads to the shop without this domain: of those whose record is there, the one of longest standing.

    That is mostly the one that the platform named when it made the shop.
    """
    others = Domain.objects.leading().filter(tenant_id=domain.tenant_id).exclude(pk=domain.pk)
    return others.order_by(F("missing_since").asc(nulls_first=True), "verified_at", "pk").first()


def displace(tenant: Tenant, domain: Domain) -> None:
    """Take a domain from a tenant, now that another one showed it; both are locked.

    It is the platform that does it: the log of the one shop does not learn who works in the other.
    """
    with _as_the_platform("another shop showed that the domain is its own"), use_tenant(tenant):
        _lapse(tenant, domain, "shown_by_another")


def _lapse(tenant: Tenant, domain: Domain, reason: Literal["record_missing", "shown_by_another"]) -> None:
    heir = heir_of(domain) if domain.is_primary else None
    domain.verified_at = domain.missing_since = None
    domain.is_primary = False
    domain.save(update_fields=["verified_at", "missing_since", "is_primary"])
    if heir:
        heir.is_primary = True
        heir.save(update_fields=["is_primary"])
    announce(tenant, hosts=[domain.domain])
    publish(DomainLapsed(domain=domain.domain, reason=reason), aggregate=tenant)
    transaction.on_commit(partial(_on_record, tenant, domain, reason))


def _on_record(tenant: Tenant, domain: Domain, reason: str) -> None:
    with _as_the_platform("looks whether domains still are their shops' own"), use_tenant(tenant):
        audit.record("domain.lapsed", actor=Actor.system("domains"), obj=domain, label=domain.domain, reason=reason)


@contextmanager
def _as_the_platform(reason: str) -> Iterator[None]:
    with bind(Work(trace_id=new_trace_id(), correlation_id=new_id(), reason=reason)):
        yield
