"""What is over and of no use: sessions, requests, wishes that nobody confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from apps.accounts.models import BrowserSession, EmailChange, ResetRequest, SecondFactor, Session
from apps.accounts.services.browser_sessions import over

__all__ = ["prune"]

#: Rows that one statement deletes, and statements for one table in one run: what is left goes with the next.
BATCH, ROUNDS = 1_000, 50
#: How long an API session is remembered after its end, so that a program which logs in again is no new device.
SESSION_KEPT = timedelta(days=30)
#: How long a change of address is: its links are good for four days at most.
CHANGE_KEPT = timedelta(days=30)
#: Requests of the last hour are counted.
REQUEST_KEPT = timedelta(days=1)
#: How long a secret waits for its first code.
ENROLMENT_KEPT = timedelta(days=1)


def prune(*, now: datetime) -> int:
    """Delete what is over in the current tenant, batch by batch; answer how many rows went.

    Known devices need no pruning: they are in the devices' own cookies. Keys of programs stay, to be seen in the list.
    """
    return sum(_delete(rows) for rows in _over(now))


def _over(now: datetime) -> Iterator[QuerySet]:  # type: ignore[type-arg]
    why = "deleting what is over"
    yield BrowserSession.objects.filter(over(now))
    ended = Q(expires_at__lt=now - SESSION_KEPT) | Q(revoked_at__lt=now - SESSION_KEPT)
    yield Session.objects.because(why).filter(ended)
    yield ResetRequest.objects.because(why).filter(created_at__lt=now - REQUEST_KEPT)
    yield EmailChange.objects.because(why).filter(created_at__lt=now - CHANGE_KEPT)
    yield SecondFactor.objects.because(why).filter(confirmed_at=None, updated_at__lt=now - ENROLMENT_KEPT)


def _delete(rows: QuerySet) -> int:  # type: ignore[type-arg]
    """Delete rows; the condition is asked once more of each, so that one which was just renewed stays."""
    gone = 0
    for _round in range(ROUNDS):
        count = rows.filter(pk__in=rows.order_by().values("pk")[:BATCH]).delete()[0]
        gone += count
        if count < BATCH:
            break
    return gone
