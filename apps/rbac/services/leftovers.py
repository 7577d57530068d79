"""Invitations that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from apps.rbac.models import Invitation

__all__ = ["prune_invitations"]

#: How long one stays that was accepted, withdrawn or not answered: so long people ask what became of it.
KEPT = timedelta(days=30)
#: Rows that one statement deletes, and statements in one run: what is left goes with the next.
BATCH, ROUNDS = 1_000, 50


def prune_invitations(*, now: datetime) -> int:
    """Delete the current tenant's invitations that are long over, batch by batch; answer how many."""
    before = now - KEPT
    over = Q(accepted_at__lt=before) | Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    rows = Invitation.objects.because("deleting what is over").filter(over)
    gone = 0
    for _round in range(ROUNDS):
        count = rows.filter(pk__in=rows.order_by().values("pk")[:BATCH]).delete()[0]
        gone += count
        if count < BATCH:
            break
    return gone
