"""GraphQL: e-mail addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphene
from django.utils import timezone

from apps.accounts import inputs, services
from rustok.kernel.access import AUTHENTICATED, PUBLIC, Actor
from rustok.kernel.edges.graphql import Mutation
from rustok.kernel.edges.limits import limit

__all__ = ["AddressMutations"]


class _Link:
    """What was mailed."""

    token = graphene.String(required=True)


def _follow(info: Any, data: dict[str, Any], service: Callable[..., object]) -> dict[str, Any]:
    """Do what a link is good for."""
    clean = inputs.LinkInput.parse(data)
    limit(info.context, "verify")
    service(token=clean["token"], now=timezone.now())
    return {}


class EmailVerify(Mutation):
    """Confirm an address by the link that was mailed there."""

    permission = PUBLIC

    Input = _Link  # type: ignore[assignment]

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Confirm it."""
        return _follow(info, data, services.verify_email)


class EmailVerifyResend(Mutation):
    """Have the link that confirms my address mailed again."""

    permission = AUTHENTICATED

    class Input:
        client_mutation_id = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Ask for it."""
        limit(info.context, "verify", who=actor.email)
        services.request_verification(actor=actor)
        return {}


class EmailChange(Mutation):
    """Ask for another address; it takes effect once it is confirmed there."""

    permission = AUTHENTICATED

    class Input:
        email = graphene.String(required=True)
        current_password = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Ask for it."""
        clean = inputs.ChangeEmailInput.parse(data)
        limit(info.context, "verify", who=actor.email)
        services.request_email_change(actor=actor, email=clean["email"], password=clean["current_password"])
        return {}


class EmailChangeConfirm(Mutation):
    """Take the new address by the link that was mailed there."""

    permission = PUBLIC

    Input = _Link  # type: ignore[assignment]

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Take it."""
        return _follow(info, data, services.confirm_email_change)


class EmailChangeRevert(Mutation):
    """Keep the old address by the link that was mailed there."""

    permission = PUBLIC

    Input = _Link  # type: ignore[assignment]

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Keep it."""
        return _follow(info, data, services.revert_email_change)


class AddressMutations(graphene.ObjectType):
    """Mutations of addresses."""

    email_verify = EmailVerify.Field()
    email_verify_resend = EmailVerifyResend.Field()
    email_change = EmailChange.Field()
    email_change_confirm = EmailChangeConfirm.Field()
    email_change_revert = EmailChangeRevert.Field()
