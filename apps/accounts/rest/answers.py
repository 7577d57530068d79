"""What accounts look like in answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from apps.accounts.outputs import seen_from, write_login, write_tokens
from rustok.kernel.edges.rest import Request

__all__ = ["TokensOutput", "UserOutput", "device_of", "seen_from", "write_login", "write_tokens"]


class UserOutput(serializers.Serializer[Any]):
    """A user."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    locale = serializers.CharField(allow_null=True)
    email_verified = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    created_at = serializers.DateTimeField()


TokensOutput = inline_serializer(
    "Tokens", {"access": serializers.CharField(), "refresh": serializers.CharField(), "user": UserOutput()}
)


def device_of(request: Request) -> str:
    """Name what the client says that it is."""
    return str(request.META.get("HTTP_USER_AGENT", ""))


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How OpenAPI describes it."""

    target_class = "apps.accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Describe the scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT, or an API key: rk_…"}
