"""Ending sessions: of the API and of browsers, one or all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import BrowserSession, Session, User
from apps.accounts.services.api_keys import only_for_people
from rustok.kernel.access import Actor, authorize, authorize_over, known_id
from rustok.kernel.errors import NotFound

__all__ = ["end_all", "end_other_sessions", "end_sessions", "revoke_session"]


@transaction.atomic
def end_all(user: User, now: datetime, *, keep: UUID | None = None) -> int:
    """End every session of a user but `keep`; answer how many there were."""
    kept = [keep] if keep else []
    api = Session.objects.because("ending logins").filter(user=user, revoked_at=None, expires_at__gt=now)
    browsers = BrowserSession.objects.filter(user=user).exclude(id__in=kept)
    return api.exclude(pk__in=kept).update(revoked_at=now) + browsers.delete()[0]


def revoke_session(*, actor: Actor, session_id: UUID, now: datetime) -> None:
    """End one of the actor's own sessions.

    :raises NotFound: if the actor has no such session
    """
    only_for_people()
    mine = known_id(actor)
    ended = (
        Session.objects.because("ending logins")
        .filter(pk=session_id, user=mine, revoked_at=None)
        .update(revoked_at=now)
    )
    if not ended and not BrowserSession.objects.filter(id=session_id, user=mine).delete()[0]:
        raise NotFound()


def end_other_sessions(*, actor: Actor, keep: UUID | None, now: datetime) -> int:
    """End every session of the actor but the one that asks; answer how many there were."""
    only_for_people()
    return end_all(User.objects.because("ending logins").get(pk=known_id(actor)), now, keep=keep)


@transaction.atomic
def end_sessions(*, actor: Actor, user_id: UUID, now: datetime) -> int:
    """End every session of somebody; answer how many there were.

    :raises MoreThanOwn: if they may do more than the actor
    """
    user = User.objects.because("ending logins").get(pk=user_id)
    authorize(actor, "users.update", user)
    authorize_over(actor, user)
    return end_all(user, now)
