"""REST: `/api/v1/api-keys/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.accounts.public import api_key_document, list_api_keys, revoke_api_key
from apps.rbac import inputs, services
from rustok.kernel.edges.rest import Endpoint, Request, page_of, page_response

__all__ = ["ApiKeyView", "ApiKeysView"]


class ApiKeyOutput(serializers.Serializer[Any]):
    """A key, without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    user_id = serializers.UUIDField()
    user_email = serializers.EmailField()
    permissions = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    last_used_from = serializers.CharField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewApiKeyOutput(ApiKeyOutput):
    """A key with its text, which is never shown again."""

    key = serializers.CharField()


class ApiKeysView(Endpoint):
    """Keys of programs."""

    permission = "users.manage"

    @extend_schema(operation_id="api_keys_list", responses=ApiKeyOutput(many=True))
    def get(self, request: Request) -> Response:
        """List keys, newest first; those that were revoked stay."""
        return page_response(request, list_api_keys(actor=request.actor, page=page_of(request)), api_key_document)

    @extend_schema(request=inputs.ApiKeyInput, responses={201: NewApiKeyOutput})
    def post(self, request: Request) -> Response:
        """Make a key; its text is in this answer and nowhere else."""
        data = inputs.ApiKeyInput.parse(request.data)
        row, key = services.create_api_key(actor=request.actor, now=timezone.now(), **data)
        return Response(api_key_document(row) | {"key": key}, status=201)


class ApiKeyView(Endpoint):
    """One key."""

    permission = "users.manage"

    @extend_schema(responses={204: None})
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revoke a key; what uses it is refused from now on."""
        revoke_api_key(actor=request.actor, key_id=key_id, now=timezone.now())
        return Response(status=204)
