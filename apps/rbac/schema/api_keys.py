"""GraphQL: API keys."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.accounts.public import api_key_document, list_api_keys, revoke_api_key
from apps.rbac import inputs, services
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import Field, Mutation, as_connection, connection_of, page_request

__all__ = ["ApiKeyMutations", "ApiKeyQuery"]


class ApiKeyType(graphene.ObjectType):
    """A key, without its secret."""

    class Meta:
        name = "ApiKey"

    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    prefix = graphene.String(required=True)
    user_id = graphene.ID(required=True)
    user_email = graphene.String(required=True)
    permissions = graphene.List(graphene.NonNull(graphene.String), required=True)
    created_at = graphene.String(required=True)
    expires_at = graphene.String()
    last_used_at = graphene.String()
    last_used_from = graphene.String(required=True)
    revoked_at = graphene.String()


ApiKeyConnection = connection_of(ApiKeyType, "ApiKey")


class ApiKeyQuery(graphene.ObjectType):
    """Root fields of API keys."""

    api_keys = Field(
        ApiKeyConnection, permission="users.manage", required=True, first=graphene.Int(), after=graphene.String()
    )

    def resolve_api_keys(root: Any, info: Any, first: int | None = None, after: str | None = None) -> Any:
        """List keys, newest first."""
        page = list_api_keys(actor=info.context.actor, page=page_request(first, after))
        return as_connection(page, api_key_document)


class ApiKeyCreate(Mutation):
    """Make a key; its text is in this answer and nowhere else."""

    permission = "users.manage"
    api_key = graphene.Field(ApiKeyType)
    key = graphene.String()

    class Input:
        name = graphene.String(required=True)
        permissions = graphene.List(graphene.NonNull(graphene.String), required=True)
        expires_at = graphene.String(description="Null: it never ends.")
        user_id = graphene.UUID()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Make it."""
        clean = inputs.ApiKeyInput.parse(data)
        row, key = services.create_api_key(actor=actor, now=timezone.now(), **clean)
        return {"api_key": api_key_document(row), "key": key}


class ApiKeyRevoke(Mutation):
    """Revoke a key; what uses it is refused from now on."""

    permission = "users.manage"
    api_key = graphene.Field(ApiKeyType)

    class Input:
        id = graphene.UUID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Revoke it."""
        row = revoke_api_key(actor=actor, key_id=data["id"], now=timezone.now())
        return {"api_key": api_key_document(row)}


class ApiKeyMutations(graphene.ObjectType):
    """Mutations of API keys."""

    api_key_create = ApiKeyCreate.Field()
    api_key_revoke = ApiKeyRevoke.Field()
