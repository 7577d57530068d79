"""What the tenant module accepts: a shop's settings, its limits and its domains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.tenant.models import Job, Tenant
from apps.tenant.services.settings import MAX_ORIGINS, THEME
from apps.tenant.services.tenants import MAX_CHOICES
from rustok.kernel.errors import FieldError, Invalid
from rustok.kernel.inputs import CurrencyField, Input, LocaleField, TextField

__all__ = [
    "ConfirmInput", "DomainInput", "JobQuery", "LeaveInput", "LimitsInput", "SettingsInput", "SuspendInput",
    "TenantInput", "TenantQuery", "ThemeInput", "check_meant",
]  # fmt: skip


class ThemeInput(Input):
    """The look of the storefront."""

    name = TextField(max_length=60, required=False, allow_blank=True)
    tagline = TextField(max_length=120, required=False, allow_blank=True)
    announcement = TextField(max_length=200, required=False, allow_blank=True)
    accent = serializers.RegexField(r"^#[0-9a-fA-F]{6}$", required=False)
    ground = serializers.RegexField(r"^#[0-9a-fA-F]{6}$", required=False)
    typeface = serializers.ChoiceField(THEME["typeface"], required=False)
    corners = serializers.ChoiceField(THEME["corners"], required=False)
    pattern = serializers.ChoiceField(THEME["pattern"], required=False, allow_blank=True)


class SettingsInput(Input):
    """A shop's own settings; what is left out stays."""

    name = TextField(max_length=120, required=False)
    locales = serializers.ListField(child=LocaleField(), min_length=1, max_length=MAX_CHOICES, required=False)
    currencies = serializers.ListField(child=CurrencyField(), min_length=1, max_length=MAX_CHOICES, required=False)
    timezone = serializers.CharField(max_length=64, required=False)
    theme = ThemeInput(required=False)
    cors_origins = serializers.ListField(
        child=serializers.CharField(max_length=300), max_length=MAX_ORIGINS, required=False
    )
    staff_second_factor = serializers.BooleanField(required=False)


class LimitsInput(Input):
    """What a tenant may use at most; null takes a limit away."""

    requests_per_minute = serializers.IntegerField(required=False, allow_null=True)
    graphql_points_per_minute = serializers.IntegerField(required=False, allow_null=True)
    upload_bytes = serializers.IntegerField(required=False, allow_null=True)
    media_bytes = serializers.IntegerField(required=False, allow_null=True)


class DomainInput(Input):
    """A domain that a shop names."""

    domain = serializers.CharField(max_length=253)


class TenantInput(Input):
    """A tenant that is to be made."""

    slug = TextField(max_length=63)
    name = TextField(max_length=120)
    domains = serializers.ListField(child=serializers.CharField(max_length=253), min_length=1, max_length=50)
    locales = serializers.ListField(child=LocaleField(), min_length=1, max_length=MAX_CHOICES, required=False)
    currencies = serializers.ListField(child=CurrencyField(), min_length=1, max_length=MAX_CHOICES, required=False)
    timezone = serializers.CharField(max_length=64, required=False)


class SuspendInput(Input):
    """Why a tenant is suspended."""

    reason = TextField(max_length=300, required=False, allow_blank=True, default="")


class LeaveInput(Input):
    """When a tenant is deleted, and that it is meant."""

    confirm = TextField(max_length=63, help_text="The tenant's slug once more.")
    grace_days = serializers.IntegerField(min_value=0, max_value=365, required=False, help_text="14 if left out.")


class NotMeant(Invalid):
    """Write the tenant's slug once more into `confirm`."""

    code = "not_confirmed"


def check_meant(data: Mapping[str, Any], slug: str) -> None:
    """Compare what was typed in with the tenant's slug.

    :raises NotMeant: if it is another
    """
    if data["confirm"] != slug:
        raise NotMeant(errors=(FieldError("confirm", NotMeant.code, NotMeant.title()),))


class ConfirmInput(Input):
    """Nothing but the wish."""


class JobQuery(Input):
    """Which jobs."""

    tenant = TextField(max_length=63, required=False, help_text="Slug of a tenant.")
    state = serializers.ChoiceField(Job.State.values, required=False)


class TenantQuery(Input):
    """Which tenants."""

    status = serializers.ChoiceField(Tenant.Status.values, required=False)
