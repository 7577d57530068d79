"""GraphQL: logging in."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.accounts import inputs, services
from apps.accounts.outputs import seen_from, write_login, write_tokens
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import Mutation
from rustok.kernel.edges.limits import limit

__all__ = ["SessionMutations", "UserType", "answer_login", "device_of"]


class UserType(graphene.ObjectType):
    """A user of this tenant."""

    class Meta:
        name = "User"

    id = graphene.ID(required=True)
    email = graphene.String(required=True)
    name = graphene.String(required=True)
    locale = graphene.String()
    email_verified = graphene.Boolean(required=True)
    is_staff = graphene.Boolean(required=True)


class Login(Mutation):
    """Exchange an address and a password for tokens; with a second factor, for a ticket to `loginSecondFactor`."""

    permission = PUBLIC
    access = graphene.String()
    refresh = graphene.String()
    user = graphene.Field(UserType)
    second_factor = graphene.String(description='"required" if a code is asked for; null if not.')
    ticket = graphene.String()

    class Input:
        email = graphene.String(required=True)
        password = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Log in."""
        clean = inputs.LoginInput.parse(data)
        limit(info.context, "login", who=clean["email"])
        seen, now = seen_from(info.context), timezone.now()
        return answer_login(services.log_in(**clean, device=device_of(info), seen=seen, now=now), info)


class LoginSecondFactor(Mutation):
    """Exchange a ticket and a code for tokens."""

    permission = PUBLIC
    access = graphene.String()
    refresh = graphene.String()
    user = graphene.Field(UserType)

    class Input:
        ticket = graphene.String(required=True)
        code = graphene.String()
        recovery_code = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Log in."""
        clean = inputs.LoginCodeInput.parse(data)
        limit(info.context, "login")
        seen, now = seen_from(info.context), timezone.now()
        return answer_login(services.log_in_with_code(**clean, device=device_of(info), seen=seen, now=now), info)


class TokenRefresh(Mutation):
    """Exchange a refresh token for new tokens; it is used up."""

    permission = PUBLIC
    access = graphene.String()
    refresh = graphene.String()
    user = graphene.Field(UserType)

    class Input:
        refresh = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Exchange it."""
        clean = inputs.TokenInput.parse(data)
        return write_tokens(services.refresh(token=clean["refresh"], now=timezone.now()))


class Logout(Mutation):
    """End the session of a refresh token, and with it its access tokens."""

    permission = PUBLIC

    class Input:
        refresh = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """End it."""
        services.log_out(token=inputs.TokenInput.parse(data)["refresh"], now=timezone.now())
        return {}


def device_of(info: Any) -> str:
    """Name what the client says that it is."""
    return str(info.context.META.get("HTTP_USER_AGENT", ""))


def answer_login(done: services.Tokens | services.Ticket, info: Any) -> dict[str, Any]:
    """Answer what a login gives, or that a code is asked for."""
    return write_login(info.context, done)


class SessionMutations(graphene.ObjectType):
    """Mutations of logins."""

    login = Login.Field()
    login_second_factor = LoginSecondFactor.Field()
    token_refresh = TokenRefresh.Field()
    logout = Logout.Field()
