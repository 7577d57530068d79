"""REST: a shop's own settings and domains."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.tenant import inputs, selectors, services
from apps.tenant.documents import domain_document, settings_document
from apps.tenant.records import texts
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request

__all__ = ["DomainOutput", "SettingsOutput"]


class RecordOutput(serializers.Serializer[Any]):
    """The TXT record that shows whose a domain is."""

    name = serializers.CharField()
    value = serializers.CharField()


class DomainOutput(serializers.Serializer[Any]):
    """A domain of a shop."""

    id = serializers.UUIDField()
    domain = serializers.CharField()
    is_primary = serializers.BooleanField()
    verified_at = serializers.DateTimeField(allow_null=True)
    missing_since = serializers.DateTimeField(
        allow_null=True, help_text="Since when the record is gone that showed the domain; make it again."
    )
    lapses_at = serializers.DateTimeField(
        allow_null=True, help_text="From then on it leads here no more, unless it is the shop's last one."
    )
    record = RecordOutput(allow_null=True, help_text="To be made, or made again; null if there is nothing to do.")


class SettingsOutput(serializers.Serializer[Any]):
    """What a shop says of itself, and what it may use at most."""

    slug = serializers.CharField()
    name = serializers.CharField()
    locales = serializers.ListField(child=serializers.CharField())
    default_locale = serializers.CharField()
    currencies = serializers.ListField(child=serializers.CharField())
    default_currency = serializers.CharField()
    timezone = serializers.CharField()
    theme = inputs.ThemeInput()
    cors_origins = serializers.ListField(child=serializers.CharField())
    staff_second_factor = serializers.BooleanField()
    limits = serializers.DictField(child=serializers.IntegerField())


class SettingsView(Endpoint):
    """The shop's settings."""

    permission = {"GET": "settings.read", "PATCH": "settings.update"}

    @extend_schema(responses=SettingsOutput)
    def get(self, request: Request) -> Response:
        """Answer what the shop says of itself."""
        return Response(settings_document(selectors.own_settings(request.actor)))

    @extend_schema(request=inputs.SettingsInput, responses=SettingsOutput)
    def patch(self, request: Request) -> Response:
        """Change what is sent; the first locale and the first currency are the defaults."""
        changes = inputs.SettingsInput.parse(request.data, partial=True)
        return Response(settings_document(services.change_settings(actor=request.actor, changes=changes)))


class DomainsView(Endpoint):
    """The shop's domains."""

    permission = {"GET": "settings.read", "POST": "settings.update"}

    @extend_schema(operation_id="domains_list", responses=DomainOutput(many=True))
    def get(self, request: Request) -> Response:
        """List the domains by name; a shop has at most 20."""
        return Response([domain_document(domain) for domain in selectors.own_domains(request.actor)])

    @extend_schema(request=inputs.DomainInput, responses={201: DomainOutput})
    def post(self, request: Request) -> Response:
        """Name a domain; the answer says which DNS record shows that it is yours."""
        data = inputs.DomainInput.parse(request.data)
        return Response(domain_document(services.add_domain(actor=request.actor, domain=data["domain"])), status=201)


class DomainView(Endpoint):
    """One domain."""

    permission = "settings.update"

    @extend_schema(responses={204: None})
    def delete(self, request: Request, domain_id: UUID) -> Response:
        """Let a domain go; not the primary one."""
        services.remove_domain(actor=request.actor, domain_id=domain_id)
        return Response(status=204)


class VerifyDomainView(Endpoint):
    """Showing whose a domain is."""

    permission = "settings.update"

    @extend_schema(request=None, responses=DomainOutput)
    def post(self, request: Request, domain_id: UUID) -> Response:
        """Look for the DNS record now; a slow answer holds a worker, so ask a few times a minute at most."""
        limit(request._request, "domains")
        domain = services.verify_domain(actor=request.actor, domain_id=domain_id, look_up=texts, now=timezone.now())
        return Response(domain_document(domain))


class PrimaryDomainView(Endpoint):
    """The primary domain."""

    permission = "settings.update"

    @extend_schema(request=None, responses=DomainOutput)
    def post(self, request: Request, domain_id: UUID) -> Response:
        """Make this domain the primary one: pages of the others redirect to it."""
        return Response(domain_document(services.make_primary(actor=request.actor, domain_id=domain_id)))
