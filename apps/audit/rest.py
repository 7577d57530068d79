"""REST: `/api/v1/audit/`, for staff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from apps.audit import selectors
from apps.audit.inputs import EntryQuery, entry_filter
from apps.audit.models import AuditEntry
from rustok.kernel.edges.answers import PAGING, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, page_of, page_response
from rustok.kernel.pages import Page, paginate

__all__ = ["EntriesView", "EntryView"]


class AuditActorOutput(serializers.Serializer[Any]):
    """Who did it."""

    kind = serializers.ChoiceField(AuditEntry.ActorKind.choices)
    id = serializers.UUIDField(allow_null=True)
    label = serializers.CharField(help_text="The e-mail address; of the platform, its reason.")  # type: ignore[assignment]


class AuditObjectOutput(serializers.Serializer[Any]):
    """What it was done to."""

    type = serializers.CharField()
    id = serializers.CharField()
    label = serializers.CharField(required=False)  # type: ignore[assignment]


class AuditEntryOutput(serializers.Serializer[Any]):
    """One thing that somebody did, or was refused."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    action = serializers.CharField()
    permission = serializers.CharField(help_text="The last one that was given before; empty if none was.")
    actor = AuditActorOutput()
    key_id = serializers.UUIDField(allow_null=True)
    address = serializers.CharField()
    via = serializers.CharField()
    trace_id = serializers.CharField()
    correlation_id = serializers.UUIDField(allow_null=True)
    transaction = serializers.IntegerField(allow_null=True)
    object = AuditObjectOutput()
    part_of = AuditObjectOutput(allow_null=True)
    before = serializers.DictField(allow_null=True, help_text="Of an update, only what changed.")
    after = serializers.DictField(allow_null=True)


class EntriesView(Endpoint):
    """The audit log."""

    permission = "logs.read"

    @extend_schema(
        operation_id="audit_list", parameters=[EntryQuery, *PAGING],
        responses=page_output("AuditEntryPage", AuditEntryOutput(many=True)),
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """List who did what, newest first."""
        asked = request.query_params
        sent = {name: asked[name] for name, _field in EntryQuery().fields.items() if asked.get(name)}
        rows = selectors.entries(request.actor, entry_filter(EntryQuery.parse(sent)))
        page: Page[Any] = paginate(rows, ["-id"], page_of(request))
        return answer(request, page_response(request, replace(page, results=_documents(page.results))))


class EntryView(Endpoint):
    """One entry."""

    permission = "logs.read"

    @extend_schema(responses=AuditEntryOutput)
    def get(self, request: Request, entry_id: UUID) -> HttpResponse:
        """Answer one entry of the audit log."""
        return answer(request, selectors.entry_document(selectors.find_entry(request.actor, entry_id)))


def _documents(rows: list[AuditEntry]) -> list[dict[str, Any]]:
    return [selectors.entry_document(row) for row in rows]
