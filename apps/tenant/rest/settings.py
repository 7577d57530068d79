"""REST: a shop's own settings and domains."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.tenant import inputs, services
from apps.tenant.models import Domain, Tenant
from apps.tenant.records import texts
from apps.tenant.services.domains import MAX_DOMAINS, record_name, record_value
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request
from rustok.kernel.tenancy import current_tenant

__all__ = ["DomainOutput", "SettingsOutput", "document_of"]


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
    record = RecordOutput(allow_null=True)


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


def document_of(domain: Domain) -> dict[str, Any]:
    """Answer a domain, with the record that is still to be made."""
    record = {"name": record_name(domain), "value": record_value(domain)} if domain.verified_at is None else None
    return {
        "id": domain.pk, "domain": domain.domain, "is_primary": domain.is_primary, "verified_at": domain.verified_at,
        "record": record,
    }  # fmt: skip


def _settings_of(tenant: Any) -> dict[str, Any]:
    return {str(name): getattr(tenant, str(name)) for name in SettingsOutput().fields}


class SettingsView(Endpoint):
    """The shop's settings."""

    permission = {"GET": "settings.read", "PATCH": "settings.update"}

    @extend_schema(responses=SettingsOutput)
    def get(self, request: Request) -> Response:
        """Answer what the shop says of itself."""
        return Response(_settings_of(Tenant.objects.get(pk=current_tenant().id)))

    @extend_schema(request=inputs.SettingsInput, responses=SettingsOutput)
    def patch(self, request: Request) -> Response:
        """Change what is sent; the first locale and the first currency are the defaults."""
        changes = inputs.SettingsInput.parse(request.data, partial=True)
        return Response(_settings_of(services.change_settings(actor=request.actor, changes=changes)))


class DomainsView(Endpoint):
    """The shop's domains."""

    permission = {"GET": "settings.read", "POST": "settings.update"}

    @extend_schema(operation_id="domains_list", responses=DomainOutput(many=True))
    def get(self, request: Request) -> Response:
        """List the domains by name; a shop has at most 20."""
        own = Domain.objects.filter(tenant_id=current_tenant().id).order_by("domain")[:MAX_DOMAINS]
        return Response([document_of(domain) for domain in own])

    @extend_schema(request=inputs.DomainInput, responses={201: DomainOutput})
    def post(self, request: Request) -> Response:
        """Name a domain; the answer says which DNS record shows that it is yours."""
        data = inputs.DomainInput.parse(request.data)
        return Response(document_of(services.add_domain(actor=request.actor, domain=data["domain"])), status=201)


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
        return Response(document_of(domain))


class PrimaryDomainView(Endpoint):
    """The primary domain."""

    permission = "settings.update"

    @extend_schema(request=None, responses=DomainOutput)
    def post(self, request: Request, domain_id: UUID) -> Response:
        """Make this domain the primary one: pages of the others redirect to it."""
        return Response(document_of(services.make_primary(actor=request.actor, domain_id=domain_id)))
