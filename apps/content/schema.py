"""GraphQL: nodes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from django.utils import timezone

from apps.content import inputs, selectors, services
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import (
    Field,
    Mutation,
    as_connection,
    asked_locale,
    connection_of,
    decode_node_id,
    encode_node_id,
    page_request,
)
from rustok.kernel.edges.rest import found
from rustok.kernel.ids import parse_id

__all__ = ["Mutations", "Query"]


class NodeKind(graphene.Enum):
    """What a node is."""

    PAGE = "page"
    POST = "post"
    TOPIC = "topic"


class SeoType(graphene.ObjectType):
    """What search engines are told."""

    class Meta:
        name = "ContentSeo"

    title = graphene.String(required=True)
    description = graphene.String(required=True)


class NodeType(graphene.ObjectType):
    """A node in one language."""

    class Meta:
        name = "ContentNode"

    id = graphene.ID(required=True)
    kind = graphene.String(required=True)
    slug = graphene.String(required=True)
    title = graphene.String(required=True)
    excerpt = graphene.String(required=True)
    body_html = graphene.String(required=True)
    status = graphene.String(required=True)
    published_at = graphene.String()
    author = graphene.String(required=True)
    seo = graphene.Field(SeoType, required=True)
    resolved_locale = graphene.String(required=True)
    version = graphene.Int(required=True)
    updated_at = graphene.String(required=True)

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("ContentNode", root["id"])


NodeConnection = connection_of(NodeType, "ContentNode")


class TextInput(graphene.InputObjectType):
    """What a node says in one language."""

    class Meta:
        name = "ContentTextInput"

    locale = graphene.String(required=True)
    title = graphene.String()
    slug = graphene.String()
    excerpt = graphene.String()
    body = graphene.String(description="Markdown; HTML may stand in it.")
    seo_title = graphene.String()
    seo_description = graphene.String()


def _texts(translations: Any) -> dict[str, Any]:
    return {one["locale"]: {key: one[key] for key in one if key != "locale"} for one in translations}


def _key(text: str) -> UUID:
    return UUID(str(found(parse_id(decode_node_id("ContentNode", text)))))


def _node(actor: Actor, info: Any, node_id: UUID) -> dict[str, Any]:
    view = found(selectors.get_node(node_id, asked_locale(info), actor=actor))
    return {"node": view.document()}


class Query(graphene.ObjectType):
    """Nodes."""

    nodes = Field(
        NodeConnection,
        permission=PUBLIC,
        required=True,
        kind=NodeKind(required=True),
        first=graphene.Int(),
        after=graphene.String(),
        locale=graphene.String(),
        status=graphene.String(),
        description="Nodes of a kind, newest first.",
    )
    node = Field(
        NodeType,
        permission=PUBLIC,
        id=graphene.ID(required=True),
        locale=graphene.String(),
        description="A node by id; null if there is none.",
    )

    def resolve_nodes(
        root: Any, info: Any, kind: Any, first: Any = None, after: Any = None, locale: Any = None, status: Any = None
    ) -> Any:
        """List nodes."""
        asked = page_request(first, after)
        actor = info.context.actor
        page = selectors.list_nodes(
            getattr(kind, "value", kind), asked_locale(info, locale), asked, actor=actor, status=status
        )
        return as_connection(page, lambda view: view.document())

    def resolve_node(root: Any, info: Any, id: str, locale: Any = None) -> Any:
        """Answer a node."""
        view = selectors.get_node(_key(id), asked_locale(info, locale), actor=info.context.actor)
        return view.document() if view else None


class NodeCreate(Mutation):
    """Begin a page or a post."""

    permission = "nodes.create"
    node = graphene.Field(NodeType)

    class Input:
        kind = NodeKind(required=True)
        translations = graphene.List(graphene.NonNull(TextInput), required=True)
        publish = graphene.Boolean()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Begin it."""
        given = data | {"kind": getattr(data["kind"], "value", data["kind"])}
        clean = inputs.NodeInput.parse(given | {"translations": _texts(data["translations"])})
        now = timezone.now()
        node = services.begin_node(
            actor=actor,
            kind=clean["kind"],
            translations=clean["translations"],
            now=now,
            publish_at=now if clean["publish"] else None,
        )
        return _node(actor, info, node.pk)


class NodeUpdate(Mutation):
    """Change what a node says; with `version`, only if nobody changed it since."""

    permission = "nodes.update"
    node = graphene.Field(NodeType)

    class Input:
        id = graphene.ID(required=True)
        translations = graphene.List(graphene.NonNull(TextInput), required=True)
        version = graphene.Int()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Change it."""
        clean = inputs.NodeUpdateInput.parse({"translations": _texts(data["translations"])}, partial=True)
        node = services.update_node(
            actor=actor, node_id=_key(data["id"]), now=timezone.now(), expected=data.get("version"), **clean
        )
        return _node(actor, info, node.pk)


class NodePublish(Mutation):
    """Let visitors read a node, in one language or in all that it has."""

    permission = "nodes.update"
    node = graphene.Field(NodeType)

    class Input:
        id = graphene.ID(required=True)
        locale = graphene.String()
        version = graphene.Int()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Publish it."""
        clean = inputs.PublishInput.parse({key: data[key] for key in ("locale",) if data.get(key)})
        node = services.publish_node(
            actor=actor, node_id=_key(data["id"]), now=timezone.now(), expected=data.get("version"), **clean
        )
        return _node(actor, info, node.pk)


class NodeUnpublish(Mutation):
    """Hide a node from visitors, in one language or in all."""

    permission = "nodes.update"
    node = graphene.Field(NodeType)

    class Input:
        id = graphene.ID(required=True)
        locale = graphene.String()
        version = graphene.Int()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Take it back."""
        clean = inputs.UnpublishInput.parse({key: data[key] for key in ("locale",) if data.get(key)})
        node = services.unpublish_node(
            actor=actor, node_id=_key(data["id"]), now=timezone.now(), expected=data.get("version"), **clean
        )
        return _node(actor, info, node.pk)


class Mutations(graphene.ObjectType):
    """Content's mutations."""

    node_create = NodeCreate.Field()
    node_update = NodeUpdate.Field()
    node_publish = NodePublish.Field()
    node_unpublish = NodeUnpublish.Field()
