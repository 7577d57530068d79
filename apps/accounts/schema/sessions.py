"""GraphQL: logging in."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.accounts import inputs, selectors, services
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import Mutation
from rustok.kernel.edges.limits import limit

__all__ = ["SessionMutations", "UserType", "log_in"]


class UserType(graphene.ObjectType):
    """A user of this tenant."""

    class Meta:
        name = "User"

    id = graphene.ID(required=True)
    email = graphene.String(required=True)
    name = graphene.String(required=True)
    locale = graphene.String()
    is_staff = graphene.Boolean(required=True)


class Login(Mutation):
    """Exchange an address and a password for tokens."""

    permission = PUBLIC
    access = graphene.String()
    refresh = graphene.String()
    user = graphene.Field(UserType)

    class Input:
        email = graphene.String(required=True)
        password = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Log in."""
        clean = inputs.LoginInput.parse(data)
        limit(info.context, "login", who=clean["email"])
        return log_in(clean, info)


def log_in(credentials: dict[str, str], info: Any) -> dict[str, Any]:
    """Log in as the client that sent this."""
    device = info.context.META.get("HTTP_USER_AGENT", "")
    tokens = services.log_in(**credentials, device=device, now=timezone.now())
    return {"access": tokens.access, "refresh": tokens.refresh, "user": selectors.user_document(tokens.user)}


class SessionMutations(graphene.ObjectType):
    """Mutations of logins."""

    login = Login.Field()
