"""What whoever took an account over left there: it would let them in again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from apps.accounts.events import SecondFactorDisabled
from apps.accounts.models import ApiKey, RecoveryCode, SecondFactor, User
from apps.accounts.services.unenrolling import remove_second_factor
from rustok.kernel.events import publish

__all__ = ["undo_since"]

_WHY = "taking an account back"


def undo_since(user: User, since: datetime, now: datetime) -> None:
    """Take away what was set up for an account since a moment: second factor, recovery codes, API keys.

    A second factor that was there before stays: it is the owner's.
    """
    newer = Q(confirmed_at=None) | Q(confirmed_at__gte=since)
    had = user.has_second_factor
    if SecondFactor.objects.because(_WHY).filter(newer, user=user).exists():
        remove_second_factor(user)
    RecoveryCode.objects.because(_WHY).filter(user=user, created_at__gte=since).delete()
    if had and not user.has_second_factor:
        publish(SecondFactorDisabled(user_id=user.pk), aggregate=user)
    made = Q(user=user) | Q(created_by=user)
    ApiKey.objects.because(_WHY).filter(made, created_at__gte=since, revoked_at=None).update(revoked_at=now)
