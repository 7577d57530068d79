"""GraphQL: a shop's own settings and domains."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone
from graphene.types.generic import GenericScalar

from apps.tenant import inputs, selectors, services
from apps.tenant.documents import domain_document, settings_document
from apps.tenant.records import texts
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import Field, Mutation
from rustok.kernel.edges.limits import limit

__all__ = ["SettingsMutations", "SettingsQuery"]


def _texts(**options: Any) -> graphene.List:
    return graphene.List(graphene.NonNull(graphene.String), **options)


class ShopThemeType(graphene.ObjectType):
    """The look of the storefront; what is null is as the storefront has it."""

    class Meta:
        name = "ShopTheme"

    name = graphene.String()
    tagline = graphene.String()
    announcement = graphene.String()
    accent = graphene.String()
    ground = graphene.String()
    typeface = graphene.String()
    corners = graphene.String()
    pattern = graphene.String()


class ShopSettingsType(graphene.ObjectType):
    """What a shop says of itself, and what it may use at most."""

    class Meta:
        name = "ShopSettings"

    slug = graphene.String(required=True)
    name = graphene.String(required=True)
    locales = _texts(required=True)
    default_locale = graphene.String(required=True)
    currencies = _texts(required=True)
    default_currency = graphene.String(required=True)
    timezone = graphene.String(required=True)
    theme = graphene.Field(ShopThemeType, required=True)
    cors_origins = _texts(required=True)
    staff_second_factor = graphene.Boolean(required=True)
    limits = graphene.Field(GenericScalar, required=True, description="Set by the platform, by name.")


class DomainRecordType(graphene.ObjectType):
    """The TXT record that shows whose a domain is."""

    class Meta:
        name = "DomainRecord"

    name = graphene.String(required=True)
    value = graphene.String(required=True)


class ShopDomainType(graphene.ObjectType):
    """A domain of a shop."""

    class Meta:
        name = "ShopDomain"

    id = graphene.ID(required=True)
    domain = graphene.String(required=True)
    is_primary = graphene.Boolean(required=True)
    verified_at = graphene.DateTime()
    missing_since = graphene.DateTime(
        description="Since when the record is gone that showed the domain; make it again."
    )
    lapses_at = graphene.DateTime(description="From then on it leads here no more, unless it is the shop's last one.")
    record = graphene.Field(DomainRecordType, description="To be made, or made again; null if there is nothing to do.")


class SettingsQuery(graphene.ObjectType):
    """What is a shop's own."""

    settings = Field(ShopSettingsType, permission="settings.read", required=True, description="The shop's settings.")
    domains = Field(
        graphene.List(graphene.NonNull(ShopDomainType), required=True), permission="settings.read",
        description="The shop's domains by name; it has 20 at most.",
    )  # fmt: skip

    def resolve_settings(root: Any, info: Any) -> dict[str, Any]:
        """Answer them."""
        return settings_document(selectors.own_settings(info.context.actor))

    def resolve_domains(root: Any, info: Any) -> list[dict[str, Any]]:
        """List them."""
        return [domain_document(domain) for domain in selectors.own_domains(info.context.actor)]


class ShopThemeInput(graphene.InputObjectType):
    """The look of the storefront; it replaces the one before."""

    name = graphene.String()
    tagline = graphene.String()
    announcement = graphene.String()
    accent = graphene.String()
    ground = graphene.String()
    typeface = graphene.String()
    corners = graphene.String()
    pattern = graphene.String()


class SettingsUpdate(Mutation):
    """Change what is sent; the first locale and the first currency are the defaults."""

    permission = "settings.update"
    settings = graphene.Field(ShopSettingsType)

    class Input:
        name = graphene.String()
        locales = _texts()
        currencies = _texts()
        timezone = graphene.String()
        theme = graphene.InputField(ShopThemeInput)
        cors_origins = _texts()
        staff_second_factor = graphene.Boolean()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Change them."""
        changes = inputs.SettingsInput.parse(data, partial=True)
        return {"settings": settings_document(services.change_settings(actor=actor, changes=changes))}


class DomainAdd(Mutation):
    """Name a domain; the answer says which DNS record shows that it is yours."""

    permission = "settings.update"
    domain = graphene.Field(ShopDomainType)

    class Input:
        domain = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Name it."""
        clean = inputs.DomainInput.parse(data)
        return {"domain": domain_document(services.add_domain(actor=actor, domain=clean["domain"]))}


class DomainVerify(Mutation):
    """Look for the DNS record now."""

    permission = "settings.update"
    domain = graphene.Field(ShopDomainType)

    class Input:
        id = graphene.UUID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Look."""
        limit(info.context, "domains")
        now = timezone.now()
        return {
            "domain": domain_document(services.verify_domain(actor=actor, domain_id=data["id"], look_up=texts, now=now))
        }


class DomainMakePrimary(Mutation):
    """Make a domain the primary one: pages of the others redirect to it."""

    permission = "settings.update"
    domain = graphene.Field(ShopDomainType)

    class Input:
        id = graphene.UUID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Make it the primary one."""
        return {"domain": domain_document(services.make_primary(actor=actor, domain_id=data["id"]))}


class DomainRemove(Mutation):
    """Let a domain go; not the primary one."""

    permission = "settings.update"

    class Input:
        id = graphene.UUID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Let it go."""
        services.remove_domain(actor=actor, domain_id=data["id"])
        return {}


class SettingsMutations(graphene.ObjectType):
    """Changing what is a shop's own."""

    settings_update = SettingsUpdate.Field()
    domain_add = DomainAdd.Field()
    domain_verify = DomainVerify.Field()
    domain_make_primary = DomainMakePrimary.Field()
    domain_remove = DomainRemove.Field()
