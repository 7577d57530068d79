"""GraphQL: passwords."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.accounts import inputs, services
from rustok.kernel.access import AUTHENTICATED, PUBLIC, Actor
from rustok.kernel.edges.graphql import Mutation
from rustok.kernel.edges.limits import limit

__all__ = ["PasswordMutations"]


class PasswordChange(Mutation):
    """Give me a new password; every session ends."""

    permission = AUTHENTICATED

    class Input:
        current_password = graphene.String(required=True)
        new_password = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Change it."""
        clean = inputs.ChangePasswordInput.parse(data)
        limit(info.context, "login", who=actor.email)
        services.change_password(
            actor=actor, current=clean["current_password"], new=clean["new_password"], now=timezone.now()
        )
        return {}


class PasswordReset(Mutation):
    """Have a link to a new password mailed; the answer is the same for an address that nobody has."""

    permission = PUBLIC

    class Input:
        email = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Ask for it."""
        clean = inputs.EmailInput.parse(data)
        limit(info.context, "reset", who=clean["email"])
        services.request_reset(**clean)
        return {}


class PasswordResetConfirm(Mutation):
    """Set a new password by the link that was mailed; every session ends, and none begins."""

    permission = PUBLIC

    class Input:
        token = graphene.String(required=True)
        new_password = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Set it."""
        clean = inputs.ResetPasswordInput.parse(data)
        limit(info.context, "verify")
        services.reset_password(token=clean["token"], new=clean["new_password"], now=timezone.now())
        return {}


class PasswordMutations(graphene.ObjectType):
    """Mutations of passwords."""

    password_change = PasswordChange.Field()
    password_reset = PasswordReset.Field()
    password_reset_confirm = PasswordResetConfirm.Field()
