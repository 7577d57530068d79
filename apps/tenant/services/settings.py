"""What a shop says of itself, and what the platform lets it use at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.tenant.events import TenantUpdated
from apps.tenant.models import Tenant
from apps.tenant.operators import operate
from apps.tenant.resolver import announce
from apps.tenant.services.tenants import BadTenantSettings, checked_settings, take_over
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import FieldError, NotFound
from rustok.kernel.events import publish
from rustok.kernel.origins import check_origin
from rustok.kernel.tenancy import current_tenant, use_tenant

__all__ = ["LIMITS", "MAX_ORIGINS", "THEME", "change_settings", "set_limits"]

#: Origins whose scripts may call a tenant's API.
MAX_ORIGINS = 20
#: What a tenant may use at most, and between which numbers the platform may set it.
LIMITS: dict[str, tuple[int, int]] = {
    "requests_per_minute": (60, 100_000_000),
    "graphql_points_per_minute": (1_000, 1_000_000_000),
    "upload_bytes": (10_000, 20_000_000),
    "media_bytes": (1_000_000, 10_000_000_000_000),
}
#: What a theme may choose among; the storefront draws them.
THEME: dict[str, tuple[str, ...]] = {
    "typeface": ("plain", "signage", "bookish"),
    "corners": ("sharp", "soft", "round"),
    "pattern": ("contours", "shelf"),
}

#: What stays as it is when a change does not name it.
_OWN = ("name", "locales", "currencies", "timezone", "theme", "cors_origins", "staff_second_factor")


class BadLimit(BadTenantSettings):
    """A limit has a name that the platform knows, and a whole number within bounds; none takes it away."""

    code = "invalid_limit"


@transaction.atomic
def change_settings(*, actor: Actor, changes: Mapping[str, Any]) -> Tenant:
    """Change what the current shop says of itself: the first locale and the first currency are its defaults.

    What `changes` does not name stays. Other processes see it within the resolver's `STALE` seconds.

    :raises BadTenantSettings: if the settings do not fit together
    :raises BadOrigin: if one of `cors_origins` is no origin
    """
    authorize(actor, "settings.update")
    tenant = Tenant.objects.select_for_update().get(pk=current_tenant().id)
    now = {field: getattr(tenant, field) for field in _OWN} | {k: v for k, v in changes.items() if k in _OWN}
    values = checked_settings(now["name"], now["locales"], now["currencies"], now["timezone"], now["theme"])
    values["cors_origins"] = _origins(now["cors_origins"])
    values["staff_second_factor"] = bool(now["staff_second_factor"])
    take_over(tenant, values)
    return tenant


def _origins(origins: Sequence[str]) -> list[str]:
    if len(origins) > MAX_ORIGINS:
        raise BadTenantSettings(f"at most {MAX_ORIGINS} origins", field="cors_origins")
    return list(dict.fromkeys(check_origin(origin) for origin in origins))


def set_limits(*, actor: Actor, slug: str, limits: Mapping[str, int | None]) -> Tenant:
    """Set what a tenant may use at most; None takes a limit away, what is not named stays.

    :raises BadLimit: if a limit is not known or out of bounds
    :raises NotFound: if there is no such tenant
    """
    operate(actor, "tenants.update")
    problems = tuple(_bad_limits(limits))
    if problems:
        raise BadLimit("; ".join(f"{one.field}: {one.message}" for one in problems), errors=problems)
    with use_tenant(None), transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(slug=slug).first()
        if tenant is None:
            raise NotFound(f"there is no tenant {slug[:63]}")
        merged = {**tenant.limits, **limits}
        tenant.limits = {name: value for name, value in merged.items() if value is not None}
        tenant.save(update_fields=["limits", "updated_at"])
        announce(tenant)
        with use_tenant(tenant):
            publish(TenantUpdated(tenant_id=tenant.pk, fields=["limits"]), aggregate=tenant)
    return tenant


def _bad_limits(limits: Mapping[str, int | None]) -> list[FieldError]:
    found = []
    for name, value in limits.items():
        low, high = LIMITS.get(name, (0, -1))
        if high < 0:
            found.append(FieldError(f"limits.{name[:64]}", "unknown_field", "there is no such limit"))
        elif value is not None and (type(value) is not int or not low <= value <= high):
            found.append(FieldError(f"limits.{name}", "out_of_bounds", f"a whole number from {low} to {high}"))
    return found
