"""REST: `/api/v1/nodes/`, and what pages, posts and topics answer alike."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers

from apps.content import inputs, selectors, services
from apps.content.models import Kind, Node
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.answers import IF_MATCH, LOCALE, PAGING, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, found, page_of, page_response, requested_locale
from rustok.kernel.edges.versions import expected_version
from rustok.kernel.markup import render_article

__all__ = ["NodePublishView", "NodeUnpublishView", "NodeView", "NodesView", "RenderView"]

STATUS = OpenApiParameter("status", description="draft or published; drafts only for those who may read them.")
NodePageOutput = page_output("NodePage", inputs.NodeOutput(many=True))


def _document(request: Request, node_id: UUID) -> dict[str, Any]:
    """Answer a node; to those who may change it, with the sources of every language."""
    view = found(selectors.get_node(node_id, requested_locale(request), actor=request.actor))
    document = view.document()
    if "translations" in request.GET.get("include", "").split(",") and selectors.may_see_drafts(
        request.actor, view.kind
    ):
        document["translations"] = selectors.texts_of(node_id)
    return document


def _answer(request: Request, node_id: UUID, status: int = 200) -> HttpResponse:
    document = _document(request, node_id)
    return answer(request, document, version=document["version"], locale=document["resolved_locale"], status=status)


class NodesView(Endpoint):
    """All nodes of a kind."""

    permission = {"GET": PUBLIC, "POST": "nodes.create"}

    @extend_schema(
        operation_id="nodes_list",
        parameters=[
            OpenApiParameter("kind", required=True, enum=Kind.values, description="What to list."),
            LOCALE, STATUS, *PAGING,
        ],
        responses=NodePageOutput,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """List nodes, newest first."""
        locale = requested_locale(request)
        page = selectors.list_nodes(
            request.GET.get("kind", Kind.POST), locale, page_of(request), actor=request.actor,
            status=request.GET.get("status"),
        )  # fmt: skip
        return answer(request, page_response(request, page, lambda view: view.document()), locale=locale)

    @extend_schema(request=inputs.NodeInput, responses={201: inputs.NodeOutput})
    def post(self, request: Request) -> HttpResponse:
        """Begin a page or a post."""
        data, now = inputs.NodeInput.parse(request.data), timezone.now()
        node = services.begin_node(
            actor=request.actor, kind=data["kind"], translations=data["translations"], now=now,
            publish_at=now if data["publish"] else None,
        )  # fmt: skip
        return _answer(request, node.pk, status=201)


class NodeView(Endpoint):
    """One node."""

    permission = {"GET": PUBLIC, "PATCH": "nodes.update", "DELETE": "nodes.delete"}

    @extend_schema(parameters=[LOCALE], responses=inputs.NodeOutput)
    def get(self, request: Request, node_id: UUID) -> HttpResponse:
        """Answer a node."""
        return _answer(request, node_id)

    @extend_schema(parameters=[IF_MATCH], request=inputs.NodeUpdateInput, responses=inputs.NodeOutput)
    def patch(self, request: Request, node_id: UUID) -> HttpResponse:
        """Change what a node says."""
        data = inputs.NodeUpdateInput.parse(request.data, partial=True)
        services.update_node(
            actor=request.actor, node_id=node_id, translations=data.get("translations", {}), now=timezone.now(),
            author_name=data.get("author_name"), expected=expected_version(request),
        )  # fmt: skip
        return _answer(request, node_id)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, node_id: UUID) -> HttpResponse:
        """Remove a node."""
        services.delete_node(actor=request.actor, node_id=node_id, expected=expected_version(request))
        return HttpResponse(status=204)


class RenderView(Endpoint):
    """Markdown as readers will see it."""

    permission = "nodes.update"

    @extend_schema(
        request=inputs.RenderInput,
        responses=inline_serializer("Rendered", {"html": serializers.CharField()}),
    )
    def post(self, request: Request) -> HttpResponse:
        """Turn Markdown into safe HTML; nothing is saved."""
        return answer(request, {"html": render_article(inputs.RenderInput.parse(request.data)["body"])})


class NodePublishView(Endpoint):
    """Publishing a node."""

    permission = "nodes.update"

    @extend_schema(parameters=[IF_MATCH], request=inputs.PublishInput, responses=inputs.NodeOutput)
    def post(self, request: Request, node_id: UUID) -> HttpResponse:
        """Let visitors read it."""
        data = inputs.PublishInput.parse(request.data or {})
        node: Node = services.publish_node(
            actor=request.actor, node_id=node_id, now=timezone.now(), expected=expected_version(request), **data
        )
        return _answer(request, node.pk)


class NodeUnpublishView(Endpoint):
    """Taking a node back."""

    permission = "nodes.update"

    @extend_schema(parameters=[IF_MATCH], request=inputs.UnpublishInput, responses=inputs.NodeOutput)
    def post(self, request: Request, node_id: UUID) -> HttpResponse:
        """Hide it from visitors."""
        data = inputs.UnpublishInput.parse(request.data or {})
        node = services.unpublish_node(
            actor=request.actor, node_id=node_id, now=timezone.now(), expected=expected_version(request), **data
        )
        return _answer(request, node.pk)
