"""API keys: nobody makes one that may more than they do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from apps.accounts.public import ApiKey, find_user, issue_api_key, only_for_people
from rustok.kernel.access import Actor, MoreThanOwn, authorize, authorize_over, known_id
from rustok.kernel.errors import NotFound

__all__ = ["create_api_key"]


def create_api_key(
    *,
    actor: Actor,
    name: str,
    permissions: Iterable[str],
    now: datetime,
    user_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key that acts as somebody, by default as the actor; answer it with its text, which is shown once.

    A key never does what the one it acts as may not do, whatever it lists.

    :raises NotForApiKeys: if a program asks
    :raises MoreThanOwn: if the actor may not do it; to act as somebody else, for all objects and as far as they may
    """
    only_for_people()
    authorize(actor, "users.manage")
    wanted = sorted(set(permissions))
    acts_as = user_id or known_id(actor)
    if acts_as != actor.id:
        person = find_user(acts_as)
        if person is None:
            raise NotFound()
        authorize_over(actor, person)
    for permission in wanted:
        scope = actor.scope(permission)
        if scope is None or (scope == "own" and acts_as != actor.id):
            raise MoreThanOwn(permission, field="permissions")
    return issue_api_key(actor=actor, user_id=acts_as, name=name, permissions=wanted, expires_at=expires_at, now=now)
