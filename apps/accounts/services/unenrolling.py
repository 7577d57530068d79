"""Ending a second factor: by whoever has it, and of whoever made an account with somebody else's address."""

from __future__ import annotations

from apps.accounts.models import RecoveryCode, SecondFactor, User

__all__ = ["remove_second_factor"]


def remove_second_factor(user: User) -> None:
    """Forget an account's second factor and its recovery codes."""
    SecondFactor.objects.because("the second step of an account").filter(user=user).delete()
    RecoveryCode.objects.because("the second step of an account").filter(user=user).delete()
    user.has_second_factor = False
    user.save(update_fields=["has_second_factor", "updated_at"])
