"""GraphQL: the audit log, for staff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import graphene
from graphene.types.generic import GenericScalar

from apps.audit import selectors
from apps.audit.inputs import EntryQuery, entry_filter
from rustok.kernel.edges.graphql import Field, as_connection, connection_of, encode_node_id, page_request
from rustok.kernel.pages import Page, paginate

__all__ = ["Query"]


class AuditActorType(graphene.ObjectType):
    """Who did it."""

    class Meta:
        name = "AuditActor"

    kind = graphene.String(required=True, description="user, anonymous or system.")
    id = graphene.String()
    label = graphene.String(required=True)


class AuditObjectType(graphene.ObjectType):
    """What it was done to."""

    class Meta:
        name = "AuditObject"

    type = graphene.String(required=True, description="Such as product.product.")
    id = graphene.String(required=True)
    label = graphene.String()


class AuditEntryType(graphene.ObjectType):
    """One thing that somebody did, or was refused."""

    class Meta:
        name = "AuditEntry"

    id = graphene.ID(required=True)
    at = graphene.String(required=True)
    action = graphene.String(required=True)
    permission = graphene.String(required=True)
    actor = graphene.Field(AuditActorType, required=True)
    key_id = graphene.String(description="The API key that it was done with.")
    address = graphene.String(required=True)
    via = graphene.String(required=True)
    trace_id = graphene.String(required=True)
    correlation_id = graphene.String()
    transaction = graphene.String(description="The same for what was written together.")
    object = graphene.Field(AuditObjectType, required=True)
    part_of = graphene.Field(AuditObjectType)
    before = graphene.Field(GenericScalar, description="Of an update, only what changed.")
    after = graphene.Field(GenericScalar)

    def resolve_id(root: Any, info: Any) -> str:
        """Write a node id."""
        return encode_node_id("AuditEntry", root["id"])


AuditEntryConnection = connection_of(AuditEntryType, "AuditEntry")


class AuditFilterInput(graphene.InputObjectType):
    """Which entries: all that are left out match."""

    object_type = graphene.String()
    object_id = graphene.String()
    history_of = graphene.String(description="Id of an object: with all that is a part of it.")
    action = graphene.String()
    actor_id = graphene.String()
    key_id = graphene.String()
    via = graphene.String()
    since = graphene.String()
    until = graphene.String()
    q = graphene.String(description="An id, an address, or a part of a name.")


class Query(graphene.ObjectType):
    """Who did what."""

    audit_entries = Field(
        AuditEntryConnection, permission="logs.read", required=True, first=graphene.Int(), after=graphene.String(),
        filter=AuditFilterInput(), description="The audit log, newest first.",
    )  # fmt: skip

    def resolve_audit_entries(
        root: Any, info: Any, first: int | None = None, after: str | None = None, filter: Any = None
    ) -> dict[str, Any]:
        """List entries."""
        given = {name: value for name, value in dict(filter or {}).items() if value not in (None, "")}
        rows = selectors.entries(info.context.actor, entry_filter(EntryQuery.parse(given)))
        page: Page[Any] = paginate(rows, ["-id"], page_request(first, after))
        return as_connection(replace(page, results=[selectors.entry_document(row) for row in page.results]))
