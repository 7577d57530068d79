"""GraphQL: who am I, register, log in."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.accounts import inputs, selectors, services
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import Field, Mutation
from rustok.kernel.edges.limits import limit

__all__ = ["Mutations", "Query"]


class UserType(graphene.ObjectType):
    """A user of this tenant."""

    class Meta:
        name = "User"

    id = graphene.ID(required=True)
    email = graphene.String(required=True)
    name = graphene.String(required=True)
    locale = graphene.String()
    is_staff = graphene.Boolean(required=True)


class Query(graphene.ObjectType):
    """Who am I."""

    me = Field(UserType, permission=PUBLIC, description="The logged-in user; null for nobody.")

    def resolve_me(root: Any, info: Any) -> Any:
        """Answer the logged-in user."""
        user = selectors.find_user(info.context.actor.id) if info.context.actor.is_authenticated else None
        return selectors.user_document(user) if user else None


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
        return _log_in(clean, info)


class Register(Mutation):
    """Make an account and log in."""

    permission = PUBLIC
    access = graphene.String()
    refresh = graphene.String()
    user = graphene.Field(UserType)

    class Input:
        email = graphene.String(required=True)
        password = graphene.String(required=True)
        name = graphene.String()
        locale = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Register."""
        clean = inputs.RegisterInput.parse(data)
        limit(info.context, "register")
        services.register_user(**clean)
        return _log_in({"email": clean["email"], "password": clean["password"]}, info)


def _log_in(credentials: dict[str, str], info: Any) -> dict[str, Any]:
    device = info.context.META.get("HTTP_USER_AGENT", "")
    tokens = services.log_in(**credentials, device=device, now=timezone.now())
    return {"access": tokens.access, "refresh": tokens.refresh, "user": selectors.user_document(tokens.user)}


class Mutations(graphene.ObjectType):
    """Accounts' mutations."""

    login = Login.Field()
    register = Register.Field()
