"""GraphQL: who am I, and making an account."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.accounts import inputs, selectors, services
from apps.accounts.schema.sessions import UserType, answer_login, device_of
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import Field, Mutation
from rustok.kernel.edges.limits import limit, rationed

__all__ = ["PeopleMutations", "PeopleQuery"]


class PeopleQuery(graphene.ObjectType):
    """Who am I."""

    me = Field(UserType, permission=PUBLIC, description="The logged-in user; null for nobody.")

    def resolve_me(root: Any, info: Any) -> Any:
        """Answer the logged-in user."""
        user = selectors.find_user(info.context.actor.id) if info.context.actor.is_authenticated else None
        return selectors.user_document(user) if user else None


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
        with rationed(info.context, "taken", services.EmailTaken):
            user = services.register_user(**clean)
        return answer_login(services.start_session(user=user, device=device_of(info), now=timezone.now()), info)


class PeopleMutations(graphene.ObjectType):
    """Mutations of accounts themselves."""

    register = Register.Field()
